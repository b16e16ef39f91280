import { describe, expect, it } from 'vitest';
import type { Field, ObjectType, Option, Rec } from '../../api/types';
import { cardParts, cellFilter, columnsOf, isEnd, lanesOf, moveTotals, quietDays } from './model';

const option = (value: string, color: string, retired = false): Option => ({
  value,
  color,
  retired,
  label: { zh: value, en: value },
});
const field = (name: string, type: Field['type'], more: Partial<Field> = {}) => ({ name, type, ...more }) as Field;
const stage = field('stage', 'choice', {
  options: [option('new', 'gray'), option('talks', 'blue'), option('old', 'amber', true), option('won', 'green')],
});

describe('a board', () => {
  it('has a column for every live option, and for what records still hold', () => {
    const columns = columnsOf(stage, [
      { group: ['new'], values: [3, 30] },
      { group: [null], values: [2, null] },
    ]);
    expect(columns.map(({ value, count, sum }) => [value, count, sum])).toEqual([
      [null, 2, 0],
      ['new', 3, 30],
      ['talks', 0, 0],
      ['won', 0, 0],
    ]);
    expect(columnsOf(stage, [{ group: ['old'], values: [1, 5] }]).map(({ value }) => value)).toContain('old');
  });

  it('knows the ends by their colours, and that a first grey stage is none', () => {
    const options = [option('a', 'gray'), option('b', 'blue'), option('c', 'red'), option('d', 'gray')];
    expect(options.map((one) => isEnd(options, one))).toEqual([false, false, true, true]);
  });

  it('puts one’s own lane first and nobody’s last', () => {
    const ref = (id: string) => ({ id, name: id });
    const lanes = lanesOf(
      [
        { group: ['new', null], values: [9, 900] },
        { group: ['new', ref('a')], values: [1, 10] },
        { group: ['won', ref('a')], values: [1, 10] },
        { group: ['new', ref('b')], values: [5, 50] },
        { group: ['new', ref('me')], values: [1, 1] },
      ],
      'me',
    );
    expect(lanes.map((lane) => [lane.who?.id ?? null, lane.count, lane.sum])).toEqual([
      ['me', 1, 1],
      ['b', 5, 50],
      ['a', 2, 20],
      [null, 9, 900],
    ]);
  });

  it('asks each cell for its own records and keeps the view’s filter', () => {
    const base = { field: 'amount', op: 'gt' as const, value: 1 };
    expect(cellFilter(base, stage, null, { column: null })).toEqual({
      all: [base, { field: 'stage', op: 'is_empty' }],
    });
    expect(cellFilter(null, stage, field('owner', 'user'), { column: 'new', lane: '7' })).toEqual({
      all: [
        { field: 'stage', op: 'eq', value: 'new' },
        { field: 'owner', op: 'eq', value: '7' },
      ],
    });
  });

  it('moves count and sum with the card, also into a column that was empty', () => {
    expect(moveTotals([{ group: ['new'], values: [3, 30] }], ['new'], ['won'], 10)).toEqual([
      { group: ['new'], values: [2, 20] },
      { group: ['won'], values: [1, 10] },
    ]);
  });

  it('counts quiet days from whatever happened last', () => {
    const now = Date.parse('2026-11-22T00:00:00Z');
    const record = {
      id: '1',
      version: 1,
      updated_at: '2026-11-01T00:00:00Z',
      last_contact_at: '2026-11-12T00:00:00Z',
    } as Rec;
    expect(quietDays(record, [], now)).toBe(21);
    expect(quietDays(record, [field('last_contact_at', 'datetime')], now)).toBe(10);
  });

  it('gives every chosen field a place on the card, but for the name and the column’s own', () => {
    const fields = [
      field('name', 'text'),
      stage,
      field('customer', 'lookup'),
      field('amount', 'money'),
      field('owner', 'user'),
      field('due', 'date'),
      field('kind', 'choice'),
    ];
    const parts = cardParts(fields, { name_field: 'name' } as ObjectType, stage);
    expect(Object.values(parts).map((group) => group.map((one: Field) => one.name))).toEqual([
      ['customer'],
      ['kind'],
      ['amount'],
      ['due'],
      ['owner'],
    ]);
  });
});
