// What belongs to a record, tab by tab: activity, details, people, related records, its past.
import { MoreHorizontal, PenLine } from 'lucide-react';
import { lazy, type ReactNode, Suspense, useState } from 'react';
import { parentField, useLexicon } from '../api/dictionary';
import type { ObjectType, Overview, Rec } from '../api/types';
import { isEmpty } from '../fields';
import { useFollowNames } from '../follow/names';
import { useFormat } from '../format/use-format';
import { useLabel, useT } from '../i18n';
import { LOG_OBJECT, TASK_OBJECT } from '../shell/nav';
import { openLog } from '../shell/overlays';
import { Button, IconButton } from '../ui/button';
import { cx } from '../ui/cx';
import { Menu, MenuItem } from '../ui/menu';
import { useChainSources } from './chain-sources';
import { Details } from './details';
import { useLogTarget } from './record-body';
import { useRecordText } from './record-text';
import { Timeline } from './timeline';

const Chain = lazy(() => import('./chain'));
const Hierarchy = lazy(() => import('./hierarchy'));
const RelatedList = lazy(() => import('./related'));
const FilesTab = lazy(() => import('./files-tab'));
const RecordPast = lazy(() => import('./past'));
const RecordPromises = lazy(() => import('../follow/record-promises'));

type Tab = {
  key: string;
  label: string;
  count?: number | null;
  /** Shown even while empty. */
  basic?: boolean;
  body: ReactNode;
};

function useTabs(
  object: ObjectType,
  record: Rec,
  name: string,
  overview: Overview | undefined,
  withDetails: boolean,
): Tab[] {
  const t = useT();
  const r = useRecordText();
  const label = useLabel();
  const lexicon = useLexicon();
  const target = useLogTarget(object, record.id, name);
  const chain = useChainSources(object);
  const names = useFollowNames();
  const tabs: Tab[] = [
    {
      key: 'timeline',
      label: t.record.timeline,
      body: (
        <Timeline
          object={object.name}
          id={record.id}
          first={overview?.timeline}
          present={overview?.related.filter((one) => one.items.length > 0).map((one) => one.object)}
          action={
            target && (
              <Button variant="primary" icon={PenLine} onClick={() => openLog(target)}>
                {t.log.title}
              </Button>
            )
          }
        />
      ),
    },
  ];
  // Where tasks may point, and whatever business has dates.
  const promising =
    object.layer === 'business' || lexicon.find(TASK_OBJECT)?.fields.some((field) => field.reference === object.name);
  if (promising)
    tabs.push({
      key: 'promises',
      label: names.promises,
      body: (
        <div className="-m-4">
          <RecordPromises object={object} id={record.id} />
        </div>
      ),
    });
  if (withDetails)
    tabs.push({ key: 'details', label: t.record.details, body: <Details object={object} record={record} /> });
  const chained = new Set(chain.map((source) => `${source.object.name}.${source.via}`));
  // The picture of the decision stands with the people it shows, the links to them in it.
  const people = chain.find((source) => source.person === null);
  const parent = parentField(object);
  for (const related of overview?.related ?? []) {
    const child = lexicon.find(related.object);
    // What the timeline already tells in full needs no tab of its own.
    if (!child || related.object === LOG_OBJECT) continue;
    const source = `${related.object}.${related.via}`;
    const isPeople = people && source === `${people.object.name}.${people.via}`;
    if (people && chained.has(source) && !isPeople) continue;
    // Children that can't be made here and don't exist would only be an empty tab.
    if (related.items.length === 0 && child.layer === 'system') continue;
    tabs.push({
      key: source,
      label: label(related.label),
      count: related.count ?? related.items.length,
      basic: child.layer === 'basic' && child.can.create && child.name !== object.name,
      body: (
        <div className="flex flex-col gap-4">
          {isPeople && <Chain sources={chain} parent={record} />}
          {parent && related.object === object.name && related.via === parent.name && related.items.length > 0 && (
            <Hierarchy object={object} record={record} />
          )}
          <RelatedList related={related} parent={record} parentName={name} />
        </div>
      ),
    });
  }
  if (parent && !isEmpty(record[parent.name])) {
    tabs.push({
      key: 'tree',
      label: t.around.tree,
      body: <Hierarchy object={object} record={record} />,
    });
  }
  tabs.push({ key: 'files', label: t.record.files, body: <FilesTab object={object} record={record} /> });
  tabs.push({ key: 'past', label: r.past.open, body: <RecordPast object={object} record={record} /> });
  return tabs;
}

const SHOWN_TABS = 8;

export function RecordTabs({
  object,
  record,
  name,
  overview,
  withDetails,
  className,
}: {
  object: ObjectType;
  record: Rec;
  name: string;
  overview: Overview | undefined;
  withDetails: boolean;
  className?: string;
}) {
  const t = useT();
  const format = useFormat();
  const all = useTabs(object, record, name, overview, withDetails);
  // Tabs with something in them come first; the empty ones wait behind "more", but for those one begins with.
  const filled = all.filter((tab) => tab.count === undefined || (tab.count ?? 0) > 0 || tab.basic);
  const sorted = [...filled, ...all.filter((tab) => !filled.includes(tab))];
  const [key, setKey] = useState('timeline');
  const current = sorted.find((tab) => tab.key === key) ?? sorted[0];
  const shown = sorted.filter((tab, index) => (index < SHOWN_TABS && filled.includes(tab)) || tab === current);
  const rest = sorted.filter((tab) => !shown.includes(tab));
  return (
    <div className={cx('flex flex-col min-h-0', className)}>
      <div className="flex items-center border-b border-line shrink-0 overflow-x-auto no-bar px-2">
        <div role="tablist" className="flex">
          {shown.map((tab) => (
            <button
              key={tab.key}
              type="button"
              role="tab"
              id={`tab-${tab.key}`}
              aria-selected={tab === current}
              aria-controls="record-panel"
              className={cx(
                'h-9 touch:h-12 px-2.5 whitespace-nowrap border-b-2 -mb-px focus-visible:-outline-offset-2',
                tab === current ? 'border-brand text-ink font-medium' : 'border-transparent text-ink-2 hover:text-ink',
              )}
              onClick={() => setKey(tab.key)}
            >
              {tab.label}
              {tab.count ? (
                <span className="ml-1 text-xs text-ink-3 font-normal">{format.number(tab.count)}</span>
              ) : null}
            </button>
          ))}
        </div>
        {rest.length > 0 && (
          <Menu trigger={<IconButton icon={MoreHorizontal} label={t.common.more} size="sm" className="ml-1" />}>
            {rest.map((tab) => (
              <MenuItem key={tab.key} onClick={() => setKey(tab.key)}>
                {tab.label}
              </MenuItem>
            ))}
          </Menu>
        )}
      </div>
      <div
        id="record-panel"
        role="tabpanel"
        aria-labelledby={current ? `tab-${current.key}` : undefined}
        className="flex-1 min-h-0 md:overflow-auto p-4 thin-bar"
      >
        <Suspense fallback={null}>{current?.body}</Suspense>
      </div>
    </div>
  );
}
