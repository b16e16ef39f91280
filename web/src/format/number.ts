import type { Language } from '../api/types';

const SYMBOLS: Record<string, string> = { CNY: '¥', USD: '$', EUR: '€', HKD: 'HK$', JPY: 'JP¥', GBP: '£' };

export function currencySymbol(currency: string): string {
  return SYMBOLS[currency] ?? `${currency} `;
}

function grouped(value: number, maxDecimals: number): string {
  return value.toLocaleString('en-US', { maximumFractionDigits: maxDecimals });
}

/** 12.5万 and 3.2亿 in Chinese, 125K and 3.2M in English; small numbers stay whole. */
export function compact(value: number, language: Language): string {
  const size = Math.abs(value);
  const steps: [number, string][] =
    language === 'zh'
      ? [
          [1e8, '亿'],
          [1e4, '万'],
        ]
      : [
          [1e9, 'B'],
          [1e6, 'M'],
          [1e4, 'K'],
        ];
  for (const [step, unit] of steps) {
    const divisor = unit === 'K' ? 1e3 : step;
    if (size >= step) {
      const scaled = value / divisor;
      return `${grouped(scaled, Math.abs(scaled) >= 100 ? 1 : 2)}${unit}`;
    }
  }
  return grouped(value, 2);
}

export function full(value: number, scale?: number | null): string {
  return grouped(value, scale ?? 6);
}

export function moneyCompact(value: number, currency: string, language: Language): string {
  return `${value < 0 ? '-' : ''}${currencySymbol(currency)}${compact(Math.abs(value), language)}`;
}

export function moneyFull(value: number, currency: string): string {
  const digits = Number.isInteger(value) ? 0 : 2;
  const text = Math.abs(value).toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: 2 });
  return `${value < 0 ? '-' : ''}${currencySymbol(currency)}${text}`;
}

/** What a person types as a number: 12.5万, 1,200, ¥3000, 20k. `null` when it is none. */
export function parseNumber(input: string): number | null {
  const text = input
    .normalize('NFKC')
    .replace(/[,\s¥$€£元%]/g, '')
    .toLowerCase();
  const match = text.match(/^([+-]?\d*\.?\d+)(万|亿|千|k|w|m)?$/);
  if (!match) return null;
  const units: Record<string, number> = { 千: 1e3, k: 1e3, 万: 1e4, w: 1e4, m: 1e6, 亿: 1e8 };
  const value = Number(match[1]) * (match[2] ? (units[match[2]] ?? 1) : 1);
  // 12.7 × 10000 is 126999.99…; money knows no such digits.
  return Number.isFinite(value) ? Math.round(value * 1e6) / 1e6 : null;
}

/** Bytes as people say them: 12 KB, 3.4 MB. */
export function sizeText(bytes: number): string {
  const units = ['B', 'KB', 'MB', 'GB'];
  let size = bytes;
  let unit = 0;
  while (size >= 1000 && unit < units.length - 1) {
    size /= 1024;
    unit += 1;
  }
  return `${unit === 0 || size >= 10 ? Math.round(size) : size.toFixed(1)} ${units[unit]}`;
}
