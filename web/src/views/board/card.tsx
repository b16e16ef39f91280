// A card: name, what it is about, its amount, its date, whose it is, and how long nothing has happened.
import { Hourglass, Maximize2, MoreHorizontal } from 'lucide-react';
import type { KeyboardEvent, PointerEvent as ReactPointerEvent } from 'react';
import { refName } from '../../api/records';
import type { Field, ObjectType, Rec } from '../../api/types';
import { FieldView, isEmpty } from '../../fields';
import { useFormat } from '../../format/use-format';
import { useLabel, useT } from '../../i18n';
import { recordName } from '../../records/name';
import { Avatar } from '../../ui/bits';
import { IconButton } from '../../ui/button';
import { cx } from '../../ui/cx';
import { Menu, MenuGroup, MenuItem } from '../../ui/menu';
import { type CardParts, type Column, quietDays } from './model';

export type CardStyle = {
  object: ObjectType;
  parts: CardParts;
  activity: Field[];
  /** Quiet days after which a card is marked; twice as many mark it red. */
  stall: number | null;
  /** The date the cards are ordered by: once past, it is late. */
  deadline: string | null;
  columns: Column[];
  movable: boolean;
};

export type CardHandlers = {
  onGrab: (event: ReactPointerEvent<HTMLElement>, record: Rec) => void;
  onKey: (event: KeyboardEvent<HTMLElement>, record: Rec) => void;
  onPeek: (record: Rec) => void;
  onOpen: (record: Rec) => void;
  onMove: (record: Rec, column: string | null) => void;
};

export function BoardCard({
  record,
  style,
  handlers,
  ended,
  state,
}: {
  record: Rec;
  style: CardStyle;
  handlers: CardHandlers;
  ended: boolean;
  state: 'still' | 'dragged' | 'carried' | 'peeked';
}) {
  const t = useT();
  const label = useLabel();
  const { object, parts, columns, movable } = style;
  const name = recordName(object, record, t.common.unnamed);
  return (
    // The pointer's way to move a card; the keyboard's is the name inside.
    <div
      data-card={record.id}
      className={cx(
        'group relative h-full rounded-lg border bg-surface p-2.5 flex flex-col gap-1 select-none overflow-hidden',
        movable && 'cursor-grab',
        state === 'carried' || state === 'peeked'
          ? 'border-brand ring-1 ring-brand'
          : 'border-line hover:border-line-strong',
        state === 'dragged' && 'opacity-35',
      )}
      onPointerDown={(event) => movable && handlers.onGrab(event, record)}
    >
      <div className="flex items-start gap-1 min-w-0">
        <button
          type="button"
          className="flex-1 min-w-0 truncate text-left font-medium hover:text-brand-ink h-6 touch:h-8 before:absolute before:inset-0"
          aria-roledescription={movable ? t.board.cardRole : undefined}
          aria-describedby={movable ? 'board-keys' : undefined}
          onClick={() => handlers.onPeek(record)}
          onKeyDown={(event) => handlers.onKey(event, record)}
        >
          {name}
        </button>
        <span className="relative -mr-1 -mt-0.5" onPointerDown={(event) => event.stopPropagation()}>
          <Menu
            trigger={
              <IconButton
                icon={MoreHorizontal}
                iconSize={14}
                size="sm"
                label={t.board.menu(name)}
                className="not-group-hover:not-focus-visible:not-data-popup-open:opacity-0 touch:opacity-100! size-6! touch:size-9!"
              />
            }
          >
            <MenuItem icon={Maximize2} onClick={() => handlers.onOpen(record)}>
              {t.list.openFull}
            </MenuItem>
            {movable && (
              <MenuGroup label={t.board.moveTo}>
                {columns.map((column) => (
                  <MenuItem
                    key={String(column.value)}
                    disabled={column.option?.retired === true}
                    onClick={() => handlers.onMove(record, column.value)}
                  >
                    {column.option ? label(column.option.label) : t.board.none}
                  </MenuItem>
                ))}
              </MenuGroup>
            )}
          </Menu>
        </span>
      </div>
      {parts.line.length > 0 && <Line fields={parts.line} record={record} />}
      <Foot record={record} style={style} ended={ended} />
    </div>
  );
}

function Line({ fields, record }: { fields: Field[]; record: Rec }) {
  const filled = fields.filter((field) => !isEmpty(record[field.name]));
  return (
    <span className="truncate text-ink-3 text-xs h-4 touch:h-5 pointer-events-none [&_a]:pointer-events-none">
      {filled.map((field, index) => (
        <span key={field.name}>
          {index > 0 && ' · '}
          <FieldView field={field} value={record[field.name]} record={record} compact />
        </span>
      ))}
    </span>
  );
}

function Foot({ record, style, ended }: { record: Rec; style: CardStyle; ended: boolean }) {
  const t = useT();
  const label = useLabel();
  const format = useFormat();
  const { parts, activity, stall, deadline } = style;
  const quiet = quietDays(record, activity, Date.now());
  const stalled = !ended && stall !== null && quiet >= stall;
  const filled = (fields: Field[]) => fields.filter((field) => !isEmpty(record[field.name]));
  const late = (field: Field) =>
    !ended && field.name === deadline && format.dayOf(String(record[field.name])) < format.today();
  return (
    <span className="mt-auto flex items-center gap-1.5 min-w-0 h-6 pointer-events-none whitespace-nowrap overflow-hidden">
      {filled(parts.figures).map((field) => (
        <span key={field.name} className="font-semibold">
          <FieldView field={field} value={record[field.name]} record={record} compact />
        </span>
      ))}
      {filled(parts.chips).map((field) => (
        <span key={field.name} className="flex min-w-0">
          <FieldView field={field} value={record[field.name]} record={record} compact />
        </span>
      ))}
      {filled(parts.dates).map((field) => (
        <span
          key={field.name}
          className={cx('text-xs', late(field) ? 'text-danger font-medium' : 'text-ink-3 [&_*]:text-inherit!')}
          title={late(field) ? `${label(field.label)} · ${t.record.overdue}` : label(field.label)}
        >
          {late(field) && '! '}
          <FieldView field={field} value={record[field.name]} record={record} compact />
        </span>
      ))}
      <span className="ml-auto flex items-center gap-1.5 shrink-0">
        {stalled && (
          <span
            title={t.board.stalled(quiet)}
            className={cx(
              'inline-flex items-center gap-0.5 h-5 px-1 rounded-sm text-xs font-medium',
              quiet >= stall * 2 ? 'bg-danger-soft text-danger' : 'bg-warn-soft text-warn',
            )}
          >
            <Hourglass size={11} aria-hidden />
            <span className="sr-only">{t.board.stalled(quiet)}</span>
            <span aria-hidden>{t.board.days(quiet)}</span>
          </span>
        )}
        {filled(parts.people)
          .slice(0, 2)
          .map((field) => {
            const who = refName(record[field.name]) ?? t.common.hidden;
            return (
              <span key={field.name} title={`${label(field.label)} · ${who}`} className="flex">
                <Avatar name={who} />
                <span className="sr-only">{who}</span>
              </span>
            );
          })}
      </span>
    </span>
  );
}
