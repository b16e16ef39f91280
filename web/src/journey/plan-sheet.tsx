// The plans of a customer: what was done, what is late, what was passed over, what comes; and doing it.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Check, Circle, CircleAlert, Minus, Play } from 'lucide-react';
import { useId, useState } from 'react';
import { api } from '../api/client';
import { fieldOf, useObject } from '../api/dictionary';
import type { ObjectType } from '../api/types';
import { useFormat } from '../format/use-format';
import { useLabel, useT } from '../i18n';
import { faultText } from '../session/fault-text';
import { LOG_OBJECT } from '../shell/nav';
import { Chip, FieldFrame } from '../ui/bits';
import { Button } from '../ui/button';
import { cx } from '../ui/cx';
import { Sheet } from '../ui/dialog';
import { Select } from '../ui/select';
import { toast } from '../ui/toast';
import { invalidateJourney, type PlanRun, type RecordPlans, type RunStep, recordPlansQuery } from './queries';
import { useJourneyText } from './text';

const RUN_COLOR = { running: 'blue', done: 'green', stopped: 'gray' };

export default function PlanSheet({ object, id, onClose }: { object: ObjectType; id: string; onClose: () => void }) {
  const t = useT();
  const j = useJourneyText();
  const client = useQueryClient();
  const { data, error } = useQuery(recordPlansQuery(object.name, id));
  const act = useMutation({
    mutationFn: ({ path, body }: { path: string; body: unknown; said: string }) => api.post<RecordPlans>(path, body),
    onSuccess: (plans, { said }) => {
      client.setQueryData(recordPlansQuery(object.name, id).queryKey, plans);
      invalidateJourney(client, object.name, id);
      toast(said);
    },
    onError: (cause) => toast(faultText(cause, t), { tone: 'danger' }),
  });
  return (
    <Sheet open onClose={onClose} title={j.plans}>
      <div className="p-4 flex flex-col gap-5">
        {error && (
          <p role="alert" className="text-danger">
            {faultText(error, t)}
          </p>
        )}
        {data?.items.length === 0 && <p className="text-ink-2">{j.noPlan}</p>}
        {data?.items.map((run) => (
          <Run
            key={run.id}
            object={object}
            run={run}
            canStop={data.can_change}
            busy={act.isPending}
            act={(path, body, said) => act.mutate({ path, body, said })}
          />
        ))}
        {data && data.startable.length > 0 && (
          <section className="flex flex-col gap-2">
            <h2 className="font-semibold">{j.startPlan}</h2>
            {data.startable.map((plan) => (
              <div key={plan.id} className="flex items-center gap-3 min-h-11 border-t border-line py-2">
                <span className="flex-1 min-w-0">
                  <span className="block font-medium">{plan.name}</span>
                  <span className="block text-xs text-ink-2">{plan.description}</span>
                </span>
                <Button
                  size="sm"
                  icon={Play}
                  aria-label={`${j.startPlan} ${plan.name}`}
                  disabled={act.isPending}
                  onClick={() =>
                    act.mutate({
                      path: `/records/${object.name}/${id}/plans`,
                      body: { plan: plan.id },
                      said: j.started,
                    })
                  }
                >
                  {j.startPlan}
                </Button>
              </div>
            ))}
          </section>
        )}
      </div>
    </Sheet>
  );
}

type Act = (path: string, body: unknown, said: string) => void;

function Run({
  object,
  run,
  canStop,
  busy,
  act,
}: {
  object: ObjectType;
  run: PlanRun;
  canStop: boolean;
  busy: boolean;
  act: Act;
}) {
  const j = useJourneyText();
  const format = useFormat();
  const [stopping, setStopping] = useState(false);
  return (
    <section aria-label={run.name} className="flex flex-col gap-2">
      <h2 className="flex items-center gap-2 font-semibold">
        <span className="flex-1 min-w-0">{run.name}</span>
        <span className="text-xs font-normal text-ink-2">{j.progress(run.done, run.total)}</span>
        <Chip color={RUN_COLOR[run.state]}>{j.runState[run.state]}</Chip>
      </h2>
      <p className="text-xs text-ink-3">
        {j.version(run.version)} · {format.moment(run.started_at)} ·{' '}
        {run.automatic ? j.byItself : `${j.byHand} ${run.started_by?.name ?? ''}`}
        {run.reason && ` · ${j.stopReason[run.reason] ?? run.reason}`}
      </p>
      <ol className="flex flex-col">
        {run.steps.map((step) => (
          <StepRow key={step.key} object={object} step={step} busy={busy} act={act} />
        ))}
      </ol>
      {canStop &&
        run.state === 'running' &&
        (stopping ? (
          <Reason
            action={j.stop}
            onCancel={() => setStopping(false)}
            onGive={(reason) => act(`/plan-runs/${run.id}/stop`, { reason }, j.stopped)}
          />
        ) : (
          <Button size="sm" variant="ghost" className="self-start" onClick={() => setStopping(true)}>
            {j.stop}
          </Button>
        ))}
    </section>
  );
}

function StepRow({ object, step, busy, act }: { object: ObjectType; step: RunStep; busy: boolean; act: Act }) {
  const j = useJourneyText();
  const label = useLabel();
  const format = useFormat();
  const id = useId();
  const [skipping, setSkipping] = useState(false);
  const [outcome, setOutcome] = useState<string | null>(null);
  const [note, setNote] = useState('');
  const log = useObject(LOG_OBJECT);
  const open = step.state === 'open' || step.state === 'late';
  /** Outcomes of talks are options of the log's field, others are the plan's own words. */
  const outcomeOf = (one: RunStep) =>
    label(log && fieldOf(log, 'outcome')?.options?.find((option) => option.value === one.outcome)?.label) ||
    one.outcome;
  const by = step.evidence;
  const hint =
    by.kind === 'talk'
      ? j.byTalk
      : by.kind === 'file'
        ? j.byFile
        : by.kind === 'field'
          ? j.byField(label(fieldOf(object, by.field ?? '')?.label))
          : null;
  const Icon =
    step.state === 'done' ? Check : step.state === 'skipped' ? Minus : step.state === 'late' ? CircleAlert : Circle;
  return (
    <li className={cx('flex gap-2.5 py-2 border-t border-line', step.state === 'ahead' && 'text-ink-2')}>
      <Icon
        size={16}
        aria-hidden
        className={cx(
          'shrink-0 mt-0.5',
          step.state === 'done'
            ? 'text-ok'
            : step.state === 'late'
              ? 'text-danger'
              : open
                ? 'text-brand-ink'
                : 'text-ink-3',
        )}
      />
      <div className="flex-1 min-w-0 flex flex-col gap-1">
        <span className={cx('flex flex-wrap items-center gap-x-2', open && 'font-medium')}>
          {step.action}
          <span className={cx('text-xs font-normal', step.state === 'late' ? 'text-danger' : 'text-ink-3')}>
            {step.was_late && step.state === 'done' ? j.wasLate : j.stepState[step.state]}
            {open && step.due_at && ` · ${j.due(format.moment(step.due_at))}`}
            {step.closed_at && ` · ${j.closedAt(format.moment(step.closed_at))}`}
            {step.closed_by?.name && ` · ${step.closed_by.name}`}
          </span>
        </span>
        {step.outcome && (
          <span className="text-xs text-ink-2">
            {j.outcome} {outcomeOf(step)}
          </span>
        )}
        {step.note && <span className="text-xs text-ink-2 break-words">{step.note}</span>}
        {open && (
          <>
            {step.script && <p className="text-ink-2 rounded-md bg-sunken px-2.5 py-1.5">{step.script}</p>}
            <span className={cx('text-xs', step.fallback ? 'text-warn' : 'text-ink-3')}>
              {step.fallback
                ? j.fallback(j.roles[step.role] ?? step.role, step.responsible?.name ?? '')
                : (step.responsible?.name ?? '')}
              {hint && ` · ${hint}`}
            </span>
            {step.can_close && by.kind === 'hand' && step.outcomes.length > 0 && (
              <Select
                id={`${id}-outcome`}
                label={j.outcome}
                placeholder={j.outcome}
                value={outcome}
                onChange={setOutcome}
                options={step.outcomes.map((value) => ({ value, label: value }))}
              />
            )}
            {!step.can_close ? null : skipping ? (
              <Reason
                action={j.skip}
                onCancel={() => setSkipping(false)}
                onGive={(reason) => act(`/plan-steps/${step.id}/skip`, { reason }, j.stepSkipped)}
              />
            ) : (
              <span className="flex flex-wrap gap-2">
                <input
                  aria-label={j.stepNote}
                  placeholder={j.stepNote}
                  className="control basis-full"
                  maxLength={500}
                  value={note}
                  onChange={(event) => setNote(event.target.value)}
                />
                <Button
                  size="sm"
                  disabled={busy || (by.kind === 'hand' && step.outcomes.length > 0 && outcome === null)}
                  onClick={() =>
                    act(
                      `/plan-steps/${step.id}/done`,
                      { ...(outcome !== null && { outcome }), ...(note.trim() && { note: note.trim() }) },
                      j.stepDone,
                    )
                  }
                >
                  {j.finish}
                </Button>
                <Button size="sm" variant="ghost" disabled={busy} onClick={() => setSkipping(true)}>
                  {j.skip}
                </Button>
              </span>
            )}
          </>
        )}
      </div>
    </li>
  );
}

function Reason({
  action,
  onGive,
  onCancel,
}: {
  action: string;
  onGive: (reason: string) => void;
  onCancel: () => void;
}) {
  const t = useT();
  const j = useJourneyText();
  const id = useId();
  const [reason, setReason] = useState('');
  return (
    <div className="flex flex-col gap-2">
      <FieldFrame id={id} label={j.reason} required>
        <input
          id={id}
          className="control"
          maxLength={500}
          value={reason}
          onChange={(event) => setReason(event.target.value)}
        />
      </FieldFrame>
      <span className="flex gap-2">
        <Button size="sm" variant="primary" disabled={reason.trim() === ''} onClick={() => onGive(reason.trim())}>
          {action}
        </Button>
        <Button size="sm" variant="ghost" onClick={onCancel}>
          {t.common.cancel}
        </Button>
      </span>
    </div>
  );
}
