// The duplicate desk: search the whole list, decide what was found, look back at what was merged.
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { CopyCheck, GitMerge, Network, Radar, Square } from 'lucide-react';
import { lazy, Suspense, useState } from 'react';
import { api } from '../api/client';
import { useLexicon } from '../api/dictionary';
import type { ObjectType, Rec } from '../api/types';
import { useFormat } from '../format/use-format';
import { useLabel, useT } from '../i18n';
import { faultText } from '../session/fault-text';
import { CUSTOMER_OBJECT } from '../shell/nav';
import { Tip } from '../tips/tip';
import { Chip, Empty, PageRegion, PageTitle, Segments, SkeletonRows, useTitle } from '../ui/bits';
import { Button } from '../ui/button';
import { cx } from '../ui/cx';
import { Confirm } from '../ui/dialog';
import { toast } from '../ui/toast';
import { Compare } from './compare';
import { Merges } from './merges';
import { DESK, decide, type Group, groupsQuery, type Run, runQuery, type Tab } from './queries';
import { useDeskText } from './text';

const WeightsInUse = lazy(() => import('./weights'));
const Policy = lazy(() => import('./policy'));
const Survivors = lazy(() => import('./survivors'));

/** Groups that are merged in one go; the server takes as many. */
const AT_ONCE = 100;
const OBJECTS = [CUSTOMER_OBJECT, 'contact'];

export default function DuplicatesPage() {
  const t = useT();
  const d = useDeskText();
  const label = useLabel();
  const { find } = useLexicon();
  const objects = OBJECTS.map(find).filter((one): one is ObjectType => one?.can.update === true && one.can.delete);
  const [name, setName] = useState(CUSTOMER_OBJECT);
  const [tab, setTab] = useState<Tab>('certain');
  const object = objects.find((one) => one.name === name) ?? objects[0];
  useTitle(t.desk.title);
  if (!object) return <Empty icon={CopyCheck} title={d.notYours} text={d.notYoursHint} />;
  return (
    <PageRegion label={t.desk.title}>
      <PageTitle title={t.desk.title}>
        {objects.length > 1 && (
          <Segments
            label={d.object}
            value={object.name}
            onChange={setName}
            options={objects.map((one) => ({ value: one.name, label: label(one.label) }))}
          />
        )}
      </PageTitle>
      <Tip of="duplicates" />
      <div className="px-4 pb-10 flex flex-col gap-4 md:max-w-5xl">
        <Search object={object} />
        <Suspense fallback={null}>
          <WeightsInUse key={object.name} object={object} />
          <Policy key={`policy.${object.name}`} object={object} />
          <Survivors key={`survivors.${object.name}`} object={object} />
        </Suspense>
        <Tabs object={object} tab={tab} onChange={setTab} />
        {tab === 'merges' ? (
          <Merges key={object.name} object={object} />
        ) : (
          <Found key={`${object.name}.${tab}`} object={object} tab={tab} />
        )}
      </div>
    </PageRegion>
  );
}

function Search({ object }: { object: ObjectType }) {
  const t = useT();
  const d = useDeskText();
  const label = useLabel();
  const format = useFormat();
  const client = useQueryClient();
  const { data: run } = useQuery(runQuery(object.name));
  const running = run?.state === 'running';
  const [seen, setSeen] = useState(running);
  if (seen !== running) {
    setSeen(running);
    // What was found is there now.
    if (!running) void client.invalidateQueries({ queryKey: [DESK, object.name, 'groups'] });
  }
  const path = `/records/${object.name}/duplicate-run`;
  const change = useMutation({
    mutationFn: (to: 'start' | 'cancel') => api.post(to === 'start' ? path : `${path}/cancel`, {}),
    onSettled: () => client.invalidateQueries({ queryKey: [DESK, object.name, 'run'] }),
    onError: (cause) => toast(faultText(cause, t), { tone: 'danger' }),
  });
  return (
    <section className="rounded-lg border border-line p-3 flex flex-wrap items-center gap-3">
      <Radar size={20} aria-hidden className="text-brand-ink shrink-0" />
      <div className="flex-1 min-w-48" aria-live="polite">
        <p className="font-medium">{running ? d.searching(label(object.label)) : d.whole(label(object.label))}</p>
        <p className="text-ink-3">{run ? <Progress run={run} format={format.moment(run.at)} /> : d.never}</p>
      </div>
      {running ? (
        <Button icon={Square} disabled={change.isPending} onClick={() => change.mutate('cancel')}>
          {d.stop}
        </Button>
      ) : (
        <Button variant="primary" icon={Radar} disabled={change.isPending} onClick={() => change.mutate('start')}>
          {d.start}
        </Button>
      )}
      {running && (
        <progress
          className="w-full h-1.5"
          aria-label={d.progress}
          max={Math.max(run.total, run.done, 1)}
          value={run.done}
        />
      )}
    </section>
  );
}

function Progress({ run, format }: { run: Run; format: string }) {
  const d = useDeskText();
  const { fullNumber } = useFormat();
  if (run.state === 'running') return d.done(fullNumber(run.done));
  return d.last(format, run.by.name ?? d.system, d.states[run.state], fullNumber(run.done));
}

function Tabs({ object, tab, onChange }: { object: ObjectType; tab: Tab; onChange: (tab: Tab) => void }) {
  const d = useDeskText();
  const { data } = useInfiniteQuery(groupsQuery(object.name, 'certain'));
  const counts = data?.pages[0]?.counts;
  const all: Tab[] = ['certain', 'likely', 'possible', 'branch', 'merges'];
  return (
    <div className="overflow-x-auto thin-bar -mx-4 px-4">
      <Segments
        label={d.show}
        value={tab}
        onChange={onChange}
        options={all.map((one) => ({
          value: one,
          label: one !== 'merges' && counts ? `${d.tabs[one]} ${counts[one]}` : d.tabs[one],
        }))}
      />
    </div>
  );
}

function Found({ object, tab }: { object: ObjectType; tab: Exclude<Tab, 'merges'> }) {
  const t = useT();
  const d = useDeskText();
  const { data, isPending, hasNextPage, fetchNextPage, isFetchingNextPage } = useInfiniteQuery(
    groupsQuery(object.name, tab),
  );
  const groups = data?.pages.flatMap((page) => page.items) ?? [];
  const [open, setOpen] = useState<string | null>(null);
  if (isPending) return <SkeletonRows rows={4} />;
  if (groups.length === 0) {
    return <Empty icon={tab === 'branch' ? Network : CopyCheck} title={d.nothing} text={d.nothingHint} />;
  }
  return (
    <section className="flex flex-col gap-3" aria-label={d.tabs[tab]}>
      <p className="text-ink-2">{d.hints[tab]}</p>
      {tab === 'certain' && <Bulk object={object} groups={groups} />}
      <ul className="flex flex-col gap-3">
        {groups.map((group) => (
          <li key={group.id}>
            <GroupCard
              object={object}
              group={group}
              open={open === group.id}
              onOpen={() => setOpen(open === group.id ? null : group.id)}
            />
          </li>
        ))}
      </ul>
      {hasNextPage && (
        <Button disabled={isFetchingNextPage} onClick={() => void fetchNextPage()}>
          {t.common.more}
        </Button>
      )}
    </section>
  );
}

/** Merges what is certain in one go, after some of it was looked at. */
function Bulk({ object, groups }: { object: ObjectType; groups: Group[] }) {
  const d = useDeskText();
  const settle = useSettle(object);
  const [asking, setAsking] = useState(false);
  const some = groups.slice(0, AT_ONCE);
  return (
    <div className="rounded-lg bg-sunken p-3 flex flex-wrap items-center gap-3">
      <p className="flex-1 min-w-48 text-ink-2">{d.bulkHint}</p>
      <Button icon={GitMerge} onClick={() => setAsking(true)}>
        {d.bulk(some.length)}
      </Button>
      <Confirm
        open={asking}
        onClose={() => setAsking(false)}
        title={d.bulk(some.length)}
        text={d.bulkText}
        action={d.merge}
        onConfirm={async () => {
          const { results } = await decide(
            object.name,
            some.map((group) => group.id),
          );
          const failed = results.filter((result) => result.status !== 200).length;
          toast(d.bulkDone(results.length - failed, failed), { tone: failed > 0 ? 'info' : 'ok' });
          settle();
        }}
      />
    </div>
  );
}

export function useSettle(object: ObjectType): () => void {
  const client = useQueryClient();
  return () => {
    void client.invalidateQueries({ queryKey: [DESK, object.name] });
    void client.invalidateQueries({ queryKey: ['list', object.name] });
    void client.invalidateQueries({ queryKey: ['overview', object.name] });
    void client.invalidateQueries({ queryKey: ['record', object.name] });
  };
}

export function nameOf(object: ObjectType, record: Rec): string {
  const value = record[object.name_field];
  return typeof value === 'string' && value !== '' ? value : '—';
}

function GroupCard({
  object,
  group,
  open,
  onOpen,
}: {
  object: ObjectType;
  group: Group;
  open: boolean;
  onOpen: () => void;
}) {
  const t = useT();
  const d = useDeskText();
  const settle = useSettle(object);
  const act = useMutation({
    mutationFn: (dismiss: boolean) => decide(object.name, [group.id], dismiss),
    onSuccess: ({ results }, dismiss) => {
      const problem = results[0]?.problem;
      if (problem) toast(problem.detail ?? problem.title ?? '', { tone: 'danger' });
      else toast(dismiss ? d.dismissed : d.linked);
      settle();
    },
    onError: (cause) => toast(faultText(cause, t), { tone: 'danger' }),
  });
  const branch = group.kind === 'branch';
  return (
    <article className="rounded-lg border border-line overflow-hidden">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-2 p-3">
        <Chip color={group.tier === 'certain' ? 'green' : group.tier === 'likely' ? 'amber' : 'gray'}>
          {branch ? d.branch : d.sure(Math.floor(group.confidence * 100))}
        </Chip>
        <div className="flex-1 min-w-40">
          <h2 className="font-medium">
            {group.records.map((record) => nameOf(object, record)).join(branch ? ` ${d.above} ` : ' / ')}
          </h2>
          {group.reasons.length > 0 && (
            <p className="text-xs">
              {group.reasons.map(({ text, agrees }, index) => (
                <span key={text} className={agrees ? 'text-ink-2' : 'text-warn'}>
                  {index > 0 && <span className="text-ink-3"> · </span>}
                  {text}
                </span>
              ))}
            </p>
          )}
        </div>
        <div className="flex flex-wrap gap-2">
          <Button variant="ghost" disabled={act.isPending} onClick={() => act.mutate(true)}>
            {branch ? d.notBelow : d.notSame}
          </Button>
          {branch ? (
            <Button icon={Network} disabled={act.isPending} onClick={() => act.mutate(false)}>
              {d.link}
            </Button>
          ) : (
            <Button aria-expanded={open} onClick={onOpen}>
              {open ? d.close : d.compare}
            </Button>
          )}
        </div>
      </div>
      {!branch && open && (
        <div className={cx('border-t border-line')}>
          <Compare object={object} group={group} onDone={settle} />
        </div>
      )}
    </article>
  );
}
