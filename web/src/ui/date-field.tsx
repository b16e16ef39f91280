// A date typed as people say it (明天, 下周三, 11-21) or picked from a calendar. Native date inputs ignore the page's
// language, so this one is our own.
import { CalendarDays, X } from 'lucide-react';
import { type KeyboardEvent, useRef, useState } from 'react';
import type { Day } from '../format/time';
import { parseTyped, type Typed } from '../format/typed-date';
import { useFormat } from '../format/use-format';
import { useI18n } from '../i18n';
import { IconButton } from './button';
import { cx } from './cx';
import { usePopups } from './load-popups';
import { Popover } from './popover';

const DEFAULT_TIME = '09:00';

type Props = {
  id: string;
  label: string;
  /** Day and perhaps time; a string is typed text that isn't understood. */
  value: Typed | string | null;
  onChange: (value: Typed | string | null) => void;
  withTime?: boolean;
  invalid?: boolean;
  describedBy?: string;
  disabled?: boolean;
  autoFocus?: boolean;
  /** What stands in the empty field; by default how a date may be typed. */
  placeholder?: string;
};

export function DateField({
  id,
  label,
  value,
  onChange,
  withTime,
  invalid,
  describedBy,
  disabled,
  autoFocus,
  placeholder,
}: Props) {
  const { t } = useI18n();
  const format = useFormat();
  const [typed, setTyped] = useState<string | null>(null);
  const [open, setOpen] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  const popups = usePopups();
  const current = typeof value === 'object' ? value : null;
  // What is shown can be typed as well, so that the text need not change under the cursor when the field is entered.
  const written = current ? displayed(current, withTime, format) : typeof value === 'string' ? value : '';
  const understood = typed !== null && current && typed !== written;

  const type = (text: string) => {
    setTyped(text);
    if (text.trim() === '') return onChange(null);
    const parsed = parseTyped(text, format.today());
    onChange(
      parsed ? { day: parsed.day, time: withTime ? (parsed.time ?? current?.time ?? DEFAULT_TIME) : null } : text,
    );
  };
  const settle = () => {
    if (current || value === null) setTyped(null);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return;
    if (event.key === 'ArrowDown' && event.altKey) {
      event.preventDefault();
      setOpen(true);
    } else if (event.key === 'Enter' && typed !== null && current) {
      // The first Enter accepts what was understood; it must not also submit the form.
      event.preventDefault();
      setTyped(null);
    }
  };
  const pick = (day: Day) => {
    setTyped(null);
    onChange({ day, time: withTime ? (current?.time ?? DEFAULT_TIME) : null });
    if (!withTime) {
      setOpen(false);
      input.current?.focus();
    }
  };

  return (
    <div className="relative">
      <input
        ref={input}
        id={id}
        aria-label={placeholder ? label : undefined}
        className="control pr-16!"
        autoComplete="off"
        placeholder={placeholder ?? (withTime ? t.date.placeholderTime : t.date.placeholder)}
        value={typed ?? written}
        onChange={(event) => type(event.target.value)}
        onFocus={(event) => event.target.select()}
        onBlur={settle}
        onKeyDown={onKeyDown}
        aria-invalid={invalid || undefined}
        aria-describedby={describedBy}
        disabled={disabled}
        autoFocus={autoFocus}
      />
      <div className="absolute right-0.5 top-1/2 -translate-y-1/2 flex items-center">
        {understood && (
          <span
            role="status"
            className="text-xs text-brand-ink pointer-events-none bg-surface pl-1 pr-1 whitespace-nowrap"
          >
            {t.date.understood(displayed(current, withTime, format))}
          </span>
        )}
        {value !== null && !understood && !disabled && (
          <IconButton
            icon={X}
            iconSize={14}
            label={`${t.date.clear}: ${label}`}
            size="sm"
            className="touch:size-9!"
            onClick={() => {
              setTyped(null);
              onChange(null);
            }}
          />
        )}
        <Popover
          open={open}
          onOpenChange={setOpen}
          align="end"
          label={t.date.pick}
          className="p-2"
          trigger={
            <IconButton
              icon={CalendarDays}
              label={`${t.date.calendar}: ${label}`}
              size="sm"
              className="touch:size-10!"
              disabled={disabled}
            />
          }
        >
          {popups && <popups.Calendar value={current?.day ?? null} onPick={pick} />}
          {withTime && current && (
            <TimeRow
              time={current.time ?? DEFAULT_TIME}
              onChange={(time) => onChange({ day: current.day, time })}
              onDone={() => setOpen(false)}
            />
          )}
        </Popover>
      </div>
    </div>
  );
}

function displayed(value: Typed, withTime: boolean | undefined, format: ReturnType<typeof useFormat>): string {
  const day = format.day(value.day);
  return withTime && value.time ? `${day} ${value.time}` : day;
}

const QUICK_TIMES = ['09:00', '10:00', '14:00', '16:00', '18:00'];

function TimeRow({ time, onChange, onDone }: { time: string; onChange: (time: string) => void; onDone: () => void }) {
  const { t } = useI18n();
  return (
    <div className="flex flex-wrap items-center gap-1 pt-2 mt-2 border-t border-line max-w-66 touch:max-w-none">
      <span className="sr-only">{t.date.time}</span>
      {QUICK_TIMES.map((option) => (
        <button
          key={option}
          type="button"
          aria-pressed={option === time}
          onClick={() => {
            onChange(option);
            onDone();
          }}
          className={cx(
            'h-7 touch:h-11 px-1.5 rounded-md text-xs',
            option === time ? 'bg-brand-soft text-brand-ink font-medium' : 'text-ink-2 hover:bg-sunken',
          )}
        >
          {option}
        </button>
      ))}
    </div>
  );
}
