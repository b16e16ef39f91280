// Bulk cleaning: choose what to do, look at what would change, write it, and take it back.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { ArrowLeft, Search, Sparkles } from 'lucide-react';
import { lazy, Suspense, useState } from 'react';
import { api } from '../api/client';
import type { Filter, ObjectType } from '../api/types';
import { useFormat } from '../format/use-format';
import { useLabel, useT } from '../i18n';
import FilterBar, { FilterSentence } from '../records/filter-bar';
import { faultText } from '../session/fault-text';
import { useMay } from '../session/session';
import { Chip, Empty, SkeletonRows } from '../ui/bits';
import { Button } from '../ui/button';
import { toast } from '../ui/toast';
import { Card } from './card';
import {
  atWork,
  CLEANING,
  ORIGINS,
  type Origin,
  type Reached,
  type Run,
  type RunState,
  runQuery,
  runsQuery,
} from './cleaning-queries';
import { useCleaningText } from './cleaning-text';

const CleaningRun = lazy(() => import('./cleaning-run'));
const Provider = lazy(() => import('./provider'));

const COLOR: Record<RunState, 'blue' | 'green' | 'gray' | 'amber' | 'red'> = {
  looking: 'blue',
  ready: 'amber',
  applying: 'blue',
  done: 'green',
  cancelled: 'gray',
  failed: 'red',
  undoing: 'blue',
  undone: 'gray',
};

export default function Cleaning({ object }: { object: ObjectType }) {
  const [open, setOpen] = useState<string | null>(null);
  const settings = useMay('settings');
  if (open) return <Opened object={object} id={open} onBack={() => setOpen(null)} />;
  return (
    <div className="flex flex-col gap-4">
      <Begin object={object} onBegun={setOpen} />
      <Past object={object} onOpen={setOpen} />
      {settings && (
        <Suspense fallback={<SkeletonRows rows={3} />}>
          <Provider />
        </Suspense>
      )}
    </div>
  );
}

function Begin({ object, onBegun }: { object: ObjectType; onBegun: (id: string) => void }) {
  const t = useT();
  const w = useCleaningText();
  const client = useQueryClient();
  const { data } = useQuery(runsQuery(object.name));
  const [origins, setOrigins] = useState<Origin[]>(['standard', 'related']);
  const [without, setWithout] = useState<string[]>([]);
  const [filter, setFilter] = useState<Filter | null>(null);
  const none = data !== undefined && data.provider === null;
  const chosen = origins.filter((origin) => origin !== 'provider' || !none);
  const offered = (data?.fields ?? []).filter((one) => one.origins.some((origin) => chosen.includes(origin)));
  const wanted = offered.filter((one) => !without.includes(one.field)).map((one) => one.field);
  const start = useMutation({
    mutationFn: () =>
      api.post<Run>(`/cleaning/${object.name}`, {
        origins: chosen,
        fields: wanted.length < offered.length ? wanted : [],
        filter: filter ?? undefined,
      }),
    onSuccess: (run) => {
      client.setQueryData(runQuery(object.name, run.id).queryKey, run);
      void client.invalidateQueries({ queryKey: [CLEANING, object.name, 'runs'] });
      onBegun(run.id);
    },
    onError: (cause) => toast(faultText(cause, t), { tone: 'danger' }),
  });
  const missing = chosen.length === 0 ? w.choose : data && wanted.length === 0 ? w.noField : undefined;
  return (
    <Card title={w.title} wide>
      <p className="text-ink-2 pb-3 max-w-3xl">{w.hint}</p>
      <fieldset className="flex flex-col gap-2">
        <legend className="text-ink-2 pb-1">{w.origins}</legend>
        {ORIGINS.map((origin) => {
          const off = origin === 'provider' && none;
          return (
            <label key={origin} className="flex items-start gap-2 touch:min-h-11">
              <input
                type="checkbox"
                className="check mt-0.5"
                disabled={off}
                checked={chosen.includes(origin)}
                onChange={(event) =>
                  setOrigins(event.target.checked ? [...origins, origin] : origins.filter((one) => one !== origin))
                }
              />
              <span className="min-w-0">
                {origin === 'provider' && data?.provider ? `${w.origin[origin]} · ${data.provider}` : w.origin[origin]}
                <span className="block text-xs text-ink-3">{off ? w.noProvider : w.originHint[origin]}</span>
              </span>
            </label>
          );
        })}
      </fieldset>
      {offered.length > 0 && <Fields offered={offered} without={without} onWithout={setWithout} />}
      <div className="mt-4 flex flex-col gap-1">
        <p className="text-ink-2">{w.only}</p>
        {!filter && <p className="text-xs text-ink-3">{w.everyRecord}</p>}
        <FilterBar object={object} filter={filter} onChange={setFilter} label={w.only} />
      </div>
      <div className="mt-4 flex flex-wrap items-center gap-x-3 gap-y-1">
        <Button
          variant="primary"
          icon={Search}
          disabled={start.isPending || missing !== undefined}
          onClick={() => start.mutate()}
        >
          {start.isPending ? w.starting : w.start}
        </Button>
        {missing && (
          <span role="status" className="text-ink-3">
            {missing}
          </span>
        )}
      </div>
    </Card>
  );
}

function Fields(props: { offered: Reached[]; without: string[]; onWithout: (without: string[]) => void }) {
  const w = useCleaningText();
  const label = useLabel();
  const { offered, without, onWithout } = props;
  return (
    <fieldset className="mt-4 flex flex-wrap gap-x-4 gap-y-1">
      <legend className="text-ink-2 pb-1">{w.fields}</legend>
      {offered.map(({ field, label: name }) => (
        <label key={field} className="flex items-center gap-2 min-h-8 touch:min-h-11">
          <input
            type="checkbox"
            className="check"
            checked={!without.includes(field)}
            onChange={(event) =>
              onWithout(event.target.checked ? without.filter((one) => one !== field) : [...without, field])
            }
          />
          {label(name)}
        </label>
      ))}
      {offered.some(({ field }) => without.includes(field)) && (
        <Button variant="ghost" size="sm" onClick={() => onWithout([])}>
          {w.allFields}
        </Button>
      )}
    </fieldset>
  );
}

function Past({ object, onOpen }: { object: ObjectType; onOpen: (id: string) => void }) {
  const t = useT();
  const w = useCleaningText();
  const { data, error } = useQuery(runsQuery(object.name));
  return (
    <Card title={w.past} wide>
      {error ? (
        <p role="alert" className="text-danger">
          {faultText(error, t)}
        </p>
      ) : !data ? (
        <SkeletonRows rows={2} />
      ) : data.items.length === 0 ? (
        <Empty icon={Sparkles} title={w.none} />
      ) : (
        <ul>
          {data.items.map((run) => (
            <PastRow key={run.id} run={run} onOpen={() => onOpen(run.id)} />
          ))}
        </ul>
      )}
    </Card>
  );
}

function PastRow({ run, onOpen }: { run: Run; onOpen: () => void }) {
  const w = useCleaningText();
  const format = useFormat();
  const count = run.counts.reduce((sum, one) => sum + one.count, 0);
  return (
    <li className="border-t border-line py-2 flex flex-wrap items-center gap-x-3 gap-y-1">
      <Chip color={COLOR[run.state]}>{w.state[run.state]}</Chip>
      <span>{run.origins.map((origin) => w.origin[origin]).join(w.comma)}</span>
      <span className="text-ink-2">{w.found(format.number(count))}</span>
      <span className="text-ink-3 text-xs md:ml-auto">
        {w.by(run.created_by.name ?? w.someone, format.moment(run.created_at))}
      </span>
      <Button size="sm" onClick={onOpen}>
        {w.see}
      </Button>
    </li>
  );
}

function Opened({ object, id, onBack }: { object: ObjectType; id: string; onBack: () => void }) {
  const t = useT();
  const w = useCleaningText();
  const label = useLabel();
  const format = useFormat();
  const { data: run, error } = useQuery(runQuery(object.name, id));
  return (
    <div className="flex flex-col gap-4">
      <Button icon={ArrowLeft} className="self-start" onClick={onBack}>
        {w.back}
      </Button>
      {error && (
        <p role="alert" className="text-danger">
          {faultText(error, t)}
        </p>
      )}
      {run && (
        <Card
          title={
            <span className="flex flex-wrap items-center gap-2">
              {run.origins.map((origin) => w.origin[origin]).join(w.comma)}
              <Chip color={COLOR[run.state]}>{w.state[run.state]}</Chip>
            </span>
          }
          note={w.by(run.created_by.name ?? w.someone, format.moment(run.created_at))}
          wide
        >
          <Scope object={object} run={run} />
          {run.message && (
            <p role="alert" className="text-danger pb-2">
              {label(run.message)}
            </p>
          )}
          {atWork(run) && <Progress run={run} />}
          <Suspense fallback={<SkeletonRows rows={4} />}>
            <CleaningRun object={object} run={run} />
          </Suspense>
        </Card>
      )}
    </div>
  );
}

/** What a cleaning was narrowed to, if to anything. */
function Scope({ object, run }: { object: ObjectType; run: Run }) {
  const w = useCleaningText();
  const label = useLabel();
  const names = object.fields.filter((field) => run.fields.includes(field.name)).map((field) => label(field.label));
  if (names.length === 0 && !run.filter) return null;
  return (
    <div className="pb-3 flex flex-wrap gap-x-4 gap-y-1 text-ink-2">
      {names.length > 0 && <span>{w.onlyFields(names.join(w.comma))}</span>}
      {run.filter && (
        <span>
          {w.only} <FilterSentence object={object} filter={run.filter} />
        </span>
      )}
    </div>
  );
}

function Progress({ run }: { run: Run }) {
  const w = useCleaningText();
  const format = useFormat();
  const percent = run.progress.percent ?? 0;
  return (
    <div className="pb-3">
      <p role="status" className="text-ink-2 pb-1">
        {w.state[run.state]}
        {run.state === 'looking' && ` · ${w.looked(format.number(run.progress.looked))}`}
        {run.progress.percent !== null && ` · ${w.percent(percent)}`}
      </p>
      <div aria-hidden className="h-1.5 rounded-full bg-sunken overflow-hidden">
        <div className="h-full bg-brand rounded-full" style={{ width: `${percent}%` }} />
      </div>
    </div>
  );
}
