// One column: its own pages by keyset, its cards virtual, so that 50,000 cards in it cost no more than fifty.
import { useVirtualizer } from '@tanstack/react-virtual';
import { ChevronsLeft, ChevronsRight } from 'lucide-react';
import { useEffect, useRef } from 'react';
import { useFormat } from '../../format/use-format';
import { useLabel, useT } from '../../i18n';
import { useRows } from '../../records/rows';
import { Chip } from '../../ui/bits';
import { IconButton } from '../../ui/button';
import { cx } from '../../ui/cx';
import { BoardCard } from './card';
import type { CellProps } from './cell';
import type { Column } from './model';

const PAGE = 50;
const GAP = 8;

export function ColumnTitle({
  column,
  sum,
  folded,
  onFold,
}: {
  column: Column;
  sum: boolean;
  folded: boolean;
  onFold: () => void;
}) {
  const t = useT();
  const label = useLabel();
  const format = useFormat();
  const name = column.option ? label(column.option.label) : t.board.none;
  if (folded) {
    return (
      <button
        type="button"
        aria-expanded={false}
        aria-label={t.board.unfold(name)}
        title={t.board.unfold(name)}
        className="flex flex-col items-center gap-2 w-full h-full pt-2 text-ink-2 hover:text-ink"
        onClick={onFold}
      >
        <ChevronsRight size={14} aria-hidden className="text-ink-3" />
        <span className="text-xs text-ink-3">{format.number(column.count)}</span>
        <span className="[writing-mode:vertical-rl] font-medium">{name}</span>
      </button>
    );
  }
  return (
    <div className="flex items-center gap-1.5 h-9 touch:h-11 px-2.5 shrink-0 min-w-0 group/head">
      <h2 className="flex min-w-0 font-medium">
        <Chip color={column.option?.color}>{name}</Chip>
      </h2>
      <span className="text-ink-3" title={format.fullNumber(column.count)}>
        {format.number(column.count)}
      </span>
      {sum && (
        <span className="ml-auto text-xs text-ink-2 truncate" title={format.fullMoney(column.sum)}>
          {format.money(column.sum)}
        </span>
      )}
      <IconButton
        icon={ChevronsLeft}
        iconSize={14}
        size="sm"
        label={t.board.fold(name)}
        aria-expanded
        className={cx('size-6! -mr-1', !sum && 'ml-auto')}
        onClick={onFold}
      />
    </div>
  );
}

export function ColumnBody({
  shape,
  cell,
  style,
  handlers,
  ended,
  stateOf,
  height,
  name,
}: CellProps & { name: string }) {
  const t = useT();
  const scroller = useRef<HTMLDivElement>(null);
  const rows = useRows(shape.object.name, shape.cellQuery(cell), PAGE);
  const virtual = useVirtualizer({
    count: rows.count,
    getScrollElement: () => scroller.current,
    estimateSize: () => height + GAP,
    overscan: 4,
  });
  const items = virtual.getVirtualItems();
  const first = items[0]?.index ?? 0;
  const last = items.at(-1)?.index ?? 0;
  const { show } = rows;
  useEffect(() => show(first, last), [show, first, last]);
  if (rows.known === 0 && (rows.ended || rows.error))
    return (
      <div className="flex-1 m-2 mt-0 rounded-lg border border-dashed border-line grid place-items-center text-xs text-ink-3">
        {rows.error ? (
          <button type="button" className="h-9 px-2 text-brand-ink" onClick={rows.refetch}>
            {t.common.retry}
          </button>
        ) : (
          t.board.nothing
        )}
      </div>
    );
  return (
    <div
      ref={scroller}
      tabIndex={0}
      role="region"
      aria-label={name}
      className="flex-1 min-h-0 overflow-y-auto overflow-x-hidden px-2 pb-2 contain-strict thin-bar focus-visible:-outline-offset-2 rounded-lg"
    >
      <ul className="relative" style={{ height: virtual.getTotalSize() }}>
        {items.map((item) => {
          const record = rows.rowAt(item.index);
          return (
            <li
              key={record?.id ?? `pending-${item.index}`}
              className="absolute inset-x-0 top-0"
              style={{ height, transform: `translateY(${item.start}px)` }}
            >
              {record ? (
                <BoardCard record={record} style={style} handlers={handlers} ended={ended} state={stateOf(record)} />
              ) : (
                <span className="skeleton block h-full rounded-lg" />
              )}
            </li>
          );
        })}
      </ul>
    </div>
  );
}
