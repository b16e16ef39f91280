import { describe, expect, it } from 'vitest';
import { instantOf, wallClock } from '../format/time';
import { choicesOf } from './snooze';

const ZONE = 'Asia/Shanghai';
const at = (now: string) => {
  const moment = new Date(now);
  return choicesOf(
    {
      today: () => wallClock(moment, ZONE).day,
      instant: (day, time) => instantOf(day, time, ZONE).toISOString(),
      wallClock: (iso) => wallClock(new Date(iso), ZONE),
    },
    moment.getTime(),
  ).map(({ key, at }) => `${key} ${wallClock(new Date(at), ZONE).day} ${wallClock(new Date(at), ZONE).time}`);
};

describe('putting off', () => {
  it('offers later today, tomorrow and next Monday', () => {
    // A Thursday, 10:10.
    expect(at('2026-11-19T02:10:00Z')).toEqual([
      'later 2026-11-19 12:30',
      'tomorrow 2026-11-20 09:00',
      'monday 2026-11-23 09:00',
    ]);
  });

  it('offers no later in the evening', () => {
    expect(at('2026-11-19T09:40:00Z')[0]).toBe('tomorrow 2026-11-20 09:00');
  });

  it('offers next Monday once on a Sunday', () => {
    expect(at('2026-11-22T02:00:00Z')).toEqual(['later 2026-11-22 12:00', 'tomorrow 2026-11-23 09:00']);
  });
});
