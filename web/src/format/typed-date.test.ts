import { describe, expect, it } from 'vitest';
import { addDays, dayParts, formatDay } from './time';
import { parseTyped } from './typed-date';

// A Saturday.
const TODAY = '2026-11-21';
const day = (text: string, today = TODAY) => parseTyped(text, today)?.day ?? null;

describe('a typed date', () => {
  it.each([
    ['今天', '2026-11-21'],
    ['明天', '2026-11-22'],
    ['后天', '2026-11-23'],
    ['大后天', '2026-11-24'],
    ['昨天', '2026-11-20'],
    ['today', '2026-11-21'],
    ['Tomorrow', '2026-11-22'],
  ])('%s is counted from today', (text, expected) => {
    expect(day(text)).toBe(expected);
  });

  it.each([
    ['下周三', '2026-11-25'],
    ['下周日', '2026-11-29'],
    ['下下周一', '2026-11-30'],
    ['本周五', '2026-11-20'],
    ['上周一', '2026-11-09'],
    ['下星期三', '2026-11-25'],
    ['下礼拜天', '2026-11-29'],
    ['next wed', '2026-11-25'],
    ['下周', '2026-11-23'],
  ])('%s is a day of a week that begins on Monday', (text, expected) => {
    expect(day(text)).toBe(expected);
  });

  it('takes a bare weekday that has passed for the coming one', () => {
    expect(day('周三')).toBe('2026-11-25');
    expect(day('周六')).toBe('2026-11-21');
    expect(day('fri')).toBe('2026-11-27');
  });

  it.each([
    ['11-21', '2026-11-21'],
    ['11/21', '2026-11-21'],
    ['11.21', '2026-11-21'],
    ['11月21日', '2026-11-21'],
    ['2027-1-5', '2027-01-05'],
    ['2027年1月5日', '2027-01-05'],
    ['20270105', '2027-01-05'],
    ['１１－２１', '2026-11-21'],
    ['nov 30', '2026-11-30'],
    ['30 Nov', '2026-11-30'],
  ])('%s is read as written', (text, expected) => {
    expect(day(text)).toBe(expected);
  });

  it.each([
    ['3天后', '2026-11-24'],
    ['三天后', '2026-11-24'],
    ['两周后', '2026-12-05'],
    ['一个月后', '2026-12-21'],
    ['半个月后', '2026-12-06'],
    ['+3', '2026-11-24'],
    ['+2w', '2026-12-05'],
    ['in 5 days', '2026-11-26'],
    ['月底', '2026-11-30'],
    ['下月底', '2026-12-31'],
    ['下个月5号', '2026-12-05'],
    ['年底', '2026-12-31'],
  ])('%s is counted on', (text, expected) => {
    expect(day(text)).toBe(expected);
  });

  it('takes a day of the month that has passed for the next month’s', () => {
    expect(day('25号')).toBe('2026-11-25');
    expect(day('5号')).toBe('2026-12-05');
    expect(day('二十五日')).toBe('2026-11-25');
  });

  it.each([
    ['明天 15:00', '2026-11-22', '15:00'],
    ['明天下午3点', '2026-11-22', '15:00'],
    ['下周三上午10点半', '2026-11-25', '10:30'],
    ['11-25 9:05', '2026-11-25', '09:05'],
    ['明天上午', '2026-11-22', '10:00'],
    ['tomorrow 3pm', '2026-11-22', '15:00'],
    ['晚上8点', '2026-11-21', '20:00'],
    ['后天三点一刻', '2026-11-23', '03:15'],
    ['明天十二点', '2026-11-22', '12:00'],
  ])('%s has a time of day', (text, expectedDay, time) => {
    expect(parseTyped(text, TODAY)).toEqual({ day: expectedDay, time });
  });

  it.each(['', '什么', '13-45', '2-30', '25:61', '明天99点', 'abc', '32号'])('%s is no date', (text) => {
    expect(parseTyped(text, TODAY)).toBeNull();
  });

  it('reads every day as it is shown, in both languages, from any weekday', () => {
    for (let start = 0; start < 7; start++) {
      const today = addDays(TODAY, start);
      for (let distance = -500; distance <= 500; distance++) {
        const meant = addDays(today, distance);
        for (const language of ['zh', 'en'] as const)
          expect(day(formatDay(meant, today, language), today), formatDay(meant, today, language)).toBe(meant);
      }
    }
  });

  it('never yields a day that the calendar lacks, whatever is typed', () => {
    for (let month = 0; month <= 14; month++) {
      for (let date = 0; date <= 33; date++) {
        const parsed = day(`${month}-${date}`);
        if (parsed) expect([dayParts(parsed).month, dayParts(parsed).date]).toEqual([month, date]);
      }
    }
  });
});
