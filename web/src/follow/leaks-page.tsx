// 漏跟进雷达: customers that nobody looks after, why, for how long, whether it gets better, and one click to mend it.
import { useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { CalendarPlus, PenLine, Radar, ShieldAlert, ShieldCheck, Undo2, UserPlus } from 'lucide-react';
import { lazy, Suspense, useState } from 'react';
import { fieldOf, useObject } from '../api/dictionary';
import { refId, refName } from '../api/records';
import type { ObjectType, Rec } from '../api/types';
import { FieldView } from '../fields';
import { useFormat } from '../format/use-format';
import { useLabel, useT } from '../i18n';
import { recordName } from '../records/name';
import { faultText } from '../session/fault-text';
import { CUSTOMER_OBJECT } from '../shell/nav';
import { NotFound } from '../shell/not-found';
import { openLog } from '../shell/overlays';
import type { LeakSearch } from '../shell/router';
import { Tip } from '../tips/tip';
import { Chip, Empty, PageRegion, PageTitle, SkeletonRows, useTitle } from '../ui/bits';
import { Button, IconButton } from '../ui/button';
import { cx } from '../ui/cx';
import { Select } from '../ui/select';
import { byCustomer, type LeakCounts, type Leaking, leakCountsQuery, leaksQuery, REASONS, type Reason } from './leaks';
import { useLeakText } from './leaks-text';
import type { Mend } from './mend-dialog';
import { useFollowNames } from './names';
import { promisesChanged } from './queries';
import { Sparkline } from './sparkline';

const MendDialog = lazy(() => import('./mend-dialog'));
const AssignByRule = lazy(() => import('../assignment/run-button'));
const ClaimOne = lazy(() => import('../pool/claim-button'));

const COLORS: Record<Reason, string> = { no_owner: 'red', owner_left: 'red', no_next_step: 'amber', silent: 'purple' };
const ANY = '';

export default function LeaksPage() {
  const object = useObject(CUSTOMER_OBJECT);
  if (!object) return <NotFound />;
  return <Leaks object={object} />;
}

function Leaks({ object }: { object: ObjectType }) {
  const t = useT();
  const l = useLeakText();
  const names = useFollowNames();
  const format = useFormat();
  const client = useQueryClient();
  const asked = useSearch({ from: '/leaks' });
  const navigate = useNavigate();
  const ask = (part: Partial<LeakSearch>) =>
    void navigate({ to: '/leaks', search: (before) => ({ ...before, ...part }), replace: true });
  const counts = useQuery(leakCountsQuery(asked));
  // What the tiles and choices offer is counted without what they themselves choose.
  const whole = useQuery(leakCountsQuery({ ...asked, reason: undefined }));
  const { data, error, isPending, hasNextPage, isFetchingNextPage, fetchNextPage } = useInfiniteQuery(
    leaksQuery(asked),
  );
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const [mending, setMending] = useState<{ mend: Mend; customers: Leaking[] } | null>(null);
  useTitle(names.leaks);
  const rows = byCustomer(data?.pages.flatMap((page) => page.items) ?? []);
  const picked = rows.filter((row) => chosen.has(row.customer.id));
  const owned = picked.filter((row) => ownerOf(row.customer) !== null);
  const filtered = Object.values(asked).some((value) => value !== undefined);
  const toggle = (id: string) => {
    const next = new Set(chosen);
    if (!next.delete(id)) next.add(id);
    setChosen(next);
  };
  return (
    <PageRegion label={names.leaks}>
      <PageTitle title={names.leaks} count={counts.data && l.customers(format.number(counts.data.customers))}>
        <Checked checked={counts.data?.checked} loading={!counts.data} className="max-md:hidden" />
      </PageTitle>
      <Tip of="leaks" />
      <p className="px-4 -mt-1 pb-2 text-ink-2">{l.intro}</p>
      <Checked checked={counts.data?.checked} loading={!counts.data} className="md:hidden px-4 pb-2" />
      <div className="px-4 pb-3 grid grid-cols-2 md:grid-cols-[repeat(4,minmax(0,10rem))_minmax(0,1fr)] gap-2 md:max-w-6xl">
        {REASONS.map((reason) => {
          const count = whole.data?.reasons[reason] ?? 0;
          return (
            <button
              key={reason}
              type="button"
              aria-pressed={asked.reason === reason}
              onClick={() => ask({ reason: asked.reason === reason ? undefined : reason })}
              className={cx(
                'flex flex-col items-start rounded-lg border px-3 py-2 text-left min-w-0',
                asked.reason === reason ? 'border-brand bg-brand-soft' : 'border-line hover:border-line-strong',
              )}
            >
              <span className={cx('text-[20px] leading-7 font-semibold', count > 0 ? 'text-ink' : 'text-ink-3')}>
                {whole.data ? format.number(count) : '\u00a0'}
              </span>
              <span className="text-ink-2 max-w-full truncate">{l.reasons[reason]}</span>
            </button>
          );
        })}
        <Trend counts={counts.data} />
      </div>
      <Filters object={object} asked={asked} counts={whole.data} onAsk={ask} filtered={filtered} />
      {picked.length > 0 && (
        <div
          role="toolbar"
          aria-label={l.selected(picked.length)}
          className="sticky top-0 z-20 flex flex-wrap items-center gap-2 px-4 py-2 bg-brand-soft border-y border-line"
        >
          <span className="font-medium">{l.selected(picked.length)}</span>
          <Button size="sm" icon={UserPlus} onClick={() => setMending({ mend: 'assign', customers: picked })}>
            {l.assign}
          </Button>
          {object.can.update && (
            <Suspense fallback={null}>
              <AssignByRule
                small
                records={picked.map((row) => row.customer)}
                onDone={() => {
                  setChosen(new Set());
                  promisesChanged(client);
                }}
              />
            </Suspense>
          )}
          <Button size="sm" icon={CalendarPlus} onClick={() => setMending({ mend: 'plan', customers: picked })}>
            {l.plan}
          </Button>
          {owned.length > 0 && (
            <Button size="sm" icon={Undo2} onClick={() => setMending({ mend: 'pool', customers: owned })}>
              {l.pool}
            </Button>
          )}
          <Button size="sm" variant="ghost" onClick={() => setChosen(new Set())}>
            {t.list.clearSelection}
          </Button>
        </div>
      )}
      {error ? (
        <p role="alert" className="p-4 text-danger">
          {faultText(error, t)}
        </p>
      ) : isPending ? (
        <SkeletonRows rows={8} />
      ) : rows.length === 0 ? (
        <Empty icon={Radar} title={filtered ? l.noneFiltered : l.none} text={filtered ? undefined : l.noneText}>
          {filtered && (
            <Button onClick={() => void navigate({ to: '/leaks', search: {}, replace: true })}>{l.clearFilters}</Button>
          )}
        </Empty>
      ) : (
        <ul className="border-t border-line">
          {rows.map((row) => (
            <LeakRow
              key={row.customer.id}
              object={object}
              row={row}
              chosen={chosen.has(row.customer.id)}
              onChoose={() => toggle(row.customer.id)}
              onMend={(mend) => setMending({ mend, customers: [row] })}
            />
          ))}
        </ul>
      )}
      {hasNextPage && (
        <div className="p-4">
          <Button disabled={isFetchingNextPage} onClick={() => void fetchNextPage()}>
            {l.more}
          </Button>
        </div>
      )}
      {mending && (
        <Suspense fallback={null}>
          <MendDialog
            mend={mending.mend}
            customers={mending.customers.map(({ customer }) => ({
              id: customer.id,
              name: recordName(object, customer, t.common.unnamed),
              owner: ownerOf(customer),
            }))}
            onClose={() => setMending(null)}
            onDone={() => {
              setMending(null);
              setChosen(new Set());
            }}
          />
        </Suspense>
      )}
    </PageRegion>
  );
}

function ownerOf(customer: Rec) {
  const id = refId(customer.owner);
  return id ? { id, name: refName(customer.owner) } : null;
}

function Checked({
  checked,
  loading,
  className,
}: {
  checked: LeakCounts['checked'] | undefined;
  loading: boolean;
  className?: string;
}) {
  const l = useLeakText();
  const format = useFormat();
  if (loading) return null;
  const broken = checked ? checked.broken : 0;
  const Icon = broken > 0 ? ShieldAlert : ShieldCheck;
  const text = !checked
    ? l.unchecked
    : broken > 0
      ? l.checkedBroken(format.moment(checked.at), broken)
      : l.checkedAt(format.moment(checked.at));
  return (
    <p
      className={cx(
        'flex items-center gap-1.5 text-xs',
        broken > 0 ? 'text-danger' : checked ? 'text-ok' : 'text-ink-3',
        className,
      )}
    >
      <Icon size={15} aria-hidden className="shrink-0" />
      {text}
    </p>
  );
}

function Trend({ counts }: { counts: LeakCounts | undefined }) {
  const l = useLeakText();
  const points = counts?.trend ?? [];
  const [first, last] = [points[0]?.open ?? 0, points.at(-1)?.open ?? 0];
  const change = last - first;
  return (
    <section
      aria-label={l.trend}
      className="col-span-2 md:col-span-1 rounded-lg border border-line px-3 py-2 flex items-center gap-3 min-w-0"
    >
      <div className="shrink-0">
        <h2 className="text-xs text-ink-3">{l.trend}</h2>
        <p className={cx('font-semibold', change > 0 ? 'text-danger' : change < 0 ? 'text-ok' : 'text-ink-2')}>
          {change > 0 ? l.worse(change) : change < 0 ? l.better(-change) : l.same}
        </p>
      </div>
      {points.length > 1 && (
        <Sparkline
          values={points.map((point) => point.open)}
          label={l.trendFrom(first, last)}
          className="flex-1 min-w-0 h-11 text-brand"
        />
      )}
    </section>
  );
}

function Filters({
  object,
  asked,
  counts,
  onAsk,
  filtered,
}: {
  object: ObjectType;
  asked: LeakSearch;
  counts: LeakCounts | undefined;
  onAsk: (part: Partial<LeakSearch>) => void;
  filtered: boolean;
}) {
  const l = useLeakText();
  const label = useLabel();
  const tiers = fieldOf(object, 'tier')?.options ?? [];
  const counted = (text: string, count: number) => `${text} · ${count}`;
  const owners = (counts?.owners ?? []).flatMap(({ owner, count }) =>
    owner ? [{ value: owner.id, label: counted(owner.name ?? '', count) }] : [],
  );
  const departments = (counts?.departments ?? []).flatMap(({ department, count }) =>
    department?.name ? [{ value: department.id, label: counted(department.name, count) }] : [],
  );
  const graded = (counts?.tiers ?? []).flatMap(({ tier, count }) => {
    const option = tiers.find((one) => one.value === tier);
    return option ? [{ value: option.value, label: counted(label(option.label), count) }] : [];
  });
  // The chosen one stays offered though nothing of it is left.
  const withChosen = (options: { value: string; label: string }[], chosen: string | undefined, known?: string) =>
    chosen && !options.some((one) => one.value === chosen)
      ? [...options, { value: chosen, label: known ?? '…' }]
      : options;
  const select = (
    key: 'owner' | 'department' | 'tier' | 'days',
    name: string,
    any: string,
    options: { value: string; label: string }[],
  ) => (
    <Select
      label={name}
      value={asked[key] ?? ANY}
      onChange={(value) => onAsk({ [key]: value === ANY ? undefined : value })}
      options={[{ value: ANY, label: any }, ...options]}
      className="w-auto! max-md:w-full!"
    />
  );
  return (
    <div className="px-4 pb-3 grid grid-cols-2 md:flex md:flex-wrap gap-2">
      {select(
        'days',
        l.age,
        l.anyAge,
        (counts?.ages ?? []).map(({ days, count }) => ({
          value: String(days),
          label: counted(l.atLeast(days), count),
        })),
      )}
      {owners.length > 0 || asked.owner ? select('owner', l.byOwner, l.anybody, withChosen(owners, asked.owner)) : null}
      {select('department', l.byDepartment, l.anyDepartment, withChosen(departments, asked.department))}
      {graded.length > 0 || asked.tier ? select('tier', l.byTier, l.anyTier, withChosen(graded, asked.tier)) : null}
      {filtered && (
        <Button
          variant="ghost"
          onClick={() =>
            onAsk({ reason: undefined, owner: undefined, department: undefined, tier: undefined, days: undefined })
          }
        >
          {l.clearFilters}
        </Button>
      )}
    </div>
  );
}

function LeakRow({
  object,
  row: { customer, reasons, days, pool },
  chosen,
  onChoose,
  onMend,
}: {
  object: ObjectType;
  row: Leaking;
  chosen: boolean;
  onChoose: () => void;
  onMend: (mend: Mend) => void;
}) {
  const t = useT();
  const l = useLeakText();
  const format = useFormat();
  const name = recordName(object, customer, t.common.unnamed);
  const owner = ownerOf(customer);
  const tier = fieldOf(object, 'tier');
  const last = typeof customer.last_contact_at === 'string' ? customer.last_contact_at : null;
  const ownerless = reasons.includes('no_owner') || reasons.includes('owner_left');
  return (
    <li className="flex items-center gap-2 px-4 min-h-12 py-1.5 border-b border-line hover:bg-[color-mix(in_srgb,var(--sunken)_60%,var(--surface))]">
      <label className="grid place-items-center size-6 touch:size-11 shrink-0">
        <input type="checkbox" className="check" aria-label={l.select(name)} checked={chosen} onChange={onChoose} />
      </label>
      <div className="flex-1 min-w-0 grid md:grid-cols-[minmax(0,16rem)_minmax(0,1fr)_9rem_7rem] gap-x-4 gap-y-1 items-center">
        <Link
          to="/o/$object/$id"
          params={{ object: object.name, id: customer.id }}
          className="font-medium truncate hover:text-brand-ink hover:underline touch:min-h-8 touch:leading-8"
        >
          {name}
        </Link>
        <span className="flex flex-wrap items-center gap-1">
          {reasons.map((reason) => (
            <Chip key={reason} color={COLORS[reason]}>
              {l.reasons[reason]}
            </Chip>
          ))}
          <span className="text-xs text-ink-2">{l.since(days)}</span>
        </span>
        <div className="md:contents flex items-center gap-3 min-w-0">
          <span className="text-ink-2 truncate flex items-center gap-1.5">
            {tier && Boolean(customer.tier) && (
              <FieldView field={tier} value={customer.tier} record={customer} compact />
            )}
            <span className="truncate">{owner?.name ?? pool?.name ?? ''}</span>
          </span>
          <span
            className="text-xs text-ink-3 truncate"
            title={last ? l.lastContact(format.fullMoment(last)) : undefined}
          >
            {last ? format.moment(last) : l.never}
          </span>
        </div>
      </div>
      <div className="flex items-center gap-0.5 shrink-0 max-md:flex-col">
        {pool && (
          <Suspense fallback={null}>
            <ClaimOne id={customer.id} name={name} />
          </Suspense>
        )}
        {ownerless ? (
          <IconButton
            icon={UserPlus}
            label={l.assignOf(name)}
            className={pool ? 'max-md:hidden' : undefined}
            onClick={() => onMend('assign')}
          />
        ) : (
          <IconButton icon={CalendarPlus} label={l.planOf(name)} onClick={() => onMend('plan')} />
        )}
        {owner && (
          <IconButton icon={Undo2} label={l.poolOf(name)} className="max-md:hidden" onClick={() => onMend('pool')} />
        )}
        <IconButton
          icon={PenLine}
          label={l.log(name)}
          onClick={() => openLog({ object: object.name, record: { id: customer.id, name } })}
        />
      </div>
    </li>
  );
}
