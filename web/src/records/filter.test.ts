import { describe, expect, it } from 'vitest';
import type { Field, Filter } from '../api/types';
import { both, completeOnly, conditionsOf, filterOf, newLeaf, operatorsOf } from './filter';

const field = (type: Field['type'], operators: Field['operators']) =>
  ({ name: 'f', type, operators, label: { zh: '', en: '' } }) as Field;
const stage: Filter = { field: 'stage', op: 'in', value: ['won'] };
const owner: Filter = { field: 'owner', op: 'eq', value: 'me' };

describe('the filter of a list', () => {
  it('comes apart into conditions and back into what it was', () => {
    for (const filter of [stage, { all: [stage, owner] }, { any: [stage, { not: owner }] }] as Filter[]) {
      expect(filterOf(conditionsOf(filter))).toEqual(filter);
    }
    expect(filterOf(conditionsOf(null))).toBeNull();
  });

  it('leaves out what is still being written, so that half a condition never empties the list', () => {
    const half: Filter = { field: 'tier', op: 'in', value: [] };
    expect(completeOnly({ all: [stage, half] })).toEqual(stage);
    expect(completeOnly(half)).toBeNull();
    expect(completeOnly({ field: 'x', op: 'between', value: [1, null] })).toBeNull();
    expect(completeOnly({ field: 'x', op: 'is_empty' })).toEqual({ field: 'x', op: 'is_empty' });
    expect(completeOnly({ field: 'x', op: 'eq', value: false })).toEqual({ field: 'x', op: 'eq', value: false });
  });

  it('joins the view’s filter with the quick search', () => {
    expect(both(stage, null)).toEqual(stage);
    expect(both(null, null)).toBeNull();
    expect(both(stage, owner)).toEqual({ all: [stage, owner] });
  });

  it('offers "is" once where several values may be chosen', () => {
    expect(operatorsOf(field('choice', ['eq', 'ne', 'in', 'not_in', 'is_empty']))).toEqual([
      'in',
      'not_in',
      'is_empty',
    ]);
    expect(operatorsOf(field('text', ['eq', 'contains', 'in']))).toEqual(['eq', 'contains']);
  });

  it('begins the condition of a text with a part of it', () => {
    expect(newLeaf(field('text', ['eq', 'ne', 'contains'])).op).toBe('contains');
  });

  it('begins a date condition with this week', () => {
    expect(newLeaf(field('datetime', ['eq', 'lt', 'gt', 'within']))).toEqual({
      field: 'f',
      op: 'within',
      value: { this: 'week' },
    });
  });
});
