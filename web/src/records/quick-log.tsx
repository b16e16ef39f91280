// 写跟进: two taps and a sentence, and the next step is set. Written down even while the server is out of reach.
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { ChevronDown } from 'lucide-react';
import { type KeyboardEvent, lazy, type ReactNode, Suspense, useEffect, useMemo, useRef, useState } from 'react';
import { Fault } from '../api/client';
import { fieldOf, isEditable, useObject } from '../api/dictionary';
import { createRecord, invalidateRecord, recordQuery, refId } from '../api/records';
import type { Location, ObjectType, Ref } from '../api/types';
import type { Typed } from '../format/typed-date';
import { useFormat } from '../format/use-format';
import { useLabel, useT } from '../i18n';
import { isUnreachable, putOff, sendFiles, type Waiting, type WaitingFile } from '../offline/outbox';
import { useOutboxText } from '../offline/outbox-text';
import { faultText } from '../session/fault-text';
import { useSession } from '../session/session';
import { logContext } from '../shell/log-context';
import { CUSTOMER_OBJECT, LOG_OBJECT } from '../shell/nav';
import type { LogTarget } from '../shell/overlays';
import { FieldFrame } from '../ui/bits';
import { Button } from '../ui/button';
import { cx } from '../ui/cx';
import { Sheet } from '../ui/dialog';
import { toast } from '../ui/toast';
import { loadDraft, saveDraft } from './draft';
import { Choices, ChooseCustomer, type Draft, MORNING, NextStep, Occurred } from './quick-log-parts';
import { UnderstoodChips, useUnderstood } from './understood';

// Without a network this piece may be out of reach; the words are what matters.
const LogExtras = lazy(() => import('./log-extras').catch(() => ({ default: (): ReactNode => null })));
const Warnings = lazy(() => import('../presence/warnings').catch(() => ({ default: (): null => null })));

/** Kinds that machines record; a person doesn't choose them. */
const RECORDED = new Set(['form', 'purchase', 'web_visit', 'survey_answer']);

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

/** What is sent, apart from where it is sent from. */
function useEntry(
  object: ObjectType,
  given: LogTarget,
  customer: Ref | null,
  draft: Draft,
  dropped: ReadonlySet<string>,
) {
  const links = useLinks(object, given);
  const format = useFormat();
  const customerField = object.fields.find((field) => field.reference === CUSTOMER_OBJECT);
  const customerId =
    given === null ? (customer?.id ?? null) : customerField ? (links[customerField.name] ?? null) : null;
  const understood = useUnderstood(draft.content, customerId ? { object: CUSTOMER_OBJECT, id: customerId } : null);
  const step = draft.own ? null : (understood?.next_step ?? null);
  // Two people named in one sentence: whom it was with is not guessed.
  const people = (understood?.people ?? []).filter((one) => !dropped.has(one.id));
  const person = people.length === 1 && people[0] ? people[0] : null;
  const personField = person ? object.fields.find((field) => field.reference === person.object) : undefined;
  const proposed: Typed | null = step ? format.wallClock(step.at) : null;
  return {
    step,
    person: personField && !links[personField.name] ? person : null,
    next: step ? step.text : draft.next.trim(),
    nextAt: proposed ?? draft.nextAt,
    links: {
      ...links,
      ...(given === null && customer && customerField ? { [customerField.name]: customer.id } : {}),
      ...(person && personField && !links[personField.name] ? { [personField.name]: person.id } : {}),
    },
  };
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
  const outboxWords = useOutboxText();
  const label = useLabel();
  const format = useFormat();
  const client = useQueryClient();
  const { user } = useSession();
  const kindField = fieldOf(object, 'kind');
  const outcomeField = fieldOf(object, 'outcome');
  const placeField = fieldOf(object, 'location');
  const usable = (type: 'image' | 'file') => object.fields.find((field) => field.type === type && isEditable(field));
  const [customer, setCustomer] = useState<Ref | null>(given?.object === CUSTOMER_OBJECT ? given.record : null);
  const draftKey = `log.${given?.record.id ?? 'any'}`;
  const [draft, setDraft] = useState<Draft>(() => ({
    kind: String(defaults?.kind ?? kindField?.default ?? ''),
    content: '',
    own: false,
    next: '',
    nextAt: null,
    outcome: null,
    ...loadDraft<Partial<Draft>>(draftKey),
  }));
  const [dropped, setDropped] = useState<ReadonlySet<string>>(new Set());
  const [occurred, setOccurred] = useState<Typed | string | null>(null);
  const [place, setPlace] = useState<Location | null>(null);
  const [files, setFiles] = useState<WaitingFile[]>([]);
  const [caret, setCaret] = useState(0);
  const [more, setMore] = useState(draft.outcome !== null);
  const [faults, setFaults] = useState<Record<string, string>>({});
  const [general, setGeneral] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  // One key for one entry, however often it has to be sent.
  const [key] = useState(() => crypto.randomUUID());
  const content = useRef<HTMLTextAreaElement>(null);
  const needsCustomer = given === null;
  const entry = useEntry(object, given, customer, draft, dropped);

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
    if (entry.next && !entry.nextAt) found.next_step_at = t.log.needNextDate;
    if (typeof entry.nextAt === 'string') found.next_step_at = t.form.date;
    if (entry.nextAt && !entry.next) found.next_step = t.log.needNextText;
    if (typeof occurred === 'string') found.occurred_at = t.form.date;
    return found;
  };
  const instant = (value: Typed | string | null) =>
    value && typeof value === 'object' ? format.instant(value.day, value.time ?? MORNING) : null;

  const finish = (text: string) => {
    saveDraft(draftKey, null);
    toast(text);
    onClose();
  };
  const save = async () => {
    const found = check();
    setFaults(found);
    if (Object.keys(found).length > 0) {
      if (found.content) content.current?.focus();
      return;
    }
    setBusy(true);
    const nextAt = instant(entry.nextAt);
    const text = draft.content.trim();
    const fields: Record<string, unknown> = {
      ...entry.links,
      ...(draft.kind ? { kind: draft.kind } : {}),
      content: text,
      occurred_at: instant(occurred) ?? new Date().toISOString(),
      ...(entry.next ? { next_step: entry.next, next_step_at: nextAt } : {}),
      ...(draft.outcome ? { outcome: draft.outcome } : {}),
      ...(place && placeField ? { [placeField.name]: place } : {}),
    };
    let sent = false;
    try {
      // What was sent already isn't sent again when the entry itself has to wait.
      if (files.length > 0) Object.assign(fields, await sendFiles(files));
      sent = true;
      await createRecord(object.name, fields, undefined, key);
      invalidateRecord(client, object.name);
      invalidateRecord(client, 'task');
      void client.invalidateQueries({ queryKey: ['record'] });
      void client.invalidateQueries({ queryKey: ['list', CUSTOMER_OBJECT] });
      finish(nextAt ? t.log.savedNext(format.moment(nextAt)) : t.log.saved);
    } catch (cause) {
      if (isUnreachable(cause)) {
        const about = given
          ? { object: given.object, ...given.record }
          : customer && { object: CUSTOMER_OBJECT, ...customer };
        const later: Waiting = {
          id: key,
          user: user.id,
          object: object.name,
          fields,
          about: about ?? null,
          text,
          written_at: new Date().toISOString(),
          refusal: null,
          files: sent ? [] : files,
        };
        await putOff(later);
        finish(outboxWords.kept);
        return;
      }
      setBusy(false);
      const placed: Record<string, string> = {};
      if (cause instanceof Fault) for (const fault of cause.fields) placed[fault.field] = fault.message;
      setFaults(placed);
      // What was understood from the sentence is shown to be corrected.
      if (placed.next_step || placed.next_step_at) change({ own: true, next: entry.next, nextAt: entry.nextAt });
      setFaults(placed);
      const shown = ['customer', 'content', 'next_step', 'next_step_at', 'occurred_at'];
      if (!Object.keys(placed).some((name) => shown.includes(name))) setGeneral(faultText(cause, t));
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
  const about = typeof defaults?.about === 'string' ? defaults.about : null;
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
        {(given || customer) && (
          <Suspense fallback={null}>
            <Warnings
              key={given?.record.id ?? customer?.id}
              object={given?.object ?? CUSTOMER_OBJECT}
              id={given?.record.id ?? customer?.id ?? ''}
              writing
            />
          </Suspense>
        )}
        <Choices label={t.log.kind} options={kinds} value={draft.kind} onChange={(kind) => change({ kind })} />
        <FieldFrame id="log-content" label={t.log.content} required fault={faults.content}>
          <textarea
            ref={content}
            id="log-content"
            rows={3}
            className="control control-area min-h-20 field-sizing-content max-h-[40vh]"
            placeholder={about ? t.understood.about(about) : t.understood.example}
            value={draft.content}
            onChange={(event) => {
              change({ content: event.target.value });
              setCaret(event.target.selectionStart);
            }}
            onSelect={(event) => setCaret(event.currentTarget.selectionStart)}
            aria-invalid={faults.content !== undefined || undefined}
            aria-describedby={faults.content ? 'log-content-fault' : undefined}
            autoFocus={!needsCustomer}
          />
        </FieldFrame>
        <Suspense fallback={<div className="h-7 touch:h-11" />}>
          <LogExtras
            content={draft.content}
            caret={caret}
            onContent={(text, at) => {
              change({ content: text });
              setCaret(at);
              requestAnimationFrame(() => {
                content.current?.focus();
                content.current?.setSelectionRange(at, at);
              });
            }}
            files={files}
            onFiles={setFiles}
            pictures={usable('image')}
            recordings={usable('file')}
            place={place}
            onPlace={placeField ? setPlace : undefined}
          />
        </Suspense>
        <UnderstoodChips
          step={entry.step}
          person={entry.person}
          onEditStep={() => change({ own: true, next: entry.next, nextAt: entry.nextAt })}
          onDropStep={() => change({ own: true, next: '', nextAt: null })}
          onDropPerson={() => entry.person && setDropped(new Set([...dropped, entry.person.id]))}
        />
        {!entry.step && (
          <NextStep
            draft={draft}
            change={(part) => change({ own: true, ...part })}
            faults={faults}
            field={fieldOf(object, 'next_step_at')}
          />
        )}
        <Button variant="ghost" className="self-start -ml-2" aria-expanded={more} onClick={() => setMore(!more)}>
          <ChevronDown size={15} aria-hidden className={cx('transition-transform', !more && '-rotate-90')} />
          {t.understood.detail}
        </Button>
        {more && outcomeField?.options && (
          <Choices
            label={label(outcomeField.label)}
            options={outcomeField.options.filter((option) => !option.retired)}
            value={draft.outcome}
            onChange={(outcome) => change({ outcome: outcome === draft.outcome ? null : outcome })}
          />
        )}
        {more && <Occurred value={occurred} onChange={setOccurred} fault={faults.occurred_at} />}
      </div>
    </Sheet>
  );
}
