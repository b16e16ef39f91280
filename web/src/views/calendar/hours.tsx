// Day and week by the hour. Half an hour is the grain of a drop.
import { useEffect, useRef } from 'react';
import { type Day, dayParts, weekdayName } from '../../format/time';
import { useFormat } from '../../format/use-format';
import { useI18n, useT } from '../../i18n';
import { cx } from '../../ui/cx';
import type { EntryHandlers } from './calendar';
import { Chip } from './chip';
import { clockText, crowd, type Entry, placeBeside } from './model';

const HOUR = 48;
const GRAIN = 30;
const SLOTS = (24 * 60) / GRAIN;
/** An entry has a start and no end; it is drawn as long as its text needs. */
const BLOCK = 30;
const MORNING = 8;
/** Beside each other fit so many; the rest is counted. */
const MAX_DAY = 10;
const MAX_WEEK = 3;

export function Hours({
  days,
  today,
  entries,
  handlers,
  onDay,
}: {
  days: Day[];
  today: Day;
  entries: Entry[];
  handlers: EntryHandlers;
  onDay: (day: Day) => void;
}) {
  const { language } = useI18n();
  const format = useFormat();
  const t = useT();
  const scroller = useRef<HTMLDivElement>(null);
  useEffect(() => {
    scroller.current?.scrollTo(0, MORNING * HOUR - 8);
  }, []);
  const now = format.wallClock(new Date().toISOString()).time;
  const nowAt = ((Number(now.slice(0, 2)) * 60 + Number(now.slice(3))) / 60) * HOUR;
  const columns = `3rem repeat(${days.length}, minmax(0, 1fr))`;
  return (
    <div
      ref={scroller}
      tabIndex={0}
      role="region"
      aria-label={t.calendar.hours}
      className="flex-1 min-h-0 overflow-auto thin-bar border-t border-line focus-visible:-outline-offset-2"
    >
      <div
        className="grid sticky top-0 z-20 bg-surface border-b border-line text-xs text-ink-3"
        style={{ gridTemplateColumns: columns }}
      >
        <span />
        {days.map((day) => (
          <span key={day} className="px-2 py-1.5 flex items-center gap-1">
            {weekdayName(dayParts(day).weekday, language)}
            <span
              className={cx(
                'min-w-6 h-6 px-1 grid place-items-center rounded-full',
                day === today ? 'bg-brand text-white font-semibold' : 'text-ink',
              )}
            >
              {dayParts(day).date}
            </span>
          </span>
        ))}
      </div>
      <div className="grid relative" style={{ gridTemplateColumns: columns, height: 24 * HOUR }}>
        <div aria-hidden className="relative text-xs text-ink-3">
          {Array.from({ length: 23 }, (_, hour) => (
            <span key={hour} className="absolute right-2 -translate-y-1/2" style={{ top: (hour + 1) * HOUR }}>
              {clockText((hour + 1) * 60)}
            </span>
          ))}
        </div>
        {days.map((day) => (
          <div key={day} className="relative border-l border-line min-w-0">
            {Array.from({ length: SLOTS }, (_, slot) => (
              <Slot key={slot} day={day} minute={slot * GRAIN} handlers={handlers} />
            ))}
            <DayEntries
              entries={entries.filter((entry) => entry.day === day)}
              lanes={days.length === 1 ? MAX_DAY : MAX_WEEK}
              handlers={handlers}
              onMore={() => onDay(day)}
            />
            {day === today && (
              <span
                aria-hidden
                className="absolute inset-x-0 h-px bg-danger z-10 pointer-events-none"
                style={{ top: nowAt }}
              />
            )}
          </div>
        ))}
      </div>
    </div>
  );
}

function DayEntries({
  entries,
  lanes,
  handlers,
  onMore,
}: {
  entries: Entry[];
  lanes: number;
  handlers: EntryHandlers;
  onMore: () => void;
}) {
  const t = useT();
  const { shown, hidden } = crowd(placeBeside(entries, BLOCK), lanes, BLOCK);
  const box = (minute: number, lane: number, of: number) => ({
    top: (minute / 60) * HOUR,
    height: (BLOCK / 60) * HOUR,
    left: `${(lane / of) * 100}%`,
    width: `${100 / of}%`,
  });
  return (
    <>
      {shown.map((placed) => (
        <div
          key={placed.record.id}
          className="absolute p-px"
          style={box(placed.minute ?? 0, placed.lane, placed.lanes)}
        >
          <Chip entry={placed} handlers={handlers} tall />
        </div>
      ))}
      {hidden.map(({ minute, count }) => (
        <button
          key={minute}
          type="button"
          aria-label={t.calendar.more(count)}
          className="absolute text-xs text-ink-2 hover:text-brand-ink"
          style={box(minute, lanes - 1, lanes)}
          onClick={onMore}
        >
          +{count}
        </button>
      ))}
    </>
  );
}

function Slot({ day, minute, handlers }: { day: Day; minute: number; handlers: EntryHandlers }) {
  const key = `${day}@${minute}`;
  return (
    // For the pointer; with the keyboard a new entry is made by C, and its time typed.
    // biome-ignore lint/a11y/useKeyWithClickEvents: see above
    // biome-ignore lint/a11y/noStaticElementInteractions: see above
    <div
      data-drop={key}
      className={cx(
        'absolute inset-x-0',
        minute % 60 === 0 && minute > 0 && 'border-t border-line',
        handlers.over === key ? 'bg-brand-soft' : handlers.create && 'hover:bg-sunken/60',
      )}
      style={{ top: (minute / 60) * HOUR, height: (GRAIN / 60) * HOUR }}
      onClick={() => handlers.create?.(day, minute)}
    />
  );
}
