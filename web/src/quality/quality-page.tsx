// The quality centre: how good the data is, how it goes, where it is worst, and what to do first.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { RefreshCw, ShieldAlert, ShieldCheck, SlidersHorizontal } from 'lucide-react';
import { lazy, type ReactNode, Suspense, useState } from 'react';
import { Fault } from '../api/client';
import { fieldOf, useLexicon } from '../api/dictionary';
import { aggregate, queryRecords, refId } from '../api/records';
import type { ObjectType } from '../api/types';
import { RefText } from '../fields/lookup';
import { useFormat } from '../format/use-format';
import { useLabel, useT } from '../i18n';
import { recordName } from '../records/name';
import { faultText } from '../session/fault-text';
import { Chip, Empty, PageRegion, PageTitle, Segments, SkeletonRows, useTitle } from '../ui/bits';
import { Button } from '../ui/button';
import { cx } from '../ui/cx';
import { toast } from '../ui/toast';
import { Card } from './card';
import { careQuery } from './care-queries';
import { useCareText } from './care-text';
import { type Dimension, type Figures, figuresQuery, measureNow, SEVERITY_COLOR, toneOf } from './queries';
import { Score } from './record-quality';
import type { Section } from './roles';
import { useQualityText } from './text';

const RulesEditor = lazy(() => import('./rules-editor'));
const Remedy = lazy(() => import('./remedy'));
const Acceptance = lazy(() => import('./acceptance'));
const Cleaning = lazy(() => import('./cleaning'));
const SelfCheck = lazy(() => import('./check'));
const Review = lazy(() => import('./review'));
const Roles = lazy(() => import('./roles'));

const DIMENSIONS: Dimension[] = ['completeness', 'validity', 'uniqueness', 'consistency', 'timeliness'];
const FILL = { ok: 'bg-ok', warn: 'bg-warn', danger: 'bg-danger' };
const INK = { ok: 'text-ok', warn: 'text-warn', danger: 'text-danger' };
const SCORE = 'quality_score';

export default function QualityPage() {
  const t = useT();
  const q = useQualityText();
  const label = useLabel();
  const { objects } = useLexicon();
  const measured = objects.filter((object) => object.fields.some((field) => field.name === SCORE));
  const [chosen, setChosen] = useState<string | null>(null);
  const object = measured.find((one) => one.name === chosen) ?? measured[0];
  useTitle(t.quality.title);
  if (!object) return <Empty icon={ShieldCheck} title={q.nothing} />;
  return (
    <PageRegion label={t.quality.title}>
      <PageTitle title={t.quality.title}>
        <MeasureButton object={object} />
      </PageTitle>
      {measured.length > 1 && (
        <div className="px-4 pb-3">
          <Segments
            label={q.object}
            value={object.name}
            onChange={setChosen}
            options={measured.map((one) => ({ value: one.name, label: label(one.label) }))}
          />
        </div>
      )}
      <Sections key={object.name} object={object} />
    </PageRegion>
  );
}

function MeasureButton({ object }: { object: ObjectType }) {
  const t = useT();
  const q = useQualityText();
  const client = useQueryClient();
  const { data } = useQuery(figuresQuery(object.name));
  const measure = useMutation({
    mutationFn: () => measureNow(object.name),
    onSuccess: (figures) => {
      client.setQueryData(figuresQuery(object.name).queryKey, figures);
      void client.invalidateQueries({ queryKey: ['quality-by', object.name] });
    },
    onError: (cause) => toast(faultText(cause, t)),
  });
  const [editing, setEditing] = useState(false);
  if (!data?.can_measure) return null;
  return (
    <>
      <Button icon={SlidersHorizontal} onClick={() => setEditing(true)}>
        <span className="max-md:sr-only">{q.editRules}</span>
      </Button>
      <Button icon={RefreshCw} disabled={measure.isPending} onClick={() => measure.mutate()}>
        <span className="max-md:sr-only">{measure.isPending ? q.measuring : q.measure}</span>
      </Button>
      {editing && (
        <Suspense fallback={null}>
          <RulesEditor object={object} onClose={() => setEditing(false)} />
        </Suspense>
      )}
    </>
  );
}

/** What there is for the caller: whoever doesn't see every record has their own queue. */
function Sections({ object }: { object: ObjectType }) {
  const c = useCareText();
  const { data: care } = useQuery(careQuery(object.name));
  const [section, setSection] = useState<Section>('overview');
  if (!care) return <Centre object={object} />;
  const oversee: Section[] = ['overview', 'remedy', 'check', 'review', 'roles'];
  const shown: Section[] = !care.can.oversee
    ? ['overview', 'remedy', 'roles']
    : care.can.care
      ? ['overview', 'remedy', 'acceptance', 'cleaning', 'check', 'review', 'roles']
      : oversee;
  const count = { remedy: care.queues.issues ?? care.queues.own, acceptance: care.queues.acceptance ?? 0 };
  const name = (key: Section) => {
    const waiting = key === 'remedy' || key === 'acceptance' ? count[key] : 0;
    return waiting > 0 ? `${c[key]} ${waiting}` : c[key];
  };
  return (
    <>
      <div className="px-4 pb-3 overflow-x-auto thin-bar">
        <Segments
          label={c.sections}
          value={section}
          onChange={setSection}
          options={shown.map((key) => ({ value: key, label: name(key) }))}
        />
      </div>
      {section === 'overview' ? (
        <Centre object={object} />
      ) : (
        <div className="px-4 pb-8 md:max-w-6xl">
          <Suspense fallback={<SkeletonRows rows={4} />}>
            {section === 'remedy' && <Remedy object={object} care={care} />}
            {section === 'acceptance' && <Acceptance object={object} />}
            {section === 'cleaning' && <Cleaning object={object} />}
            {section === 'check' && <SelfCheck object={object} />}
            {section === 'review' && <Review object={object} />}
            {section === 'roles' && <Roles object={object} care={care} onGo={setSection} />}
          </Suspense>
        </div>
      )}
    </>
  );
}

function Centre({ object }: { object: ObjectType }) {
  const t = useT();
  const q = useQualityText();
  const { data, error, isPending } = useQuery(figuresQuery(object.name));
  const partly = error instanceof Fault && error.code === 'forbidden';
  if (isPending) return <SkeletonRows rows={6} />;
  if (error && !partly)
    return (
      <p role="alert" className="px-4 text-danger">
        {faultText(error, t)}
      </p>
    );
  if (partly) return <Empty icon={ShieldCheck} title={t.quality.title} text={q.partly} />;
  return (
    <div className="grid grid-cols-1 md:grid-cols-2 gap-4 px-4 pb-8 md:max-w-6xl">
      {data && <Overall figures={data} />}
      {data && <Trend figures={data} />}
      <By object={object} field="owner" title={q.byOwner} />
      <By object={object} field="department" title={q.byDepartment} />
      {fieldOf(object, 'source') && <By object={object} field="source" title={q.bySource} />}
      {fieldOf(object, 'stage') && <By object={object} field="stage" title={q.byStage} />}
      {data?.latest && <Fields figures={data.latest} />}
      {data?.latest && <Rules figures={data.latest} />}
      <Worst object={object} />
    </div>
  );
}

function Meter({ name, value, hint }: { name: ReactNode; value: number; hint?: ReactNode }) {
  return (
    <div className="grid grid-cols-[6rem_minmax(0,1fr)_auto] items-center gap-3">
      <dt className="text-ink-2 truncate">{name}</dt>
      <dd className="contents">
        <span aria-hidden className="h-3 rounded-sm bg-sunken overflow-hidden">
          <span
            className={cx('block h-full rounded-sm opacity-80', FILL[toneOf(value)])}
            style={{ width: `${value}%` }}
          />
        </span>
        <span className="text-right whitespace-nowrap min-w-14 tabular-nums">
          {value}
          {hint !== undefined && <span className="text-ink-3 text-xs ml-1.5">{hint}</span>}
        </span>
      </dd>
    </div>
  );
}

function Overall({ figures }: { figures: Figures }) {
  const q = useQualityText();
  const format = useFormat();
  const latest = figures.latest;
  if (!latest || latest.score === null) {
    return (
      <Card title={q.overall}>
        <p className="text-ink-2">{q.notYet}</p>
      </Card>
    );
  }
  const Icon = latest.below_target ? ShieldAlert : ShieldCheck;
  return (
    <Card title={q.overall} note={q.measuredOn(format.day(latest.day), format.number(latest.records))}>
      <div className="flex items-center gap-3 mb-4">
        <span className={cx('text-[32px] leading-none font-semibold tabular-nums', INK[toneOf(latest.score)])}>
          {latest.score}
        </span>
        {figures.target !== null && (
          <p className={cx('flex items-center gap-1.5', latest.below_target ? 'text-danger' : 'text-ok')}>
            <Icon size={16} aria-hidden />
            {latest.below_target ? q.belowTarget(figures.target) : q.aboveTarget(figures.target)}
          </p>
        )}
      </div>
      <dl className="flex flex-col gap-1.5">
        {DIMENSIONS.map((dimension) => {
          const value = latest.dimensions[dimension];
          return value === undefined ? null : <Meter key={dimension} name={q.dimension[dimension]} value={value} />;
        })}
      </dl>
      <Duplicates duplicates={figures.duplicates} />
    </Card>
  );
}

/** The desk's own figure, so that both pages say the same. */
function Duplicates({ duplicates: { groups, records, searched_at } }: { duplicates: Figures['duplicates'] }) {
  const c = useCareText();
  const format = useFormat();
  return (
    <div className="mt-3 flex flex-wrap items-baseline gap-x-3">
      {searched_at && (
        <span className="text-ink-2">
          {groups > 0 ? c.duplicates(format.number(groups), format.number(records)) : c.noDuplicates}
        </span>
      )}
      <Link to="/data/duplicates" className="text-brand-ink hover:underline touch:py-2.5">
        {c.toDesk}
      </Link>
      <span className="text-xs text-ink-3 basis-full">
        {searched_at ? c.searchedAt(format.moment(searched_at)) : c.neverSearched}
      </span>
    </div>
  );
}

function Trend({ figures }: { figures: Figures }) {
  const q = useQualityText();
  const format = useFormat();
  const points = figures.trend.filter((point) => point.score !== null);
  const bands = figures.latest?.bands;
  const most = Math.max(1, ...(bands ?? []));
  const [width, height] = [320, 96];
  const x = (index: number) => (points.length === 1 ? width : (index / (points.length - 1)) * width);
  const y = (score: number) => height - (score / 100) * height;
  const line = points.map((point, index) => `${x(index)},${y(point.score ?? 0)}`).join(' ');
  const [first, last] = [points[0], points.at(-1)];
  return (
    <Card title={q.trend}>
      {points.length > 1 && first && last ? (
        <figure>
          <svg
            viewBox={`0 -4 ${width} ${height + 8}`}
            role="img"
            aria-label={q.trendFrom(first.score ?? 0, last.score ?? 0, points.length)}
            className="w-full h-28 overflow-visible text-brand"
            preserveAspectRatio="none"
          >
            <polyline
              points={line}
              fill="none"
              stroke="currentColor"
              strokeWidth={2}
              vectorEffect="non-scaling-stroke"
            />
          </svg>
          <figcaption className="flex justify-between text-xs text-ink-3 mt-1">
            <span>{format.day(first.day)}</span>
            <span>{format.day(last.day)}</span>
          </figcaption>
        </figure>
      ) : (
        <p className="text-ink-2">{q.trendLater}</p>
      )}
      {bands && (
        <dl className="flex flex-col gap-1.5 mt-4">
          {[...bands.keys()].reverse().map((band) => (
            <div key={band} className="grid grid-cols-[6rem_minmax(0,1fr)_auto] items-center gap-3">
              <dt className="text-ink-2">{q.bands[band]}</dt>
              <dd className="contents">
                <span aria-hidden className="h-3 rounded-sm bg-sunken overflow-hidden">
                  <span
                    className="block h-full rounded-sm bg-brand opacity-80"
                    style={{ width: `${((bands[band] ?? 0) / most) * 100}%` }}
                  />
                </span>
                <span className="min-w-14 text-right tabular-nums">{format.number(bands[band] ?? 0)}</span>
              </dd>
            </div>
          ))}
        </dl>
      )}
    </Card>
  );
}

/** Averages by a field, of the records that the caller may read; the worst first. */
function By({ object, field: name, title }: { object: ObjectType; field: string; title: string }) {
  const t = useT();
  const q = useQualityText();
  const label = useLabel();
  const format = useFormat();
  const field = fieldOf(object, name);
  const { data, error } = useQuery({
    queryKey: ['quality-by', object.name, name],
    queryFn: () =>
      aggregate(object.name, { groups: [name], measures: [{ kind: 'avg', field: SCORE }, { kind: 'count' }] }),
    enabled: field !== undefined,
    staleTime: 60_000,
    retry: false,
  });
  if (!field || error) return null;
  const rows = (data?.rows ?? [])
    .filter((row) => row.values[0] !== null && row.values[0] !== undefined)
    .sort((a, b) => (a.values[0] ?? 0) - (b.values[0] ?? 0))
    .slice(0, 12);
  const named = (value: unknown) => {
    const option = field.options?.find((one) => one.value === value);
    if (option) return label(option.label);
    const id = refId(value);
    if (id && field.reference) return <RefText object={field.reference} value={value} />;
    return q.nobody;
  };
  return (
    <Card title={title} note={q.averageAndCount}>
      {rows.length === 0 ? (
        <p className="text-ink-3">{data ? t.data.none : '…'}</p>
      ) : (
        <dl className="flex flex-col gap-1.5">
          {rows.map((row, index) => (
            <Meter
              key={refId(row.group[0]) ?? index}
              name={named(row.group[0])}
              value={Math.round(row.values[0] ?? 0)}
              hint={format.number(row.values[1] ?? 0)}
            />
          ))}
        </dl>
      )}
    </Card>
  );
}

type Latest = NonNullable<Figures['latest']>;

function Fields({ figures }: { figures: Latest }) {
  const t = useT();
  const q = useQualityText();
  const label = useLabel();
  const format = useFormat();
  const rows = figures.fields
    .filter((field) => field.missing + field.stale > 0)
    .sort((a, b) => b.missing + b.stale - a.missing - a.stale);
  return (
    <Card title={q.byField}>
      {rows.length === 0 ? (
        <p className="text-ink-2">{q.complete}</p>
      ) : (
        <table className="w-full">
          <thead>
            <tr className="text-xs text-ink-3 text-right">
              <th scope="col" className="text-left font-normal pb-1">
                {q.field}
              </th>
              <th scope="col" className="font-normal pb-1">
                {q.missing}
              </th>
              <th scope="col" className="font-normal pb-1">
                {q.stale}
              </th>
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <tr key={row.field} className="border-t border-line text-right tabular-nums">
                <th scope="row" className="text-left font-normal py-1.5">
                  {label(row.label)}
                </th>
                <td>{row.missing > 0 ? format.number(row.missing) : t.common.empty}</td>
                <td>{row.stale > 0 ? format.number(row.stale) : t.common.empty}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Card>
  );
}

function Rules({ figures }: { figures: Latest }) {
  const q = useQualityText();
  const label = useLabel();
  const format = useFormat();
  const rules = [...figures.rules].sort((a, b) => b.hits - a.hits);
  return (
    <Card title={q.rules} note={q.hits}>
      <ul className="flex flex-col">
        {rules.map((rule) => (
          <li key={rule.name} className="flex items-center gap-2 py-1.5 border-t border-line first:border-t-0">
            <span className="flex-1 min-w-0">{label(rule.label)}</span>
            <Chip color={SEVERITY_COLOR[rule.severity]}>{q.severity[rule.severity]}</Chip>
            <span className="min-w-16 text-right tabular-nums">
              {format.number(rule.hits)}
              <span className="text-ink-3 text-xs"> / {format.number(rule.eligible)}</span>
            </span>
          </li>
        ))}
      </ul>
    </Card>
  );
}

function Worst({ object }: { object: ObjectType }) {
  const t = useT();
  const q = useQualityText();
  const { data } = useQuery({
    queryKey: ['list', object.name, 'worst'],
    queryFn: ({ signal }) =>
      queryRecords(
        object.name,
        {
          filter: { field: SCORE, op: 'not_empty' },
          sort: [SCORE],
          fields: [object.name_field, SCORE, 'owner'],
          expand: ['owner'],
          limit: 20,
        },
        signal,
      ),
    staleTime: 30_000,
  });
  const items = data?.items ?? [];
  return (
    <Card title={q.worst} wide>
      {items.length === 0 ? (
        <p className="text-ink-3">{data ? t.data.none : '…'}</p>
      ) : (
        <ul className="grid md:grid-cols-2 gap-x-8">
          {items.map((record) => (
            <li key={record.id} className="border-t border-line">
              <Link
                to="/o/$object/$id"
                params={{ object: object.name, id: record.id }}
                className="flex items-center gap-3 py-1.5 min-h-9 touch:min-h-11 hover:bg-sunken"
              >
                <Score value={Number(record[SCORE])} />
                <span className="flex-1 min-w-0 truncate">{recordName(object, record, t.common.unnamed)}</span>
                <span className="text-ink-3 text-xs truncate max-w-28">
                  {record.owner ? <RefText object="user" value={record.owner} /> : q.nobody}
                </span>
              </Link>
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}
