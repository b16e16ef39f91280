// One entry, as small as a line: time, name, and whose it is by its colour.
import { cx } from '../../ui/cx';
import type { EntryHandlers } from './calendar';
import { clockText, type Entry } from './model';

export const OWNER_COLOURS = [
  'bg-brand-soft text-brand-ink border-brand',
  'bg-ok-soft text-ok border-ok',
  'bg-warn-soft text-warn border-warn',
  'bg-violet-soft text-violet border-violet',
  'bg-teal-soft text-teal border-teal',
  'bg-danger-soft text-danger border-danger',
  'bg-sunken text-ink-2 border-line-strong',
];

export function Chip({ entry, handlers, tall }: { entry: Entry; handlers: EntryHandlers; tall?: boolean }) {
  const name = handlers.nameOf(entry.record);
  return (
    <button
      type="button"
      data-entry={entry.record.id}
      aria-describedby={handlers.grab ? 'calendar-keys' : undefined}
      title={name}
      className={cx(
        'w-full min-w-0 flex gap-1 px-1.5 rounded-sm border-l-3 text-left text-xs select-none overflow-hidden',
        tall ? 'h-full items-start pt-0.5' : 'h-6 touch:h-7 items-center',
        handlers.colourOf(entry.record),
        handlers.dragged === entry.record.id && 'opacity-40',
        handlers.grab && 'cursor-grab',
      )}
      onClick={(event) => {
        event.stopPropagation();
        handlers.open(entry.record);
      }}
      onPointerDown={(event) => {
        event.stopPropagation();
        handlers.grab?.(event, entry);
      }}
      onKeyDown={(event) => handlers.onKey(event, entry)}
    >
      {entry.minute !== null && <span className="shrink-0">{clockText(entry.minute)}</span>}
      <span className="truncate font-medium">{name}</span>
    </button>
  );
}
