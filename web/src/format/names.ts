// Zones and currencies as people call them; the browser knows them all.
import type { Language } from '../api/types';

const tag = (language: Language) => (language === 'en' ? 'en' : 'zh-CN');

/** 中国标准时间（Asia/Shanghai） */
export function zoneName(zone: string, language: Language): string {
  const parts = new Intl.DateTimeFormat(tag(language), { timeZone: zone, timeZoneName: 'long' }).formatToParts();
  const name = parts.find((part) => part.type === 'timeZoneName')?.value;
  if (!name) return zone;
  return language === 'en' ? `${name} (${zone})` : `${name}（${zone}）`;
}

/** 人民币（CNY） */
export function currencyName(code: string, language: Language): string {
  const name = new Intl.DisplayNames(tag(language), { type: 'currency' }).of(code);
  if (!name || name === code) return code;
  return language === 'en' ? `${name} (${code})` : `${name}（${code}）`;
}
