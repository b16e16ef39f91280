import { describe, expect, it } from 'vitest';
import { type Offset, offsetOf, saidOf } from './rules';

describe('the time of a step', () => {
  it('is said and written back the same', () => {
    const offsets: Offset[] = [
      {},
      { minutes: -30 },
      { minutes: 120 },
      { working_minutes: 240 },
      { days: -7 },
      { working_days: 3 },
    ];
    for (const offset of offsets) expect(offsetOf(saidOf(offset))).toEqual(offset);
  });

  it('is said in the unit people use', () => {
    expect(saidOf({ minutes: -120 })).toEqual({ side: 'before', count: 2, unit: 'hours' });
    expect(saidOf({ minutes: -30 })).toEqual({ side: 'before', count: 30, unit: 'minutes' });
    expect(saidOf(undefined).side).toBe('at');
  });
});
