// The agenda: day after day, only those with something in them. Dates without a time are shown so in day and week too.
import { CalendarDays } from 'lucide-react';
import type { ObjectType } from '../../api/types';
import { FieldView, isEmpty } from '../../fields';
import { type Day, dayParts, daysBetween, nearDay, shortDay, weekdayName } from '../../format/time';
import { useI18n, useLabel, useT } from '../../i18n';
import { Empty } from '../../ui/bits';
import { cx } from '../../ui/cx';
import type { EntryHandlers } from './calendar';
import { clockText, type Entry, entriesByDay } from './model';

export function Agenda({
  days,
  today,
  entries,
  object,
  handlers,
  all,
}: {
  days: Day[];
  today: Day;
  entries: Entry[];
  object: ObjectType;
  handlers: EntryHandlers;
  /** Empty days too, as places to drop on. */
  all: boolean;
}) {
  const t = useT();
  const label = useLabel();
  const { language } = useI18n();
  const byDay = entriesByDay(entries);
  const shown = days.filter((day) => all || byDay.has(day));
  if (shown.length === 0) return <Empty icon={CalendarDays} title={t.calendar.empty(label(object.label_plural))} />;
  return (
    <div className="flex-1 min-h-0 overflow-auto thin-bar border-t border-line">
      {shown.map((day) => (
        <section key={day} data-drop={day} className={cx(handlers.over === day && 'bg-brand-soft')}>
          <h3
            className={cx(
              'sticky top-0 z-10 flex items-baseline gap-2 px-4 py-1.5 bg-surface border-b border-line text-xs',
              day === today ? 'text-brand-ink font-semibold' : 'text-ink-3',
            )}
          >
            {nearDay(daysBetween(today, day), language) ?? shortDay(day, language)}
            <span>{weekdayName(dayParts(day).weekday, language)}</span>
          </h3>
          <ul>
            {(byDay.get(day) ?? []).map((entry) => (
              <li key={entry.record.id} className="border-b border-line">
                <button
                  type="button"
                  data-entry={entry.record.id}
                  aria-describedby={handlers.grab ? 'calendar-keys' : undefined}
                  className={cx(
                    'w-full flex items-center gap-3 min-h-11 px-4 py-1.5 text-left hover:bg-sunken select-none',
                    handlers.dragged === entry.record.id && 'opacity-40',
                  )}
                  onClick={() => handlers.open(entry.record)}
                  onPointerDown={(event) => handlers.grab?.(event, entry)}
                  onKeyDown={(event) => handlers.onKey(event, entry)}
                >
                  <span className="w-11 shrink-0 text-ink-2">
                    {entry.minute === null ? '' : clockText(entry.minute)}
                  </span>
                  <span
                    aria-hidden
                    className={cx('w-1 self-stretch rounded-full border-l-4', handlers.colourOf(entry.record))}
                  />
                  <span className="flex-1 min-w-0">
                    <span className="block truncate font-medium">{handlers.nameOf(entry.record)}</span>
                    <span className="flex gap-2 text-xs text-ink-3 min-w-0 overflow-hidden whitespace-nowrap [&_a]:pointer-events-none">
                      {handlers.extra
                        .filter((field) => !isEmpty(entry.record[field.name]))
                        .map((field) => (
                          <FieldView
                            key={field.name}
                            field={field}
                            value={entry.record[field.name]}
                            record={entry.record}
                            compact
                          />
                        ))}
                    </span>
                  </span>
                </button>
              </li>
            ))}
          </ul>
        </section>
      ))}
    </div>
  );
}
