// When something put off comes back: later today, tomorrow, next Monday. A day of one's own is asked for beside.
import { addDays, type Day, weekStart } from '../format/time';
import type { Format } from '../format/use-format';

export type Choice = { key: 'later' | 'tomorrow' | 'monday'; at: string };

const LATER_MS = 2 * 3_600_000;
/** "Later today" is offered while it isn't evening. */
const LAST_HOUR = 19;
export const MORNING = '09:00';

/** The choices there are now; `time` is the hour that other days keep. */
export function choicesOf(
  format: Pick<Format, 'today' | 'instant' | 'wallClock'>,
  now: number,
  time = MORNING,
): Choice[] {
  const today = format.today();
  const later = new Date(Math.ceil((now + LATER_MS) / 1_800_000) * 1_800_000).toISOString();
  const clock = format.wallClock(later);
  const tomorrow = addDays(today, 1);
  const monday: Day = addDays(weekStart(today), 7);
  const choices: Choice[] = [];
  if (clock.day === today && Number(clock.time.slice(0, 2)) < LAST_HOUR) choices.push({ key: 'later', at: later });
  choices.push({ key: 'tomorrow', at: format.instant(tomorrow, time) });
  // On a Sunday they are the same.
  if (monday !== tomorrow) choices.push({ key: 'monday', at: format.instant(monday, time) });
  return choices;
}
