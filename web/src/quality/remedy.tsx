// Remediation: a problem handed to the owners or the steward, the queue, and looking again.
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { ClipboardCheck, RefreshCw, Send } from 'lucide-react';
import { useState } from 'react';
import { api } from '../api/client';
import type { ObjectType } from '../api/types';
import { useFormat } from '../format/use-format';
import { useLabel, useT } from '../i18n';
import { faultText } from '../session/fault-text';
import { TASK_OBJECT } from '../shell/nav';
import { Chip, Empty, FieldFrame, Segments, SkeletonRows } from '../ui/bits';
import { Button } from '../ui/button';
import { Select } from '../ui/select';
import { toast } from '../ui/toast';
import { Card } from './card';
import { CARE, type Care, type Issue, issuesQuery } from './care-queries';
import { useCareText } from './care-text';
import { type Figures, figuresQuery } from './queries';

type Latest = NonNullable<Figures['latest']>;

export default function Remedy({ object, care }: { object: ObjectType; care: Care }) {
  const c = useCareText();
  const [own, setOwn] = useState(!care.can.oversee);
  const [state, setState] = useState<'open' | 'closed'>('open');
  return (
    <div className="flex flex-col gap-4">
      {care.can.care && <Dispatch object={object} days={care.settled.due_days} />}
      <Card title={c.queue} note={care.can.care && <Recheck object={object} />} wide>
        <div className="flex flex-wrap gap-2 pb-2">
          {care.can.oversee && (
            <Segments
              label={c.whose}
              value={own ? 'own' : 'all'}
              onChange={(value) => setOwn(value === 'own')}
              options={[
                { value: 'all', label: c.all },
                { value: 'own', label: c.own },
              ]}
            />
          )}
          <Segments
            label={c.state}
            value={state}
            onChange={setState}
            options={[
              { value: 'open', label: c.open },
              { value: 'closed', label: c.closed },
            ]}
          />
        </div>
        <Queue key={`${state}.${own}`} object={object} state={state} own={own} />
      </Card>
    </div>
  );
}

/** What the last figures found wrong, the most frequent first. */
function problemsOf(latest: Latest, c: ReturnType<typeof useCareText>, label: ReturnType<typeof useLabel>) {
  const fields = latest.fields.flatMap((field) => [
    { value: `missing:${field.field}`, name: c.missing(label(field.label)), count: field.missing },
    { value: `stale:${field.field}`, name: c.stale(label(field.label)), count: field.stale },
  ]);
  const rules = latest.rules.map((rule) => ({
    value: `rule:${rule.name}`,
    name: c.breaks(label(rule.label)),
    count: rule.hits,
  }));
  return [...rules, ...fields].filter((problem) => problem.count > 0).sort((a, b) => b.count - a.count);
}

function Dispatch({ object, days }: { object: ObjectType; days: number }) {
  const t = useT();
  const c = useCareText();
  const label = useLabel();
  const format = useFormat();
  const client = useQueryClient();
  const { data } = useQuery(figuresQuery(object.name));
  const [problem, setProblem] = useState<string | null>(null);
  const [to, setTo] = useState<'owner' | 'steward'>('owner');
  const send = useMutation({
    mutationFn: () =>
      api.post<{ made: number; more: boolean }>(`/quality/${object.name}/remedy`, { problem: problem ?? '', to }),
    onSuccess: ({ made, more }) => {
      toast(c.dispatched(made, more));
      void client.invalidateQueries({ queryKey: [CARE, object.name] });
    },
    onError: (cause) => toast(faultText(cause, t), { tone: 'danger' }),
  });
  const problems = data?.latest ? problemsOf(data.latest, c, label) : [];
  return (
    <Card title={c.dispatch} wide>
      <div className="grid gap-3 md:grid-cols-[minmax(0,2fr)_minmax(0,1fr)_auto] md:items-end">
        <FieldFrame id="remedy-problem" label={c.problem}>
          <Select
            id="remedy-problem"
            value={problem}
            onChange={setProblem}
            placeholder={c.chooseProblem}
            options={problems.map((one) => ({
              value: one.value,
              label: `${one.name} · ${c.count(format.number(one.count))}`,
            }))}
          />
        </FieldFrame>
        <FieldFrame id="remedy-to" label={c.to}>
          <Select
            id="remedy-to"
            value={to}
            onChange={setTo}
            options={[
              { value: 'owner', label: c.toOwner },
              { value: 'steward', label: c.toSteward },
            ]}
          />
        </FieldFrame>
        <Button
          variant="primary"
          icon={Send}
          disabled={problem === null || send.isPending}
          onClick={() => send.mutate()}
        >
          {c.dispatch}
        </Button>
      </div>
      <p className="text-xs text-ink-3 pt-2">{c.dispatchHint(days)}</p>
    </Card>
  );
}

function Recheck({ object }: { object: ObjectType }) {
  const t = useT();
  const c = useCareText();
  const client = useQueryClient();
  const recheck = useMutation({
    mutationFn: () =>
      api.post<{ closed: number; reopened: number; open: number }>(`/quality/${object.name}/recheck`, {}),
    onSuccess: ({ closed, reopened, open }) => {
      toast(c.rechecked(closed, reopened, open));
      void client.invalidateQueries({ queryKey: [CARE, object.name] });
    },
    onError: (cause) => toast(faultText(cause, t), { tone: 'danger' }),
  });
  return (
    <Button size="sm" icon={RefreshCw} disabled={recheck.isPending} onClick={() => recheck.mutate()}>
      {recheck.isPending ? c.rechecking : c.recheck}
    </Button>
  );
}

function Queue({ object, state, own }: { object: ObjectType; state: 'open' | 'closed'; own: boolean }) {
  const c = useCareText();
  const { data, isPending, hasNextPage, fetchNextPage, isFetchingNextPage } = useInfiniteQuery(
    issuesQuery(object.name, state, own),
  );
  if (isPending) return <SkeletonRows rows={3} />;
  const items = data?.pages.flatMap((page) => page.items) ?? [];
  if (items.length === 0)
    return (
      <Empty
        icon={ClipboardCheck}
        title={state === 'open' ? c.noIssues : c.noClosed}
        text={state === 'open' && !own ? c.noIssuesHint : undefined}
      />
    );
  return (
    <>
      <ul>
        {items.map((issue) => (
          <Row key={issue.id} object={object} issue={issue} />
        ))}
      </ul>
      {hasNextPage && (
        <Button className="mt-2" disabled={isFetchingNextPage} onClick={() => fetchNextPage()}>
          {c.more}
        </Button>
      )}
    </>
  );
}

function Row({ object, issue }: { object: ObjectType; issue: Issue }) {
  const t = useT();
  const c = useCareText();
  const label = useLabel();
  const format = useFormat();
  return (
    <li className="border-t border-line py-2 flex flex-col gap-1.5">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <Link
          to="/o/$object/$id"
          params={{ object: object.name, id: issue.record.id }}
          className="font-medium hover:underline touch:py-2.5"
        >
          {issue.record.name ?? t.common.unnamed}
        </Link>
        {issue.reopened > 0 && <Chip color="amber">{c.reopened(issue.reopened)}</Chip>}
        <span className="text-ink-3 text-xs md:ml-auto">
          {issue.closed_at
            ? c.closedAt(format.moment(issue.closed_at))
            : c.assigned(issue.assignee.name ?? c.someone, format.moment(issue.opened_at))}
        </span>
        {issue.task && (
          <Link
            to="/o/$object/$id"
            params={{ object: TASK_OBJECT, id: issue.task }}
            className="text-brand-ink hover:underline text-xs touch:py-2.5"
          >
            {c.task}
          </Link>
        )}
      </div>
      <div className="flex flex-wrap gap-1">
        {issue.problems.map((problem) => (
          <Chip key={problem.problem}>{label(problem.label)}</Chip>
        ))}
      </div>
    </li>
  );
}
