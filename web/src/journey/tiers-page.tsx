// How often each tier is talked with, who is behind, and how tiers are worked out.
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Layers, Settings2 } from 'lucide-react';
import { lazy, Suspense, useState } from 'react';
import { useObject } from '../api/dictionary';
import { useFormat } from '../format/use-format';
import { useT } from '../i18n';
import { faultText } from '../session/fault-text';
import { useSession } from '../session/session';
import { CUSTOMER_OBJECT } from '../shell/nav';
import { Chip, Empty, PageRegion, PageTitle, Segments, SkeletonRows, useTitle } from '../ui/bits';
import { Button } from '../ui/button';
import { cx } from '../ui/cx';
import { behindCountsQuery, behindQuery, type Scope } from './queries';
import { JourneyTabs } from './tabs';
import { useJourneyText } from './text';

const TiersEditor = lazy(() => import('./tiers-editor'));

const SCOPES: Scope[] = ['mine', 'team', 'all'];

export default function TiersPage() {
  const t = useT();
  const j = useJourneyText();
  const format = useFormat();
  const { admin } = useSession();
  const object = useObject(CUSTOMER_OBJECT);
  const [scope, setScope] = useState<Scope>(admin.includes('settings') ? 'all' : 'mine');
  const [tier, setTier] = useState<string | null>(null);
  const [editing, setEditing] = useState(false);
  const { data: counts } = useQuery({ ...behindCountsQuery(scope), retry: false });
  const { data, error, hasNextPage, isFetchingNextPage, fetchNextPage } = useInfiniteQuery({
    ...behindQuery(scope, tier),
    retry: false,
  });
  const items = data?.pages.flatMap((page) => page.items) ?? [];
  useTitle(j.tabs.rhythm);
  const tierOf = (value: string | null) => {
    const one = counts?.tiers.find((each) => each.tier === value);
    return one && <Chip color={one.color}>{one.label}</Chip>;
  };
  if (!object) return <Empty icon={Layers} title={j.tiersTitle} />;
  return (
    <PageRegion label={j.tabs.rhythm}>
      <PageTitle title={j.tabs.rhythm}>
        {admin.includes('settings') && (
          <Button icon={Settings2} onClick={() => setEditing(true)}>
            {j.editTiers}
          </Button>
        )}
      </PageTitle>
      <JourneyTabs />
      <div className="px-4 pb-3">
        <Segments
          label={j.scope}
          value={scope}
          onChange={setScope}
          options={SCOPES.map((value) => ({ value, label: j.scopes[value] }))}
        />
      </div>
      <div className="grid gap-3 px-4 pb-4 md:grid-cols-3 md:max-w-6xl">
        {counts?.tiers.map((one) => (
          <button
            key={one.tier}
            type="button"
            aria-pressed={tier === one.tier}
            onClick={() => setTier(tier === one.tier ? null : one.tier)}
            className={cx(
              'rounded-lg border bg-surface p-4 text-left flex flex-col gap-1',
              tier === one.tier ? 'border-brand' : 'border-line hover:border-line-strong',
            )}
          >
            <span className="flex items-center gap-2">
              <Chip color={one.color}>{one.label}</Chip>
              <span className="text-xs text-ink-2">{j.each(one.talks, one.days)}</span>
            </span>
            <span className={cx('font-semibold', one.behind > 0 ? 'text-danger' : 'text-ok')}>
              {j.behindOf(format.fullNumber(one.behind), format.fullNumber(one.customers))}
            </span>
          </button>
        ))}
      </div>
      <section aria-label={j.behindTitle} className="px-4 pb-8 md:max-w-6xl">
        <h2 className="font-semibold mb-2">{j.behindTitle}</h2>
        {error && (
          <p role="alert" className="text-danger">
            {faultText(error, t)}
          </p>
        )}
        {!data && !error && <SkeletonRows rows={6} />}
        {data && items.length === 0 && <p className="text-ink-2">{j.nobodyBehind}</p>}
        <ul className="flex flex-col">
          {items.map((item) => (
            <li
              key={item.record.id}
              className="flex flex-wrap items-center gap-x-4 gap-y-0.5 border-t border-line py-2 min-h-11"
            >
              <Link
                to="/o/$object/$id"
                params={{ object: CUSTOMER_OBJECT, id: item.record.id }}
                className="flex-1 min-w-40 font-medium hover:underline truncate"
              >
                {item.record.name ?? t.common.hidden}
              </Link>
              {tierOf(item.tier)}
              <span className="text-ink-2">{item.owner?.name}</span>
              <span className="text-xs text-ink-2">
                {j.lastContact} {item.last_contact_at ? format.moment(item.last_contact_at) : j.never}
              </span>
              <span className="text-danger tabular-nums">{j.talksDone(item.done, item.talks, item.days)}</span>
            </li>
          ))}
        </ul>
        {hasNextPage && (
          <Button className="mt-2" disabled={isFetchingNextPage} onClick={() => void fetchNextPage()}>
            {j.more}
          </Button>
        )}
      </section>
      {editing && (
        <Suspense fallback={null}>
          <TiersEditor object={object} onClose={() => setEditing(false)} />
        </Suspense>
      )}
    </PageRegion>
  );
}
