// What follows the pointer while something is dragged.
import type { CSSProperties, ReactNode } from 'react';
import { cx } from './cx';
import type { Drag } from './drag';

/** A line of text on a small panel, for what has no card of its own. */
export const GHOST_LINE = 'float-panel px-3 h-9 flex items-center gap-2 font-medium';

/** What follows the pointer while something is dragged. */
export function DragGhost<T>({
  drag,
  className,
  style,
  children,
}: {
  drag: Drag<T>;
  className: string;
  style?: CSSProperties;
  children: (item: T) => ReactNode;
}) {
  if (!drag.dragging) return null;
  return (
    <div
      ref={drag.ghost}
      aria-hidden
      className={cx('fixed z-60 left-0 top-0 pointer-events-none', className)}
      // Off the page until the pointer's place is known.
      style={{ ...style, transform: 'translate(-400px, -400px)' }}
    >
      {children(drag.dragging.item)}
    </div>
  );
}
