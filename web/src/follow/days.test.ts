import { describe, expect, it } from 'vitest';
import { readDays, readHours, readTime, spansOf } from './days';

describe('pasted holidays', () => {
  it('are read from a notice, a table and a CSV file alike', () => {
    const { days, faults } = readDays(
      [
        '日期,类型,名称',
        '2027-01-01,off,元旦',
        '2027年2月6日至2027年2月8日 春节 放假',
        '2027/2/20\t春节补班',
        '明年再说',
      ].join('\n'),
    );
    expect(days).toEqual([
      { day: '2027-01-01', kind: 'off', name: '元旦' },
      { day: '2027-02-06', kind: 'off', name: '春节' },
      { day: '2027-02-07', kind: 'off', name: '春节' },
      { day: '2027-02-08', kind: 'off', name: '春节' },
      { day: '2027-02-20', kind: 'work', name: '春节' },
    ]);
    expect(faults).toEqual([{ line: 5, text: '明年再说' }]);
  });

  it('refuses days that are none and spans that end before they begin', () => {
    expect(readDays('a\n2027-02-30 x\n2027-03-05 至 2027-03-01').faults.map(({ line }) => line)).toEqual([2, 3]);
  });

  it('stand together where they follow each other', () => {
    const { days } = readDays('2027-01-01 至 2027-01-03 元旦\n2027-01-05 元旦');
    expect(spansOf(days).map((span) => span.length)).toEqual([3, 1]);
  });
});

describe('typed hours', () => {
  it('are spans in order', () => {
    expect(readHours('9-12 13:30-18:00')).toEqual([
      ['09:00', '12:00'],
      ['13:30', '18:00'],
    ]);
    expect(readHours('')).toEqual([]);
    for (const wrong of ['9', '12-9', '9-12 11-13', '9-25', '9:70-10']) expect(readHours(wrong), wrong).toBeNull();
    expect([readTime('8:30'), readTime('24:00'), readTime('24:30')]).toEqual(['08:30', '24:00', null]);
  });
});
