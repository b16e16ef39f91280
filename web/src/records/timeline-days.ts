// The timeline by days, with field changes that one person made in one go drawn together.
import type { FieldChange, TimelineItem } from '../api/types';

/** One line of the timeline: an event, or changes that belong together, newest first. */
export type Entry = { items: TimelineItem[] };
export type DayOfEntries = { day: string; entries: Entry[] };

const TOGETHER_MS = 10 * 60_000;
const SYSTEM = new Set(['change', 'created', 'update', 'create', 'delete', 'restore']);

export function isSystem(item: TimelineItem): boolean {
  return SYSTEM.has(item.kind);
}

/** Changes by the same person within ten minutes of each other, with nothing between them, are one. */
export function entriesOf(items: TimelineItem[], dayOf: (iso: string) => string): DayOfEntries[] {
  const days: DayOfEntries[] = [];
  for (const item of items) {
    const day = dayOf(item.at);
    let current = days.at(-1);
    if (current?.day !== day) {
      current = { day, entries: [] };
      days.push(current);
    }
    const last = current.entries.at(-1);
    const newest = last?.items.at(-1);
    if (last && newest && joins(newest, item)) last.items.push(item);
    else current.entries.push({ items: [item] });
  }
  return days;
}

function joins(newer: TimelineItem, older: TimelineItem): boolean {
  return (
    newer.kind === 'change' &&
    older.kind === 'change' &&
    newer.by?.id === older.by?.id &&
    Date.parse(newer.at) - Date.parse(older.at) <= TOGETHER_MS
  );
}

/** What changes made in one go come to: each field from what it was before the first to what it is after the last. */
export function netChanges(items: TimelineItem[]): FieldChange[] {
  const net = new Map<string, FieldChange>();
  for (const change of items.flatMap((item) => item.changes ?? [])) {
    const newer = net.get(change.field);
    net.set(change.field, newer ? { ...newer, before: change.before } : change);
  }
  // What was put back is no change.
  return [...net.values()].filter((one) => JSON.stringify(one.before) !== JSON.stringify(one.after));
}
