// Days and moments as people say them. A day is a plain `YYYY-MM-DD`; a moment is an instant, shown in the company's zone.
import type { Language } from '../api/types';

export type Day = string;

const DAY_MS = 86_400_000;
const WEEKDAYS = {
  zh: ['周日', '周一', '周二', '周三', '周四', '周五', '周六'],
  en: ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'],
};
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

export function toDay(year: number, month: number, day: number): Day {
  return new Date(Date.UTC(year, month - 1, day)).toISOString().slice(0, 10);
}

export function dayParts(day: Day): { year: number; month: number; date: number; weekday: number } {
  const [year = 1970, month = 1, date = 1] = day.split('-').map(Number);
  return { year, month, date, weekday: new Date(Date.UTC(year, month - 1, date)).getUTCDay() };
}

export function addDays(day: Day, count: number): Day {
  return new Date(Date.parse(`${day}T00:00:00Z`) + count * DAY_MS).toISOString().slice(0, 10);
}

/** Adds months; a day the target month lacks becomes its last (31 Jan + 1 month = 28 Feb). */
export function addMonths(day: Day, count: number): Day {
  const { year, month, date } = dayParts(day);
  const last = new Date(Date.UTC(year, month - 1 + count + 1, 0)).getUTCDate();
  return new Date(Date.UTC(year, month - 1 + count, Math.min(date, last))).toISOString().slice(0, 10);
}

export function daysBetween(from: Day, to: Day): number {
  return Math.round((Date.parse(`${to}T00:00:00Z`) - Date.parse(`${from}T00:00:00Z`)) / DAY_MS);
}

/** Monday of the week; weeks begin on Monday (GB/T 7408, ISO 8601). */
export function weekStart(day: Day): Day {
  return addDays(day, -((dayParts(day).weekday + 6) % 7));
}

const zoneFormats = new Map<string, Intl.DateTimeFormat>();

function zoneFormat(zone: string): Intl.DateTimeFormat {
  let format = zoneFormats.get(zone);
  if (!format) {
    format = new Intl.DateTimeFormat('en-CA', {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
    });
    zoneFormats.set(zone, format);
  }
  return format;
}

/** The wall clock of an instant in a zone. */
export function wallClock(moment: Date, zone: string): { day: Day; time: string } {
  const parts: Record<string, string> = {};
  for (const part of zoneFormat(zone).formatToParts(moment)) parts[part.type] = part.value;
  return { day: `${parts.year}-${parts.month}-${parts.day}`, time: `${parts.hour}:${parts.minute}` };
}

/** The instant of a wall clock in a zone. Two rounds settle the offset around a change of summer time. */
export function instantOf(day: Day, time: string, zone: string): Date {
  const target = Date.parse(`${day}T${time}:00Z`);
  let guess = target;
  for (let round = 0; round < 2; round++) {
    const seen = wallClock(new Date(guess), zone);
    guess += target - Date.parse(`${seen.day}T${seen.time}:00Z`);
  }
  return new Date(guess);
}

export function formatDay(day: Day, today: Day, language: Language): string {
  const distance = daysBetween(today, day);
  const near = nearDay(distance, language);
  if (near) return near;
  const { year, month, date, weekday } = dayParts(day);
  if (distance > 0 && weekStart(day) === weekStart(today)) return WEEKDAYS[language][weekday] ?? '';
  if (language === 'en') {
    const text = `${MONTHS[month - 1]} ${date}`;
    return year === dayParts(today).year ? text : `${text}, ${year}`;
  }
  const text = `${String(month).padStart(2, '0')}-${String(date).padStart(2, '0')}`;
  return year === dayParts(today).year ? text : `${year}-${text}`;
}

/** A day by its date alone, for the ends of a span. */
export function shortDay(day: Day, language: Language): string {
  const { month, date } = dayParts(day);
  return language === 'zh' ? `${month}月${date}日` : `${MONTHS[month - 1]} ${date}`;
}

/** Yesterday, today and tomorrow by their words; none for other days. */
export function nearDay(distance: number, language: Language): string | null {
  const words = language === 'zh' ? ['昨天', '今天', '明天'] : ['Yesterday', 'Today', 'Tomorrow'];
  return words[distance + 1] ?? null;
}

export function formatMoment(moment: Date, now: Date, zone: string, language: Language): string {
  const { day, time } = wallClock(moment, zone);
  const today = wallClock(now, zone).day;
  const text = formatDay(day, today, language);
  const distance = Math.abs(daysBetween(today, day));
  // Far from today the hour tells nothing; near to it, it is what one looks for.
  return distance <= 7 || dayParts(day).year === dayParts(today).year ? `${text} ${time}` : text;
}

export function formatFullMoment(moment: Date, zone: string, language: Language): string {
  const { day, time } = wallClock(moment, zone);
  const weekday = WEEKDAYS[language][dayParts(day).weekday];
  return `${day} ${weekday} ${time}`;
}

export function formatMinutes(minutes: number, language: Language): string {
  const hours = Math.floor(minutes / 60);
  const rest = Math.round(minutes % 60);
  const zh = language === 'zh';
  if (hours === 0) return zh ? `${rest} 分钟` : `${rest} min`;
  const hourText = zh ? `${hours} 小时` : `${hours} h`;
  return rest === 0 ? hourText : `${hourText} ${zh ? `${rest} 分` : `${rest} min`}`;
}

export function weekdayName(weekday: number, language: Language): string {
  return WEEKDAYS[language][weekday] ?? '';
}

export function monthTitle(year: number, month: number, language: Language): string {
  return language === 'zh' ? `${year} 年 ${month} 月` : `${MONTHS[month - 1]} ${year}`;
}
