import { Plus } from 'lucide-react';
import { type Day, dayParts, weekdayName } from '../../format/time';
import { useFormat } from '../../format/use-format';
import { useI18n, useT } from '../../i18n';
import { cx } from '../../ui/cx';
import { useWide } from '../../ui/use-media';
import type { EntryHandlers } from './calendar';
import { Chip, OWNER_COLOURS } from './chip';
import { type Entry, entriesByDay } from './model';

export function Month({
  days,
  month,
  today,
  entries,
  handlers,
  onDay,
}: {
  days: Day[];
  month: string;
  today: Day;
  entries: Entry[];
  handlers: EntryHandlers;
  onDay: (day: Day) => void;
}) {
  const { language } = useI18n();
  const wide = useWide();
  const byDay = entriesByDay(entries);
  return (
    <div className="flex-1 min-h-0 flex flex-col border-t border-line overflow-auto thin-bar">
      <div className="grid grid-cols-7 shrink-0 sticky top-0 z-10 bg-surface border-b border-line text-xs text-ink-3">
        {days.slice(0, 7).map((day) => (
          <span key={day} className="px-2 py-1 text-center md:text-left">
            {weekdayName(dayParts(day).weekday, language)}
          </span>
        ))}
      </div>
      <div className="flex-1 grid grid-cols-7 auto-rows-[minmax(5.5rem,1fr)] max-md:auto-rows-[minmax(3.5rem,1fr)]">
        {days.map((day) => (
          <DayCell
            key={day}
            day={day}
            outside={!day.startsWith(month)}
            today={day === today}
            entries={byDay.get(day) ?? []}
            handlers={handlers}
            onDay={onDay}
            wide={wide}
          />
        ))}
      </div>
    </div>
  );
}

const SHOWN = 3;

function DayCell({
  day,
  outside,
  today,
  entries,
  handlers,
  onDay,
  wide,
}: {
  day: Day;
  outside: boolean;
  today: boolean;
  entries: Entry[];
  handlers: EntryHandlers;
  onDay: (day: Day) => void;
  wide: boolean;
}) {
  const t = useT();
  const format = useFormat();
  const { date } = dayParts(day);
  const shown = entries.length > SHOWN + 1 ? entries.slice(0, SHOWN) : entries;
  return (
    <div
      data-drop={day}
      className={cx(
        'group relative min-w-0 border-b border-r border-line p-1 flex flex-col gap-0.5',
        outside && 'bg-sunken/50',
        handlers.over === day && 'ring-2 ring-brand ring-inset',
      )}
    >
      <div className="flex items-center max-md:justify-center">
        <button
          type="button"
          aria-label={t.calendar.openDay(date, format.day(day), entries.length)}
          className={cx(
            'size-6 touch:size-8 grid place-items-center rounded-full text-xs max-md:before:absolute max-md:before:inset-0',
            today ? 'bg-brand text-white font-semibold' : outside ? 'text-ink-3' : 'text-ink hover:bg-sunken',
          )}
          onClick={() => onDay(day)}
        >
          {date}
        </button>
        {wide && handlers.create && (
          <button
            type="button"
            aria-label={t.calendar.createOn(format.day(day))}
            className="ml-auto size-6 grid place-items-center rounded text-ink-3 hover:bg-sunken not-group-hover:not-focus-visible:opacity-0"
            onClick={() => handlers.create?.(day)}
          >
            <Plus size={13} aria-hidden />
          </button>
        )}
      </div>
      {wide ? (
        <>
          {shown.map((entry) => (
            <Chip key={entry.record.id} entry={entry} handlers={handlers} />
          ))}
          {entries.length > shown.length && (
            <button
              type="button"
              className="text-xs text-ink-2 text-left px-1.5 min-h-6 hover:text-brand-ink"
              onClick={() => onDay(day)}
            >
              {t.calendar.more(entries.length - shown.length)}
            </button>
          )}
        </>
      ) : (
        <Dots entries={entries} handlers={handlers} />
      )}
    </div>
  );
}

/** On a phone a day tells how much lies in it; the day itself opens by a tap. */
function Dots({ entries, handlers }: { entries: Entry[]; handlers: EntryHandlers }) {
  return (
    <span aria-hidden className="flex flex-wrap justify-center gap-0.5">
      {entries.slice(0, 4).map((entry) => (
        <i
          key={entry.record.id}
          className={cx('size-1.5 rounded-full border-3', handlers.colourOf(entry.record) || OWNER_COLOURS[0])}
        />
      ))}
      {entries.length > 4 && <span className="text-xs leading-none text-ink-3">{entries.length}</span>}
    </span>
  );
}
