// What happened, newest first, day by day: follow-ups in full, field changes in a line, many changes of one person at
// once as one. More is fetched as one reads on.
import { useInfiniteQuery } from '@tanstack/react-query';
import {
  CalendarClock,
  CloudUpload,
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
import { type ReactNode, useEffect, useRef, useState } from 'react';
import { fieldOf, fieldsOf, useLexicon } from '../api/dictionary';
import { timelinePage } from '../api/records';
import type { Field, FieldChange, ObjectType, Page, TimelineItem } from '../api/types';
import { FieldView, isEmpty } from '../fields';
import { OptionChip } from '../fields/choice';
import { long_text } from '../fields/long_text';
import { daysBetween, weekdayName } from '../format/time';
import { type Format, useFormat } from '../format/use-format';
import { labelIn, useI18n, useLabel, useT } from '../i18n';
import { useOutbox } from '../offline/outbox';
import { useOutboxText } from '../offline/outbox-text';
import { WaitingText } from '../offline/waiting-text';
import { Avatar, Empty } from '../ui/bits';
import { Button } from '../ui/button';
import { cx } from '../ui/cx';
import { type Entry, entriesOf, isSystem, netChanges } from './timeline-days';

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

const CHANGE = 'change';

/** What may stand on this record's timeline, by the dictionary: children with a place on it, and its own changes. */
function useKinds(object: string, present: string[] | undefined): { value: string; label: string }[] {
  const t = useT();
  const label = useLabel();
  const { find } = useLexicon();
  const parent = find(object);
  const children = new Map<string, ObjectType>();
  for (const { object: name } of parent?.related ?? []) {
    const child = find(name);
    if (child?.timeline && present?.includes(name) !== false) children.set(name, child);
  }
  const kinds = [...children.values()].map((child) => ({ value: child.name, label: label(child.label_plural) }));
  return [...kinds, { value: CHANGE, label: t.around.changes }];
}

export function Timeline({
  object,
  id,
  first,
  present,
  action,
}: {
  object: string;
  id: string;
  first?: Page<TimelineItem>;
  /** The objects of which there is something; nothing else is offered as a filter. */
  present?: string[];
  action?: ReactNode;
}) {
  const t = useT();
  const format = useFormat();
  const kinds = useKinds(object, present);
  const [kind, setKind] = useState<string | null>(null);
  const { data, fetchNextPage, hasNextPage, isFetchingNextPage, isPending } = useInfiniteQuery({
    queryKey: ['overview', 'timeline', object, id, kind],
    queryFn: ({ pageParam }) => timelinePage(object, id, pageParam, kind ?? undefined),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
    ...(first && kind === null
      ? { initialData: { pages: [first], pageParams: [null] }, initialDataUpdatedAt: Date.now() }
      : {}),
  });
  const items = data?.pages.flatMap((page) => page.items) ?? [];
  const entries = entriesOf(items, (iso) => format.wallClock(iso).day);
  return (
    <div className="flex flex-col gap-3">
      {kinds.length > 1 && (items.length > 0 || kind !== null) && (
        <div
          role="group"
          aria-label={t.around.show}
          className="flex gap-1.5 overflow-x-auto no-bar -mx-4 px-4 shrink-0"
        >
          {[{ value: null, label: t.record.allKinds }, ...kinds].map((one) => (
            <button
              key={one.value ?? ''}
              type="button"
              aria-pressed={kind === one.value}
              className={cx(
                'h-7 touch:h-11 px-2.5 touch:px-3.5 rounded-full border whitespace-nowrap shrink-0',
                kind === one.value
                  ? 'border-brand bg-brand-soft text-brand-ink font-medium'
                  : 'border-line text-ink-2 hover:bg-sunken',
              )}
              onClick={() => setKind(one.value)}
            >
              {one.label}
            </button>
          ))}
        </div>
      )}
      <Unsent id={id} />
      {isPending ? (
        <div aria-hidden className="flex flex-col gap-4 py-2">
          {[1, 2, 3].map((row) => (
            <span key={row} className="skeleton h-12" />
          ))}
        </div>
      ) : items.length === 0 ? (
        <Empty
          icon={History}
          title={kind === null ? t.record.noTimeline : t.around.noneOfKind}
          text={kind === null ? t.record.noTimelineHint : undefined}
        >
          {kind === null && action}
        </Empty>
      ) : (
        <>
          {entries.map(({ day, entries: ofDay }) => (
            <section key={day} aria-label={dayTitle(day, format)}>
              <h2 className="sticky -top-4 max-md:top-0 z-10 bg-surface text-xs font-semibold text-ink-3 py-1.5 -mt-1">
                {dayTitle(day, format)}
              </h2>
              <ol className="flex flex-col pt-1">
                {ofDay.map((entry, index) => (
                  <EntryRow key={entry.items[0]?.id} entry={entry} last={index === ofDay.length - 1} />
                ))}
              </ol>
            </section>
          ))}
          {hasNextPage && (
            <MoreBelow busy={isFetchingNextPage} onReach={() => void fetchNextPage()} text={t.record.loadMore} />
          )}
        </>
      )}
    </div>
  );
}

/** Follow-ups about this record that could not be sent yet. */
function Unsent({ id }: { id: string }) {
  const outboxWords = useOutboxText();
  const waiting = useOutbox().filter((entry) => entry.about?.id === id);
  if (waiting.length === 0) return null;
  return (
    <ul aria-label={outboxWords.title} className="flex flex-col gap-2">
      {waiting.map((entry) => (
        <li key={entry.id} className="flex gap-3 rounded-lg border border-dashed border-line-strong px-3 py-2">
          <CloudUpload size={15} aria-hidden className="shrink-0 mt-0.5 text-ink-3" />
          <WaitingText entry={entry} />
        </li>
      ))}
    </ul>
  );
}

/** Fetches on as its button comes into view; the button stays for the keyboard. */
function MoreBelow({ busy, onReach, text }: { busy: boolean; onReach: () => void; text: string }) {
  const place = useRef<HTMLDivElement>(null);
  const reach = useRef(onReach);
  reach.current = onReach;
  useEffect(() => {
    const element = place.current;
    if (!element || busy || typeof IntersectionObserver === 'undefined') return;
    const observer = new IntersectionObserver(
      (seen) => {
        if (seen.some((one) => one.isIntersecting)) reach.current();
      },
      { rootMargin: '400px' },
    );
    observer.observe(element);
    return () => observer.disconnect();
  }, [busy]);
  return (
    <div ref={place}>
      <Button className="w-full" disabled={busy} onClick={onReach}>
        {text}
      </Button>
    </div>
  );
}

/** 今天, 昨天, 周三 11-18; far away with the year. */
function dayTitle(day: string, format: Format): string {
  const text = format.day(day);
  const distance = Math.abs(daysBetween(day, format.today()));
  if (distance <= 1 || distance > 300) return text;
  const weekday = weekdayName(new Date(`${day}T00:00:00Z`).getUTCDay(), format.language);
  return text === weekday ? text : `${text} ${weekday}`;
}

function EntryRow({ entry, last }: { entry: Entry; last: boolean }) {
  const [head] = entry.items;
  if (!head) return null;
  return isSystem(head) ? <SystemEntry entry={entry} head={head} last={last} /> : <Event item={head} last={last} />;
}

function Frame({
  icon: Icon,
  minor,
  last,
  children,
}: {
  icon: LucideIcon;
  minor?: boolean;
  last: boolean;
  children: ReactNode;
}) {
  return (
    <li className="relative flex gap-3 pb-4">
      {!last && <span aria-hidden className="absolute left-3 top-7 bottom-0 w-px bg-line" />}
      <span
        aria-hidden
        className={cx(
          'size-6 shrink-0 grid place-items-center rounded-full',
          minor ? 'bg-sunken text-ink-3' : 'bg-brand-soft text-brand-ink',
        )}
      >
        <Icon size={13} />
      </span>
      <div className="flex-1 min-w-0">{children}</div>
    </li>
  );
}

function When({ at }: { at: string }) {
  const format = useFormat();
  return (
    <time dateTime={at} title={format.fullMoment(at)} className="ml-auto whitespace-nowrap">
      {format.wallClock(at).time}
    </time>
  );
}

/** What people changed in the fields: one line for each field, the sum where there are many. */
function SystemEntry({ entry, head, last }: { entry: Entry; head: TimelineItem; last: boolean }) {
  const t = useT();
  const [open, setOpen] = useState(false);
  const changes = netChanges(entry.items).filter(isTold);
  const created = entry.items.some((item) => item.kind === 'created');
  const folded = !created && changes.length > 3 && !open;
  const Icon = created ? FilePlus2 : Pencil;
  return (
    <Frame icon={Icon} minor last={last}>
      <div className="flex items-center gap-1.5 text-xs text-ink-3 min-h-6 flex-wrap">
        {head.by?.name && (
          <span className="flex items-center gap-1 text-ink-2">
            <Avatar name={head.by.name} />
            {head.by.name}
          </span>
        )}
        {created && <span>{t.record.created}</span>}
        <When at={head.at} />
      </div>
      {!created && <Changes object={head.object} changes={folded ? changes.slice(0, 2) : changes} />}
      {!created && changes.length > 3 && (
        <button
          type="button"
          aria-expanded={open}
          className="text-brand-ink hover:underline touch:min-h-11"
          onClick={() => setOpen(!open)}
        >
          {open ? t.record.showLess : t.around.moreChanges(changes.length - 2)}
        </button>
      )}
    </Frame>
  );
}

function Event({ item, last }: { item: TimelineItem; last: boolean }) {
  const { language } = useI18n();
  const label = useLabel();
  const { find } = useLexicon();
  const object = find(item.object);
  const kindField = object ? fieldOf(object, 'kind') : undefined;
  const kind = typeof item.fields?.kind === 'string' ? item.fields.kind : null;
  const Icon = ICONS[kind ?? ''] ?? ICONS[item.kind] ?? CalendarClock;
  return (
    <Frame icon={Icon} last={last}>
      <div className="flex items-center gap-1.5 text-xs text-ink-3 min-h-6 flex-wrap">
        {item.by?.name && (
          <span className="flex items-center gap-1 text-ink-2">
            <Avatar name={item.by.name} />
            {item.by.name}
          </span>
        )}
        {kind && kindField ? (
          <OptionChip option={kindField.options?.find((option) => option.value === kind)} value={kind} />
        ) : (
          object && <span>{label(object.label)}</span>
        )}
        {object && item.fields && <Outcome object={object} fields={item.fields} />}
        <When at={item.at} />
      </div>
      <div className="mt-1 flex flex-col gap-1.5">
        {item.title && item.title !== item.text && item.kind !== 'interaction' && (
          <p className="font-medium">{item.title}</p>
        )}
        {item.text && <long_text.View field={TEXT} value={item.text} />}
        {object && item.fields && (
          <NextStep item={item} label={labelIn(language, fieldOf(object, 'next_step')?.label)} />
        )}
      </div>
    </Frame>
  );
}

/** The coloured choices of its card: outcome, stage, status. */
function Outcome({ object, fields }: { object: ObjectType; fields: Record<string, unknown> }) {
  const shown = fieldsOf(object, object.layout.card).filter(
    (field) => field.type === 'choice' && field.name !== 'kind' && !isEmpty(fields[field.name]),
  );
  return shown
    .slice(0, 2)
    .map((field) => <FieldView key={field.name} field={field} value={fields[field.name]} compact />);
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

function isTold(change: FieldChange): boolean {
  return change.field !== 'version' && change.field !== 'updated_at';
}

export function Changes({ object, changes }: { object: string; changes: FieldChange[] }) {
  const label = useLabel();
  const type = useLexicon().find(object);
  return (
    <ul className="mt-0.5 flex flex-col gap-0.5">
      {changes.map((change, index) => {
        const field = type ? fieldOf(type, change.field) : undefined;
        return (
          <li key={`${change.field}-${index}`} className="flex items-baseline flex-wrap gap-x-1.5 text-ink-2 min-w-0">
            <span className="text-ink-3">{field ? label(field.label) : label(change.label)}</span>
            <FieldChangeLine field={field} change={change} />
          </li>
        );
      })}
    </ul>
  );
}

/** Old → new. */
export function FieldChangeLine({ field, change }: { field: Field | undefined; change: FieldChange }) {
  const t = useT();
  return (
    <>
      <ChangeValue field={field} value={change.before} empty={t.record.wasEmpty} old />
      <span aria-hidden className="text-ink-3">
        →
      </span>
      <span className="sr-only">{t.record.to}</span>
      <ChangeValue field={field} value={change.after} empty={t.record.wasEmpty} />
    </>
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
