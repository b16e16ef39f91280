// The calendar of anything with a date: day, week, month, and an agenda where there is little room. Entries are dragged to
// another day or time, with the keyboard too; colours tell whose they are.
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { CalendarDays, ChevronLeft, ChevronRight } from 'lucide-react';
import { type KeyboardEvent, useMemo, useState } from 'react';
import { fieldOf, isEditable, valueType } from '../../api/dictionary';
import { keys, queryRecords, refId, refName } from '../../api/records';
import type { Field, Filter, ObjectType, Query, Rec } from '../../api/types';
import { addDays, type Day, dayParts, monthTitle, shortDay } from '../../format/time';
import { useFormat } from '../../format/use-format';
import { useI18n, useLabel, useT } from '../../i18n';
import { both } from '../../records/filter';
import type { ListState } from '../../records/list-state';
import { recordName } from '../../records/name';
import { useUpdateField } from '../../records/update';
import { useHotkeys } from '../../shell/hotkeys';
import { openCreate } from '../../shell/overlays';
import { Empty, Segments, SkeletonRows } from '../../ui/bits';
import { Button, IconButton } from '../../ui/button';
import { cx } from '../../ui/cx';
import { useDrag } from '../../ui/drag';
import { DragGhost } from '../../ui/drag-ghost';
import { toast } from '../../ui/toast';
import { useWide } from '../../ui/use-media';
import { Agenda } from './agenda';
import { Chip, OWNER_COLOURS } from './chip';
import { Hours } from './hours';
import { clockText, daysOf, type Entry, entriesOf, movedTo, SPANS, type Span, step } from './model';
import { Month } from './month';

type Props = { object: ObjectType; state: ListState; query: Query; onOpen: (record: Rec) => void };

/** One span is read in at most this many pages; what lies beyond is told, not loaded. */
const PAGE = 200;
const PAGES = 5;

export default function Calendar(props: Props) {
  const t = useT();
  const { date } = props.state;
  if (!date) return <Empty icon={CalendarDays} title={t.calendar.noDate} />;
  return <Dated key={date.name} {...props} date={date} />;
}

async function readSpan(object: string, body: Query, signal: AbortSignal) {
  const items: Rec[] = [];
  let cursor: string | null = null;
  for (let page = 0; page < PAGES; page++) {
    const answer: Awaited<ReturnType<typeof queryRecords>> = await queryRecords(
      object,
      { ...body, cursor, limit: PAGE },
      signal,
    );
    items.push(...answer.items);
    cursor = answer.next_cursor;
    if (cursor === null) break;
  }
  return { items, next_cursor: cursor };
}

function useSpan(object: ObjectType, query: Query, date: Field, days: Day[], mine: boolean) {
  const format = useFormat();
  const first = days[0] ?? format.today();
  const last = days.at(-1) ?? first;
  const timed = valueType(date) === 'datetime';
  const within: Filter = {
    all: [
      { field: date.name, op: 'gte', value: timed ? format.dayStart(first) : first },
      { field: date.name, op: 'lt', value: timed ? format.dayStart(addDays(last, 1)) : addDays(last, 1) },
    ],
  };
  const own: Filter | null = mine ? { field: 'owner', op: 'eq', value: 'me' } : null;
  const body: Query = { ...query, filter: both(query.filter, within, own), sort: [date.name] };
  return useQuery({
    queryKey: [...keys.lists(object.name), 'calendar', JSON.stringify(body)],
    queryFn: ({ signal }) => readSpan(object.name, body, signal),
    placeholderData: keepPreviousData,
  });
}

export type EntryHandlers = {
  colourOf: (record: Rec) => string;
  nameOf: (record: Rec) => string;
  open: (record: Rec) => void;
  grab: ReturnType<typeof useDrag<Entry>>['grab'] | null;
  onKey: (event: KeyboardEvent<HTMLElement>, entry: Entry) => void;
  /** The day or moment under what is dragged or carried. */
  over: string | null;
  dragged: string | null;
  create: ((day: Day, minute?: number) => void) | null;
  extra: Field[];
};

function Dated({ object, state, query, onOpen, date }: Props & { date: Field }) {
  const t = useT();
  const wide = useWide();
  const format = useFormat();
  const today = format.today();
  const anchor = state.search.day && /^\d{4}-\d{2}-\d{2}$/.test(state.search.day) ? state.search.day : today;
  const asked: Span = state.search.span ?? (wide ? 'month' : 'agenda');
  // Seven columns don't fit a phone: a week opened there is its day.
  const span: Span = !wide && asked === 'week' ? 'day' : asked;
  const owner = fieldOf(object, 'owner');
  const mine = owner?.filterable === true && state.search.team !== 'all';
  const days = useMemo(() => daysOf(span, anchor), [span, anchor]);
  const { data, isError, refetch } = useSpan(object, query, date, days, mine);
  const entries = useMemo(() => entriesOf(data?.items ?? [], date, format.wallClock), [data, date, format.wallClock]);
  const movable = object.can.update && isEditable(date);
  const update = useUpdateField(object);
  const [carried, setCarried] = useState<{ entry: Entry; day: Day; minute: number | null } | null>(null);
  const [said, setSaid] = useState('');
  const timed = valueType(date) === 'datetime';

  const moveTo = async (entry: Entry, day: Day, minute: number | null) => {
    if (day === entry.day && (minute === null || minute === entry.minute)) return;
    const value = movedTo(entry, day, minute, format.instant);
    const refused = await update(entry.record, date, value);
    if (refused === null) return;
    if (typeof refused === 'string') return toast(refused, { tone: 'danger' });
    // Somebody else was faster: it stands where they put it, and stays there unless one insists.
    const { theirs } = refused;
    const at = theirs[date.name];
    const when = typeof at !== 'string' ? t.common.none : timed ? format.moment(at) : format.day(at);
    toast(t.calendar.movedMeanwhile(recordName(object, theirs, t.common.unnamed), when), {
      tone: 'danger',
      stays: true,
      action: { label: t.calendar.moveAnyway, run: () => void moveTo({ ...entry, record: theirs }, day, minute) },
    });
  };
  const drag = useDrag<Entry>((entry, over) => {
    const [day = entry.day, minute] = over.split('@');
    void moveTo(entry, day, minute === undefined ? null : Number(minute));
  });
  const people = useMemo(() => peopleOf(data?.items ?? []), [data]);
  const colourOf = (record: Rec) => {
    const index = people.findIndex((one) => one.id === refId(record.owner));
    return OWNER_COLOURS[mine || index < 0 ? 0 : index % OWNER_COLOURS.length] ?? '';
  };
  const hours = span === 'week' || span === 'day';
  const onKey = (event: KeyboardEvent<HTMLElement>, entry: Entry) => {
    if (event.nativeEvent.isComposing) return;
    if (!carried) {
      if (event.key !== ' ' || !movable) return;
      event.preventDefault();
      setCarried({ entry, day: entry.day, minute: null });
      setSaid(t.calendar.lifted(recordName(object, entry.record, t.common.unnamed)));
      return;
    }
    event.preventDefault();
    event.stopPropagation();
    const by = {
      ArrowLeft: -1,
      ArrowRight: 1,
      ArrowUp: span === 'month' ? -7 : 0,
      ArrowDown: span === 'month' ? 7 : 0,
    };
    const minutes = { ArrowUp: -30, ArrowDown: 30 }[event.key];
    if (event.key in by) {
      const day = addDays(carried.day, by[event.key as keyof typeof by]);
      const shifted = hours && timed && minutes ? (carried.minute ?? entry.minute ?? 0) + minutes : carried.minute;
      const minute = shifted === null ? null : Math.max(0, Math.min(23 * 60 + 30, shifted));
      setCarried({ entry, day, minute });
      setSaid(`${format.day(day)} ${minute === null ? '' : clockText(minute)}`);
    } else {
      setCarried(null);
      if (event.key === ' ' || event.key === 'Enter') void moveTo(entry, carried.day, carried.minute);
      else setSaid(t.board.putBack);
    }
  };
  const handlers: EntryHandlers = {
    colourOf,
    nameOf: (record) => recordName(object, record, t.common.unnamed),
    open: (record) => (wide ? state.setPeek(record.id) : onOpen(record)),
    grab: movable ? drag.grab : null,
    onKey,
    over:
      drag.dragging?.over ??
      (carried ? (carried.minute === null ? carried.day : `${carried.day}@${carried.minute}`) : null),
    dragged: drag.dragging?.item.record.id ?? carried?.entry.record.id ?? null,
    create:
      object.can.create && isEditable(date)
        ? (day, minute = 9 * 60) =>
            openCreate(object.name, { [date.name]: timed ? format.instant(day, clockText(minute)) : day })
        : null,
    extra: state.shown.filter((field) => field.name !== object.name_field && field.name !== date.name).slice(0, 2),
  };
  const go = (day: Day, next: Span = span) => state.setCalendar({ day: day === today ? undefined : day, span: next });
  useHotkeys({
    t: () => go(today),
    m: () => go(anchor, 'month'),
    w: () => go(anchor, 'week'),
    d: () => go(anchor, 'day'),
  });

  return (
    <div className="flex-1 min-h-0 flex flex-col">
      <p aria-live="assertive" className="sr-only">
        {said}
      </p>
      <p id="calendar-keys" className="sr-only">
        {t.calendar.keys}
      </p>
      <Toolbar {...{ span, anchor, days, go, today, date, object, state }} mine={owner?.filterable ? mine : null} />
      {!mine && people.length > 1 && (
        <ul aria-label={t.calendar.people} className="flex gap-3 px-4 pb-2 overflow-x-auto no-bar text-xs shrink-0">
          {people.map((one, index) => (
            <li key={one.id} className="flex items-center gap-1 whitespace-nowrap text-ink-2">
              <span
                aria-hidden
                className={cx('size-2.5 rounded-xs border-l-3', OWNER_COLOURS[index % OWNER_COLOURS.length])}
              />
              {one.name}
            </li>
          ))}
        </ul>
      )}
      {data?.next_cursor && (
        <p role="status" className="mx-4 mb-2 px-3 py-1.5 rounded-md bg-warn-soft text-warn text-xs">
          {t.calendar.tooMany(format.fullNumber(data.items.length))}
        </p>
      )}
      {isError ? (
        <Empty icon={CalendarDays} title={t.fault.unexpected}>
          <Button onClick={() => void refetch()}>{t.common.retry}</Button>
        </Empty>
      ) : !data ? (
        <SkeletonRows rows={8} className="flex-1 overflow-hidden" />
      ) : span === 'month' ? (
        <Month
          days={days}
          month={anchor.slice(0, 7)}
          today={today}
          entries={entries}
          handlers={handlers}
          onDay={(day) => go(day, wide ? 'day' : 'agenda')}
        />
      ) : span === 'agenda' || !timed ? (
        <Agenda
          days={days}
          today={today}
          entries={entries}
          object={object}
          handlers={handlers}
          all={span !== 'agenda'}
        />
      ) : (
        <Hours days={days} today={today} entries={entries} handlers={handlers} onDay={(day) => go(day, 'day')} />
      )}
      <DragGhost drag={drag} className="w-44 shadow-float rounded-md">
        {(item) => <Chip entry={item} handlers={{ ...handlers, dragged: null }} />}
      </DragGhost>
    </div>
  );
}

/** Whose entries these are, in a fixed order, so that a colour stays with its owner. */
function peopleOf(records: Rec[]): { id: string; name: string }[] {
  const people = new Map<string, string>();
  for (const record of records) {
    const id = refId(record.owner);
    const name = refName(record.owner);
    if (id && name) people.set(id, name);
  }
  return [...people].map(([id, name]) => ({ id, name })).sort((a, b) => a.id.localeCompare(b.id));
}

function Toolbar({
  span,
  anchor,
  days,
  go,
  today,
  mine,
  state,
}: {
  span: Span;
  anchor: Day;
  days: Day[];
  go: (day: Day, span?: Span) => void;
  today: Day;
  mine: boolean | null;
  state: ListState;
}) {
  const t = useT();
  const wide = useWide();
  const label = useLabel();
  const { language } = useI18n();
  const format = useFormat();
  const { year, month } = dayParts(anchor);
  const title =
    span === 'month'
      ? monthTitle(year, month, language)
      : span === 'day'
        ? format.day(anchor)
        : `${shortDay(days[0] ?? anchor, language)} – ${shortDay(days.at(-1) ?? anchor, language)}`;
  return (
    <div className="flex flex-wrap items-center gap-x-2 gap-y-1 px-3 py-2 shrink-0">
      <IconButton icon={ChevronLeft} label={t.calendar.previous} size="sm" onClick={() => go(step(span, anchor, -1))} />
      <h2 className="font-semibold min-w-24 text-center" aria-live="polite">
        {title}
      </h2>
      <IconButton icon={ChevronRight} label={t.calendar.next} size="sm" onClick={() => go(step(span, anchor, 1))} />
      {anchor !== today && (
        <Button size="sm" onClick={() => go(today)}>
          {t.calendar.today}
        </Button>
      )}
      <span className="ml-auto flex flex-wrap gap-2 justify-end">
        {mine !== null && (
          <Segments
            label={t.calendar.whose}
            value={mine ? 'me' : 'all'}
            onChange={(next) => state.setCalendar({ team: next === 'all' ? 'all' : undefined })}
            options={[
              { value: 'me', label: t.common.me },
              { value: 'all', label: t.calendar.team },
            ]}
          />
        )}
        <Segments
          label={state.date ? label(state.date.label) : t.show.calendar}
          value={span}
          onChange={(next) => go(anchor, next)}
          options={SPANS.filter((one) => wide || one !== 'week').map((one) => ({
            value: one,
            label: t.calendar.spans[one],
          }))}
        />
      </span>
    </div>
  );
}
