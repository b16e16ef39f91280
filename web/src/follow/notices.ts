// Notifications as they are read: several reminders of one promise are one entry, and entries stand by what they ask for.
import type { Notice } from './queries';

export type GroupKey = 'escalation' | 'late' | 'due' | 'system' | 'ended';
/** The newest notification of a promise, with the ids of all of them that are unread. */
export type Entry = { notice: Notice; times: number; unread: string[] };
export type NoticeGroup = { key: GroupKey; entries: Entry[] };

const ORDER: GroupKey[] = ['escalation', 'late', 'due', 'system', 'ended'];

function keyOf(notice: Notice, now: number): GroupKey {
  if (!['reminder', 'escalation', 'stage_warning'].includes(notice.kind)) return 'system';
  if (notice.state === 'done' || notice.state === 'waived' || notice.state === 'void') return 'ended';
  if (notice.kind === 'escalation') return 'escalation';
  return notice.due_at !== null && Date.parse(notice.due_at) < now ? 'late' : 'due';
}

/** `notices`: newest first, as the server gives them. */
export function entriesOf(notices: Notice[]): Entry[] {
  const entries = new Map<string, Entry>();
  for (const notice of notices) {
    const key = notice.obligation ?? notice.id;
    const known = entries.get(key);
    const unread = notice.read_at === null ? [notice.id] : [];
    if (known) {
      known.times += 1;
      known.unread.push(...unread);
    } else entries.set(key, { notice, times: 1, unread });
  }
  return [...entries.values()];
}

export function groupsOf(notices: Notice[], now: number): NoticeGroup[] {
  const entries = entriesOf(notices);
  return ORDER.map((key) => ({ key, entries: entries.filter((entry) => keyOf(entry.notice, now) === key) })).filter(
    (group) => group.entries.length > 0,
  );
}
