// A month to pick a day from, by mouse, touch and arrow keys.
import { ChevronLeft, ChevronRight } from 'lucide-react';
import { type KeyboardEvent, useRef, useState } from 'react';
import { addDays, addMonths, type Day, dayParts, monthTitle, weekdayName, weekStart } from '../../format/time';
import { useFormat } from '../../format/use-format';
import { useI18n } from '../../i18n';
import { IconButton } from '../button';
import { cx } from '../cx';

export function Calendar({ value, onPick }: { value: Day | null; onPick: (day: Day) => void }) {
  const { t, language } = useI18n();
  const format = useFormat();
  const today = format.today();
  const [focus, setFocus] = useState<Day>(value ?? today);
  const grid = useRef<HTMLDivElement>(null);
  const { year, month } = dayParts(focus);
  const first = weekStart(`${focus.slice(0, 7)}-01`);
  const move = (day: Day) => {
    setFocus(day);
    requestAnimationFrame(() => grid.current?.querySelector<HTMLElement>('[tabindex="0"]')?.focus());
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const steps: Record<string, Day> = {
      ArrowLeft: addDays(focus, -1),
      ArrowRight: addDays(focus, 1),
      ArrowUp: addDays(focus, -7),
      ArrowDown: addDays(focus, 7),
      PageUp: addMonths(focus, -1),
      PageDown: addMonths(focus, 1),
      Home: weekStart(focus),
      End: addDays(weekStart(focus), 6),
    };
    const next = steps[event.key];
    if (!next) return;
    event.preventDefault();
    move(next);
  };
  return (
    <div className="w-64 touch:w-80">
      <div className="flex items-center justify-between pb-1">
        <IconButton
          icon={ChevronLeft}
          size="sm"
          label={t.date.previousMonth}
          onClick={() => setFocus(addMonths(focus, -1))}
        />
        <span className="font-medium" aria-live="polite">
          {monthTitle(year, month, language)}
        </span>
        <IconButton
          icon={ChevronRight}
          size="sm"
          label={t.date.nextMonth}
          onClick={() => setFocus(addMonths(focus, 1))}
        />
      </div>
      <div role="grid" tabIndex={-1} aria-label={monthTitle(year, month, language)} ref={grid} onKeyDown={onKeyDown}>
        <div className="grid grid-cols-7 text-xs text-ink-3" role="row" tabIndex={-1}>
          {[1, 2, 3, 4, 5, 6, 0].map((weekday) => (
            <span key={weekday} role="columnheader" tabIndex={-1} className="h-7 grid place-items-center">
              {language === 'zh' ? weekdayName(weekday, language).slice(1) : weekdayName(weekday, language).slice(0, 2)}
            </span>
          ))}
        </div>
        {Array.from({ length: 6 }, (_, week) => (
          <div key={week} role="row" tabIndex={-1} className="grid grid-cols-7">
            {Array.from({ length: 7 }, (_, offset) => {
              const day = addDays(first, week * 7 + offset);
              const outside = day.slice(0, 7) !== focus.slice(0, 7);
              return (
                <button
                  key={day}
                  type="button"
                  role="gridcell"
                  aria-selected={day === value}
                  aria-current={day === today ? 'date' : undefined}
                  aria-label={`${day} ${weekdayName(dayParts(day).weekday, language)}`}
                  tabIndex={day === focus ? 0 : -1}
                  onClick={() => onPick(day)}
                  className={cx(
                    'h-8 touch:h-11 rounded-md text-center',
                    day === value ? 'bg-brand text-white' : outside ? 'text-ink-3 hover:bg-sunken' : 'hover:bg-sunken',
                    day === today && day !== value && 'font-semibold text-brand-ink',
                  )}
                >
                  {dayParts(day).date}
                </button>
              );
            })}
          </div>
        ))}
      </div>
    </div>
  );
}
