// The board: a column for every option of a choice, dragged with mouse, finger or keyboard, and by the menu of each card.
// One aggregate tells counts and sums; each column reads its own pages.
import { useQuery } from '@tanstack/react-query';
import { ChevronDown, Columns3 } from 'lucide-react';
import { type KeyboardEvent, lazy, Suspense, useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { valueType } from '../../api/dictionary';
import { aggregate, keys, refId } from '../../api/records';
import type { Field, ObjectType, Query, Rec, Ref } from '../../api/types';
import { useFormat } from '../../format/use-format';
import { useLabel, useT } from '../../i18n';
import type { ListState } from '../../records/list-state';
import { recordName } from '../../records/name';
import { useSession } from '../../session/session';
import { Avatar, Empty, SkeletonRows } from '../../ui/bits';
import { cx } from '../../ui/cx';
import { useDrag } from '../../ui/drag';
import { DragGhost } from '../../ui/drag-ghost';
import { useCoarse, useWide } from '../../ui/use-media';
import { BoardCard, type CardHandlers, type CardStyle } from './card';
import { LaneCell } from './cell';
import { ColumnBody, ColumnTitle } from './column';
import {
  activityFields,
  type Cell,
  type Column,
  cardParts,
  cellFilter,
  columnsOf,
  type Lane,
  lanesOf,
  sumField,
  type TotalRow,
} from './model';
import { type Asked, type BoardShape, cellOf, useMove } from './move';
import { type BoardSettings, useBoardSettings } from './settings';

const AskFields = lazy(() => import('./ask-fields'));

type Props = {
  object: ObjectType;
  state: ListState;
  query: Query;
  onOpen: (record: Rec) => void;
};

export default function Board(props: Props) {
  const t = useT();
  const { group } = props.state;
  if (!group) return <Empty icon={Columns3} title={t.board.noGroup} text={t.board.noGroupText} />;
  return <Grouped key={group.name} {...props} group={group} />;
}

function useTotals(object: ObjectType, query: Query, group: Field, lane: Field | null, sum: Field | null) {
  const key = useMemo(
    () => [...keys.lists(object.name), 'totals', JSON.stringify([query.filter, group.name, lane?.name, sum?.name])],
    [object.name, query.filter, group.name, lane?.name, sum?.name],
  );
  const { data } = useQuery({
    queryKey: key,
    queryFn: () =>
      aggregate(object.name, {
        filter: query.filter ?? undefined,
        groups: lane ? [group.name, lane.name] : [group.name],
        measures: [{ kind: 'count' }, ...(sum ? [{ kind: 'sum', field: sum.name }] : [])],
      }).then(({ rows }) => rows as TotalRow[]),
  });
  return { key, rows: data ?? null };
}

function Grouped({ object, state, query, onOpen, group }: Props & { group: Field }) {
  const t = useT();
  const label = useLabel();
  const wide = useWide();
  const coarse = useCoarse();
  const { user } = useSession();
  const settings = useBoardSettings(object.name, group.name);
  const { lane, shown } = state;
  const sum = useMemo(() => sumField(shown), [shown]);
  const totals = useTotals(object, query, group, lane, sum);
  const columns = useMemo(() => columnsOf(group, totals.rows ?? []), [group, totals.rows]);
  const lanes = useMemo(() => (lane ? lanesOf(totals.rows ?? [], user.id) : []), [lane, totals.rows, user.id]);
  const [asked, setAsked] = useState<Asked | null>(null);
  const [carried, setCarried] = useState<{ record: Rec; to: Cell } | null>(null);
  const [said, setSaid] = useState('');

  const shape: BoardShape = useMemo(
    () => ({
      object,
      group,
      lane,
      sum,
      totalsKey: totals.key,
      cellQuery: (cell) => ({ ...query, filter: cellFilter(query.filter, group, lane, cell) }),
      laneWho: (id) => lanes.find((one) => (one.who?.id ?? null) === id)?.who ?? null,
    }),
    [object, group, lane, sum, totals.key, query, lanes],
  );
  const move = useMove(shape, setAsked);
  const movable = object.can.update && group.access === 'write' && !group.read_only;
  const drag = useDrag<Rec>((record, over) => void move(record, readCell(over)));
  const nameOf = useCallback(
    (column: string | null) => label(columns.find((one) => one.value === column)?.option?.label) || t.board.none,
    [columns, label, t],
  );

  const style: CardStyle = useMemo(
    () => ({
      object,
      parts: cardParts(shown, object, group),
      activity: activityFields(object),
      stall: settings.stall,
      deadline: deadlineOf(object, state.sort[0]),
      columns,
      movable,
    }),
    [object, shown, group, settings.stall, state.sort, columns, movable],
  );
  const focusCard = (id: string) =>
    requestAnimationFrame(() =>
      requestAnimationFrame(() => document.querySelector<HTMLElement>(`[data-card="${id}"] button`)?.focus()),
    );
  const onKey = (event: KeyboardEvent<HTMLElement>, record: Rec) => {
    if (event.nativeEvent.isComposing) return;
    const open = columns.filter((column) => !column.option?.retired);
    if (!carried) {
      if (event.key === ' ' && movable) {
        event.preventDefault();
        setCarried({ record, to: cellOf(shape, record) });
        setSaid(t.board.lifted(recordName(object, record, t.common.unnamed), nameOf(cellOf(shape, record).column)));
      } else if (/^Arrow/.test(event.key) && stepFocus(event)) event.preventDefault();
      return;
    }
    event.preventDefault();
    event.stopPropagation();
    const at = open.findIndex((column) => column.value === carried.to.column);
    if (event.key === 'ArrowRight' || event.key === 'ArrowLeft') {
      const next = open[Math.max(0, Math.min(open.length - 1, at + (event.key === 'ArrowRight' ? 1 : -1)))];
      if (!next) return;
      setCarried({ record, to: { ...carried.to, column: next.value } });
      setSaid(t.board.over(nameOf(next.value)));
      document
        .querySelector(`[data-column="${String(next.value)}"]`)
        ?.scrollIntoView({ inline: 'nearest', block: 'nearest' });
    } else if (event.key === 'Escape' || event.key === 'Tab') {
      setCarried(null);
      setSaid(t.board.putBack);
    } else if (event.key === ' ' || event.key === 'Enter') {
      setCarried(null);
      void move(record, carried.to).then(() => focusCard(record.id));
    }
  };
  const handlers: CardHandlers = {
    onGrab: drag.grab,
    onKey,
    onPeek: (record) => (wide ? state.setPeek(record.id) : onOpen(record)),
    onOpen,
    onMove: (record, column) => void move(record, { ...cellOf(shape, record), column }),
  };
  const over = drag.dragging?.over ? readCell(drag.dragging.over) : (carried?.to ?? null);
  const stateOf = (record: Rec) =>
    drag.dragging?.item.id === record.id
      ? 'dragged'
      : carried?.record.id === record.id
        ? 'carried'
        : state.peek === record.id
          ? 'peeked'
          : 'still';
  // As tall as its lines; under a finger everything is larger (see the rem of coarse pointers).
  const height = (coarse ? 92 : 68) + (style.parts.line.length > 0 ? (coarse ? 26 : 20) : 0);
  const frame = { shape, style, handlers, stateOf, height, columns, settings, over, sum: sum !== null };
  if (!totals.rows) return <SkeletonRows rows={9} className="flex-1 overflow-hidden" />;
  return (
    <>
      <p id="board-keys" className="sr-only">
        {t.board.keys}
      </p>
      <p aria-live="assertive" className="sr-only">
        {said}
      </p>
      {lane ? <Lanes {...frame} lanes={lanes} /> : <Columns {...frame} dragging={drag.dragging !== null} />}
      <DragGhost drag={drag} className="w-60 rotate-1 shadow-float rounded-lg" style={{ height }}>
        {(item) => <BoardCard record={item} style={style} handlers={handlers} ended state="still" />}
      </DragGhost>
      {asked && (
        <Suspense fallback={null}>
          <AskFields
            asked={asked}
            stage={nameOf(asked.to.column)}
            onClose={() => setAsked(null)}
            onMove={(record, fields) => {
              setAsked(null);
              void move(record, asked.to, fields);
            }}
          />
        </Suspense>
      )}
    </>
  );
}

type FrameProps = {
  shape: BoardShape;
  style: CardStyle;
  handlers: CardHandlers;
  stateOf: (record: Rec) => 'still' | 'dragged' | 'carried' | 'peeked';
  height: number;
  columns: Column[];
  settings: BoardSettings;
  over: Cell | null;
  sum: boolean;
};

const COLUMN =
  'shrink-0 max-md:w-[82vw] md:min-w-52 md:w-0 md:flex-1 md:max-w-96 flex flex-col rounded-lg bg-sunken min-h-0';

function Columns({
  shape,
  style,
  handlers,
  stateOf,
  height,
  columns,
  settings,
  over,
  sum,
  dragging,
}: FrameProps & { dragging: boolean }) {
  const t = useT();
  const label = useLabel();
  return (
    <div
      className={cx(
        'flex-1 min-h-0 flex gap-2 p-3 overflow-x-auto overscroll-x-contain thin-bar',
        !dragging && 'max-md:snap-x max-md:snap-mandatory max-md:scroll-px-3',
      )}
    >
      {columns.map((column) => {
        const folded = settings.isFolded(column.value);
        const cell = { column: column.value };
        const name = column.option ? label(column.option.label) : t.board.none;
        return (
          <div
            key={String(column.value)}
            data-column={String(column.value)}
            data-drop={column.option?.retired ? undefined : JSON.stringify(cell)}
            className={cx(
              folded ? 'shrink-0 w-10 flex flex-col rounded-lg bg-sunken' : cx(COLUMN, 'snap-start'),
              over?.column === column.value && 'ring-2 ring-brand ring-inset',
            )}
          >
            <ColumnTitle column={column} sum={sum} folded={folded} onFold={() => settings.fold(column.value)} />
            {!folded && (
              <ColumnBody {...{ shape, cell, style, handlers, stateOf, height, name }} ended={column.ended} />
            )}
          </div>
        );
      })}
    </div>
  );
}

function Lanes({
  shape,
  style,
  handlers,
  stateOf,
  height,
  columns,
  settings,
  over,
  sum,
  lanes,
}: FrameProps & { lanes: Lane[] }) {
  const t = useT();
  const format = useFormat();
  const [closed, setClosed] = useState<ReadonlySet<string>>(new Set());
  const box = useRef<HTMLDivElement>(null);
  const countOf = useCellCounts(shape);
  useEffect(() => {
    box.current?.scrollTo(0, 0);
  }, []);
  return (
    <div ref={box} className="flex-1 min-h-0 overflow-auto thin-bar p-3 pt-0">
      <div className="w-max min-w-full">
        <div className="sticky top-0 z-20 flex gap-2 pt-3 pb-1 bg-surface">
          {columns.map((column) => {
            const folded = settings.isFolded(column.value);
            return (
              <div
                key={String(column.value)}
                data-column={String(column.value)}
                className={cx(folded ? 'w-10 shrink-0 h-24' : COLUMN, 'bg-sunken rounded-lg')}
              >
                <ColumnTitle column={column} sum={sum} folded={folded} onFold={() => settings.fold(column.value)} />
              </div>
            );
          })}
        </div>
        {lanes.map((one) => {
          const key = String(one.who?.id ?? null);
          const shut = closed.has(key);
          const name = one.who ? (one.who.name ?? t.common.hidden) : t.board.nobody;
          return (
            <section key={key} aria-label={name}>
              <button
                type="button"
                aria-expanded={!shut}
                className="sticky left-0 flex items-center gap-2 h-9 touch:h-11 px-1 rounded-md hover:bg-sunken"
                onClick={() => {
                  const next = new Set(closed);
                  if (!next.delete(key)) next.add(key);
                  setClosed(next);
                }}
              >
                <ChevronDown
                  size={14}
                  aria-hidden
                  className={cx('text-ink-3 transition-transform', shut && '-rotate-90')}
                />
                {one.who && <Avatar name={name} />}
                <span className="font-medium">{name}</span>
                <span className="text-ink-3">{format.number(one.count)}</span>
                {sum && <span className="text-xs text-ink-2">{format.money(one.sum)}</span>}
              </button>
              {!shut && (
                <div className="flex gap-2">
                  {columns.map((column) => {
                    const cell = { column: column.value, lane: one.who?.id ?? null };
                    const folded = settings.isFolded(column.value);
                    const here = over !== null && over.column === cell.column && over.lane === cell.lane;
                    return (
                      <div
                        key={String(column.value)}
                        data-drop={column.option?.retired ? undefined : JSON.stringify(cell)}
                        className={cx(
                          folded ? 'w-10 shrink-0 bg-sunken rounded-lg' : COLUMN,
                          here && 'ring-2 ring-brand ring-inset',
                        )}
                      >
                        {!folded && (
                          <LaneCell
                            {...{ shape, cell, style, handlers, stateOf, height }}
                            ended={column.ended}
                            count={countOf(cell)}
                          />
                        )}
                      </div>
                    );
                  })}
                </div>
              )}
            </section>
          );
        })}
      </div>
    </div>
  );
}

function useCellCounts(shape: BoardShape) {
  const { data } = useQuery<TotalRow[]>({ queryKey: shape.totalsKey, enabled: false });
  return useCallback(
    (cell: Cell) =>
      data?.find((row) => (row.group[0] ?? null) === cell.column && refId(row.group[1] as Ref | null) === cell.lane)
        ?.values[0] ?? 0,
    [data],
  );
}

function readCell(text: string): Cell {
  return JSON.parse(text) as Cell;
}

/** The date that the cards are ordered by, soonest first, is what they are due by. */
function deadlineOf(object: ObjectType, sort: string | undefined): string | null {
  const field = object.fields.find((one) => one.name === sort);
  return field && (valueType(field) === 'date' || valueType(field) === 'datetime') ? field.name : null;
}

/** Arrows go from card to card: up and down within a column, left and right to the neighbour's first. */
function stepFocus(event: KeyboardEvent<HTMLElement>): boolean {
  const column = event.currentTarget.closest<HTMLElement>('[data-drop]');
  const name = '[data-card] > div > button';
  if (event.key === 'ArrowUp' || event.key === 'ArrowDown') {
    const cards = [...(column?.querySelectorAll<HTMLElement>(name) ?? [])];
    const next = cards[cards.indexOf(event.currentTarget) + (event.key === 'ArrowDown' ? 1 : -1)];
    next?.focus();
    return next !== undefined;
  }
  let beside = column;
  do
    beside = (
      event.key === 'ArrowRight' ? beside?.nextElementSibling : beside?.previousElementSibling
    ) as HTMLElement | null;
  while (beside && !beside.querySelector('[data-card]'));
  const next = beside?.querySelector<HTMLElement>(name);
  next?.focus();
  return next !== undefined && next !== null;
}
