// The create form, made from the dictionary: a few fields first, the rest one click away.
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { ChevronDown, PenLine } from 'lucide-react';
import { type KeyboardEvent, useEffect, useMemo, useRef, useState } from 'react';
import { Controller, useForm } from 'react-hook-form';
import { Fault } from '../api/client';
import { fieldsOf, isEditable, useObject } from '../api/dictionary';
import { createRecord, invalidateRecord, recordQuery, refId } from '../api/records';
import type { Candidate, Field, Layout, ObjectType, Ref } from '../api/types';
import { editKind, isEmpty, wireValue } from '../fields';
import { useLabel, useT } from '../i18n';
import { faultText } from '../session/fault-text';
import { useSession } from '../session/session';
import { openLog } from '../shell/overlays';
import { router } from '../shell/router';
import { FieldFrame } from '../ui/bits';
import { Button } from '../ui/button';
import { cx } from '../ui/cx';
import { Sheet } from '../ui/dialog';
import { toast } from '../ui/toast';
import { loadDraft, saveDraft } from './draft';
import { DuplicatePanel, useDuplicates } from './duplicates';
import { layoutFor, sectionsOf } from './layout';
import { recordName } from './name';
import { type PasteHandle, PasteText } from './paste';
import { useLogTarget } from './record-body';

type Values = Record<string, unknown>;

export default function CreateSheet({
  object: name,
  defaults,
  inline,
  onCreated,
  onClose,
}: {
  object: string;
  defaults?: Values;
  /** Made on the way, for a field of another form: without a draft of its own, and nothing follows. */
  inline?: boolean;
  onCreated?: (ref: Ref) => void;
  onClose: () => void;
}) {
  const object = useObject(name);
  const inherited = useInherited(object, defaults);
  // What comes from the parent must be there before the form begins.
  if (!object || inherited === null) return null;
  return (
    <CreateForm
      object={object}
      defaults={defaults}
      suggested={inherited}
      inline={inline}
      onCreated={onCreated}
      onClose={onClose}
    />
  );
}

function startValues(object: ObjectType, me: Ref, today: string): Values {
  const values: Values = {};
  for (const field of object.fields) {
    if (!isEditable(field)) continue;
    if (field.default === undefined || field.default === null) continue;
    if (field.default === 'me') values[field.name] = me;
    else if (field.default === 'now' || field.default === 'today')
      values[field.name] = field.type === 'date' ? today.slice(0, 10) : today;
    else values[field.name] = field.default;
  }
  return values;
}

/** Where a child has the same field as its parent, it begins with the parent's value: address, payment terms. */
function useInherited(object: ObjectType | undefined, defaults: Values | undefined): Values | null {
  const via = object?.fields.find((field) => field.type === 'lookup' && refId(defaults?.[field.name]) !== null);
  const parent = useObject(via?.reference ?? '');
  const id = via ? refId(defaults?.[via.name]) : null;
  const { data, isPending } = useQuery({
    ...recordQuery(parent ?? (object as ObjectType), id ?? ''),
    enabled: parent !== undefined && id !== null,
    retry: false,
  });
  return useMemo(() => {
    if (!object || !parent || !id) return {};
    if (isPending) return null;
    const values: Values = {};
    for (const field of object.fields) {
      const above = parent.fields.find((one) => one.name === field.name && one.type === field.type);
      const own = !isEditable(field) || !isEmpty(field.default) || field.unique || field.name === object.name_field;
      // An own list of choices may mean something else by the same word.
      const alike = above && JSON.stringify(above.options ?? null) === JSON.stringify(field.options ?? null);
      if (own || !alike || !INHERITED.has(field.type) || data?._masked?.includes(field.name)) continue;
      if (!isEmpty(data?.[field.name])) values[field.name] = data?.[field.name];
    }
    return values;
  }, [object, parent, id, isPending, data]);
}

const INHERITED = new Set(['choice', 'multi_choice', 'address', 'tree']);

const usedKey = (object: ObjectType) => `huike.used.${object.name}`;

/** Choices of the short form that have no default of their own begin as they were chosen last. */
function usualFields(object: ObjectType): Field[] {
  return fieldsOf(object, object.layout.short).filter(
    (field) => field.type === 'choice' && isEditable(field) && isEmpty(field.default),
  );
}

function lastUsed(object: ObjectType): Values {
  const used = loadDraft<Values>(usedKey(object)) ?? {};
  const values: Values = {};
  for (const field of usualFields(object)) {
    const option = field.options?.find((one) => one.value === used[field.name] && !one.retired);
    if (option) values[field.name] = option.value;
  }
  return values;
}

function noteUsed(object: ObjectType, fields: Values) {
  const used = Object.fromEntries(usualFields(object).map((field) => [field.name, fields[field.name] ?? null]));
  if (Object.keys(used).length > 0) saveDraft(usedKey(object), used);
}

function formFields(object: ObjectType, layout: Layout): { short: Field[]; more: ReturnType<typeof sectionsOf> } {
  const editable = (field: Field) => isEditable(field) && editKind(field).Edit !== undefined;
  const short = fieldsOf(object, layout.short).filter(editable);
  const title = object.fields.find((field) => field.name === object.name_field);
  if (short.length === 0 && title && editable(title)) short.push(title);
  // A required field is never hidden: the form could not be saved without it.
  for (const field of object.fields) {
    if (field.required && editable(field) && !short.includes(field) && isEmpty(field.default)) short.push(field);
  }
  const more = sectionsOf(object, layout)
    .map((section) => ({
      ...section,
      fields: section.fields.filter((field) => editable(field) && !short.includes(field)),
    }))
    .filter((section) => section.fields.length > 0);
  return { short, more };
}

function CreateForm({
  object,
  defaults,
  suggested,
  inline,
  onCreated,
  onClose,
}: {
  object: ObjectType;
  defaults?: Values;
  /** From the parent; given way to whatever is typed. */
  suggested: Values;
  inline?: boolean;
  onCreated?: (ref: Ref) => void;
  onClose: () => void;
}) {
  const t = useT();
  const label = useLabel();
  const client = useQueryClient();
  const { user } = useSession();
  const draftKey = `create.${object.name}`;
  const initial = useMemo<Values>(
    () => ({
      // Every field has a value of its own: what is left out, a reset would leave as it was.
      ...Object.fromEntries(object.fields.map((field) => [field.name, null])),
      ...startValues(object, { id: user.id, name: user.name }, new Date().toISOString()),
      ...lastUsed(object),
      ...suggested,
      ...defaults,
    }),
    [object, user, suggested, defaults],
  );
  const [draft] = useState(() => (inline ? null : loadDraft<Values>(draftKey)));
  const { control, handleSubmit, watch, setError, setValue, reset, formState } = useForm<Values>({
    defaultValues: { ...initial, ...draft, ...defaults },
  });
  const values = watch();
  const layout = layoutFor(object, values);
  const { short, more } = useMemo(() => formFields(object, layout), [object, layout]);
  const [open, setOpen] = useState(false);
  const [restored, setRestored] = useState(draft !== null);
  const [refused, setRefused] = useState<Candidate[]>([]);
  const [general, setGeneral] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const form = useRef<HTMLFormElement>(null);
  const pasted = useRef<PasteHandle>(null);
  const loggable = useLogTarget(object, '', ' ') !== null;

  const touched = useMemo(() => {
    const changed: Values = {};
    for (const [key, value] of Object.entries(values)) {
      if (!isEmpty(value) && JSON.stringify(value) !== JSON.stringify(initial[key])) changed[key] = value;
    }
    return changed;
  }, [values, initial]);
  useEffect(() => {
    if (!inline && Object.keys(touched).length > 0) saveDraft(draftKey, touched);
  }, [touched, draftKey, inline]);
  // Nothing typed is lost by leaving: it is kept, and one tap throws it away.
  const saved = useRef(false);
  const leave = () => {
    onClose();
    if (saved.current || Object.keys(touched).length === 0) return;
    if (inline) return;
    toast(t.log.draftKept, { tone: 'info', action: { label: t.around.discard, run: () => saveDraft(draftKey, null) } });
  };

  const wired = useMemo(() => {
    const sent: Values = {};
    for (const field of object.fields) {
      const value = touched[field.name];
      if (value !== undefined && editKind(field).check?.(value, field, t) == null)
        sent[field.name] = wireValue(field, value);
    }
    return sent;
  }, [touched, object, t]);
  const live = useDuplicates(object, wired, !busy);
  const candidates = refused.length > 0 ? refused : live;
  const blocked = candidates.some((candidate) => candidate.verdict === 'block');

  const save = async (after: 'open' | 'log' | 'again', allow = false) => {
    setGeneral(null);
    await handleSubmit(
      async (given) => {
        setBusy(true);
        const fields: Values = {};
        for (const field of object.fields) {
          const value = given[field.name];
          if (isEditable(field) && !isEmpty(value)) fields[field.name] = wireValue(field, value);
        }
        for (const [key, value] of Object.entries(defaults ?? {})) fields[key] ??= refId(value) ?? value;
        try {
          const record = await createRecord(object.name, fields, allow ? 'allow' : undefined);
          const name = recordName(object, { ...fields, ...record }, t.common.unnamed);
          saved.current = true;
          if (!inline) saveDraft(draftKey, null);
          noteUsed(object, fields);
          invalidateRecord(client, object.name);
          await pasted.current?.saved(record.id);
          onCreated?.({ id: record.id, name });
          const openIt = () =>
            void router.navigate({ to: '/o/$object/$id', params: { object: object.name, id: record.id } });
          toast(t.form.created(name), { action: { label: t.common.open, run: openIt } });
          if (after === 'again') {
            saved.current = false;
            reset(initial);
            pasted.current?.clear();
            setBusy(false);
            setRestored(false);
            form.current?.querySelector<HTMLElement>('input, textarea, button')?.focus();
            return;
          }
          onClose();
          if (after === 'log') openLog({ object: object.name, record: { id: record.id, name } });
        } catch (cause) {
          setBusy(false);
          if (cause instanceof Fault && cause.problem?.candidates?.length) {
            setRefused(cause.problem.candidates);
            return;
          }
          const faults = cause instanceof Fault ? cause.fields : [];
          let unplaced = faults.length === 0;
          for (const fault of faults) {
            const field = object.fields.find((one) => one.name === fault.field.split('.')[0]);
            if (!field) unplaced = true;
            else {
              setError(field.name, { message: fault.message }, { shouldFocus: true });
              if (!short.includes(field)) setOpen(true);
            }
          }
          if (unplaced) setGeneral(faultText(cause, t));
        }
      },
      (errors) => {
        if (Object.keys(errors).some((key) => !short.some((field) => field.name === key))) setOpen(true);
      },
    )();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return;
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      void save('open');
    }
  };
  const startOver = () => {
    saveDraft(draftKey, null);
    reset(initial);
    setRestored(false);
    setRefused([]);
  };
  const faults = Object.keys(formState.errors).length;
  const input = (field: Field, index: number) => (
    <Controller
      key={field.name}
      control={control}
      name={field.name}
      rules={{
        validate: (value) => {
          if (field.required && isEmpty(value))
            return (field.options || field.reference || field.tree ? t.form.mustChoose : t.form.required)(
              label(field.label),
            );
          return editKind(field).check?.(value, field, t) ?? true;
        },
      }}
      render={({ field: bound, fieldState }) => {
        const Edit = editKind(field).Edit;
        const id = `${inline ? 'inline' : 'new'}-${object.name}-${field.name}`;
        const fault = fieldState.error?.message ?? null;
        const help = field.help ? label(field.help) : null;
        return (
          <FieldFrame id={id} label={label(field.label)} required={field.required} help={help} fault={fault}>
            {Edit && (
              <Edit
                field={field}
                id={id}
                label={label(field.label)}
                value={bound.value}
                onChange={(next) => {
                  bound.onChange(next);
                  setRefused([]);
                }}
                invalid={fault !== null}
                describedBy={fault ? `${id}-fault` : help ? `${id}-help` : undefined}
                autoFocus={index === 0 && !/choice|lookup|tree|user|department/.test(field.type)}
              />
            )}
            {field.name === object.name_field && (
              <DuplicatePanel object={object} candidates={candidates} onLeave={onClose} />
            )}
          </FieldFrame>
        );
      }}
    />
  );
  return (
    <Sheet
      open
      onClose={leave}
      title={t.form.create(label(object.label))}
      footer={
        <>
          {refused.length > 0 && !blocked ? (
            <Button variant="primary" disabled={busy} className="max-md:flex-1" onClick={() => void save('open', true)}>
              {t.form.saveAnyway}
            </Button>
          ) : (
            <Button
              variant="primary"
              disabled={busy || blocked}
              kbd="Ctrl ↵"
              className="max-md:flex-1"
              onClick={() => void save('open')}
            >
              {t.common.save}
            </Button>
          )}
          {inline ? null : loggable ? (
            <Button icon={PenLine} disabled={busy || blocked} onClick={() => void save('log')}>
              {t.form.saveAnd}
            </Button>
          ) : (
            <Button disabled={busy || blocked} onClick={() => void save('again')}>
              {t.form.saveNew}
            </Button>
          )}
        </>
      }
    >
      <form
        ref={form}
        noValidate
        className="p-4 flex flex-col gap-4"
        onKeyDown={onKeyDown}
        onSubmit={(event) => {
          event.preventDefault();
          void save('open');
        }}
      >
        {restored && (
          <p className="flex items-center gap-2 rounded-md bg-brand-soft text-brand-ink px-3 py-1.5">
            <span className="flex-1">{t.form.draftRestored}</span>
            <button type="button" className="font-medium hover:underline touch:h-11" onClick={startOver}>
              {t.form.discardDraft}
            </button>
          </p>
        )}
        {faults > 1 && (
          <p role="alert" className="rounded-md bg-danger-soft text-danger px-3 py-2">
            {t.fault.fixFields(faults)}
          </p>
        )}
        {general && (
          <p role="alert" className="rounded-md bg-danger-soft text-danger px-3 py-2">
            {general}
          </p>
        )}
        <PasteText
          ref={pasted}
          object={object}
          values={values}
          onFill={(fields) => {
            for (const [field, value] of Object.entries(fields)) setValue(field, value, { shouldDirty: true });
            if (Object.keys(fields).some((name) => !short.some((field) => field.name === name))) setOpen(true);
          }}
        />
        {short.map(input)}
        {more.length > 0 && (
          <Button variant="ghost" className="self-start -ml-2" aria-expanded={open} onClick={() => setOpen(!open)}>
            <ChevronDown size={15} aria-hidden className={cx('transition-transform', !open && '-rotate-90')} />
            {open ? t.form.fewerFields : t.form.allFields}
          </Button>
        )}
        {open &&
          more.map((section, index) => (
            <fieldset key={index} className="flex flex-col gap-4 border-t border-line pt-3">
              {section.label && (
                <legend className="float-left text-xs font-semibold text-ink-3 pb-3">{label(section.label)}</legend>
              )}
              {section.fields.map((field) => input(field, -1))}
            </fieldset>
          ))}
        {/* Enter in a field saves; the visible button stands in the footer, outside the form. */}
        <button type="submit" className="sr-only" tabIndex={-1} aria-hidden>
          {t.common.save}
        </button>
      </form>
    </Sheet>
  );
}
