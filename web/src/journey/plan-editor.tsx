// A plan as somebody who is no programmer sets it up: for whom, step by step, and what it would have done.

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { ArrowUp, FlaskConical, Plus, Trash2 } from 'lucide-react';
import { useId, useState } from 'react';
import { api } from '../api/client';
import { fieldOf, isEditable, useObject } from '../api/dictionary';
import { queryRecords } from '../api/records';
import type { ObjectType } from '../api/types';
import { useLabel, useT } from '../i18n';
import FilterBar from '../records/filter-bar';
import { FaultBox } from '../session/fault-box';
import { LOG_OBJECT } from '../shell/nav';
import { FieldFrame } from '../ui/bits';
import { Button, IconButton } from '../ui/button';
import { Confirm, Sheet } from '../ui/dialog';
import { Select } from '../ui/select';
import { toast } from '../ui/toast';
import { Check, Checks } from './checks';
import { type Evidence, ifMatch, type Plan, type PlanStep, type PlanTrial, plansQuery } from './queries';
import { useJourneyText } from './text';
import { Trial } from './trial';

type Draft = Pick<Plan, 'name' | 'description' | 'start' | 'stop_when_left' | 'steps'>;

const key = () => `s${Date.now().toString(36)}${Math.floor(Math.random() * 1296).toString(36)}`;
const newStep = (): PlanStep => ({
  key: key(),
  action: '',
  script: '',
  role: 'owner',
  after: { working_days: 1 },
  from_start: false,
  evidence: { kind: 'hand' },
  branches: [],
});
const empty = (): Draft => ({
  name: '',
  description: '',
  start: { automatic: true, stages: [], tiers: [], sources: [], filter: null },
  stop_when_left: true,
  steps: [newStep()],
});
const draftOf = ({ name, description, start, stop_when_left, steps }: Plan): Draft => ({
  name,
  description,
  start,
  stop_when_left,
  steps,
});

export default function PlanEditor({
  object,
  plan,
  onClose,
}: {
  object: ObjectType;
  plan: Plan | null;
  onClose: () => void;
}) {
  const t = useT();
  const j = useJourneyText();
  const client = useQueryClient();
  const id = useId();
  const [draft, setDraft] = useState<Draft>(() => (plan ? draftOf(plan) : empty()));
  const [removing, setRemoving] = useState(false);
  const trial = useMutation({ mutationFn: () => api.post<PlanTrial>('/plans/dry-run', draft) });
  const after = (said: string) => {
    void client.invalidateQueries({ queryKey: plansQuery.queryKey });
    toast(said);
    onClose();
  };
  const save = useMutation({
    mutationFn: () => (plan ? api.patch(`/plans/${plan.id}`, draft, ifMatch(plan.version)) : api.post('/plans', draft)),
    onSuccess: () => after(j.planSaved),
  });
  const remove = useMutation({
    mutationFn: () => api.delete(`/plans/${plan?.id}`),
    onSuccess: () => after(j.planDeleted),
  });
  const change = (part: Partial<Draft>) => {
    setDraft({ ...draft, ...part });
    trial.reset();
  };
  const start = (part: Partial<Draft['start']>) => change({ start: { ...draft.start, ...part } });
  const putStep = (place: number, step: PlanStep) =>
    change({ steps: draft.steps.map((one, index) => (index === place ? step : one)) });
  const raise = (place: number) => {
    const steps = [...draft.steps];
    const [step] = steps.splice(place, 1);
    if (step) steps.splice(place - 1, 0, step);
    change({ steps });
  };
  const optionsOf = (field: string) => (fieldOf(object, field)?.options ?? []).filter((option) => !option.retired);
  const fault = save.error ?? trial.error ?? remove.error;
  return (
    <Sheet
      open
      onClose={onClose}
      title={plan?.name ?? j.newPlan}
      footer={
        <>
          {plan && (
            <Button icon={Trash2} disabled={remove.isPending} onClick={() => setRemoving(true)}>
              {j.deletePlan}
            </Button>
          )}
          <Button icon={FlaskConical} disabled={trial.isPending} onClick={() => trial.mutate()}>
            {j.tryPlan}
          </Button>
          <Button variant="primary" disabled={save.isPending} onClick={() => save.mutate()}>
            {t.common.save}
          </Button>
        </>
      }
    >
      <Confirm
        open={removing}
        onClose={() => setRemoving(false)}
        title={j.removePlanAsk(plan?.name ?? '')}
        text={j.removePlanText}
        action={j.deletePlan}
        danger
        onConfirm={() => remove.mutate()}
      />
      <div className="p-4 flex flex-col gap-5">
        <FaultBox cause={fault} before={(field) => stepOf(draft, field)} stale={j.stale} />
        {trial.data && <Trial trial={trial.data} />}
        <FieldFrame id={`${id}-name`} label={j.planName} required>
          <input
            id={`${id}-name`}
            className="control"
            maxLength={60}
            value={draft.name}
            onChange={(event) => change({ name: event.target.value })}
          />
        </FieldFrame>
        <FieldFrame id={`${id}-text`} label={j.planText}>
          <textarea
            id={`${id}-text`}
            rows={2}
            maxLength={2000}
            className="control control-area"
            value={draft.description}
            onChange={(event) => change({ description: event.target.value })}
          />
        </FieldFrame>
        <section className="flex flex-col gap-3">
          <Checks
            label={j.stages}
            options={optionsOf('stage')}
            chosen={draft.start.stages}
            onChange={(stages) => start({ stages })}
          />
          <Checks
            label={j.tiers}
            options={optionsOf('tier')}
            chosen={draft.start.tiers}
            onChange={(tiers) => start({ tiers })}
          />
          <Checks
            label={j.sources}
            options={optionsOf('source')}
            chosen={draft.start.sources}
            onChange={(sources) => start({ sources })}
          />
          <div className="flex flex-col gap-1">
            <span className="text-ink-2">{j.moreFilter}</span>
            <FilterBar object={object} filter={draft.start.filter} onChange={(filter) => start({ filter })} />
          </div>
          <div>
            <Check checked={draft.start.automatic} onChange={(automatic) => start({ automatic })}>
              {j.autoStart}
            </Check>
            <Check checked={draft.stop_when_left} onChange={(stop_when_left) => change({ stop_when_left })}>
              {j.stopWhenLeft}
            </Check>
          </div>
        </section>
        <section className="flex flex-col gap-3">
          <h2 className="font-semibold">{j.steps}</h2>
          {draft.steps.map((step, place) => (
            <StepForm
              key={step.key}
              object={object}
              number={place + 1}
              step={step}
              later={draft.steps.slice(place + 1)}
              onChange={(next) => putStep(place, next)}
              onRaise={place > 0 ? () => raise(place) : null}
              onRemove={
                draft.steps.length > 1
                  ? () => change({ steps: draft.steps.filter((_, index) => index !== place) })
                  : null
              }
            />
          ))}
          <Button icon={Plus} className="self-start" onClick={() => change({ steps: [...draft.steps, newStep()] })}>
            {j.addStep}
          </Button>
        </section>
      </div>
    </Sheet>
  );
}

/** Which step a fault is about, in words. */
function stepOf(draft: Draft, field: string): string {
  const place = field.match(/^steps\.(\d+)\./)?.[1];
  if (place === undefined) return '';
  const action = draft.steps[Number(place)]?.action;
  return `${Number(place) + 1}${action ? ` ${action}` : ''} · `;
}

function StepForm({
  object,
  number,
  step,
  later,
  onChange,
  onRaise,
  onRemove,
}: {
  object: ObjectType;
  number: number;
  step: PlanStep;
  later: PlanStep[];
  onChange: (step: PlanStep) => void;
  onRaise: (() => void) | null;
  onRemove: (() => void) | null;
}) {
  const j = useJourneyText();
  const label = useLabel();
  const id = useId();
  const log = useObject(LOG_OBJECT);
  const { data: roles } = useQuery({
    queryKey: ['plan-roles'],
    queryFn: ({ signal }) => queryRecords('role', { fields: ['name', 'code'], limit: 100 }, signal),
    retry: false,
  });
  const change = (part: Partial<PlanStep>) => onChange({ ...step, ...part });
  const kinds = (log?.fields.find((field) => field.name === 'kind')?.options ?? []).filter((one) => !one.retired);
  const outcomes = log?.fields.find((field) => field.name === 'outcome')?.options ?? [];
  const people = [
    ...Object.entries(j.roles).map(([value, text]) => ({ value, label: text })),
    ...(roles?.items ?? []).flatMap((role) =>
      typeof role.code === 'string' ? [{ value: role.code, label: String(role.name) }] : [],
    ),
  ];
  const evidence = (kind: Evidence['kind']): Evidence =>
    kind === 'talk'
      ? { kind, kinds: ['call', 'visit', 'wechat', 'meeting'] }
      : kind === 'field'
        ? { kind, field: 'need_tags' }
        : { kind };
  const free = object.fields.filter((field) => isEditable(field) && !field.system);
  const whole = (text: string) => Math.max(0, Math.round(Number(text) || 0));
  const branch = (place: number, part: Partial<PlanStep['branches'][number]>) =>
    change({ branches: step.branches.map((one, index) => (index === place ? { ...one, ...part } : one)) });
  return (
    <section aria-label={`${number} ${step.action}`} className="flex flex-col gap-3 rounded-md bg-sunken p-3">
      <div className="flex items-end gap-1">
        <FieldFrame id={`${id}-action`} label={`${number}. ${j.action}`} required className="flex-1">
          <input
            id={`${id}-action`}
            className="control"
            maxLength={60}
            value={step.action}
            onChange={(event) => change({ action: event.target.value })}
          />
        </FieldFrame>
        {onRaise && <IconButton icon={ArrowUp} label={j.moveStep(step.action)} onClick={onRaise} />}
        {onRemove && <IconButton icon={Trash2} label={j.removeStep(step.action)} onClick={onRemove} />}
      </div>
      <FieldFrame id={`${id}-script`} label={j.script}>
        <textarea
          id={`${id}-script`}
          rows={2}
          maxLength={2000}
          className="control control-area"
          value={step.script}
          onChange={(event) => change({ script: event.target.value })}
        />
      </FieldFrame>
      <div className="grid grid-cols-2 gap-3">
        <FieldFrame id={`${id}-role`} label={j.role}>
          <Select
            id={`${id}-role`}
            label={j.role}
            value={step.role}
            onChange={(role: string) => change({ role })}
            options={people}
          />
        </FieldFrame>
        <FieldFrame id={`${id}-evidence`} label={j.evidence}>
          <Select
            id={`${id}-evidence`}
            label={j.evidence}
            value={step.evidence.kind}
            onChange={(kind) => change({ evidence: evidence(kind), branches: [] })}
            options={(['hand', 'talk', 'field', 'file'] as const).map((value) => ({
              value,
              label: j.evidences[value],
            }))}
          />
        </FieldFrame>
        <FieldFrame id={`${id}-days`} label={j.afterDays}>
          <input
            id={`${id}-days`}
            type="number"
            min={0}
            className="control"
            value={step.after.working_days ?? 0}
            onChange={(event) => change({ after: { ...step.after, working_days: whole(event.target.value) } })}
          />
        </FieldFrame>
        <FieldFrame id={`${id}-hours`} label={j.afterMinutes}>
          <input
            id={`${id}-hours`}
            type="number"
            min={0}
            className="control"
            value={Math.round((step.after.working_minutes ?? 0) / 60)}
            onChange={(event) => change({ after: { ...step.after, working_minutes: whole(event.target.value) * 60 } })}
          />
        </FieldFrame>
        <FieldFrame id={`${id}-natural`} label={j.afterNatural}>
          <input
            id={`${id}-natural`}
            type="number"
            min={0}
            className="control"
            value={step.after.days ?? 0}
            onChange={(event) => change({ after: { ...step.after, days: whole(event.target.value) } })}
          />
        </FieldFrame>
      </div>
      <Check checked={step.from_start} onChange={(from_start) => change({ from_start })}>
        {j.fromStart}
      </Check>
      {step.evidence.kind === 'talk' && (
        <Checks
          label={j.kinds}
          options={kinds}
          chosen={step.evidence.kinds ?? []}
          onChange={(chosen) => change({ evidence: { kind: 'talk', kinds: chosen } })}
        />
      )}
      {step.evidence.kind === 'field' && (
        <FieldFrame id={`${id}-field`} label={j.field}>
          <Select
            id={`${id}-field`}
            label={j.field}
            value={step.evidence.field ?? null}
            onChange={(field: string) => change({ evidence: { kind: 'field', field } })}
            options={free.map((field) => ({ value: field.name, label: label(field.label) }))}
          />
        </FieldFrame>
      )}
      {(step.evidence.kind === 'talk' || step.evidence.kind === 'hand') && (
        <div className="flex flex-col gap-2">
          <span className="text-ink-2">{j.branches}</span>
          {step.branches.map((one, place) => (
            <div key={place} className="grid grid-cols-[1fr_1fr_auto] items-end gap-2">
              <FieldFrame id={`${id}-outcome-${place}`} label={j.outcome}>
                {step.evidence.kind === 'talk' ? (
                  <Select
                    id={`${id}-outcome-${place}`}
                    label={j.outcome}
                    value={one.outcome}
                    onChange={(outcome: string) => branch(place, { outcome })}
                    options={outcomes.map((option) => ({ value: option.value, label: label(option.label) }))}
                  />
                ) : (
                  <input
                    id={`${id}-outcome-${place}`}
                    className="control"
                    maxLength={60}
                    value={one.outcome}
                    onChange={(event) => branch(place, { outcome: event.target.value })}
                  />
                )}
              </FieldFrame>
              <FieldFrame id={`${id}-to-${place}`} label={j.goTo}>
                <Select
                  id={`${id}-to-${place}`}
                  label={j.goTo}
                  value={one.to ?? 'end'}
                  onChange={(to: string) => branch(place, { to: to === 'end' ? null : to })}
                  options={[
                    ...later.map((next) => ({ value: next.key, label: next.action || j.action })),
                    { value: 'end', label: j.end },
                  ]}
                />
              </FieldFrame>
              <IconButton
                icon={Trash2}
                label={j.removeBranch}
                onClick={() => change({ branches: step.branches.filter((_, index) => index !== place) })}
              />
            </div>
          ))}
          <Button
            size="sm"
            icon={Plus}
            className="self-start"
            onClick={() => change({ branches: [...step.branches, { outcome: '', to: null }] })}
          >
            {j.addBranch}
          </Button>
        </div>
      )}
    </section>
  );
}
