// How a manager's people keep up: late, planned, cared for by tier, kept in time, first answers; each figure leads to what is behind it.
import { queryOptions, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { ChevronDown, UsersRound } from 'lucide-react';
import { Fragment, type ReactNode, useState } from 'react';
import { api } from '../api/client';
import { fieldOf, useObject } from '../api/dictionary';
import type { Filter, Ref } from '../api/types';
import { useFormat } from '../format/use-format';
import { PromiseRow, UnplannedRow } from '../home/rows';
import { useLabel, useT } from '../i18n';
import { faultText } from '../session/fault-text';
import { CUSTOMER_OBJECT } from '../shell/nav';
import { Avatar, Empty, PageRegion, PageTitle, SkeletonRows, useTitle } from '../ui/bits';
import { cx } from '../ui/cx';
import { useLeakText } from './leaks-text';
import { useFollowNames } from './names';
import { promisesQuery } from './queries';

type Person = {
  user: Ref;
  department: Ref | null;
  late: number;
  today: number;
  week: number;
  kept: number;
  kept_late: number;
  missed: number;
  customers: number;
  unplanned: number;
  silent: number;
  new: number;
  unanswered: number;
  response_minutes: number | null;
};
type Team = {
  days: number;
  people: Person[];
  tiers: { tier: string | null; customers: number; silent: number }[];
  more: boolean;
};

const teamQuery = queryOptions({
  queryKey: ['team', 'figures'],
  queryFn: ({ signal }) => api.get<Team>('/team', signal),
  staleTime: 30_000,
});

/** A share in whole percent; none of nothing. */
function share(part: number, whole: number): number | null {
  return whole > 0 ? Math.round((part / whole) * 100) : null;
}

const sum = (people: Person[], of: (person: Person) => number) => people.reduce((total, one) => total + of(one), 0);

export default function TeamPage() {
  const t = useT();
  const l = useLeakText();
  const names = useFollowNames();
  const { data, error, isPending } = useQuery(teamQuery);
  useTitle(names.team);
  return (
    <PageRegion label={names.team}>
      <PageTitle title={names.team} count={data && l.team.people(data.people.length)} />
      {error ? (
        <p role="alert" className="px-4 text-danger">
          {faultText(error, t)}
        </p>
      ) : isPending ? (
        <SkeletonRows rows={6} />
      ) : data.people.length === 0 ? (
        <Empty icon={UsersRound} title={l.team.none} text={l.team.noneText} />
      ) : (
        <>
          <Whole team={data} />
          <Tiers team={data} />
          <People team={data} />
          {data.more && <p className="px-4 py-3 text-xs text-ink-3">{l.team.more}</p>}
        </>
      )}
    </PageRegion>
  );
}

function Whole({ team: { people, days } }: { team: Team }) {
  const l = useLeakText();
  const format = useFormat();
  const customers = sum(people, (one) => one.customers);
  const promised = sum(people, (one) => one.kept + one.kept_late + one.missed);
  const unanswered = sum(people, (one) => one.unanswered);
  const waits = people.flatMap((one) => one.response_minutes ?? []).sort((a, b) => a - b);
  const response = waits[Math.floor(waits.length / 2)];
  const percent = (value: number | null) => (value === null ? l.team.noFigure : `${value}%`);
  const tiles: { key: string; label: string; value: ReactNode; tone?: string; hint?: string }[] = [
    { key: 'late', label: l.team.late, value: format.number(sum(people, (one) => one.late)), tone: 'text-danger' },
    { key: 'today', label: l.team.today, value: format.number(sum(people, (one) => one.today)) },
    { key: 'unplanned', label: l.team.unplanned, value: format.number(sum(people, (one) => one.unplanned)) },
    {
      key: 'coverage',
      label: l.team.coverage,
      value: percent(share(customers - sum(people, (one) => one.silent), customers)),
      hint: l.team.coverageHint,
    },
    {
      key: 'kept',
      label: l.team.kept,
      value: percent(
        share(
          sum(people, (one) => one.kept),
          promised,
        ),
      ),
      hint: l.team.keptHint(days),
    },
    {
      key: 'response',
      label: l.team.response,
      value: response === undefined ? l.team.noFigure : format.minutes(response),
      hint: unanswered > 0 ? l.team.unanswered(unanswered) : l.team.responseHint(days),
    },
  ];
  return (
    <dl className="px-4 pb-4 grid grid-cols-2 md:grid-cols-6 gap-2 md:max-w-6xl" aria-label={l.team.whole}>
      {tiles.map(({ key, label, value, tone, hint }) => (
        <div key={key} className="rounded-lg border border-line px-3 py-2 min-w-0">
          <dt className="text-ink-2 truncate">{label}</dt>
          <dd>
            <span className={cx('block text-[20px] leading-7 font-semibold', value !== '0' && tone)}>{value}</span>
            {hint && <span className="block text-xs text-ink-3">{hint}</span>}
          </dd>
        </div>
      ))}
    </dl>
  );
}

function Tiers({ team: { tiers } }: { team: Team }) {
  const l = useLeakText();
  const label = useLabel();
  const format = useFormat();
  const customer = useObject(CUSTOMER_OBJECT);
  const options = (customer && fieldOf(customer, 'tier')?.options) ?? [];
  const rows = [...options.map((one) => one.value as string | null), null].flatMap((tier) => {
    const row = tiers.find((one) => one.tier === tier);
    return row ? [row] : [];
  });
  if (rows.length === 0) return null;
  return (
    <section aria-label={l.team.tiers} className="px-4 pb-5 md:max-w-3xl">
      <h2 className="font-semibold pb-2">{l.team.tiers}</h2>
      <dl className="flex flex-col gap-1.5">
        {rows.map(({ tier, customers, silent }) => {
          const covered = share(customers - silent, customers) ?? 0;
          const option = options.find((one) => one.value === tier);
          return (
            <div
              key={tier ?? 'none'}
              className="grid grid-cols-[4rem_minmax(0,1fr)_2.5rem_auto] md:grid-cols-[6rem_minmax(0,1fr)_3rem_11rem] items-center gap-3"
            >
              <dt className="text-ink-2 truncate">{option ? label(option.label) : l.noTier}</dt>
              <dd className="contents">
                <span aria-hidden className="h-3 rounded-sm bg-sunken overflow-hidden">
                  <span
                    className={cx(
                      'block h-full rounded-sm opacity-80',
                      covered >= 90 ? 'bg-ok' : covered >= 70 ? 'bg-warn' : 'bg-danger',
                    )}
                    style={{ width: `${covered}%` }}
                  />
                </span>
                <span className="text-right tabular-nums">{covered}%</span>
                <span className="text-xs text-ink-3 whitespace-nowrap tabular-nums">
                  {l.team.tierOf(format.number(customers - silent), format.number(customers))}
                </span>
              </dd>
            </div>
          );
        })}
      </dl>
    </section>
  );
}

const CELL = 'px-2 text-right whitespace-nowrap tabular-nums';

function People({ team: { people } }: { team: Team }) {
  const l = useLeakText();
  const format = useFormat();
  const [open, setOpen] = useState<string | null>(null);
  const heads: [string, string?][] = [
    [l.team.late],
    [l.team.today],
    [l.team.week],
    [l.team.customers],
    [l.team.unplanned],
    [l.team.silent],
    [l.team.coverage, l.team.coverageHint],
    [l.team.kept],
    [l.team.response],
  ];
  return (
    <div className="border-t border-line">
      <table className="w-full max-md:hidden">
        <thead>
          <tr className="text-xs text-ink-3">
            <th scope="col" className="text-left font-normal px-4 py-2">
              {l.team.person}
            </th>
            {heads.map(([head, hint]) => (
              <th key={head} scope="col" title={hint} className={cx(CELL, 'font-normal py-2')}>
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {people.map((person) => (
            <Fragment key={person.user.id}>
              <tr className="border-t border-line hover:bg-[color-mix(in_srgb,var(--sunken)_60%,var(--surface))]">
                <th scope="row" className="text-left font-normal px-4 py-1">
                  <Opener person={person} open={open === person.user.id} onOpen={setOpen} />
                </th>
                <td className={CELL}>
                  <Late person={person} onOpen={setOpen} />
                </td>
                <td className={CELL}>{format.number(person.today)}</td>
                <td className={CELL}>{format.number(person.week)}</td>
                <td className={CELL}>
                  <Customers person={person} which="all" />
                </td>
                <td className={CELL}>
                  <Customers person={person} which="unplanned" />
                </td>
                <td className={CELL}>
                  <Customers person={person} which="silent" />
                </td>
                <td className={CELL}>
                  <Percent value={share(person.customers - person.silent, person.customers)} />
                </td>
                <td className={CELL}>
                  <Percent value={share(person.kept, person.kept + person.kept_late + person.missed)} />
                </td>
                <td className={CELL} title={person.unanswered > 0 ? l.team.unanswered(person.unanswered) : undefined}>
                  {person.response_minutes === null ? l.team.noFigure : format.minutes(person.response_minutes)}
                </td>
              </tr>
              {open === person.user.id && (
                <tr>
                  <td colSpan={heads.length + 1} className="bg-sunken/40">
                    <Promises user={person.user} />
                  </td>
                </tr>
              )}
            </Fragment>
          ))}
        </tbody>
      </table>
      <ul className="md:hidden">
        {people.map((person) => (
          <li key={person.user.id} className="border-b border-line px-4 py-2">
            <Opener person={person} open={open === person.user.id} onOpen={setOpen} />
            <dl className="grid grid-cols-3 gap-x-3 gap-y-1">
              <Figure label={l.team.late}>
                <Late person={person} onOpen={setOpen} />
              </Figure>
              <Figure label={l.team.today}>{format.number(person.today)}</Figure>
              <Figure label={l.team.unplanned}>
                <Customers person={person} which="unplanned" />
              </Figure>
              <Figure label={l.team.silent}>
                <Customers person={person} which="silent" />
              </Figure>
              <Figure label={l.team.coverage}>
                <Percent value={share(person.customers - person.silent, person.customers)} />
              </Figure>
              <Figure label={l.team.response}>
                {person.response_minutes === null ? l.team.noFigure : format.minutes(person.response_minutes)}
              </Figure>
            </dl>
            {open === person.user.id && (
              <div className="-mx-4">
                <Promises user={person.user} />
              </div>
            )}
          </li>
        ))}
      </ul>
    </div>
  );
}

function Figure({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div className="min-w-0">
      <dt className="text-xs text-ink-3 truncate">{label}</dt>
      <dd className="min-h-6 touch:min-h-11 flex items-center">{children}</dd>
    </div>
  );
}

function Opener({
  person: { user, department },
  open,
  onOpen,
}: {
  person: Person;
  open: boolean;
  onOpen: (id: string | null) => void;
}) {
  const t = useT();
  const l = useLeakText();
  const name = user.name ?? t.common.hidden;
  return (
    <button
      type="button"
      aria-expanded={open}
      className="flex items-center gap-2 min-h-10 touch:min-h-11 text-left hover:text-brand-ink"
      onClick={() => onOpen(open ? null : user.id)}
    >
      <ChevronDown size={14} aria-hidden className={cx('text-ink-3 transition-transform', !open && '-rotate-90')} />
      <Avatar name={name} size="md" />
      <span>
        <span className="block font-medium">{name}</span>
        {department?.name && <span className="block text-xs text-ink-3">{department.name}</span>}
        <span className="sr-only">{l.team.tasks}</span>
      </span>
    </button>
  );
}

const LINK =
  'inline-flex items-center min-h-8 touch:min-h-11 min-w-8 justify-end max-md:justify-start hover:text-brand-ink hover:underline';

function Late({ person, onOpen }: { person: Person; onOpen: (id: string) => void }) {
  const l = useLeakText();
  const format = useFormat();
  if (person.late === 0) return <span className="text-ink-3">0</span>;
  return (
    <button type="button" className={cx(LINK, 'text-danger font-medium')} onClick={() => onOpen(person.user.id)}>
      <span className="sr-only">{l.team.seeLate(person.user.name ?? '')} </span>
      {format.number(person.late)}
    </button>
  );
}

function Customers({ person, which }: { person: Person; which: 'all' | 'unplanned' | 'silent' }) {
  const l = useLeakText();
  const format = useFormat();
  const name = person.user.name ?? '';
  const count = which === 'all' ? person.customers : person[which];
  if (count === 0) return <span className="text-ink-3">0</span>;
  if (which === 'silent') {
    return (
      <Link to="/leaks" search={{ reason: 'silent', owner: person.user.id }} className={LINK}>
        <span className="sr-only">{l.team.seeSilent(name)} </span>
        {format.number(count)}
      </Link>
    );
  }
  const living: Filter[] = [
    { field: 'owner', op: 'in', value: [person.user.id] },
    { field: 'stage', op: 'not_in', value: ['lost'] },
  ];
  return (
    <Link
      to="/o/$object"
      params={{ object: CUSTOMER_OBJECT }}
      search={{
        filter: { all: which === 'all' ? living : [...living, { field: 'next_step_at', op: 'is_empty' }] },
      }}
      className={LINK}
    >
      <span className="sr-only">{which === 'all' ? l.team.seeCustomers(name) : l.team.seeUnplanned(name)} </span>
      {format.number(count)}
    </Link>
  );
}

function Percent({ value }: { value: number | null }) {
  const l = useLeakText();
  if (value === null) return <span className="text-ink-3">{l.team.noFigure}</span>;
  return <span className={value < 70 ? 'text-danger' : value < 90 ? 'text-warn' : 'text-ok'}>{value}%</span>;
}

/** What is late, today and this week for one person, to be done or put off on their behalf as far as rights go. */
function Promises({ user }: { user: Ref }) {
  const l = useLeakText();
  const late = useQuery(promisesQuery('late', { owner: user.id }, 20));
  const today = useQuery(promisesQuery('today', { owner: user.id }, 20));
  const week = useQuery(promisesQuery('week', { owner: user.id }, 20));
  const items = [late, today, week].flatMap((one) => one.data?.items ?? []);
  if (late.isPending || today.isPending || week.isPending) return <SkeletonRows rows={2} />;
  if (items.length === 0) return <p className="px-6 py-3 text-ink-3">{l.team.noPromises}</p>;
  return (
    <ul>
      {items.map((item) =>
        item.id === null ? (
          <UnplannedRow key={item.record.id} item={item} />
        ) : (
          <PromiseRow key={item.id} item={{ ...item, id: item.id }} />
        ),
      )}
    </ul>
  );
}
