// A record, as a page and as a preview: name, facts, and tabs of activity, details and related records.
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link2, MapPin, MoreHorizontal, PenLine, Phone, Trash2 } from 'lucide-react';
import { type ReactNode, useEffect, useMemo, useState } from 'react';
import { Fault } from '../api/client';
import { useLexicon } from '../api/dictionary';
import { deleteRecord, invalidateRecord, overviewQuery, recordQuery, restoreRecord } from '../api/records';
import type { Address, ObjectType, Overview, Rec } from '../api/types';
import { useFormat } from '../format/use-format';
import { useLabel, useT } from '../i18n';
import { faultText } from '../session/fault-text';
import { setLogContext } from '../shell/log-context';
import { LOG_OBJECT } from '../shell/nav';
import { type LogTarget, openLog } from '../shell/overlays';
import { noteRecent } from '../shell/recent';
import { Button, buttonClass, IconButton } from '../ui/button';
import { cx } from '../ui/cx';
import { Confirm } from '../ui/dialog';
import { Menu, MenuItem, MenuSeparator } from '../ui/menu';
import { toast } from '../ui/toast';
import { phoneOf } from './cards';
import { Details } from './details';
import { RelatedList } from './related';
import { recordName } from './table';
import { Timeline } from './timeline';

export function useRecord(object: ObjectType, id: string) {
  const t = useT();
  const overview = useQuery(overviewQuery(object.name, id));
  // The record itself is asked for as well: with all references by name, and as the place where edits show first.
  const single = useQuery(recordQuery(object, id));
  const record = single.data ?? overview.data?.record;
  const name = record ? recordName(object, record, t.common.unnamed) : null;
  useEffect(() => {
    if (name) noteRecent({ object: object.name, id, name });
  }, [object.name, id, name]);
  const fault = single.error ?? null;
  return {
    record,
    overview: overview.data,
    name,
    gone: fault instanceof Fault && fault.status === 404,
    fault: record ? null : fault,
  };
}

/** Whether follow-ups can be written about this kind of record. */
export function useLogTarget(object: ObjectType, id: string, name: string | null): LogTarget {
  const log = useLexicon().find(LOG_OBJECT);
  const possible = log?.can.create && log.fields.some((field) => field.reference === object.name);
  return useMemo(
    () => (possible && name ? { object: object.name, record: { id, name } } : null),
    [possible, object.name, id, name],
  );
}

function mapAddress(record: Rec, object: ObjectType): string | null {
  for (const field of object.fields) {
    if (field.type !== 'address') continue;
    const address = record[field.name] as Address | string | null;
    const text = typeof address === 'string' ? address : address?.text;
    if (text) return text;
  }
  return null;
}

export function RecordHeader({
  object,
  record,
  name,
  onDeleted,
  leading,
  trailing,
  compact,
}: {
  object: ObjectType;
  record: Rec;
  name: string;
  onDeleted: () => void;
  leading?: ReactNode;
  trailing?: ReactNode;
  compact?: boolean;
}) {
  const t = useT();
  const client = useQueryClient();
  const [deleting, setDeleting] = useState(false);
  const target = useLogTarget(object, record.id, name);
  const phone = phoneOf(object, record);
  const address = mapAddress(record, object);
  const mayDelete = record._can?.delete ?? object.can.delete;

  useEffect(() => {
    setLogContext(target);
    return () => setLogContext(null);
  }, [target]);

  const remove = async () => {
    try {
      await deleteRecord(object.name, record.id);
      invalidateRecord(client, object.name, record.id);
      onDeleted();
      toast(t.record.deleted(name), {
        action: {
          label: t.common.undo,
          run: () =>
            void restoreRecord(object.name, record.id).then(() => {
              invalidateRecord(client, object.name, record.id);
              toast(t.record.restored);
            }),
        },
      });
    } catch (cause) {
      toast(faultText(cause, t), { tone: 'danger' });
    }
  };
  return (
    <header className={cx('flex items-start gap-2 shrink-0', compact ? 'px-4 pt-3' : 'px-4 md:px-6 pt-3 md:pt-5')}>
      {leading}
      <div className="flex-1 min-w-0 flex flex-wrap items-center gap-x-2 gap-y-1 min-h-8 touch:min-h-11">
        <h1 className={cx('font-semibold break-words', compact ? 'text-base' : 'text-lg')}>{name}</h1>
      </div>
      <div className="flex items-center gap-1 shrink-0">
        {target && (
          <Button
            variant={compact ? 'default' : 'primary'}
            icon={PenLine}
            size={compact ? 'sm' : 'md'}
            className="max-md:hidden"
            onClick={() => openLog(target)}
          >
            {t.log.title}
          </Button>
        )}
        {phone && (
          <a
            href={`tel:${phone}`}
            aria-label={t.list.call(name)}
            title={t.record.callNow}
            className={cx(buttonClass('ghost'), 'px-2!')}
          >
            <Phone size={16} aria-hidden />
          </a>
        )}
        <Menu trigger={<IconButton icon={MoreHorizontal} label={t.record.actions} />}>
          {address && (
            <MenuItem
              icon={MapPin}
              onClick={() =>
                window.open(`https://uri.amap.com/search?keyword=${encodeURIComponent(address)}`, '_blank', 'noopener')
              }
            >
              {t.record.navigate}
            </MenuItem>
          )}
          <MenuItem
            icon={Link2}
            onClick={() =>
              void navigator.clipboard
                .writeText(`${location.origin}/o/${object.name}/${record.id}`)
                .then(() => toast(t.record.linkCopied))
                .catch(() => toast(t.fault.unexpected, { tone: 'danger' }))
            }
          >
            {t.record.copyLink}
          </MenuItem>
          {mayDelete && (
            <>
              <MenuSeparator />
              <MenuItem icon={Trash2} danger onClick={() => setDeleting(true)}>
                {t.common.delete}
              </MenuItem>
            </>
          )}
        </Menu>
        {trailing}
      </div>
      <Confirm
        open={deleting}
        onClose={() => setDeleting(false)}
        title={t.record.deleteAsk(name)}
        text={t.list.deleteText}
        action={t.common.delete}
        danger
        onConfirm={remove}
      />
    </header>
  );
}

type Tab = {
  key: string;
  label: string;
  count?: number | null /** Shown even while empty. */;
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
  const label = useLabel();
  const lexicon = useLexicon();
  const target = useLogTarget(object, record.id, name);
  const tabs: Tab[] = [
    {
      key: 'timeline',
      label: t.record.timeline,
      body: (
        <Timeline
          object={object.name}
          id={record.id}
          first={overview?.timeline}
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
  if (withDetails)
    tabs.push({ key: 'details', label: t.record.details, body: <Details object={object} record={record} /> });
  for (const related of overview?.related ?? []) {
    const child = lexicon.find(related.object);
    // What the timeline already tells in full needs no tab of its own.
    if (!child || related.object === LOG_OBJECT) continue;
    // Children that can't be made here and don't exist would only be an empty tab.
    if (related.items.length === 0 && child.layer === 'system') continue;
    tabs.push({
      key: `${related.object}.${related.via}`,
      label: label(related.label),
      count: related.count ?? related.items.length,
      basic: child.layer === 'basic' && child.can.create,
      body: <RelatedList related={related} parent={record} parentName={name} />,
    });
  }
  return tabs;
}

const SHOWN_TABS = 6;

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
        {current?.body}
      </div>
    </div>
  );
}
