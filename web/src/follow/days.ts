// Holidays and make-up days as people paste them: lines of a notice, of a spreadsheet or of a CSV file.
import { addDays, type Day, daysBetween } from '../format/time';

export type SpecialDay = { day: Day; kind: 'off' | 'work'; name: string };
export type ReadDays = { days: SpecialDay[]; faults: { line: number; text: string }[] };

const DATE = /(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?/;
const RANGE = new RegExp(`${DATE.source}\\s*(?:至|到|~|～|—|–|to|-)\\s*${DATE.source}`, 'i');
const WORK = /补班|上班|调班|make-?up|work(?:ing)?(?: day)?|\bwork\b|班/i;
const OFF = /放假|休息|假期|off|holiday|休/i;
/** No holiday is longer. */
const LONGEST = 31;

function dayOf(year: string | undefined, month: string | undefined, date: string | undefined): Day | null {
  const day = `${year}-${month?.padStart(2, '0')}-${date?.padStart(2, '0')}`;
  const time = Date.parse(`${day}T00:00:00Z`);
  return Number.isNaN(time) || new Date(time).toISOString().slice(0, 10) !== day ? null : day;
}

/** One day a line, or a span of days; `休`/`班` tell the kind, what else stands there is the name. */
export function readDays(text: string): ReadDays {
  const days = new Map<Day, SpecialDay>();
  const faults: ReadDays['faults'] = [];
  const lines = text.split(/\r?\n/);
  lines.forEach((line, index) => {
    if (line.trim() === '') return;
    const range = line.match(RANGE);
    const found = range ?? line.match(DATE);
    if (!found) {
      // The first line may be a heading.
      if (index > 0) faults.push({ line: index + 1, text: line.trim() });
      return;
    }
    const from = dayOf(found[1], found[2], found[3]);
    const to = range ? dayOf(range[4], range[5], range[6]) : from;
    const length = from && to ? daysBetween(from, to) : -1;
    if (!from || !to || length < 0 || length > LONGEST) {
      faults.push({ line: index + 1, text: line.trim() });
      return;
    }
    const rest = line.replace(found[0], ' ');
    const kind = WORK.test(rest) && !/放假|off/i.test(rest) ? 'work' : 'off';
    const name = rest
      .replace(kind === 'work' ? WORK : OFF, ' ')
      .replace(/[,;，；、|\t"（）():：]+/g, ' ')
      .replace(/\s+/g, ' ')
      .trim()
      .slice(0, 40);
    for (let place = 0; place <= length; place++) {
      const day = addDays(from, place);
      days.set(day, { day, kind, name });
    }
  });
  return { days: [...days.values()].sort((a, b) => a.day.localeCompare(b.day)), faults };
}

/** Days of one kind and name that follow each other stand together. */
export function spansOf<T extends SpecialDay>(days: T[]): T[][] {
  const spans: T[][] = [];
  for (const day of days) {
    const last = spans.at(-1);
    const before = last?.at(-1);
    const next =
      before && before.kind === day.kind && before.name === day.name && daysBetween(before.day, day.day) === 1;
    if (last && next) last.push(day);
    else spans.push([day]);
  }
  return spans;
}

export type Span = [string, string];

/** Hours of a day as typed, `9:00-12:00 13:30-18:00`; nothing for a day off, null for what can't be read. */
export function readHours(text: string): Span[] | null {
  const trimmed = text.trim();
  if (trimmed === '' || /^(休息?|off)$/i.test(trimmed)) return [];
  const spans: Span[] = [];
  for (const part of trimmed.split(/[\s,，、;；]+/)) {
    const found = part.match(/^(\d{1,2})(?:[:：](\d{2}))?[-–~～至](\d{1,2})(?:[:：](\d{2}))?$/);
    if (!found) return null;
    const [from, to] = [time(found[1], found[2]), time(found[3], found[4])];
    const last = spans.at(-1);
    if (!from || !to || from >= to || (last && last[1] > from)) return null;
    spans.push([from, to]);
  }
  return spans;
}

/** `9` and `9:00` are `09:00`; null behind 24:00. */
export function readTime(text: string): string | null {
  const found = text.trim().match(/^(\d{1,2})(?:[:：](\d{2}))?$/);
  return found ? time(found[1], found[2]) : null;
}

function time(hour = '', minute = '00'): string | null {
  const minutes = Number(hour) * 60 + Number(minute);
  if (Number(minute) > 59 || minutes > 24 * 60) return null;
  return `${hour.padStart(2, '0')}:${minute}`;
}

export function hoursText(spans: Span[]): string {
  return spans.map(([from, to]) => `${from}-${to}`).join(' ');
}
