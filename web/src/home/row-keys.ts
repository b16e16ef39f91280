// The morning's review without a mouse: J and K move along the rows, X is done, S puts off till tomorrow, Enter opens.
import { useHotkeys } from '../shell/hotkeys';
import { openLog } from '../shell/overlays';

const ROW = '[data-agenda]';

function current(rows: HTMLElement[]): number {
  const row = document.activeElement?.closest<HTMLElement>(ROW);
  return row ? rows.indexOf(row) : -1;
}

function move(step: number) {
  const rows = [...document.querySelectorAll<HTMLElement>(ROW)];
  const at = current(rows);
  const next = rows[at < 0 ? (step > 0 ? 0 : rows.length - 1) : Math.max(0, Math.min(rows.length - 1, at + step))];
  next?.focus();
  next?.scrollIntoView({ block: 'nearest' });
}

/** Presses a part of the row that has the focus; where the row goes away, the next one gets it. */
function press(part: string) {
  const row = document.activeElement?.closest<HTMLElement>(ROW);
  const button = row?.querySelector<HTMLElement>(`[data-press="${part}"]`);
  if (!row || !button) return;
  const rows = [...document.querySelectorAll<HTMLElement>(ROW)];
  const next = rows[rows.indexOf(row) + 1] ?? rows[rows.indexOf(row) - 1];
  button.click();
  if (part === 'done' || part === 'tomorrow') next?.focus();
}

export function useRowKeys() {
  useHotkeys({
    j: () => move(1),
    k: () => move(-1),
    ArrowDown: () => move(1),
    ArrowUp: () => move(-1),
    x: () => press('done'),
    s: () => press('tomorrow'),
    l: () => (document.activeElement?.closest(ROW) ? press('log') : openLog()),
    Enter: () => press('open'),
  });
}
