// 写跟进: two taps and a sentence, and the next step is set.
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { type KeyboardEvent, useEffect, useMemo, useRef, useState } from 'react';
import { Fault } from '../api/client';
import { fieldOf, useObject } from '../api/dictionary';
import { createRecord, invalidateRecord, recordQuery, refId, refName } from '../api/records';
import type { Field, ObjectType, Option, Ref } from '../api/types';
import { LookupPicker } from '../fields/lookup';
import { addDays, addMonths, type Day, weekStart } from '../format/time';
import type { Typed } from '../format/typed-date';
import { useFormat } from '../format/use-format';
import { useLabel, useT } from '../i18n';
import { faultText } from '../session/fault-text';
import { logContext } from '../shell/log-context';
import { CUSTOMER_OBJECT, LOG_OBJECT } from '../shell/nav';
import type { LogTarget } from '../shell/overlays';
import { recents } from '../shell/recent';
import { FieldFrame } from '../ui/bits';
import { Button } from '../ui/button';
import { cx } from '../ui/cx';
import { DateField } from '../ui/date-field';
import { Sheet } from '../ui/dialog';
import { toast } from '../ui/toast';
import { loadDraft, saveDraft } from './draft';

/** Kinds that machines record; a person doesn't choose them. */
const RECORDED = new Set(['form', 'purchase', 'web_visit', 'survey_answer']);
const MORNING = '09:00';

type Draft = { kind: string; content: string; next: string; nextAt: Typed | string | null; outcome: string | null };

export default function QuickLog({
  target,
  defaults,
  onClose,
}: {
  target: LogTarget;
  defaults?: Record<string, unknown>;
  onClose: () => void;
}) {
  const object = useObject(LOG_OBJECT);
  const customers = useObject(CUSTOMER_OBJECT);
  if (!object || !customers) return null;
  return (
    <LogForm
      object={object}
      customers={customers}
      given={target ?? logContext()}
      defaults={defaults}
      onClose={onClose}
    />
  );
}

/** The fields that link the follow-up to what it is about: the record itself and, through it, its customer. */
function useLinks(object: ObjectType, given: LogTarget): Record<string, string> {
  const about = useObject(given?.object ?? '');
  const { data } = useQuery({
    ...recordQuery(about ?? object, given?.record.id ?? ''),
    enabled: about !== undefined && given !== null && about.name !== CUSTOMER_OBJECT,
  });
  return useMemo(() => {
    const links: Record<string, string> = {};
    if (!given) return links;
    const own = object.fields.find((field) => field.reference === given.object);
    if (own) links[own.name] = given.record.id;
    const through = about?.fields.find((field) => field.reference === CUSTOMER_OBJECT);
    const customer = through ? refId(data?.[through.name]) : null;
    const customerField = object.fields.find((field) => field.reference === CUSTOMER_OBJECT);
    if (customer && customerField) links[customerField.name] ??= customer;
    return links;
  }, [object, given, about, data]);
}

function LogForm({
  object,
  customers,
  given,
  defaults,
  onClose,
}: {
  object: ObjectType;
  customers: ObjectType;
  given: LogTarget;
  defaults?: Record<string, unknown>;
  onClose: () => void;
}) {
  const t = useT();
  const label = useLabel();
  const format = useFormat();
  const client = useQueryClient();
  const links = useLinks(object, given);
  const kindField = fieldOf(object, 'kind');
  const outcomeField = fieldOf(object, 'outcome');
  const customerField = object.fields.find((field) => field.reference === CUSTOMER_OBJECT);
  const [customer, setCustomer] = useState<Ref | null>(given?.object === CUSTOMER_OBJECT ? given.record : null);
  const draftKey = `log.${given?.record.id ?? 'any'}`;
  const [draft, setDraft] = useState<Draft>(
    () =>
      loadDraft<Draft>(draftKey) ?? {
        kind: String(defaults?.kind ?? kindField?.default ?? 'call'),
        content: '',
        next: '',
        nextAt: null,
        outcome: null,
      },
  );
  const [occurred, setOccurred] = useState<Typed | string | null>(null);
  const [faults, setFaults] = useState<Record<string, string>>({});
  const [general, setGeneral] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const content = useRef<HTMLTextAreaElement>(null);
  const needsCustomer = given === null;

  useEffect(() => {
    if (draft.content || draft.next) saveDraft(draftKey, draft);
  }, [draft, draftKey]);

  const change = (part: Partial<Draft>) => {
    setDraft((before) => ({ ...before, ...part }));
    setFaults({});
    setGeneral(null);
  };
  const check = (): Record<string, string> => {
    const found: Record<string, string> = {};
    if (needsCustomer && !customer) found.customer = t.log.chooseCustomer;
    if (draft.content.trim() === '') found.content = t.form.required(t.log.content);
    if (draft.next.trim() && !draft.nextAt) found.next_step_at = t.log.needNextDate;
    if (typeof draft.nextAt === 'string') found.next_step_at = t.form.date;
    if (draft.nextAt && !draft.next.trim()) found.next_step = t.log.needNextText;
    if (typeof occurred === 'string') found.occurred_at = t.form.date;
    return found;
  };
  const save = async () => {
    const found = check();
    setFaults(found);
    if (Object.keys(found).length > 0) {
      if (found.content) content.current?.focus();
      return;
    }
    setBusy(true);
    const instant = (value: Typed | string | null) =>
      value && typeof value === 'object' ? format.instant(value.day, value.time ?? MORNING) : null;
    const nextAt = instant(draft.nextAt);
    const fields = {
      ...links,
      ...(needsCustomer && customer && customerField ? { [customerField.name]: customer.id } : {}),
      kind: draft.kind,
      content: draft.content.trim(),
      occurred_at: instant(occurred) ?? new Date().toISOString(),
      ...(draft.next.trim() ? { next_step: draft.next.trim(), next_step_at: nextAt } : {}),
      ...(draft.outcome ? { outcome: draft.outcome } : {}),
    };
    try {
      await createRecord(object.name, fields);
      saveDraft(draftKey, null);
      invalidateRecord(client, object.name);
      invalidateRecord(client, 'task');
      void client.invalidateQueries({ queryKey: ['record'] });
      void client.invalidateQueries({ queryKey: ['list', CUSTOMER_OBJECT] });
      toast(nextAt ? t.log.savedNext(format.moment(nextAt)) : t.log.saved);
      onClose();
    } catch (cause) {
      setBusy(false);
      const placed: Record<string, string> = {};
      if (cause instanceof Fault) for (const fault of cause.fields) placed[fault.field] = fault.message;
      setFaults(placed);
      const shown = ['customer', 'content', 'next_step', 'next_step_at', 'occurred_at'];
      if (!Object.keys(placed).some((key) => shown.includes(key))) setGeneral(faultText(cause, t));
    }
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return;
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      void save();
    }
  };
  const kinds = (kindField?.options ?? []).filter((option) => !option.retired && !RECORDED.has(option.value));
  return (
    <Sheet
      open
      onClose={onClose}
      title={given?.record.name ? `${t.log.title} · ${given.record.name}` : t.log.title}
      footer={
        <>
          <Button variant="primary" disabled={busy} kbd="Ctrl ↵" className="max-md:flex-1" onClick={() => void save()}>
            {t.log.save}
          </Button>
          <Button onClick={onClose}>{t.common.cancel}</Button>
        </>
      }
    >
      {/* biome-ignore lint/a11y/noStaticElementInteractions: Ctrl+Enter saves from every field inside */}
      <div className="p-4 flex flex-col gap-4" onKeyDown={onKeyDown}>
        {general && (
          <p role="alert" className="rounded-md bg-danger-soft text-danger px-3 py-2">
            {general}
          </p>
        )}
        {needsCustomer && (
          <ChooseCustomer
            customers={customers}
            value={customer}
            onChange={(next) => {
              setCustomer(next);
              setFaults({});
              content.current?.focus();
            }}
            fault={faults.customer}
          />
        )}
        <Choices label={t.log.kind} options={kinds} value={draft.kind} onChange={(kind) => change({ kind })} />
        <FieldFrame id="log-content" label={t.log.content} required fault={faults.content}>
          <textarea
            ref={content}
            id="log-content"
            rows={4}
            className="control control-area min-h-24 field-sizing-content max-h-[40vh]"
            placeholder={t.log.contentHint}
            value={draft.content}
            onChange={(event) => change({ content: event.target.value })}
            aria-invalid={faults.content !== undefined || undefined}
            aria-describedby={faults.content ? 'log-content-fault' : undefined}
            autoFocus={!needsCustomer}
          />
        </FieldFrame>
        <NextStep draft={draft} change={change} faults={faults} field={fieldOf(object, 'next_step_at')} />
        {outcomeField?.options && (
          <Choices
            label={label(outcomeField.label)}
            options={outcomeField.options.filter((option) => !option.retired)}
            value={draft.outcome}
            onChange={(outcome) => change({ outcome: outcome === draft.outcome ? null : outcome })}
          />
        )}
        <Occurred value={occurred} onChange={setOccurred} fault={faults.occurred_at} />
      </div>
    </Sheet>
  );
}

function Choices({
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

function ChooseCustomer({
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

function NextStep({
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

function Occurred({
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
