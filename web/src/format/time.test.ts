import { describe, expect, it } from 'vitest';
import { addDays, addMonths, formatDay, formatMoment, instantOf, wallClock, weekStart } from './time';

const ZONE = 'Asia/Shanghai';

describe('days', () => {
  it('shortens to the last day of a month that lacks it', () => {
    expect(addMonths('2026-01-31', 1)).toBe('2026-02-28');
    expect(addMonths('2028-01-31', 1)).toBe('2028-02-29');
    expect(addMonths('2026-12-15', 1)).toBe('2027-01-15');
    expect(addMonths('2026-03-31', -1)).toBe('2026-02-28');
  });

  it('begins weeks on Monday', () => {
    expect(weekStart('2026-11-22')).toBe('2026-11-16');
    expect(weekStart('2026-11-16')).toBe('2026-11-16');
  });

  it('says near days by name and far ones by date', () => {
    const today = '2026-11-18';
    const zh = (day: string) => formatDay(day, today, 'zh');
    expect([zh('2026-11-17'), zh('2026-11-18'), zh('2026-11-19')]).toEqual(['昨天', '今天', '明天']);
    expect(zh('2026-11-21')).toBe('周六');
    expect(zh('2026-11-25')).toBe('11-25');
    expect(zh('2025-11-25')).toBe('2025-11-25');
    expect(formatDay('2026-11-25', today, 'en')).toBe('Nov 25');
    expect(formatDay('2025-03-04', today, 'en')).toBe('Mar 4, 2025');
  });
});

describe('moments', () => {
  it('shows the company’s wall clock, not the device’s', () => {
    expect(wallClock(new Date('2026-11-20T17:30:00Z'), ZONE)).toEqual({ day: '2026-11-21', time: '01:30' });
    expect(formatMoment(new Date('2026-11-21T06:30:00Z'), new Date('2026-11-21T10:00:00Z'), ZONE, 'zh')).toBe(
      '今天 14:30',
    );
    expect(formatMoment(new Date('2025-11-21T06:30:00Z'), new Date('2026-11-21T10:00:00Z'), ZONE, 'zh')).toBe(
      '2025-11-21',
    );
  });

  it('finds the instant of a wall clock, also around a change of summer time', () => {
    expect(instantOf('2026-11-21', '14:30', ZONE).toISOString()).toBe('2026-11-21T06:30:00.000Z');
    for (const day of ['2026-03-28', '2026-03-29', '2026-03-30', '2026-10-25', '2026-10-26']) {
      const instant = instantOf(day, '09:00', 'Europe/Berlin');
      expect(wallClock(instant, 'Europe/Berlin')).toEqual({ day, time: '09:00' });
    }
  });

  it('comes back to the same day after going on and back', () => {
    for (let step = 0; step < 800; step += 7) expect(addDays(addDays('2024-02-29', step), -step)).toBe('2024-02-29');
  });
});
