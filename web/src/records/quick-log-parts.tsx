// The pieces of 写跟进: kinds to tap, the customer, the next step, the time.
import { useMemo, useState } from 'react';
import { refName } from '../api/records';
import type { Field, ObjectType, Option, Ref } from '../api/types';
import { LookupPicker } from '../fields/lookup';
import { addDays, addMonths, type Day, weekStart } from '../format/time';
import type { Typed } from '../format/typed-date';
import { useFormat } from '../format/use-format';
import { useLabel, useT } from '../i18n';
import { recents } from '../shell/recent';
import { FieldFrame } from '../ui/bits';
import { cx } from '../ui/cx';
import { DateField } from '../ui/date-field';

export const MORNING = '09:00';

export type Draft = {
  kind: string;
  content: string;
  /** Whether the next step is the person's own; until then it is what the sentence says. */
  own: boolean;
  next: string;
  nextAt: Typed | string | null;
  outcome: string | null;
};

export function Choices({
  label: caption,
  options,
  value,
  onChange,
}: {
  label: string;
  options: Option[];
  value: string | null;
  onChange: (value: string) => void;
}) {
  const label = useLabel();
  return (
    <div role="radiogroup" aria-label={caption} className="flex flex-col gap-1">
      <span className="text-ink-2" aria-hidden>
        {caption}
      </span>
      <div className="flex flex-wrap gap-1.5">
        {options.map((option) => (
          <button
            key={option.value}
            type="button"
            role="radio"
            aria-checked={option.value === value}
            onClick={() => onChange(option.value)}
            className={cx(
              'h-7 touch:h-11 px-2.5 touch:px-3.5 rounded-md border',
              option.value === value
                ? 'border-brand bg-brand-soft text-brand-ink font-medium'
                : 'border-line text-ink-2 hover:bg-sunken',
            )}
          >
            {label(option.label)}
          </button>
        ))}
      </div>
    </div>
  );
}

export function ChooseCustomer({
  customers,
  value,
  onChange,
  fault,
}: {
  customers: ObjectType;
  value: Ref | null;
  onChange: (value: Ref | null) => void;
  fault?: string;
}) {
  const t = useT();
  const label = useLabel();
  const recent = useMemo(
    () =>
      recents()
        .filter((entry) => entry.object === customers.name)
        .slice(0, 4),
    [customers.name],
  );
  return (
    <FieldFrame id="log-customer" label={label(customers.label)} required fault={fault}>
      <LookupPicker
        object={customers.name}
        id="log-customer"
        label={label(customers.label)}
        value={value}
        onChange={onChange}
        invalid={fault !== undefined}
        describedBy={fault ? 'log-customer-fault' : undefined}
        placeholder={t.log.chooseCustomer}
      />
      {!value && recent.length > 0 && (
        <div className="flex flex-wrap gap-1.5 pt-1">
          <span className="text-xs text-ink-3 self-center">{t.log.recentCustomers}</span>
          {recent.map((entry) => (
            <button
              key={entry.id}
              type="button"
              className="h-7 touch:h-11 px-2 rounded-md border border-line text-ink-2 hover:bg-sunken max-w-full truncate"
              onClick={() => onChange({ id: entry.id, name: refName(entry) })}
            >
              {entry.name}
            </button>
          ))}
        </div>
      )}
    </FieldFrame>
  );
}

export function NextStep({
  draft,
  change,
  faults,
  field,
}: {
  draft: Draft;
  change: (part: Partial<Draft>) => void;
  faults: Record<string, string>;
  field: Field | undefined;
}) {
  const t = useT();
  const format = useFormat();
  const label = useLabel();
  const today = format.today();
  const quick: [string, Day][] = [
    [t.log.tomorrow, addDays(today, 1)],
    [t.log.inThreeDays, addDays(today, 3)],
    [t.log.nextWeek, addDays(weekStart(today), 7)],
    [t.log.inMonth, addMonths(today, 1)],
  ];
  const day = draft.nextAt && typeof draft.nextAt === 'object' ? draft.nextAt.day : null;
  return (
    <div className="flex flex-col gap-3 rounded-lg bg-sunken p-3">
      <FieldFrame id="log-next" label={t.log.next} fault={faults.next_step}>
        <input
          id="log-next"
          className="control"
          placeholder={t.log.nextHint}
          autoComplete="off"
          maxLength={200}
          value={draft.next}
          onChange={(event) => change({ next: event.target.value })}
          aria-invalid={faults.next_step !== undefined || undefined}
          aria-describedby={faults.next_step ? 'log-next-fault' : undefined}
        />
      </FieldFrame>
      {draft.next === '' && (
        <div className="flex flex-wrap gap-1.5 -mt-1">
          {t.log.suggestions.map((text) => (
            <button
              key={text}
              type="button"
              className="h-7 touch:h-11 px-2 rounded-md border border-line bg-surface text-ink-2 hover:border-line-strong"
              onClick={() => change({ next: text, nextAt: draft.nextAt ?? { day: addDays(today, 1), time: MORNING } })}
            >
              {text}
            </button>
          ))}
        </div>
      )}
      {(draft.next !== '' || draft.nextAt !== null) && (
        <FieldFrame id="log-next-at" label={field ? label(field.label) : t.log.nextAt} fault={faults.next_step_at}>
          <DateField
            id="log-next-at"
            label={field ? label(field.label) : t.log.nextAt}
            withTime
            value={draft.nextAt}
            onChange={(nextAt) => change({ nextAt })}
            invalid={faults.next_step_at !== undefined}
            describedBy={faults.next_step_at ? 'log-next-at-fault' : undefined}
          />
          <div role="group" aria-label={t.log.quickDates} className="flex flex-wrap gap-1.5 pt-1">
            {quick.map(([text, date]) => (
              <button
                key={text}
                type="button"
                aria-pressed={date === day}
                className={cx(
                  'h-7 touch:h-11 px-2 rounded-md border bg-surface',
                  date === day
                    ? 'border-brand text-brand-ink font-medium'
                    : 'border-line text-ink-2 hover:border-line-strong',
                )}
                onClick={() => change({ nextAt: { day: date, time: MORNING } })}
              >
                {text}
              </button>
            ))}
          </div>
        </FieldFrame>
      )}
    </div>
  );
}

export function Occurred({
  value,
  onChange,
  fault,
}: {
  value: Typed | string | null;
  onChange: (value: Typed | string | null) => void;
  fault?: string;
}) {
  const t = useT();
  const [open, setOpen] = useState(false);
  if (!open) {
    return (
      <p className="text-ink-3 flex items-center gap-2">
        {t.log.when}: {t.log.now}
        <button type="button" className="text-brand-ink hover:underline touch:h-11 px-1" onClick={() => setOpen(true)}>
          {t.log.changeTime}
        </button>
      </p>
    );
  }
  return (
    <FieldFrame id="log-when" label={t.log.when} fault={fault}>
      <DateField
        id="log-when"
        label={t.log.when}
        withTime
        value={value}
        onChange={onChange}
        invalid={fault !== undefined}
        autoFocus
      />
    </FieldFrame>
  );
}
