// The table of a list: rows of 36 px, virtual, columns from the dictionary, widths kept on this device.

import { useVirtualizer } from '@tanstack/react-virtual';
import { ArrowDown, ArrowUp } from 'lucide-react';
import { type CSSProperties, type PointerEvent as ReactPointerEvent, useEffect, useRef, useState } from 'react';
import type { Field, ObjectType, Query, Rec } from '../api/types';
import { FieldView, valueKind } from '../fields';
import { useLabel, useT } from '../i18n';
import { remember } from '../session/preferences';
import { cx } from '../ui/cx';
import { useDrag } from '../ui/drag';
import { InlineField } from './inline-edit';
import { ROW_HEIGHT, useListSettings } from './list-settings';
import { nextSort, type SortState, sortStateOf } from './list-state';
import { recordName } from './name';
import type { Rows } from './rows';
import type { Selection } from './selection';
import { TotalsRow } from './totals';

const CHECK_WIDTH = 40;
const MIN_WIDTH = 56;
const NAME_WIDTH = 248;

type Props = {
  object: ObjectType;
  fields: Field[];
  rows: Rows;
  sort: string[];
  onSort: (sort: string[]) => void;
  selection: Selection;
  cursor: number;
  onCursor: (index: number) => void;
  onOpen: (record: Rec) => void;
  onPeek: (record: Rec) => void;
  peeked: string | null;
  /** The name can't be a link where there is nothing to open (the recycle bin). */
  fixed?: boolean;
  /** What the list shows, for its totals; and the new order when a heading is dragged. */
  query?: Query;
  onOrder?: (names: string[]) => void;
};

function useWidths(object: ObjectType) {
  const key = `huike.widths.${object.name}`;
  const [widths, setWidths] = useState<Record<string, number>>(() => {
    try {
      return JSON.parse(localStorage.getItem(key) ?? '{}') as Record<string, number>;
    } catch {
      return {};
    }
  });
  const of = (field: Field) =>
    widths[field.name] ?? (field.name === object.name_field ? NAME_WIDTH : valueKind(field).width);
  const set = (field: Field, width: number, done: boolean) => {
    const next = { ...widths, [field.name]: Math.max(MIN_WIDTH, Math.round(width)) };
    setWidths(next);
    if (done) remember(key, JSON.stringify(next));
  };
  return { of, set };
}

export function RecordTable({
  object,
  fields,
  rows,
  sort,
  onSort,
  selection,
  cursor,
  onCursor,
  onOpen,
  onPeek,
  peeked,
  fixed,
  query,
  onOrder,
}: Props) {
  const t = useT();
  const label = useLabel();
  const scroller = useRef<HTMLDivElement>(null);
  const widths = useWidths(object);
  const { density, frozen, totals } = useListSettings(object.name);
  const height = ROW_HEIGHT[density];
  const virtual = useVirtualizer({
    count: rows.count,
    getScrollElement: () => scroller.current,
    estimateSize: () => height,
    overscan: 10,
  });
  const items = virtual.getVirtualItems();
  const first = items[0]?.index ?? 0;
  const last = items.at(-1)?.index ?? 0;
  const { show } = rows;
  useEffect(() => show(first, last), [show, first, last]);
  useEffect(() => {
    if (cursor >= 0) virtual.scrollToIndex(cursor, { align: 'auto' });
  }, [cursor, virtual]);

  useEffect(() => {
    if (height > 0) virtual.measure();
  }, [height, virtual]);
  // The name, and as many columns after it as are frozen, stay in sight.
  const pinned = (index: number): CSSProperties | undefined => {
    if (index > frozen) return undefined;
    const before = fields.slice(0, index).reduce((sum, field) => sum + widths.of(field), CHECK_WIDTH);
    return { position: 'sticky', left: before, zIndex: 10 };
  };
  const heading = useDrag<Field>((field, over) => {
    const names = fields.map((one) => one.name).filter((name) => name !== field.name);
    const to = names.indexOf(over.slice('column:'.length));
    if (to >= 0 && over !== `column:${field.name}`)
      onOrder?.([...names.slice(0, to + 1), field.name, ...names.slice(to + 1)]);
  });

  const template = `${CHECK_WIDTH}px ${fields.map((field) => `${widths.of(field)}px`).join(' ')} minmax(8px,1fr)`;
  const total = CHECK_WIDTH + fields.reduce((sum, field) => sum + widths.of(field), 8);
  const loaded = selection.size > 0 || rows.known > 0 ? rows.loaded() : [];
  const chosenHere = loaded.filter((record) => selection.has(record.id)).length;

  return (
    <div
      ref={scroller}
      tabIndex={0}
      role="region"
      aria-label={t.list.pageOf(label(object.label))}
      className="flex-1 min-h-0 overflow-auto contain-strict thin-bar focus-visible:-outline-offset-2"
    >
      <div
        role="table"
        aria-rowcount={rows.ended ? rows.known + 1 : -1}
        aria-label={label(object.label_plural)}
        style={{ width: total, minWidth: '100%' }}
      >
        <div role="rowgroup" className="sticky top-0 z-20">
          <div
            role="row"
            className="grid h-9 bg-surface border-b border-line text-xs text-ink-3"
            style={{ gridTemplateColumns: template }}
          >
            <div role="columnheader" className="sticky left-0 z-10 bg-surface grid place-items-center">
              <input
                type="checkbox"
                className="check"
                aria-label={t.list.selectAll}
                checked={chosenHere > 0 && chosenHere === loaded.length}
                ref={(box) => {
                  if (box) box.indeterminate = chosenHere > 0 && chosenHere < loaded.length;
                }}
                onChange={(event) => selection.setAll(event.target.checked ? loaded : [])}
              />
            </div>
            {fields.map((field, index) => (
              <HeaderCell
                key={field.name}
                field={field}
                pinned={pinned(index)}
                state={sortStateOf(sort, field)}
                several={sort.length > 1}
                onSort={(add) => onSort(nextSort(sort, field, add))}
                onGrab={onOrder && index > 0 ? (event) => heading.grab(event, field) : undefined}
                over={heading.dragging?.over === `column:${field.name}` && heading.dragging.item !== field}
                width={widths.of(field)}
                onResize={(width, done) => widths.set(field, width, done)}
              />
            ))}
            <div role="columnheader" aria-hidden />
          </div>
        </div>
        <div role="rowgroup" className="relative" style={{ height: virtual.getTotalSize() }}>
          {items.map((item) => {
            const record = rows.rowAt(item.index);
            const active = item.index === cursor;
            const chosen = record ? selection.has(record.id) : false;
            return (
              // biome-ignore lint/a11y/useKeyWithClickEvents: rows answer to J, K, Enter and Space (see the list page)
              <div
                key={record?.id ?? `pending-${item.index}`}
                role="row"
                aria-rowindex={item.index + 2}
                aria-selected={chosen || undefined}
                data-row={item.index}
                className={cx(
                  'group grid absolute inset-x-0 border-b border-line cursor-default',
                  chosen
                    ? 'bg-brand-soft'
                    : record && record.id === peeked
                      ? 'bg-sunken'
                      : 'bg-surface hover:bg-[color-mix(in_srgb,var(--sunken)_60%,var(--surface))]',
                  active && 'shadow-[inset_2px_0_0_var(--brand)]',
                )}
                style={{ gridTemplateColumns: template, height, transform: `translateY(${item.start}px)` }}
                onClick={() => {
                  if (!record) return;
                  onCursor(item.index);
                  onPeek(record);
                }}
                onDoubleClick={() => record && onOpen(record)}
              >
                {record ? (
                  <RowCells
                    object={object}
                    fields={fields}
                    record={record}
                    selection={selection}
                    chosen={chosen}
                    onPeek={(one) => {
                      onCursor(item.index);
                      onPeek(one);
                    }}
                    fixed={fixed}
                    pinned={pinned}
                  />
                ) : (
                  <div role="cell" className="col-span-full flex items-center px-4">
                    <span className="skeleton h-3.5 w-1/3" />
                  </div>
                )}
              </div>
            );
          })}
        </div>
        {totals && query && (
          <TotalsRow object={object} fields={fields} query={query} template={template} pinned={pinned} />
        )}
      </div>
    </div>
  );
}

function RowCells({
  object,
  fields,
  record,
  selection,
  chosen,
  onPeek,
  fixed,
  pinned,
}: {
  object: ObjectType;
  fields: Field[];
  record: Rec;
  selection: Selection;
  chosen: boolean;
  onPeek: (record: Rec) => void;
  fixed?: boolean;
  pinned: (index: number) => CSSProperties | undefined;
}) {
  const t = useT();
  const name = recordName(object, record, t.common.unnamed);
  return (
    <>
      {/* biome-ignore lint/a11y/useKeyWithClickEvents: the checkbox inside answers to the keyboard */}
      <div
        role="cell"
        className="sticky left-0 z-10 bg-inherit grid place-items-center"
        onClick={(event) => event.stopPropagation()}
      >
        <input
          type="checkbox"
          className={cx('check', !chosen && selection.size === 0 && 'not-group-hover:not-focus-visible:opacity-60')}
          aria-label={t.list.select(name)}
          checked={chosen}
          onChange={(event) => selection.toggle(record, (event.nativeEvent as MouseEvent).shiftKey)}
        />
      </div>
      {fields.map((field, index) => (
        <div
          key={field.name}
          role="cell"
          className={cx(
            'relative flex items-center px-2 min-w-0 text-ink-2',
            valueKind(field).alignEnd && 'justify-end text-right',
            field.name === object.name_field && 'text-ink',
            pinned(index) && 'bg-inherit',
          )}
          style={pinned(index)}
        >
          {field.name === object.name_field ? (
            fixed ? (
              <span className="font-medium truncate">{name}</span>
            ) : (
              <button
                type="button"
                className="font-medium truncate text-left hover:text-brand-ink hover:underline h-7 focus-visible:-outline-offset-2"
                onClick={(event) => {
                  event.stopPropagation();
                  onPeek(record);
                }}
              >
                {name}
              </button>
            )
          ) : fixed ? (
            <span className="truncate">
              <FieldView field={field} value={record[field.name]} record={record} compact />
            </span>
          ) : (
            <InlineField
              object={object}
              record={record}
              field={field}
              compact
              className={valueKind(field).alignEnd ? 'justify-end' : ''}
            />
          )}
        </div>
      ))}
      <div role="cell" aria-hidden />
    </>
  );
}

function HeaderCell({
  field,
  pinned,
  state,
  several,
  onSort,
  onGrab,
  over,
  width,
  onResize,
}: {
  field: Field;
  pinned: CSSProperties | undefined;
  state: SortState;
  several: boolean;
  onSort: (add: boolean) => void;
  onGrab: ((event: ReactPointerEvent<HTMLElement>) => void) | undefined;
  over: boolean;
  width: number;
  onResize: (width: number, done: boolean) => void;
}) {
  const label = useLabel();
  const drag = (event: ReactPointerEvent<HTMLElement>) => {
    event.preventDefault();
    event.stopPropagation();
    const from = event.clientX;
    const handle = event.currentTarget;
    handle.setPointerCapture(event.pointerId);
    const move = (at: PointerEvent) => onResize(width + at.clientX - from, false);
    const up = (at: PointerEvent) => {
      onResize(width + at.clientX - from, true);
      handle.removeEventListener('pointermove', move);
      handle.removeEventListener('pointerup', up);
    };
    handle.addEventListener('pointermove', move);
    handle.addEventListener('pointerup', up);
  };
  const text = (
    <>
      <span className="truncate">{label(field.label)}</span>
      {state?.direction === 'asc' && <ArrowUp size={12} aria-hidden className="text-brand-ink shrink-0" />}
      {state?.direction === 'desc' && <ArrowDown size={12} aria-hidden className="text-brand-ink shrink-0" />}
      {state && several && <span className="text-brand-ink">{state.place}</span>}
    </>
  );
  const shape = cx(
    'flex-1 min-w-0 flex items-center gap-1 px-2 font-medium',
    valueKind(field).alignEnd && 'justify-end',
  );
  return (
    <div
      role="columnheader"
      aria-sort={state ? (state.direction === 'asc' ? 'ascending' : 'descending') : undefined}
      data-drop={`column:${field.name}`}
      className={cx('relative flex min-w-0', pinned && 'bg-surface', over && 'shadow-[inset_-2px_0_0_var(--brand)]')}
      style={pinned}
      onPointerDown={onGrab}
    >
      {field.sortable ? (
        <button
          type="button"
          title={field.help ? label(field.help) : undefined}
          className={cx(shape, 'hover:text-ink')}
          onClick={(event) => onSort(event.shiftKey)}
        >
          {text}
        </button>
      ) : (
        <span className={shape} title={field.help ? label(field.help) : undefined}>
          {text}
        </span>
      )}
      {/* For the pointer alone: nothing is lost without it, since a cell's full text shows on hover and on the record. */}
      <span
        aria-hidden
        onPointerDown={drag}
        className="absolute right-0 inset-y-1.5 w-2 cursor-col-resize touch-none before:absolute before:inset-y-0 before:left-1/2 before:w-px hover:before:bg-line-strong"
      />
    </div>
  );
}
