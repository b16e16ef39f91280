// A recurrence rule in words, and the rules that a picker offers.
import type { Language } from '../api/types';

const DAYS = ['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU'];
const ZH = ['周一', '周二', '周三', '周四', '周五', '周六', '周日'];
const EN = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'];
const UNITS = {
  DAILY: { zh: '天', en: 'day' },
  WEEKLY: { zh: '周', en: 'week' },
  MONTHLY: { zh: '个月', en: 'month' },
  YEARLY: { zh: '年', en: 'year' },
};
export const WORKDAYS = 'FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR';

export function partsOf(rule: string): Record<string, string> {
  return Object.fromEntries(
    rule
      .split(';')
      .map((part) => part.split('='))
      .filter((pair) => pair.length === 2),
  );
}

function weekdays(text: string, zh: boolean): string {
  const words = text.split(',').map((day) => {
    const place = day.slice(0, -2).replace('+', '');
    const at = DAYS.indexOf(day.slice(-2));
    const name = (zh ? ZH : EN)[at] ?? day;
    if (!place) return name;
    if (place === '-1') return zh ? `最后一个${name}` : `the last ${name}`;
    return zh ? `第 ${place} 个${name}` : `${name} no. ${place}`;
  });
  return words.join(zh ? '、' : ', ');
}

/** Says what the server says of a rule in messages. */
export function words(rule: string, language: Language): string {
  const zh = language !== 'en';
  const parts = partsOf(rule);
  const unit = UNITS[parts.FREQ as keyof typeof UNITS];
  if (!unit) return rule;
  const n = Number(parts.INTERVAL ?? 1);
  let text = zh
    ? n === 1
      ? `每${unit.zh.replace('个', '')}`
      : `每 ${n} ${unit.zh}`
    : n === 1
      ? `every ${unit.en}`
      : `every ${n} ${unit.en}s`;
  if (n === 1 && parts.BYDAY === 'MO,TU,WE,TH,FR') text = zh ? '每周一至周五' : 'every Monday to Friday';
  else if (parts.BYDAY) {
    const days = weekdays(parts.BYDAY, zh);
    text = zh ? (text === '每周' ? `每${days}` : `${text}的${days}`) : `${text} on ${days}`;
  }
  if (parts.BYMONTHDAY === '-1') text += zh ? '最后一天' : ' on the last day';
  else if (parts.BYMONTHDAY) text += zh ? ` ${parts.BYMONTHDAY} 日` : ` on day ${parts.BYMONTHDAY}`;
  if (parts.COUNT) text += zh ? `，共 ${parts.COUNT} 次` : `, ${parts.COUNT} times`;
  if (parts.UNTIL) {
    const day = parts.UNTIL.replace(/^(\d{4})(\d\d)(\d\d).*/, '$1-$2-$3');
    text += zh ? `，到 ${day}` : `, until ${day}`;
  }
  return text;
}
