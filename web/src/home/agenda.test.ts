import { describe, expect, it } from 'vitest';
import type { Rec } from '../api/types';
import { instantOf } from '../format/time';
import { bucketsOf } from './agenda';

const format = {
  today: () => '2026-11-18',
  dayStart: (day: string) => instantOf(day, '00:00', 'Asia/Shanghai').toISOString(),
};
const task = (id: string, at: string): Rec => ({
  id,
  version: 1,
  due_at: instantOf(at.slice(0, 10), at.slice(11), 'Asia/Shanghai').toISOString(),
});
const ids = (records: Rec[]) => records.map((record) => record.id);

describe('the agenda', () => {
  it('keeps what was due earlier today under today, and calls late only what passed with its day', () => {
    const now = instantOf('2026-11-18', '15:00', 'Asia/Shanghai').getTime();
    const buckets = bucketsOf(
      [
        task('a', '2026-11-17 23:59'),
        task('b', '2026-11-18 00:00'),
        task('c', '2026-11-18 09:00'),
        task('d', '2026-11-18 23:59'),
        task('e', '2026-11-19 00:00'),
      ],
      format,
      now,
    );
    expect([ids(buckets.overdue), ids(buckets.today), ids(buckets.week)]).toEqual([['a'], ['b', 'c', 'd'], ['e']]);
  });
});
