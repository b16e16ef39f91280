// Where a record stands on its way, what the next stage needs, and going there in one step.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { CircleAlert, Clock3, History, ListChecks } from 'lucide-react';
import { lazy, Suspense, useId, useLayoutEffect, useRef, useState } from 'react';
import { Fault } from '../api/client';
import { fieldOf } from '../api/dictionary';
import type { Field, ObjectType, Rec } from '../api/types';
import { editKind, wireValue } from '../fields';
import { useFormat } from '../format/use-format';
import { useLabel, useT } from '../i18n';
import { faultText } from '../session/fault-text';
import { CUSTOMER_OBJECT } from '../shell/nav';
import { Chip, FieldFrame } from '../ui/bits';
import { Button } from '../ui/button';
import { cx } from '../ui/cx';
import { Dialog } from '../ui/dialog';
import { toast } from '../ui/toast';
import {
  invalidateJourney,
  moveTo,
  recordPlansQuery,
  recordTierQuery,
  type StageStep,
  type Transitions,
  transitionsQuery,
} from './queries';
import { useJourneyText } from './text';

const PlanSheet = lazy(() => import('./plan-sheet'));
const TierSheet = lazy(() => import('./tier-sheet'));

/** How much of the stage before is seen, in pixels. */
const PEEK = 48;

export default function StageBar({
  object,
  record,
  className,
}: {
  object: ObjectType;
  record: Rec;
  className?: string;
}) {
  const j = useJourneyText();
  const { data } = useQuery(transitionsQuery(object.name, record));
  const [target, setTarget] = useState<StageStep | null>(null);
  const [past, setPast] = useState(false);
  if (!data) return null;
  return (
    <section aria-label={j.path} className={cx('flex flex-col gap-1.5 min-w-0', className)}>
      <Path data={data} onChoose={setTarget} />
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1 text-xs text-ink-2 min-h-6">
        <Ahead data={data} onPast={() => setPast(true)} />
        {object.name === CUSTOMER_OBJECT && <Followed object={object} id={record.id} />}
      </div>
      {target && <MoveDialog object={object} record={record} step={target} onClose={() => setTarget(null)} />}
      {past && <PastDialog data={data} onClose={() => setPast(false)} />}
    </section>
  );
}

function Path({ data, onChoose }: { data: Transitions; onChoose: (step: StageStep) => void }) {
  const j = useJourneyText();
  const at = data.items.findIndex((step) => step.current);
  const path = useRef<HTMLOListElement>(null);
  // On a phone the stage it is in comes into sight, with a bit of the one before; the page itself stays where it is.
  useLayoutEffect(() => {
    const here = path.current?.children[at];
    if (path.current && here instanceof HTMLElement)
      path.current.scrollLeft = here.offsetLeft - path.current.offsetLeft - PEEK;
  }, [at]);
  return (
    <ol ref={path} className="flex gap-1 overflow-x-auto thin-bar -mx-1 px-1 py-0.5">
      {data.items.map((step, index) => {
        const passed = at >= 0 && index < at && data.items[at]?.meaning !== 'lost';
        return (
          <li key={step.to} className="flex-1 min-w-fit">
            <button
              type="button"
              aria-current={step.current ? 'step' : undefined}
              disabled={step.current || !step.permitted}
              title={step.current ? j.current : (step.why_not ?? j.moveTo(step.label))}
              onClick={() => onChoose(step)}
              className={cx(
                'w-full h-8 touch:h-11 px-3 rounded-md whitespace-nowrap border text-center',
                step.current
                  ? step.meaning === 'lost'
                    ? 'border-transparent bg-danger-soft text-danger font-semibold'
                    : step.meaning === 'won'
                      ? 'border-transparent bg-ok-soft text-ok font-semibold'
                      : 'border-transparent bg-brand-soft text-brand-ink font-semibold'
                  : passed
                    ? 'border-transparent bg-sunken text-ink-2'
                    : 'border-line text-ink-2',
                !step.current && step.permitted && 'hover:border-brand hover:text-ink cursor-pointer',
              )}
            >
              {step.label}
              {step.current && <span className="font-normal text-xs ml-1.5">{j.inStage(data.days)}</span>}
            </button>
          </li>
        );
      })}
    </ol>
  );
}

/** One quiet line: what the next stage still needs, what happens by itself, and the way so far. */
function Ahead({ data, onPast }: { data: Transitions; onPast: () => void }) {
  const j = useJourneyText();
  const format = useFormat();
  const at = data.items.findIndex((step) => step.current);
  const next = data.items.slice(at + 1).find((step) => step.meaning !== 'lost');
  const here = data.items[at];
  const open = here?.meaning === 'open';
  const missing = next?.missing ?? [];
  const what = [...new Set(missing.map((one) => one.label ?? one.message))].join(j.comma);
  const ahead = data.ahead[0];
  return (
    <>
      {open && next?.permitted && (
        <span className="min-w-0">
          {j.next(next.label)} · {missing.length === 0 ? j.ready : j.needs(what)}
        </span>
      )}
      {ahead && (
        <span className="flex items-center gap-1 text-warn min-w-0">
          <Clock3 size={13} aria-hidden className="shrink-0" />
          {ahead.warn_only
            ? j.silent(ahead.silent_days, ahead.label ?? '')
            : j.silentMove(ahead.silent_days, ahead.label ?? '', format.day(format.dayOf(ahead.at)))}
        </span>
      )}
      <button
        type="button"
        onClick={onPast}
        className="flex items-center gap-1 h-6 touch:h-11 text-ink-3 hover:text-ink hover:underline"
      >
        <History size={13} aria-hidden />
        {j.history}
      </button>
    </>
  );
}

const LINK = 'flex items-center gap-1 h-6 touch:h-11 hover:text-ink hover:underline';

/** The plan that runs, and whether contact keeps up with the tier. */
function Followed({ object, id }: { object: ObjectType; id: string }) {
  const j = useJourneyText();
  const format = useFormat();
  const { data: plans } = useQuery(recordPlansQuery(object.name, id));
  const { data: tier } = useQuery(recordTierQuery(object.name, id));
  const [sheet, setSheet] = useState<'plans' | 'tier' | null>(null);
  const run = plans?.items.find((one) => one.state === 'running');
  const step = run?.steps.find((one) => one.state === 'open' || one.state === 'late');
  return (
    <>
      {plans && (
        <button
          type="button"
          onClick={() => setSheet('plans')}
          className={cx(LINK, step?.state === 'late' ? 'text-danger' : 'text-ink-2')}
        >
          <ListChecks size={13} aria-hidden />
          {step ? `${j.planAt(step.action)} · ${step.due_at ? format.moment(step.due_at) : ''}` : j.plans}
        </button>
      )}
      {tier && (
        <button type="button" onClick={() => setSheet('tier')} className={cx(LINK, 'text-ink-2')}>
          {tier.tier ? <Chip color={tier.tier.color}>{tier.tier.label}</Chip> : j.noTier}
          {tier.rhythm && j.talksDone(tier.rhythm.done, tier.rhythm.talks, tier.rhythm.days)}
          {tier.rhythm?.behind && <span className="text-danger">{j.behind}</span>}
        </button>
      )}
      <Suspense fallback={null}>
        {sheet === 'plans' && <PlanSheet object={object} id={id} onClose={() => setSheet(null)} />}
        {sheet === 'tier' && tier && <TierSheet object={object} id={id} tier={tier} onClose={() => setSheet(null)} />}
      </Suspense>
    </>
  );
}

function MoveDialog({
  object,
  record,
  step,
  onClose,
}: {
  object: ObjectType;
  record: Rec;
  step: StageStep;
  onClose: () => void;
}) {
  const t = useT();
  const j = useJourneyText();
  const client = useQueryClient();
  const id = useId();
  const missing = step.missing ?? [];
  const asked = fieldsToFill(object, missing);
  const blocked = missing.filter((one) => !one.fill);
  const [values, setValues] = useState<Record<string, unknown>>(() =>
    Object.fromEntries(asked.map((field) => [field.name, record[field.name] ?? null])),
  );
  const [note, setNote] = useState('');
  const move = useMutation({
    mutationFn: () => {
      const wired = asked.map((field) => [field.name, wireValue(field, values[field.name])]);
      return moveTo(object.name, record.id, {
        to: step.to,
        values: Object.fromEntries(wired),
        ...(note.trim() && { note: note.trim() }),
      });
    },
    onSuccess: () => {
      invalidateJourney(client, object.name, record.id);
      toast(j.moved(step.label));
      onClose();
    },
  });
  const faults = move.error instanceof Fault ? move.error.fields : [];
  const faultOf = (field: Field) => faults.find((fault) => fault.field === field.name)?.message ?? null;
  const others = faults.filter((fault) => !asked.some((field) => field.name === fault.field));
  return (
    <Dialog
      open
      onClose={onClose}
      title={j.moveTo(step.label)}
      footer={
        <>
          <Button onClick={onClose}>{t.common.cancel}</Button>
          <Button variant="primary" disabled={move.isPending || blocked.length > 0} onClick={() => move.mutate()}>
            {move.isPending ? j.moving : j.move}
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-4">
        {blocked.length > 0 && (
          <div className="flex flex-col gap-1">
            <h3 className="font-semibold">{j.blocked}</h3>
            <ul className="flex flex-col gap-1">
              {blocked.map((one) => (
                <li key={one.message} className="flex gap-1.5 text-warn">
                  <CircleAlert size={15} aria-hidden className="shrink-0 mt-0.5" />
                  {one.message}
                </li>
              ))}
            </ul>
          </div>
        )}
        {asked.length > 0 && <h3 className="font-semibold">{j.fill}</h3>}
        {asked.map((field) => (
          <Asked
            key={field.name}
            id={`${id}-${field.name}`}
            field={field}
            value={values[field.name]}
            fault={faultOf(field)}
            help={missing.find((one) => one.field === field.name && one.code !== 'required')?.message}
            onChange={(value) => setValues((before) => ({ ...before, [field.name]: value }))}
          />
        ))}
        <FieldFrame id={`${id}-note`} label={j.note}>
          <textarea
            id={`${id}-note`}
            rows={2}
            maxLength={500}
            className="control control-area"
            value={note}
            onChange={(event) => setNote(event.target.value)}
          />
        </FieldFrame>
        {(others.length > 0 || (move.error && faults.length === 0)) && (
          <div role="alert">
            <ul className="flex flex-col gap-1 text-danger">
              {others.length > 0 ? (
                others.map((fault) => <li key={fault.field + fault.message}>{fault.message}</li>)
              ) : (
                <li>{faultText(move.error, t)}</li>
              )}
            </ul>
          </div>
        )}
      </div>
    </Dialog>
  );
}

/** Each field once, in the order of the dictionary's answer. */
function fieldsToFill(object: ObjectType, missing: { field: string | null; fill: boolean }[]): Field[] {
  const found = new Map<string, Field>();
  for (const one of missing) {
    const field = one.field ? fieldOf(object, one.field) : undefined;
    if (one.fill && field && editKind(field).Edit) found.set(field.name, field);
  }
  return [...found.values()];
}

function Asked({
  id,
  field,
  value,
  fault,
  help,
  onChange,
}: {
  id: string;
  field: Field;
  value: unknown;
  fault: string | null;
  help?: string | undefined;
  onChange: (value: unknown) => void;
}) {
  const label = useLabel();
  const { Edit } = editKind(field);
  if (!Edit) return null;
  return (
    <FieldFrame id={id} label={label(field.label)} required fault={fault} help={help ?? null}>
      <Edit
        id={id}
        field={field}
        label={label(field.label)}
        value={value}
        onChange={onChange}
        invalid={fault !== null}
        {...(fault !== null && { describedBy: `${id}-fault` })}
      />
    </FieldFrame>
  );
}

function PastDialog({ data, onClose }: { data: Transitions; onClose: () => void }) {
  const j = useJourneyText();
  const format = useFormat();
  return (
    <Dialog open onClose={onClose} title={j.history}>
      {data.history.length === 0 && <p className="text-ink-2">{j.noHistory}</p>}
      <ol className="flex flex-col gap-3">
        {data.history.map((move) => (
          <li key={move.at} className="flex flex-col gap-0.5">
            <span className="font-medium">
              {move.to?.label}
              {move.from && (
                <span className="font-normal text-ink-2">
                  {' '}
                  · {j.from(move.from.label)} · {j.stayed(move.days)}
                </span>
              )}
            </span>
            <span className="text-xs text-ink-3">
              {format.moment(move.at)} · {move.automatic ? j.automatic : (move.by?.name ?? '')}
            </span>
            {move.note && <span className="text-ink-2 break-words">{move.note}</span>}
          </li>
        ))}
      </ol>
    </Dialog>
  );
}
