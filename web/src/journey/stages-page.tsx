// How customers come through the stages: how many are where, how many went on, how long it took, why they were lost.
import { useQuery } from '@tanstack/react-query';
import { Route, Settings2 } from 'lucide-react';
import { lazy, Suspense, useState } from 'react';
import { useObject } from '../api/dictionary';
import type { Filter } from '../api/types';
import { addDays } from '../format/time';
import { useFormat } from '../format/use-format';
import { useT } from '../i18n';
import FilterBar from '../records/filter-bar';
import { faultText } from '../session/fault-text';
import { useSession } from '../session/session';
import { CUSTOMER_OBJECT } from '../shell/nav';
import { Chip, Empty, PageRegion, PageTitle, Segments, SkeletonRows, useTitle } from '../ui/bits';
import { Button } from '../ui/button';
import { figuresQuery, type StageFigures } from './queries';
import { JourneyTabs } from './tabs';
import { useJourneyText } from './text';

const LifecycleEditor = lazy(() => import('./lifecycle-editor'));

const PERIODS = ['30', '90', '365'] as const;

export default function StagesPage() {
  const t = useT();
  const j = useJourneyText();
  const format = useFormat();
  const session = useSession();
  const object = useObject(CUSTOMER_OBJECT);
  const [period, setPeriod] = useState<(typeof PERIODS)[number]>('90');
  const [filter, setFilter] = useState<Filter | null>(null);
  const [editing, setEditing] = useState(false);
  const to = format.today();
  const { data, error } = useQuery({
    ...figuresQuery(CUSTOMER_OBJECT, { from: addDays(to, 1 - Number(period)), to }, filter),
    enabled: object !== undefined,
  });
  useTitle(j.title);
  if (!object) return <Empty icon={Route} title={j.title} />;
  return (
    <PageRegion label={j.title}>
      <PageTitle title={j.title}>
        {session.admin.includes('settings') && (
          <Button icon={Settings2} onClick={() => setEditing(true)}>
            {j.edit}
          </Button>
        )}
      </PageTitle>
      <JourneyTabs />
      <div className="px-4 pb-3 flex flex-wrap items-center gap-3">
        <Segments
          label={j.period}
          value={period}
          onChange={setPeriod}
          options={PERIODS.map((value) => ({ value, label: j.days(Number(value)) }))}
        />
        <FilterBar object={object} filter={filter} onChange={setFilter} />
      </div>
      {error && (
        <p role="alert" className="px-4 text-danger">
          {faultText(error, t)}
        </p>
      )}
      {!data && !error && <SkeletonRows rows={6} />}
      {data && (
        <div className="grid gap-4 px-4 pb-8 md:max-w-6xl">
          <Funnel figures={data} />
          <Reasons figures={data} />
        </div>
      )}
      {editing && (
        <Suspense fallback={null}>
          <LifecycleEditor object={object} onClose={() => setEditing(false)} />
        </Suspense>
      )}
    </PageRegion>
  );
}

function Funnel({ figures }: { figures: StageFigures }) {
  const t = useT();
  const j = useJourneyText();
  const format = useFormat();
  const most = Math.max(1, ...figures.stages.map((stage) => stage.entered));
  const percent = (value: number | null) => (value === null ? t.common.empty : `${value}%`);
  return (
    <section aria-label={j.tabs.stages} className="rounded-lg border border-line bg-surface p-4 min-w-0">
      <div className="overflow-x-auto thin-bar" tabIndex={0} role="group" aria-label={j.tabs.stages}>
        <table className="w-full min-w-[440px] md:min-w-[560px] border-collapse">
          <thead>
            <tr className="text-left text-xs text-ink-3 [&>th]:font-normal [&>th]:pb-2 [&>th]:pr-3">
              <th>{j.stage}</th>
              <th className="text-right">{j.now}</th>
              <th className="text-right">{j.entered}</th>
              <th className="w-[24%] max-md:hidden">
                <span className="sr-only">{j.entered}</span>
              </th>
              <th className="text-right">{j.wentOn}</th>
              <th className="text-right">{j.rate}</th>
              <th className="text-right">{j.lost}</th>
              <th className="text-right">{j.stay}</th>
            </tr>
          </thead>
          <tbody>
            {figures.stages.map((stage) => (
              <tr key={stage.value} className="border-t border-line [&>td]:py-2 [&>td]:pr-3 tabular-nums">
                <td>
                  <Chip color={stage.color}>{stage.label}</Chip>
                </td>
                <td className="text-right">{format.fullNumber(stage.now)}</td>
                <td className="text-right">{format.fullNumber(stage.entered)}</td>
                <td aria-hidden className="max-md:hidden">
                  <span className="block h-2 rounded-full bg-sunken overflow-hidden">
                    <span
                      className="block h-full rounded-full bg-brand"
                      style={{ width: `${Math.round((stage.entered / most) * 100)}%` }}
                    />
                  </span>
                </td>
                <td className="text-right">
                  {stage.rate === null ? t.common.empty : format.fullNumber(stage.went_on)}
                </td>
                <td className="text-right font-semibold">{percent(stage.rate)}</td>
                <td className="text-right">
                  {stage.loss_rate === null ? t.common.empty : format.fullNumber(stage.lost)}
                </td>
                <td className="text-right">{stage.days === null ? t.common.empty : j.dayCount(stage.days)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <p className="text-xs text-ink-3 mt-3">{j.figuresHint}</p>
    </section>
  );
}

function Reasons({ figures }: { figures: StageFigures }) {
  const j = useJourneyText();
  const format = useFormat();
  const most = Math.max(1, ...figures.reasons.map((reason) => reason.count));
  return (
    <section aria-label={j.reasons} className="rounded-lg border border-line bg-surface p-4 min-w-0">
      <h2 className="font-semibold mb-3">{j.reasons}</h2>
      {figures.reasons.length === 0 && <p className="text-ink-2">{j.noReasons}</p>}
      <ul className="flex flex-col gap-2">
        {figures.reasons.map((reason) => (
          <li key={reason.value ?? ''} className="grid grid-cols-[8rem_1fr_3rem] items-center gap-3">
            <span className="truncate">{reason.label ?? j.unknownReason}</span>
            <span aria-hidden className="h-2 rounded-full bg-sunken overflow-hidden">
              <span
                className="block h-full rounded-full bg-danger"
                style={{ width: `${Math.round((reason.count / most) * 100)}%` }}
              />
            </span>
            <span className="text-right tabular-nums">{format.fullNumber(reason.count)}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}
