// Dragging with mouse, pen and finger, one way for board, calendar and trees. A target says `data-drop="…"`; whatever lies
// nearest to the edge of a scrolling box scrolls it. The keyboard's way is each page's own: it moves by columns or days,
// never by pixels.
import {
  type PointerEvent as ReactPointerEvent,
  type RefObject,
  useCallback,
  useEffect,
  useRef,
  useState,
} from 'react';

/** A mouse must have moved this far; below it is a click. */
const SLACK_PX = 5;
/** A finger must have rested this long; sooner it is scrolling. */
const HOLD_MS = 260;
const EDGE_PX = 56;
const STEP_PX = 14;

export type Dragging<T> = { item: T; over: string | null };

export type Drag<T> = {
  dragging: Dragging<T> | null;
  /** What follows the pointer; its place is set without rendering. */
  ghost: RefObject<HTMLDivElement | null>;
  grab: (event: ReactPointerEvent<HTMLElement>, item: T) => void;
};

function dropAt(x: number, y: number): string | null {
  return document.elementFromPoint(x, y)?.closest<HTMLElement>('[data-drop]')?.dataset.drop ?? null;
}

/** How far to scroll: the nearer to the edge (or beyond), the faster. */
function pull(at: number, low: number, high: number): number {
  const depth = at > high - EDGE_PX ? at - high + EDGE_PX : at < low + EDGE_PX ? at - low - EDGE_PX : 0;
  return Math.round(Math.max(-1, Math.min(1, depth / EDGE_PX)) * STEP_PX);
}

function scrollNear(x: number, y: number) {
  for (let box = document.elementFromPoint(x, y); box && box !== document.body; box = box.parentElement) {
    const { overflowX, overflowY } = getComputedStyle(box);
    const { left, right, top, bottom } = box.getBoundingClientRect();
    if (/auto|scroll/.test(overflowX) && box.scrollWidth > box.clientWidth) box.scrollLeft += pull(x, left, right);
    if (/auto|scroll/.test(overflowY) && box.scrollHeight > box.clientHeight) box.scrollTop += pull(y, top, bottom);
  }
}

export function useDrag<T>(onDrop: (item: T, over: string) => void): Drag<T> {
  const [dragging, setDragging] = useState<Dragging<T> | null>(null);
  const ghost = useRef<HTMLDivElement | null>(null);
  const drop = useRef(onDrop);
  drop.current = onDrop;
  const stop = useRef<(() => void) | null>(null);
  useEffect(() => () => stop.current?.(), []);

  const grab = useCallback((event: ReactPointerEvent<HTMLElement>, item: T) => {
    if (event.button !== 0 || !event.isPrimary) return;
    stop.current?.();
    const from = { x: event.clientX, y: event.clientY };
    const at = { ...from };
    const finger = event.pointerType === 'touch';
    let over: string | null = null;
    let active = false;
    let frame = 0;

    const follow = () => {
      if (ghost.current) ghost.current.style.transform = `translate(${at.x + 10}px, ${at.y + 8}px)`;
      scrollNear(at.x, at.y);
      const now = dropAt(at.x, at.y);
      if (now !== over) {
        over = now;
        setDragging({ item, over });
      }
      frame = requestAnimationFrame(follow);
    };
    const begin = () => {
      active = true;
      setDragging({ item, over });
      frame = requestAnimationFrame(follow);
      if (finger) navigator.vibrate?.(8);
    };
    const hold = finger ? setTimeout(begin, HOLD_MS) : undefined;
    const end = (commit: boolean) => {
      clearTimeout(hold);
      cancelAnimationFrame(frame);
      document.removeEventListener('pointermove', move);
      document.removeEventListener('pointerup', up);
      document.removeEventListener('pointercancel', cancel);
      document.removeEventListener('touchmove', keep);
      document.removeEventListener('contextmenu', refuse);
      document.removeEventListener('keydown', abandon, true);
      stop.current = null;
      setDragging(null);
      if (!active) return;
      // The click that ends a drag opens nothing.
      const swallow = (click: MouseEvent) => click.stopPropagation();
      document.addEventListener('click', swallow, { capture: true, once: true });
      setTimeout(() => document.removeEventListener('click', swallow, true));
      const target = commit ? dropAt(at.x, at.y) : null;
      if (target !== null) drop.current(item, target);
    };
    const move = (next: PointerEvent) => {
      at.x = next.clientX;
      at.y = next.clientY;
      if (active) return next.preventDefault();
      const far = Math.hypot(at.x - from.x, at.y - from.y) > SLACK_PX;
      if (far && finger) end(false);
      else if (far) begin();
    };
    const up = () => end(true);
    const cancel = () => end(false);
    // Once held, the finger drags and the page must not scroll under it.
    const keep = (touch: TouchEvent) => active && touch.cancelable && touch.preventDefault();
    const refuse = (menu: Event) => menu.preventDefault();
    const abandon = (key: KeyboardEvent) => {
      if (key.key !== 'Escape' || !active) return;
      key.stopPropagation();
      end(false);
    };
    document.addEventListener('pointermove', move);
    document.addEventListener('pointerup', up);
    document.addEventListener('pointercancel', cancel);
    document.addEventListener('touchmove', keep, { passive: false });
    if (finger) document.addEventListener('contextmenu', refuse);
    document.addEventListener('keydown', abandon, true);
    stop.current = () => end(false);
  }, []);

  return { dragging, ghost, grab };
}
