// What a calendar shows, worked out apart from how it is drawn: the days of a span, and where each record lies in them.
import { valueType } from '../../api/dictionary';
import type { Field, ObjectType, Rec } from '../../api/types';
import { addDays, addMonths, type Day, weekStart } from '../../format/time';

/** Fields by which records can stand in a calendar. The machinery's own moments come last. */
export function dateFields(object: ObjectType): Field[] {
  const fields = object.fields.filter(
    (field) => field.filterable && (valueType(field) === 'date' || valueType(field) === 'datetime'),
  );
  return [...fields.filter((field) => !field.system), ...fields.filter((field) => field.system)];
}

export type Span = 'day' | 'week' | 'month' | 'agenda';
export const SPANS: Span[] = ['day', 'week', 'month', 'agenda'];
const AGENDA_DAYS = 30;
const WEEKS = 6;

/** The days shown, first to last. A month is shown in whole weeks. */
export function daysOf(span: Span, anchor: Day): Day[] {
  const [start, count] =
    span === 'day'
      ? [anchor, 1]
      : span === 'week'
        ? [weekStart(anchor), 7]
        : span === 'month'
          ? [weekStart(`${anchor.slice(0, 7)}-01`), WEEKS * 7]
          : [anchor, AGENDA_DAYS];
  return Array.from({ length: count }, (_, index) => addDays(start, index));
}

export function step(span: Span, anchor: Day, by: 1 | -1): Day {
  if (span === 'month') return addMonths(`${anchor.slice(0, 7)}-01`, by);
  return addDays(anchor, by * (span === 'day' ? 1 : span === 'week' ? 7 : AGENDA_DAYS));
}

/** A record in the calendar: its day, and its minute of the day where it has one. */
export type Entry = { record: Rec; day: Day; minute: number | null };

export function entriesOf(
  records: Rec[],
  field: Field,
  wallClock: (iso: string) => { day: Day; time: string },
): Entry[] {
  const timed = valueType(field) === 'datetime';
  const entries = records.flatMap((record): Entry[] => {
    const value = record[field.name];
    if (typeof value !== 'string' || value === '') return [];
    if (!timed) return [{ record, day: value.slice(0, 10), minute: null }];
    const { day, time } = wallClock(value);
    return [{ record, day, minute: Number(time.slice(0, 2)) * 60 + Number(time.slice(3, 5)) }];
  });
  return entries.sort((a, b) => a.day.localeCompare(b.day) || (a.minute ?? -1) - (b.minute ?? -1));
}

export type Placed = Entry & { lane: number; lanes: number };

/** Side by side what would lie on top of each other; a block is as long as it must be to be read. */
export function placeBeside(entries: Entry[], minutes: number): Placed[] {
  const placed: Placed[] = [];
  let cluster: Placed[] = [];
  let ends: number[] = [];
  const close = () => {
    for (const one of cluster) one.lanes = ends.length;
    placed.push(...cluster);
    cluster = [];
    ends = [];
  };
  for (const entry of entries) {
    const start = entry.minute ?? 0;
    if (ends.length > 0 && ends.every((end) => end <= start)) close();
    const free = ends.findIndex((end) => end <= start);
    const lane = free >= 0 ? free : ends.length;
    ends[lane] = start + minutes;
    cluster.push({ ...entry, lane, lanes: 1 });
  }
  close();
  return placed;
}

/** Where more lie beside each other than fit, the last lane only counts those it can't show; counts that would lie on each other are one. */
export function crowd(
  placed: Placed[],
  most: number,
  length: number,
): { shown: Placed[]; hidden: { minute: number; count: number }[] } {
  const shown: Placed[] = [];
  const left: number[] = [];
  for (const one of placed) {
    if (one.lanes <= most) shown.push(one);
    else if (one.lane < most - 1) shown.push({ ...one, lanes: most });
    else left.push(one.minute ?? 0);
  }
  const hidden: { minute: number; count: number }[] = [];
  for (const minute of left.sort((a, b) => a - b)) {
    const last = hidden.at(-1);
    if (last && minute < last.minute + length) last.count += 1;
    else hidden.push({ minute, count: 1 });
  }
  return { shown, hidden };
}

/** The value after a move: another day at the same minute, or another minute. */
export function movedTo(entry: Entry, day: Day, minute: number | null, instant: (day: Day, time: string) => string) {
  if (entry.minute === null) return day;
  const at = minute ?? entry.minute;
  return instant(day, clockText(at));
}

export function entriesByDay(entries: Entry[]): Map<Day, Entry[]> {
  const days = new Map<Day, Entry[]>();
  for (const entry of entries) days.set(entry.day, [...(days.get(entry.day) ?? []), entry]);
  return days;
}

export function clockText(minute: number): string {
  return `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;
}
