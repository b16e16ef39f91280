// New data that waits to be accepted, by source: looked at, accepted or sent back.
import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { CheckCheck, Inbox, Undo2 } from 'lucide-react';
import { useState } from 'react';
import { api } from '../api/client';
import { fieldOf } from '../api/dictionary';
import type { ObjectType } from '../api/types';
import { useFormat } from '../format/use-format';
import { useLabel, useT } from '../i18n';
import { faultText } from '../session/fault-text';
import { Chip, Empty, FieldFrame, Segments, SkeletonRows } from '../ui/bits';
import { Button } from '../ui/button';
import { Select } from '../ui/select';
import { toast } from '../ui/toast';
import { Card } from './card';
import { CARE, type Waiting, type WaitingState, waitingQuery } from './care-queries';
import { useCareText } from './care-text';
import { Score } from './record-quality';

const EVERY = '*';

export default function Acceptance({ object }: { object: ObjectType }) {
  const t = useT();
  const c = useCareText();
  const label = useLabel();
  const format = useFormat();
  const client = useQueryClient();
  const [state, setState] = useState<WaitingState>('waiting');
  const [source, setSource] = useState(EVERY);
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const [reason, setReason] = useState('');
  const [returning, setReturning] = useState(false);
  const { data, isPending, hasNextPage, fetchNextPage, isFetchingNextPage } = useInfiniteQuery(
    waitingQuery(object.name, state, source === EVERY ? null : source),
  );
  const decide = useMutation({
    mutationFn: (accept: boolean) =>
      api.post<{ decided: number }>(`/quality/${object.name}/acceptance`, {
        records: [...chosen],
        accept,
        ...(accept ? {} : { reason }),
      }),
    onSuccess: ({ decided }) => {
      toast(c.decided(decided));
      setChosen(new Set());
      setReason('');
      setReturning(false);
      void client.invalidateQueries({ queryKey: [CARE, object.name] });
    },
    onError: (cause) => toast(faultText(cause, t), { tone: 'danger' }),
  });
  const items = data?.pages.flatMap((page) => page.items) ?? [];
  const options = fieldOf(object, 'source')?.options ?? [];
  const nameOf = (value: string | null) => {
    const option = options.find((one) => one.value === value);
    return option ? label(option.label) : (value ?? c.noSource);
  };
  const sources = (data?.pages[0]?.sources ?? []).filter((one) => one.source !== null);
  const toggle = (id: string) => {
    const next = new Set(chosen);
    if (!next.delete(id)) next.add(id);
    setChosen(next);
  };
  const show = (next: WaitingState) => {
    setState(next);
    setChosen(new Set());
  };
  return (
    <Card title={c.acceptance} wide>
      <div className="flex flex-wrap items-center gap-2 pb-2">
        <Segments
          label={c.state}
          value={state}
          onChange={show}
          options={[
            { value: 'waiting', label: c.waiting },
            { value: 'accepted', label: c.accepted },
            { value: 'returned', label: c.returned },
          ]}
        />
        <Select
          label={c.bySource}
          className="w-44"
          value={source}
          onChange={setSource}
          options={[
            { value: EVERY, label: c.everySource },
            ...sources.map((one) => ({
              value: one.source ?? '',
              label: `${nameOf(one.source)} · ${format.number(one.count)}`,
            })),
          ]}
        />
        {items.length > 0 && state !== 'accepted' && (
          <label className="flex items-center gap-2 touch:min-h-11">
            <input
              type="checkbox"
              className="check"
              checked={items.every((item) => chosen.has(item.record.id))}
              onChange={(event) =>
                setChosen(event.target.checked ? new Set(items.map((item) => item.record.id)) : new Set())
              }
            />
            {c.chooseAll}
          </label>
        )}
      </div>
      {chosen.size > 0 && (
        <div className="flex flex-wrap items-end gap-2 rounded-md bg-sunken p-2 mb-2">
          <span className="text-ink-2 self-center">{c.chosen(chosen.size)}</span>
          <Button variant="primary" icon={CheckCheck} disabled={decide.isPending} onClick={() => decide.mutate(true)}>
            {c.accept}
          </Button>
          {state === 'waiting' && !returning && (
            <Button icon={Undo2} onClick={() => setReturning(true)}>
              {c.sendBack}
            </Button>
          )}
          {returning && (
            <form
              className="flex flex-wrap items-end gap-2 flex-1 min-w-48"
              onSubmit={(event) => {
                event.preventDefault();
                decide.mutate(false);
              }}
            >
              <FieldFrame id="return-reason" label={c.reason} required className="flex-1 min-w-40">
                <input
                  id="return-reason"
                  className="control w-full"
                  maxLength={200}
                  required
                  value={reason}
                  onChange={(event) => setReason(event.target.value)}
                />
              </FieldFrame>
              <Button type="submit" icon={Undo2} disabled={decide.isPending || reason.trim() === ''}>
                {c.sendBack}
              </Button>
            </form>
          )}
        </div>
      )}
      {isPending ? (
        <SkeletonRows rows={3} />
      ) : items.length === 0 ? (
        <Empty
          icon={Inbox}
          title={state === 'waiting' ? c.nothingWaits : c.nothingDecided}
          text={state === 'waiting' ? c.nothingWaitsHint : undefined}
        />
      ) : (
        <ul>
          {items.map((item) => (
            <Row
              key={item.record.id}
              object={object}
              item={item}
              source={nameOf(item.source)}
              chosen={state === 'accepted' ? null : chosen.has(item.record.id)}
              onToggle={() => toggle(item.record.id)}
            />
          ))}
        </ul>
      )}
      {hasNextPage && (
        <Button className="mt-2" disabled={isFetchingNextPage} onClick={() => fetchNextPage()}>
          {c.more}
        </Button>
      )}
    </Card>
  );
}

type RowProps = { object: ObjectType; item: Waiting; source: string; chosen: boolean | null; onToggle: () => void };

function Row({ object, item, source, chosen, onToggle }: RowProps) {
  const t = useT();
  const c = useCareText();
  const label = useLabel();
  const format = useFormat();
  const name = item.record.name ?? t.common.unnamed;
  return (
    <li className="border-t border-line py-2 flex items-start gap-3">
      {chosen !== null && (
        <input
          type="checkbox"
          className="check mt-1"
          aria-label={c.choose(name)}
          checked={chosen}
          onChange={onToggle}
        />
      )}
      <Score value={item.score} />
      <div className="flex-1 min-w-0 flex flex-col gap-1">
        <div className="flex flex-wrap items-center gap-x-3">
          <Link
            to="/o/$object/$id"
            params={{ object: object.name, id: item.record.id }}
            className="font-medium hover:underline touch:py-2.5"
          >
            {name}
          </Link>
          <span className="text-ink-2">{source}</span>
          <span className="text-ink-3 text-xs md:ml-auto">
            {c.broughtBy(item.by?.name ?? c.someone, c.channel[item.channel] ?? '', format.moment(item.at))}
          </span>
        </div>
        <div className="flex flex-wrap gap-1">
          {item.problems.map((problem) => (
            <Chip key={problem.problem}>{label(problem.label)}</Chip>
          ))}
          {item.problems.length === 0 && <span className="text-ok text-xs">{c.fine}</span>}
        </div>
        {item.reason && <p className="text-ink-2">{`${c.reason}: ${item.reason}`}</p>}
      </div>
    </li>
  );
}
