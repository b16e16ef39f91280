// A first look at the figures, by the server's aggregate call; bars drawn as plain boxes, no chart library.
import { type UseQueryResult, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { ChartColumn } from 'lucide-react';
import type { ReactNode } from 'react';
import { fieldOf, useObject } from '../api/dictionary';
import { aggregate } from '../api/records';
import type { Filter, ObjectType, Option } from '../api/types';
import { RefText } from '../fields/lookup';
import { addDays, weekStart } from '../format/time';
import { useFormat } from '../format/use-format';
import { useLabel, useT } from '../i18n';
import { faultText } from '../session/fault-text';
import { CUSTOMER_OBJECT, LOG_OBJECT } from '../shell/nav';
import { Empty, PageRegion, PageTitle, SkeletonRows, useTitle } from '../ui/bits';
import { buttonClass } from '../ui/button';

type Row = { group: unknown[]; values: (number | null)[] };

function useFigures(key: string, object: ObjectType | undefined, body: Parameters<typeof aggregate>[1], usable = true) {
  return useQuery({
    queryKey: ['home', 'data', key, JSON.stringify(body)],
    queryFn: () => aggregate(object?.name ?? '', body),
    enabled: object !== undefined && usable,
    staleTime: 60_000,
  });
}

export default function DataPage() {
  const t = useT();
  const label = useLabel();
  const format = useFormat();
  const customer = useObject(CUSTOMER_OBJECT);
  const opportunity = useObject('opportunity');
  const log = useObject(LOG_OBJECT);
  const count = { kind: 'count' };
  const month: Filter = { field: 'occurred_at', op: 'within', value: { this: 'month' } };
  const since = addDays(weekStart(format.today()), -49);
  const customers = useFigures('customers', customer, { groups: ['stage'], measures: [count] });
  const deals = useFigures('deals', opportunity, {
    groups: ['stage'],
    measures: [count, { kind: 'sum', field: 'amount' }],
  });
  const people = useFigures('people', log, { filter: month, groups: ['owner'], measures: [count] });
  const weeks = useFigures('weeks', log, {
    filter: { field: 'occurred_at', op: 'gte', value: format.dayStart(since) },
    groups: [{ field: 'occurred_at', by: 'week' }],
    measures: [count],
  });
  useTitle(t.data.title);

  const byStage = (object: ObjectType | undefined, rows: Row[] | undefined): { option: Option; row: Row }[] => {
    const options = object ? (fieldOf(object, 'stage')?.options ?? []) : [];
    return options.map((option) => ({
      option,
      row: rows?.find((row) => row.group[0] === option.value) ?? { group: [option.value], values: [0, 0] },
    }));
  };
  if (!customer && !opportunity && !log) return <Empty icon={ChartColumn} title={t.data.none} />;
  return (
    <PageRegion label={t.data.title}>
      <PageTitle title={t.data.title}>
        <Link to="/data/quality" className={buttonClass()}>
          {t.quality.title}
        </Link>
      </PageTitle>
      <div className="grid grid-cols-1 md:grid-cols-2 gap-4 px-4 pb-8 md:max-w-6xl">
        {customer && (
          <Card title={t.data.byStage(label(customer.label))} of={customers}>
            <Bars
              rows={byStage(customer, customers.data?.rows).map(({ option, row }) => ({
                key: option.value,
                label: label(option.label),
                value: row.values[0] ?? 0,
                text: format.number(row.values[0] ?? 0),
                color: option.color,
              }))}
            />
          </Card>
        )}
        {opportunity && (
          <Card title={`${t.data.byStage(label(opportunity.label))} · ${t.data.amount}`} of={deals}>
            <Bars
              rows={byStage(opportunity, deals.data?.rows).map(({ option, row }) => ({
                key: option.value,
                label: label(option.label),
                value: row.values[1] ?? 0,
                text: format.money(row.values[1] ?? 0),
                hint: String(row.values[0] ?? 0),
                color: option.color,
              }))}
            />
          </Card>
        )}
        {log && (
          <Card title={`${t.data.followups} · ${t.data.byPerson}`} of={people}>
            <Bars
              rows={(people.data?.rows ?? [])
                .map((row) => ({
                  key: String(
                    row.group[0] && typeof row.group[0] === 'object'
                      ? (row.group[0] as { id: string }).id
                      : row.group[0],
                  ),
                  label: row.group[0] ? <RefText object="user" value={row.group[0]} /> : t.common.none,
                  value: row.values[0] ?? 0,
                  text: format.number(row.values[0] ?? 0),
                  color: 'blue',
                }))
                .sort((a, b) => b.value - a.value)
                .slice(0, 10)}
            />
          </Card>
        )}
        {log && (
          <Card title={t.data.weekly} of={weeks}>
            <Columns
              rows={(weeks.data?.rows ?? []).map((row) => ({ key: String(row.group[0]), value: row.values[0] ?? 0 }))}
            />
          </Card>
        )}
      </div>
    </PageRegion>
  );
}

/** What is not known yet is no zero. */
function Card({ title, of, children }: { title: string; of: UseQueryResult; children: ReactNode }) {
  const t = useT();
  return (
    <section className="min-w-0 rounded-lg border border-line p-4 flex flex-col gap-3 min-h-48">
      <h2 className="font-semibold">{title}</h2>
      {of.isPending && <SkeletonRows rows={3} />}
      {of.isError && !of.data && <p className="text-danger">{faultText(of.error, t)}</p>}
      {of.data !== undefined && children}
    </section>
  );
}

const FILL: Record<string, string> = {
  gray: 'bg-line-strong',
  blue: 'bg-brand',
  green: 'bg-ok',
  amber: 'bg-warn',
  orange: 'bg-warn',
  red: 'bg-danger',
  purple: 'bg-violet',
  cyan: 'bg-teal',
};

function Bars({
  rows,
}: {
  rows: { key: string; label: ReactNode; value: number; text: string; hint?: string; color?: string | null }[];
}) {
  const t = useT();
  const max = Math.max(1, ...rows.map((row) => row.value));
  if (rows.length === 0) return <p className="text-ink-3">{t.data.none}</p>;
  return (
    <dl className="flex flex-col gap-1.5">
      {rows.map((row) => (
        <div key={row.key} className="grid grid-cols-[5.5rem_minmax(0,1fr)_auto] items-center gap-3">
          <dt className="text-ink-2 truncate">{row.label}</dt>
          <dd className="contents">
            <span aria-hidden className="h-4 rounded-sm bg-sunken overflow-hidden">
              <span
                className={`block h-full rounded-sm opacity-80 ${FILL[row.color ?? 'blue'] ?? 'bg-brand'}`}
                style={{ width: `${(row.value / max) * 100}%` }}
              />
            </span>
            <span className="text-right whitespace-nowrap min-w-16">
              {row.text}
              {row.hint && <span className="text-ink-3 text-xs ml-1.5">{row.hint}</span>}
            </span>
          </dd>
        </div>
      ))}
    </dl>
  );
}

function Columns({ rows }: { rows: { key: string; value: number }[] }) {
  const t = useT();
  const sorted = [...rows].sort((a, b) => a.key.localeCompare(b.key)).slice(-8);
  const max = Math.max(1, ...sorted.map((row) => row.value));
  if (sorted.length === 0) return <p className="text-ink-3">{t.data.none}</p>;
  return (
    <ol className="flex items-end gap-2 h-40 pt-4">
      {sorted.map((row) => (
        <li key={row.key} className="flex-1 flex flex-col items-center justify-end gap-1 h-full min-w-0">
          <span className="text-xs">{row.value}</span>
          <span
            aria-hidden
            className="w-full max-w-10 rounded-t-sm bg-brand opacity-80"
            style={{ height: `${(row.value / max) * 70}%` }}
          />
          <span className="text-xs text-ink-3 truncate max-w-full">{row.key.slice(5, 10) || row.key}</span>
        </li>
      ))}
    </ol>
  );
}
