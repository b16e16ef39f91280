// What happened, newest first: follow-ups in full, field changes in a line.
import { useInfiniteQuery } from '@tanstack/react-query';
import {
  CalendarClock,
  FilePlus2,
  Globe,
  History,
  ListChecks,
  type LucideIcon,
  Mail,
  MapPin,
  MessageCircle,
  Pencil,
  PenLine,
  Phone,
  RotateCcw,
  ShoppingCart,
  StickyNote,
  Trash2,
  Users,
} from 'lucide-react';
import type { ReactNode } from 'react';
import { fieldOf, useLexicon } from '../api/dictionary';
import { timelinePage } from '../api/records';
import type { Field, FieldChange, Page, TimelineItem } from '../api/types';
import { FieldView, isEmpty } from '../fields';
import { OptionChip } from '../fields/choice';
import { long_text } from '../fields/long_text';
import { useFormat } from '../format/use-format';
import { labelIn, useI18n, useLabel, useT } from '../i18n';
import { Avatar, Empty } from '../ui/bits';
import { Button } from '../ui/button';

const ICONS: Record<string, LucideIcon> = {
  call: Phone,
  visit: MapPin,
  wechat: MessageCircle,
  email: Mail,
  meeting: Users,
  note: StickyNote,
  form: FilePlus2,
  purchase: ShoppingCart,
  web_visit: Globe,
  interaction: PenLine,
  task: ListChecks,
  change: Pencil,
  created: FilePlus2,
  create: FilePlus2,
  update: Pencil,
  delete: Trash2,
  restore: RotateCcw,
};

export function Timeline({
  object,
  id,
  first,
  action,
}: {
  object: string;
  id: string;
  first?: Page<TimelineItem>;
  action?: ReactNode;
}) {
  const t = useT();
  const { data, fetchNextPage, hasNextPage, isFetchingNextPage, isPending } = useInfiniteQuery({
    queryKey: ['overview', 'timeline', object, id],
    queryFn: ({ pageParam }) => timelinePage(object, id, pageParam),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
    ...(first ? { initialData: { pages: [first], pageParams: [null] }, initialDataUpdatedAt: Date.now() } : {}),
  });
  const items = data?.pages.flatMap((page) => page.items) ?? [];
  if (isPending) {
    return (
      <div aria-hidden className="flex flex-col gap-4 py-2">
        {[1, 2, 3].map((row) => (
          <span key={row} className="skeleton h-12" />
        ))}
      </div>
    );
  }
  if (items.length === 0)
    return (
      <Empty icon={History} title={t.record.noTimeline} text={t.record.noTimelineHint}>
        {action}
      </Empty>
    );
  return (
    <div>
      <ol className="flex flex-col">
        {items.map((item, index) => (
          <Entry
            key={item.id}
            item={item}
            heading={dayHeading(item, items[index - 1])}
            last={index === items.length - 1}
          />
        ))}
      </ol>
      {hasNextPage && (
        <Button className="w-full mt-2" disabled={isFetchingNextPage} onClick={() => void fetchNextPage()}>
          {t.record.loadMore}
        </Button>
      )}
    </div>
  );
}

/** A month's name stands before its first entry; days are told by each entry itself. */
function dayHeading(item: TimelineItem, before: TimelineItem | undefined): string | null {
  const month = item.at.slice(0, 7);
  return before && before.at.slice(0, 7) === month ? null : before ? month : null;
}

function Entry({ item, heading, last }: { item: TimelineItem; heading: string | null; last: boolean }) {
  const format = useFormat();
  const t = useT();
  const { language } = useI18n();
  const { find } = useLexicon();
  const object = find(item.object);
  const kindField = object ? fieldOf(object, 'kind') : undefined;
  const kind = typeof item.fields?.kind === 'string' ? item.fields.kind : null;
  const Icon = ICONS[kind ?? ''] ?? ICONS[item.kind] ?? CalendarClock;
  const minor = item.kind === 'change' || item.kind === 'created' || item.kind === 'update' || item.kind === 'create';
  const changes = (item.changes ?? []).filter((change) => change.field !== 'version' && change.field !== 'updated_at');
  return (
    <>
      {heading && (
        <li className="text-xs text-ink-3 pl-9 pb-2 pt-1">
          {language === 'zh' ? `${heading.slice(0, 4)} 年 ${Number(heading.slice(5))} 月` : heading}
        </li>
      )}
      <li className="relative flex gap-3 pb-4">
        {!last && <span aria-hidden className="absolute left-3 top-7 bottom-0 w-px bg-line" />}
        <span
          aria-hidden
          className={`size-6 shrink-0 grid place-items-center rounded-full ${minor ? 'bg-sunken text-ink-3' : 'bg-brand-soft text-brand-ink'}`}
        >
          <Icon size={13} />
        </span>
        <div className="flex-1 min-w-0">
          <div className="flex items-center gap-1.5 text-xs text-ink-3 min-h-6 flex-wrap">
            {item.by?.name && (
              <span className="flex items-center gap-1 text-ink-2">
                <Avatar name={item.by.name} />
                {item.by.name}
              </span>
            )}
            {kind && kindField && (
              <OptionChip option={kindField.options?.find((option) => option.value === kind)} value={kind} />
            )}
            {item.kind === 'created' && <span>{t.record.created}</span>}
            <time dateTime={item.at} title={format.fullMoment(item.at)} className="ml-auto whitespace-nowrap">
              {format.moment(item.at)}
            </time>
          </div>
          {minor ? (
            item.kind !== 'created' && <Changes object={item.object} changes={changes} />
          ) : (
            <div className="mt-1 flex flex-col gap-1.5">
              {item.title && item.title !== item.text && item.kind !== 'interaction' && (
                <p className="font-medium">{item.title}</p>
              )}
              {item.text && <long_text.View field={TEXT} value={item.text} />}
              {object && item.fields && (
                <NextStep item={item} label={labelIn(language, fieldOf(object, 'next_step')?.label)} />
              )}
            </div>
          )}
        </div>
      </li>
    </>
  );
}

const TEXT = { name: 'text', type: 'long_text' } as Field;

function NextStep({ item, label }: { item: TimelineItem; label: string }) {
  const format = useFormat();
  const step = item.fields?.next_step;
  const at = item.fields?.next_step_at;
  if (isEmpty(step)) return null;
  return (
    <p className="flex items-center gap-1.5 text-ink-2 bg-sunken rounded-md px-2 py-1 w-fit max-w-full">
      <CalendarClock size={13} aria-hidden className="shrink-0 text-ink-3" />
      <span className="text-ink-3 shrink-0">{label}</span>
      <span className="truncate">{String(step)}</span>
      {typeof at === 'string' && <span className="text-ink-3 whitespace-nowrap">{format.moment(at)}</span>}
    </p>
  );
}

export function Changes({ object, changes }: { object: string; changes: FieldChange[] }) {
  const t = useT();
  const label = useLabel();
  const type = useLexicon().find(object);
  return (
    <ul className="mt-0.5 flex flex-col gap-0.5">
      {changes.map((change) => {
        const field = type ? fieldOf(type, change.field) : undefined;
        return (
          <li key={change.field} className="flex items-baseline flex-wrap gap-x-1.5 text-ink-2 min-w-0">
            <span className="text-ink-3">{field ? label(field.label) : label(change.label)}</span>
            <ChangeValue field={field} value={change.before} empty={t.record.wasEmpty} old />
            <span aria-hidden className="text-ink-3">
              →
            </span>
            <span className="sr-only">{t.record.to}</span>
            <ChangeValue field={field} value={change.after} empty={t.record.wasEmpty} />
          </li>
        );
      })}
    </ul>
  );
}

function ChangeValue({
  field,
  value,
  empty,
  old,
}: {
  field: Field | undefined;
  value: unknown;
  empty: string;
  old?: boolean;
}) {
  if (isEmpty(value)) return <span className="text-ink-3">{empty}</span>;
  const known = field && (field.type !== 'long_text' || String(value).length < 60) ? field : undefined;
  return (
    <span className={`min-w-0 max-w-64 truncate ${old ? 'text-ink-3' : 'text-ink'}`}>
      {known ? (
        <FieldView field={known} value={value} compact />
      ) : typeof value === 'object' ? (
        JSON.stringify(value)
      ) : (
        String(value)
      )}
    </span>
  );
}
