import { describe, expect, it } from 'vitest';
import type { Field, Rec } from '../../api/types';
import { wallClock } from '../../format/time';
import { crowd, daysOf, entriesOf, movedTo, placeBeside, step } from './model';

const zone = (iso: string) => wallClock(new Date(iso), 'Asia/Shanghai');
const moment = { name: 'due', type: 'datetime' } as Field;
const record = (id: string, due: string | null) => ({ id, version: 1, due }) as Rec;

describe('a calendar', () => {
  it('shows a month in six whole weeks from Monday', () => {
    const days = daysOf('month', '2026-11-22');
    expect([days.length, days[0], days.at(-1)]).toEqual([42, '2026-10-26', '2026-12-06']);
    expect(daysOf('week', '2026-11-22')).toEqual([
      '2026-11-16',
      '2026-11-17',
      '2026-11-18',
      '2026-11-19',
      '2026-11-20',
      '2026-11-21',
      '2026-11-22',
    ]);
  });

  it('goes from the last day of a long month to the next month, not past it', () => {
    expect(step('month', '2026-01-31', 1)).toBe('2026-02-01');
    expect(step('week', '2026-11-22', -1)).toBe('2026-11-15');
  });

  it('puts a moment on the company’s day', () => {
    const [late] = entriesOf([record('1', '2026-11-21T17:30:00Z')], moment, zone);
    expect(late).toMatchObject({ day: '2026-11-22', minute: 90 });
    expect(entriesOf([record('1', null)], moment, zone)).toEqual([]);
    const [day] = entriesOf([record('1', '2026-11-21')], { name: 'due', type: 'date' } as Field, zone);
    expect(day).toMatchObject({ day: '2026-11-21', minute: null });
  });

  it('lays what overlaps beside each other, and gives the whole width where nothing does', () => {
    const at = (id: string, minute: number) => ({ record: record(id, null), day: '2026-11-22', minute });
    const placed = placeBeside([at('a', 540), at('b', 550), at('c', 575), at('d', 700)], 30);
    expect(placed.map(({ record: { id }, lane, lanes }) => [id, lane, lanes])).toEqual([
      ['a', 0, 2],
      ['b', 1, 2],
      ['c', 0, 2],
      ['d', 0, 1],
    ]);
  });

  it('counts what no longer fits beside the others', () => {
    const at = (id: string) => ({ record: record(id, null), day: '2026-11-22', minute: 540 });
    const { shown, hidden } = crowd(placeBeside(['a', 'b', 'c', 'd', 'e'].map(at), 30), 3, 30);
    expect(shown.map(({ lane, lanes }) => [lane, lanes])).toEqual([
      [0, 3],
      [1, 3],
    ]);
    expect(hidden).toEqual([{ minute: 540, count: 3 }]);
    // Ten minutes later would lie on it; an hour later stands by itself.
    const many = [540, 540, 540, 550, 550, 600, 600, 600].map((minute, n) => ({ ...at(`${n}`), minute }));
    expect(crowd(placeBeside(many, 30), 2, 30).hidden).toEqual([
      { minute: 540, count: 4 },
      { minute: 600, count: 2 },
    ]);
  });

  it('keeps the time when only the day changes', () => {
    const [entry] = entriesOf([record('1', '2026-11-22T06:30:00Z')], moment, zone);
    const instant = (day: string, time: string) => `${day} ${time}`;
    if (!entry) throw new Error('no entry');
    expect(movedTo(entry, '2026-11-25', null, instant)).toBe('2026-11-25 14:30');
    expect(movedTo(entry, '2026-11-25', 545, instant)).toBe('2026-11-25 09:05');
  });
});
