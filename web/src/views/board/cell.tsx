// A cell of a board with lanes: the first cards, and more on demand. Cells out of sight ask for nothing.
import { useEffect, useRef, useState } from 'react';
import type { Rec } from '../../api/types';
import { useFormat } from '../../format/use-format';
import { useT } from '../../i18n';
import { useRows } from '../../records/rows';
import { BoardCard, type CardHandlers, type CardStyle } from './card';
import type { Cell } from './model';
import type { BoardShape } from './move';

export type CellProps = {
  shape: BoardShape;
  cell: Cell;
  style: CardStyle;
  handlers: CardHandlers;
  ended: boolean;
  stateOf: (record: Rec) => 'still' | 'dragged' | 'carried' | 'peeked';
  height: number;
};

const PAGE = 20;

function useSeen() {
  const box = useRef<HTMLDivElement>(null);
  const [seen, setSeen] = useState(false);
  useEffect(() => {
    if (!box.current || seen) return;
    const watch = new IntersectionObserver((entries) => entries.some((one) => one.isIntersecting) && setSeen(true), {
      rootMargin: '200px',
    });
    watch.observe(box.current);
    return () => watch.disconnect();
  }, [seen]);
  return { box, seen };
}

export function LaneCell(props: CellProps & { count: number }) {
  const { box, seen } = useSeen();
  return (
    <div ref={box} className="flex-1 p-2 min-h-12">
      {seen && props.count > 0 ? <Cards {...props} /> : null}
    </div>
  );
}

function Cards({ shape, cell, style, handlers, ended, stateOf, height, count }: CellProps & { count: number }) {
  const t = useT();
  const format = useFormat();
  const rows = useRows(shape.object.name, shape.cellQuery(cell), PAGE);
  const [asked, setAsked] = useState(1);
  const { show } = rows;
  useEffect(() => show(0, asked * PAGE - PAGE / 2 - 1), [show, asked]);
  const cards = rows.loaded().slice(0, asked * PAGE);
  return (
    <>
      <ul className="flex flex-col gap-2">
        {cards.map((record) => (
          <li key={record.id} style={{ height }}>
            <BoardCard record={record} style={style} handlers={handlers} ended={ended} state={stateOf(record)} />
          </li>
        ))}
      </ul>
      {(!rows.ended || rows.known > cards.length) && count > cards.length && cards.length > 0 && (
        <button
          type="button"
          className="w-full h-8 touch:h-11 mt-2 rounded-md text-xs text-brand-ink hover:bg-surface"
          onClick={() => setAsked(asked + 1)}
        >
          {t.board.more(format.fullNumber(count - cards.length))}
        </button>
      )}
    </>
  );
}
