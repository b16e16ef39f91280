import { describe, expect, it } from 'vitest';
import { compact, moneyCompact, moneyFull, parseNumber } from './number';

describe('numbers', () => {
  it('counts in 万 and 亿 in Chinese, in K and M in English', () => {
    expect(compact(9_999, 'zh')).toBe('9,999');
    expect(compact(125_000, 'zh')).toBe('12.5万');
    expect(compact(320_000_000, 'zh')).toBe('3.2亿');
    expect(compact(35_930_000, 'zh')).toBe('3,593万');
    expect(compact(125_000, 'en')).toBe('125K');
    expect(compact(3_200_000, 'en')).toBe('3.2M');
  });

  it('writes money with its sign before the symbol', () => {
    expect(moneyCompact(-125_000, 'CNY', 'zh')).toBe('-¥12.5万');
    expect(moneyFull(1250.5, 'CNY')).toBe('¥1,250.50');
    expect(moneyFull(-814_000, 'CNY')).toBe('-¥814,000');
  });

  it.each([
    ['12.5万', 125_000],
    ['12.7万', 127_000],
    ['1,200', 1_200],
    ['¥3000', 3_000],
    ['20k', 20_000],
    ['３.５', 3.5],
    ['-4', -4],
    ['1亿', 100_000_000],
    ['15%', 15],
    ['.5', 0.5],
  ])('reads %s', (text, expected) => {
    expect(parseNumber(text)).toBe(expected);
  });

  it.each(['', 'abc', '1.2.3', '--4', '万'])('does not read %s', (text) => {
    expect(parseNumber(text)).toBeNull();
  });
});
