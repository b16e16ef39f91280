// A rule read and written as a sentence: when, for whom, who hears of it at which step, how; tried on the past before it counts.
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { FlaskConical, Plus, Trash2, TriangleAlert } from 'lucide-react';
import { type ReactNode, useId, useRef, useState } from 'react';
import { api, Fault } from '../api/client';
import { fieldsOf, useLexicon, valueType } from '../api/dictionary';
import type { Filter, ObjectType } from '../api/types';
import { useFormat } from '../format/use-format';
import { useLabel, useT } from '../i18n';
import FilterBar from '../records/filter-bar';
import { faultText } from '../session/fault-text';
import { FieldFrame } from '../ui/bits';
import { Button, IconButton } from '../ui/button';
import { Confirm, Sheet } from '../ui/dialog';
import { Picker } from '../ui/picker';
import { Select } from '../ui/select';
import { toast } from '../ui/toast';
import {
  type Definition,
  LEVELS,
  objectOf,
  offsetOf,
  type Rule,
  rulesQuery,
  type Step,
  saidOf,
  type Trial,
  type Trigger,
  UNITS,
} from './rules';
import { useRulesText } from './rules-text';

const EMPTY: Definition = {
  name: { zh: '', en: '' },
  trigger: { kind: 'silence', working_days: 3 },
  filter: null,
  steps: [{ to: 'owner' }],
  urgent: false,
  in_quiet_hours: false,
  digest: false,
};
const MOST_STEPS = 10;

/** What the server takes: a name in both languages, no filter where there is none. */
function sent(draft: Definition): Definition {
  const { zh, en } = draft.name;
  const { filter, ...rest } = draft;
  return { ...rest, name: { zh: zh.trim() || en.trim(), en: en.trim() || zh.trim() }, ...(filter ? { filter } : {}) };
}

export default function RuleEditor({ rule, onClose }: { rule: Rule | null; onClose: () => void }) {
  const t = useT();
  const r = useRulesText();
  const label = useLabel();
  const format = useFormat();
  const client = useQueryClient();
  const { find } = useLexicon();
  const id = useId();
  const [draft, setDraft] = useState<Definition>(() => {
    if (!rule) return EMPTY;
    const { id: _id, active: _active, position: _position, version: _version, faults: _faults, ...definition } = rule;
    return definition;
  });
  const [asking, setAsking] = useState<string | null>(null);
  const change = (part: Partial<Definition>) => setDraft({ ...draft, ...part });
  const object = find(objectOf(draft.trigger));
  const result = useRef<HTMLDivElement>(null);
  const trial = useMutation({
    mutationFn: () => api.post<Trial>('/reminder-rules/dry-run', sent(draft)),
    // It stands below the fold.
    onSuccess: () => requestAnimationFrame(() => result.current?.scrollIntoView({ block: 'end' })),
  });
  const save = useMutation({
    mutationFn: (confirmed: boolean) => {
      // Taking a filter away must be said; an absent member stays as it was.
      const body = { ...sent(draft), filter: draft.filter ?? null, ...(confirmed ? { confirmed } : {}) };
      return rule ? api.patch<Rule>(`/reminder-rules/${rule.id}`, body) : api.post<Rule>('/reminder-rules', body);
    },
    onSuccess: (saved) => {
      void client.invalidateQueries({ queryKey: rulesQuery.queryKey });
      toast(r.saved(label(saved.name)));
      onClose();
    },
    onError: (cause) => {
      if (cause instanceof Fault && cause.code === 'conflict') setAsking(cause.message);
    },
  });
  const refused = save.error instanceof Fault && save.error.code === 'conflict' ? null : save.error;
  const fault = refused ?? trial.error;
  const faults = fault instanceof Fault ? fault.fields : [];
  const named = draft.name.zh.trim() !== '' || draft.name.en.trim() !== '';
  const complete =
    named && (draft.trigger.kind !== 'date' || (draft.trigger.object !== '' && draft.trigger.field !== ''));
  const setStep = (place: number, step: Step) =>
    change({ steps: draft.steps.map((one, index) => (index === place ? step : one)) });
  const found = trial.data;
  return (
    <Sheet
      open
      onClose={onClose}
      title={rule ? r.editTitle : r.newTitle}
      footer={
        <>
          <Button
            icon={FlaskConical}
            className="max-md:flex-1"
            disabled={!complete || trial.isPending}
            onClick={() => trial.mutate()}
          >
            {r.dryRun}
          </Button>
          <Button
            variant="primary"
            className="max-md:flex-1"
            disabled={!complete || save.isPending}
            onClick={() => save.mutate(false)}
          >
            {t.common.save}
          </Button>
        </>
      }
    >
      <div className="p-4 flex flex-col gap-6">
        {fault && (
          <div role="alert" className="rounded-md bg-danger-soft text-danger px-3 py-2">
            {faults.length > 0 ? (
              <ul>
                {faults.map((one) => (
                  <li key={`${one.field} ${one.message}`}>{one.message}</li>
                ))}
              </ul>
            ) : (
              faultText(fault, t)
            )}
          </div>
        )}
        <div className="grid md:grid-cols-2 gap-3">
          <FieldFrame id={`${id}-zh`} label={r.nameZh}>
            <input
              id={`${id}-zh`}
              className="control"
              maxLength={60}
              value={draft.name.zh}
              onChange={(event) => change({ name: { ...draft.name, zh: event.target.value } })}
            />
          </FieldFrame>
          <FieldFrame id={`${id}-en`} label={r.nameEn} help={r.nameEnHint}>
            <input
              id={`${id}-en`}
              className="control"
              maxLength={60}
              value={draft.name.en}
              aria-describedby={`${id}-en-help`}
              onChange={(event) => change({ name: { ...draft.name, en: event.target.value } })}
            />
          </FieldFrame>
        </div>
        <Part title={r.when}>
          <Select
            label={r.when}
            value={draft.trigger.kind}
            onChange={(kind) => change({ trigger: fresh(kind), filter: null })}
            options={(['task', 'silence', 'date'] as const).map((value) => ({ value, label: r.triggers[value] }))}
          />
          <TriggerForm
            trigger={draft.trigger}
            onChange={(trigger, filter) => change(filter ? { trigger, filter: null } : { trigger })}
          />
        </Part>
        {object && (
          <Part title={r.only}>
            {!draft.filter && <p className="text-xs text-ink-3">{r.onlyAll}</p>}
            <FilterBar
              key={object.name}
              object={object}
              filter={draft.filter ?? null}
              onChange={(filter: Filter | null) => change({ filter })}
            />
          </Part>
        )}
        <Part title={r.steps} hint={r.stepsHint}>
          <ol className="flex flex-col gap-2">
            {draft.steps.map((step, place) => (
              <StepRow
                key={place}
                place={place}
                step={step}
                onChange={(next) => setStep(place, next)}
                onRemove={() => change({ steps: draft.steps.filter((_, index) => index !== place) })}
              />
            ))}
          </ol>
          {draft.steps.length < MOST_STEPS && (
            <Button
              size="sm"
              icon={Plus}
              className="self-start"
              onClick={() =>
                change({ steps: [...draft.steps, { to: 'manager', after: { working_days: draft.steps.length || 1 } }] })
              }
            >
              {r.addStep}
            </Button>
          )}
        </Part>
        <Part title={r.how}>
          <div role="radiogroup" aria-label={r.how} className="flex flex-col">
            {([false, true] as const).map((digest) => (
              <label key={String(digest)} className="flex items-center gap-2 min-h-8 touch:min-h-11">
                <input
                  type="radio"
                  name={`${id}-digest`}
                  className="check"
                  checked={draft.digest === digest}
                  onChange={() => change({ digest, ...(digest ? { urgent: false, in_quiet_hours: false } : {}) })}
                />
                {digest ? r.channels.digest : r.channels.now}
              </label>
            ))}
          </div>
          <Check
            text={r.urgent}
            checked={draft.urgent}
            disabled={draft.digest}
            onChange={(urgent) => change({ urgent })}
          />
          <Check
            text={r.inQuiet}
            checked={draft.in_quiet_hours}
            disabled={draft.digest}
            onChange={(in_quiet_hours) => change({ in_quiet_hours })}
          />
        </Part>
        <div ref={result} role="status" className="flex flex-col gap-2">
          {found ? (
            <div className="rounded-md bg-sunken px-3 py-2 flex flex-col gap-1">
              <p className="font-semibold">{found.text}</p>
              <p className="text-xs text-ink-2">
                {r.records(format.number(found.records))}
                {found.sampled < found.records && ` · ${r.sampled(format.number(found.sampled))}`}
              </p>
              {found.examples.length > 0 && object && (
                <p className="text-xs text-ink-2 flex flex-wrap gap-x-2">
                  <span>{r.examples}</span>
                  {found.examples.map((one) => (
                    <Link
                      key={`${one.record.id} ${one.due_at}`}
                      to="/o/$object/$id"
                      params={{ object: object.name, id: one.record.id }}
                      className="text-brand-ink hover:underline min-h-6 inline-flex items-center"
                    >
                      {one.record.name ?? t.common.unnamed}
                    </Link>
                  ))}
                </p>
              )}
              {found.heavy && (
                <p className="text-warn flex gap-1.5">
                  <TriangleAlert size={16} aria-hidden className="shrink-0 mt-0.5" />
                  {r.heavy}
                </p>
              )}
            </div>
          ) : (
            <p className="text-xs text-ink-3">{r.dryRunHint}</p>
          )}
        </div>
      </div>
      <Confirm
        open={asking !== null}
        onClose={() => setAsking(null)}
        title={r.heavyTitle}
        text={asking ?? ''}
        action={r.heavyDo}
        onConfirm={() => save.mutateAsync(true)}
      />
    </Sheet>
  );
}

function fresh(kind: Trigger['kind']): Trigger {
  if (kind === 'task') return { kind };
  if (kind === 'silence') return { kind, working_days: 3 };
  return { kind, object: '', field: '', shift_days: 0 };
}

function Part({ title, hint, children }: { title: string; hint?: string; children: ReactNode }) {
  return (
    <section className="flex flex-col gap-2" aria-label={title}>
      <h2 className="font-semibold">
        {title}
        {hint && <span className="block text-xs font-normal text-ink-3">{hint}</span>}
      </h2>
      {children}
    </section>
  );
}

function Check({
  text,
  checked,
  disabled,
  onChange,
}: {
  text: string;
  checked: boolean;
  disabled?: boolean;
  onChange: (checked: boolean) => void;
}) {
  return (
    <label className="flex items-center gap-2 min-h-8 touch:min-h-11">
      <input
        type="checkbox"
        className="check"
        checked={checked}
        disabled={disabled}
        onChange={(event) => onChange(event.target.checked)}
      />
      {text}
    </label>
  );
}

function NumberBox({
  label,
  value,
  onChange,
  min = 1,
}: {
  label: string;
  value: number;
  onChange: (value: number) => void;
  min?: number;
}) {
  return (
    <input
      type="number"
      min={min}
      aria-label={label}
      className="control w-20! text-right"
      value={value}
      onChange={(event) => onChange(Math.max(min, Math.round(Number(event.target.value) || 0)))}
    />
  );
}

function TriggerForm({
  trigger,
  onChange,
}: {
  trigger: Trigger;
  /** `anew`: of another object, so that a filter no longer fits. */
  onChange: (trigger: Trigger, anew?: boolean) => void;
}) {
  const r = useRulesText();
  const label = useLabel();
  const { objects, find } = useLexicon();
  if (trigger.kind === 'task') return <p className="text-xs text-ink-3">{r.taskHint}</p>;
  if (trigger.kind === 'silence') {
    return (
      <p className="flex flex-wrap items-center gap-2">
        {r.silenceBefore}
        <NumberBox
          label={r.silenceAfter}
          value={trigger.working_days}
          onChange={(working_days) => onChange({ ...trigger, working_days: Math.min(400, working_days) })}
        />
        {r.silenceAfter}
      </p>
    );
  }
  const dated = objects.filter((object) => object.layer !== 'system' && dateFields(object).length > 0);
  const object = find(trigger.object);
  const fields = object ? dateFields(object) : [];
  const field = fields.find((one) => one.name === trigger.field);
  const shift = trigger.shift_days ?? 0;
  const side = shift < 0 ? 'before' : shift > 0 ? 'after' : 'on';
  return (
    <>
      <div className="grid md:grid-cols-2 gap-3">
        <FieldFrame id="rule-object" label={r.dateOf}>
          <Picker
            id="rule-object"
            label={r.dateOf}
            searchable
            items={dated.map((one) => ({ value: one.name, label: label(one.label) }))}
            value={object ? { value: object.name, label: label(object.label) } : null}
            onChange={(item) => item && onChange({ ...trigger, object: item.value, field: '' }, true)}
          />
        </FieldFrame>
        <FieldFrame id="rule-field" label={r.dateField}>
          <Picker
            id="rule-field"
            label={r.dateField}
            items={fields.map((one) => ({ value: one.name, label: label(one.label) }))}
            value={field ? { value: field.name, label: label(field.label) } : null}
            onChange={(item) => item && onChange({ ...trigger, field: item.value })}
          />
        </FieldFrame>
      </div>
      <div className="flex flex-wrap items-center gap-2">
        {r.dueShift}
        <Select
          label={r.dueShift}
          className="w-32!"
          value={side}
          onChange={(next) => {
            const days = Math.abs(shift) || 1;
            onChange({ ...trigger, shift_days: next === 'on' ? 0 : next === 'before' ? -days : days });
          }}
          options={(['on', 'before', 'after'] as const).map((value) => ({ value, label: r.shift[value] }))}
        />
        {side !== 'on' && (
          <>
            <NumberBox
              label={r.shiftDays}
              value={Math.abs(shift)}
              onChange={(days) => onChange({ ...trigger, shift_days: side === 'before' ? -days : days })}
            />
            {r.shiftDays}
          </>
        )}
      </div>
      <Check
        text={r.yearly}
        checked={trigger.yearly ?? false}
        onChange={(yearly) => onChange({ ...trigger, yearly })}
      />
      <Check
        text={r.lapses}
        checked={trigger.lapses ?? false}
        onChange={(lapses) => onChange({ ...trigger, lapses })}
      />
    </>
  );
}

function dateFields(object: ObjectType) {
  return fieldsOf(
    object,
    object.fields.map((field) => field.name),
  ).filter((field) => {
    const type = valueType(field);
    return (type === 'date' || type === 'datetime') && !field.retired;
  });
}

function StepRow({
  place,
  step,
  onChange,
  onRemove,
}: {
  place: number;
  step: Step;
  onChange: (step: Step) => void;
  onRemove: () => void;
}) {
  const r = useRulesText();
  const said = saidOf(step.after);
  const say = (part: Partial<typeof said>) => onChange({ ...step, after: offsetOf({ ...said, ...part }) });
  const name = r.step(place + 1);
  return (
    <li className="flex flex-wrap items-center gap-1.5 rounded-md bg-sunken p-2">
      <span className="text-xs text-ink-3 w-full md:w-auto">{name}</span>
      <Select
        label={`${name}: ${r.side.at}`}
        className="w-32!"
        value={said.side}
        onChange={(side) => say({ side, count: side === 'at' ? 0 : said.count || 1 })}
        options={(['before', 'at', 'after'] as const).map((value) => ({ value, label: r.side[value] }))}
      />
      {said.side !== 'at' && (
        <>
          <NumberBox
            label={`${name}: ${r.units[said.unit]}`}
            value={Number(said.count.toFixed(1))}
            onChange={(count) => say({ count })}
          />
          <Select
            label={`${name}: ${r.units.days}`}
            className="w-28!"
            value={said.unit}
            onChange={(unit) => say({ unit })}
            options={UNITS.map((value) => ({ value, label: r.units[value] }))}
          />
        </>
      )}
      <span className="text-ink-2">{r.remind}</span>
      <Select
        label={`${name}: ${r.remind}`}
        className="w-32!"
        value={step.to}
        onChange={(to) => onChange({ ...step, to })}
        options={LEVELS.map((value) => ({ value, label: r.levels[value] }))}
      />
      <IconButton icon={Trash2} size="sm" className="ml-auto" label={r.removeStep(place + 1)} onClick={onRemove} />
    </li>
  );
}
