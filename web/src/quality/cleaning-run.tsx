// One cleaning: what it would change, kind by kind and value by value; what is left out; writing and taking back.
import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { ArrowRight, Ban, Check, CircleCheck, Undo2 } from 'lucide-react';
import { useState } from 'react';
import { api } from '../api/client';
import type { ObjectType } from '../api/types';
import { useFormat } from '../format/use-format';
import { useLabel, useT } from '../i18n';
import { faultText } from '../session/fault-text';
import { Chip, Empty, SkeletonRows } from '../ui/bits';
import { Button } from '../ui/button';
import { Confirm } from '../ui/dialog';
import { toast } from '../ui/toast';
import {
  atWork,
  type Change,
  CLEANING,
  type Count,
  changesQuery,
  type Fate,
  type Run,
  runQuery,
} from './cleaning-queries';
import { useCleaningText } from './cleaning-text';

const key = (count: Count) => `${count.origin} ${count.field} ${count.state}`;
const COLOR: Record<Fate, 'blue' | 'green' | 'gray' | 'amber'> = {
  proposed: 'blue',
  omitted: 'gray',
  applied: 'green',
  left: 'amber',
  undone: 'gray',
  kept: 'amber',
};

type Props = { object: ObjectType; run: Run };

export default function CleaningRun({ object, run }: Props) {
  const t = useT();
  const w = useCleaningText();
  const format = useFormat();
  const client = useQueryClient();
  const [out, setOut] = useState<ReadonlySet<string>>(new Set());
  const [without, setWithout] = useState<ReadonlyMap<number, string>>(new Map());
  const [undoing, setUndoing] = useState(false);
  const act = useMutation({
    mutationFn: ({ what, body }: { what: 'apply' | 'cancel' | 'undo'; body?: unknown }) =>
      api.post<Run>(`/cleaning/${object.name}/${run.id}/${what}`, body),
    onSuccess: (next) => {
      client.setQueryData(runQuery(object.name, run.id).queryKey, next);
      void client.invalidateQueries({ queryKey: [CLEANING, object.name, 'runs'] });
    },
    onError: (cause) => toast(faultText(cause, t), { tone: 'danger' }),
  });
  const ready = run.state === 'ready';
  const parts = run.counts.filter((count) => !out.has(key(count)));
  const single = [...without.values()].filter((part) => !out.has(part)).length;
  const toWrite = parts.reduce((sum, count) => sum + count.count, 0) - single;
  const apply = () => {
    const leave_out = run.counts.filter((count) => out.has(key(count))).map(({ origin, field }) => ({ origin, field }));
    act.mutate({ what: 'apply', body: { leave_out, without: [...without.keys()] } });
  };
  if (run.counts.length === 0)
    return (
      <>
        {ready && <Empty icon={CircleCheck} title={w.nothing} text={w.nothingHint} />}
        <Asked run={run} />
        {run.state === 'looking' && <Stop onStop={() => act.mutate({ what: 'cancel' })} label={w.stop} />}
      </>
    );
  return (
    <div className="flex flex-col gap-4">
      <Asked run={run} />
      <Kinds object={object} run={run} out={out} onOut={setOut} without={without} onWithout={setWithout} />
      {run.progress.more && <p className="text-ink-2">{w.more}</p>}
      <div className="flex flex-wrap items-center gap-2">
        {ready && (
          <Button variant="primary" icon={Check} disabled={act.isPending || toWrite <= 0} onClick={apply}>
            {w.apply(format.number(toWrite))}
          </Button>
        )}
        {ready && <Stop onStop={() => act.mutate({ what: 'cancel' })} label={w.drop} />}
        {(run.state === 'looking' || run.state === 'applying') && (
          <Stop onStop={() => act.mutate({ what: 'cancel' })} label={w.stop} />
        )}
        {run.undo_until && !atWork(run) && (
          <>
            <Button icon={Undo2} disabled={act.isPending} onClick={() => setUndoing(true)}>
              {w.undo}
            </Button>
            <span className="text-xs text-ink-3">{w.undoUntil(format.day(run.undo_until))}</span>
          </>
        )}
      </div>
      <Confirm
        open={undoing}
        onClose={() => setUndoing(false)}
        title={w.undo}
        text={w.undoAsk}
        action={w.undo}
        onConfirm={() => act.mutateAsync({ what: 'undo' })}
      />
    </div>
  );
}

function Stop({ onStop, label }: { onStop: () => void; label: string }) {
  return (
    <Button icon={Ban} className="self-start" onClick={onStop}>
      {label}
    </Button>
  );
}

/** How the questions to the provider went. */
function Asked({ run }: { run: Run }) {
  const w = useCleaningText();
  const { number } = useFormat();
  const { asked, cached, found, unknown, other, stopped } = run.provider;
  if (!run.origins.includes('provider')) return null;
  return (
    <div className="text-ink-2">
      <p>{w.asked(number(asked), number(cached), number(found), number(unknown))}</p>
      {other > 0 && <p>{w.other(number(other))}</p>}
      {stopped && <p className="text-warn">{w.stopped[stopped] ?? stopped}</p>}
    </div>
  );
}

type Chosen = {
  out: ReadonlySet<string>;
  onOut: (out: ReadonlySet<string>) => void;
  without: ReadonlyMap<number, string>;
  onWithout: (without: ReadonlyMap<number, string>) => void;
};

function Kinds({ object, run, out, onOut, ...rest }: Props & Chosen) {
  const w = useCleaningText();
  const label = useLabel();
  const { number } = useFormat();
  const [open, setOpen] = useState<string | null>(null);
  const shown = run.counts.find((count) => key(count) === open) ?? null;
  const toggle = (part: string) => {
    const next = new Set(out);
    if (!next.delete(part)) next.add(part);
    onOut(next);
  };
  return (
    <ul>
      {run.counts.map((count) => {
        const part = key(count);
        const name = `${w.origin[count.origin]} · ${label(count.label)}`;
        const choice = run.state === 'ready' && count.state === 'proposed';
        return (
          <li key={part} className="border-t border-line py-2">
            <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
              {choice && (
                <input
                  type="checkbox"
                  className="check"
                  aria-label={`${w.take}：${name}`}
                  checked={!out.has(part)}
                  onChange={() => toggle(part)}
                />
              )}
              <span className="flex-1 min-w-40">{name}</span>
              {!choice && <Chip color={COLOR[count.state]}>{w.fate[count.state]}</Chip>}
              <span className="tabular-nums">{number(count.count)}</span>
              <Button
                size="sm"
                aria-expanded={open === part}
                aria-label={`${w.see}：${name}`}
                onClick={() => setOpen(open === part ? null : part)}
              >
                {w.see}
              </Button>
            </div>
            {shown && open === part && (
              <Changes object={object} run={run} of={shown} choice={choice && !out.has(part)} {...rest} />
            )}
          </li>
        );
      })}
    </ul>
  );
}

type ChangesProps = Props & Pick<Chosen, 'without' | 'onWithout'> & { of: Count; choice: boolean };

function Changes({ object, run, of, choice, without, onWithout }: ChangesProps) {
  const w = useCleaningText();
  const { origin, field, state } = of;
  const { data, isPending, hasNextPage, fetchNextPage, isFetchingNextPage } = useInfiniteQuery(
    changesQuery(object.name, run, { origin, field, state }),
  );
  const toggle = (n: number) => {
    const next = new Map(without);
    if (!next.delete(n)) next.set(n, key(of));
    onWithout(next);
  };
  if (isPending) return <SkeletonRows rows={3} />;
  return (
    <>
      <ul className="pt-2 md:pl-6">
        {data?.pages
          .flatMap((page) => page.items)
          .map((change) => (
            <ChangeRow
              key={change.n}
              object={object}
              change={change}
              chosen={choice ? !without.has(change.n) : null}
              onToggle={() => toggle(change.n)}
            />
          ))}
      </ul>
      {hasNextPage && (
        <Button size="sm" className="mt-2" disabled={isFetchingNextPage} onClick={() => fetchNextPage()}>
          {w.loadMore}
        </Button>
      )}
    </>
  );
}

type RowProps = { object: ObjectType; change: Change; chosen: boolean | null; onToggle: () => void };

function ChangeRow({ object, change, chosen, onToggle }: RowProps) {
  const t = useT();
  const w = useCleaningText();
  const label = useLabel();
  const name = change.record.name ?? t.common.unnamed;
  return (
    <li className="py-1.5 flex items-start gap-2">
      {chosen !== null && (
        <input
          type="checkbox"
          className="check mt-0.5"
          aria-label={w.untick(name, label(change.label))}
          checked={chosen}
          onChange={onToggle}
        />
      )}
      <div className="min-w-0 flex-1 grid gap-x-4 md:grid-cols-[minmax(0,14rem)_minmax(0,1fr)_auto]">
        <Link
          to="/o/$object/$id"
          params={{ object: object.name, id: change.record.id }}
          className="truncate hover:underline touch:py-2.5"
        >
          {name}
        </Link>
        <span className="break-words min-w-0">
          <span className="text-ink-3">{change.before ?? w.empty}</span>
          <ArrowRight size={14} role="img" aria-label={w.becomes} className="inline mx-1.5 text-ink-3" />
          <span>{change.after ?? w.empty}</span>
        </span>
        <span className="text-xs text-ink-3 md:text-right">
          {change.reason ? label(change.reason) : change.origin === 'standard' ? '' : w.source(change.source)}
        </span>
      </div>
    </li>
  );
}
