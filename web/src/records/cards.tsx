// The list on a phone: one card a record, 76 px, a call one tap away, a swipe writes a follow-up.
import { Link } from '@tanstack/react-router';
import { useVirtualizer } from '@tanstack/react-virtual';
import { PenLine, Phone } from 'lucide-react';
import { type TouchEvent, useEffect, useRef, useState } from 'react';
import { fieldsOf, valueType } from '../api/dictionary';
import type { Field, ObjectType, Rec } from '../api/types';
import { FieldView, isEmpty } from '../fields';
import { useLabel, useT } from '../i18n';
import { CUSTOMER_OBJECT } from '../shell/nav';
import { openLog } from '../shell/overlays';
import { cx } from '../ui/cx';
import { phoneOf, recordName } from './name';
import type { Rows } from './rows';

const CARD = 76;
const SWIPE = 84;

/** What a card shows beside the name: coloured choices as chips, the rest as a line of text. */
export function cardFields(object: ObjectType): { chips: Field[]; line: Field[] } {
  const fields = fieldsOf(object, object.layout.card).filter((field) => field.name !== object.name_field);
  const chip = (field: Field) => field.type === 'choice';
  return { chips: fields.filter(chip).slice(0, 2), line: fields.filter((field) => !chip(field)).slice(0, 3) };
}

export function RecordCards({ object, rows }: { object: ObjectType; rows: Rows }) {
  const t = useT();
  const label = useLabel();
  const scroller = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: rows.count,
    getScrollElement: () => scroller.current,
    estimateSize: () => CARD,
    overscan: 6,
  });
  const items = virtual.getVirtualItems();
  const { show } = rows;
  const first = items[0]?.index ?? 0;
  const last = items.at(-1)?.index ?? 0;
  useEffect(() => show(first, last), [show, first, last]);
  return (
    <div
      ref={scroller}
      tabIndex={0}
      role="region"
      aria-label={t.list.pageOf(label(object.label))}
      className="flex-1 min-h-0 overflow-auto overscroll-contain contain-strict"
    >
      <ul className="relative" style={{ height: virtual.getTotalSize() }}>
        {items.map((item) => {
          const record = rows.rowAt(item.index);
          return (
            <li
              key={record?.id ?? `pending-${item.index}`}
              className="absolute inset-x-0 h-[76px] border-b border-line overflow-hidden"
              style={{ transform: `translateY(${item.start}px)` }}
            >
              {record ? <Card object={object} record={record} /> : <span className="skeleton block h-4 w-1/2 m-4" />}
            </li>
          );
        })}
      </ul>
    </div>
  );
}

function Card({ object, record }: { object: ObjectType; record: Rec }) {
  const t = useT();
  const name = recordName(object, record, t.common.unnamed);
  const { chips, line } = cardFields(object);
  const phone = phoneOf(object, record);
  const loggable = object.name === CUSTOMER_OBJECT;
  const swipe = useSwipe(() => loggable && openLog({ object: object.name, record: { id: record.id, name } }));
  return (
    <>
      {loggable && (
        <span
          aria-hidden
          className={cx(
            'absolute inset-y-0 right-0 w-24 grid place-items-center bg-brand text-white',
            swipe.offset === 0 && 'invisible',
          )}
        >
          <PenLine size={20} />
        </span>
      )}
      <div
        className="relative h-full flex items-center gap-2 bg-surface"
        style={{ transform: swipe.offset ? `translateX(${-swipe.offset}px)` : undefined }}
        {...(loggable ? swipe.handlers : {})}
      >
        <Link
          to="/o/$object/$id"
          params={{ object: object.name, id: record.id }}
          className="flex-1 min-w-0 h-full pl-4 pr-1 flex flex-col justify-center gap-1 active:bg-sunken"
        >
          <span className="font-medium truncate text-[16px]">{name}</span>
          <span className="flex items-center gap-1.5 min-w-0">
            {chips.map(
              (field) =>
                !isEmpty(record[field.name]) && (
                  <span key={field.name} className="shrink-0 flex">
                    <FieldView field={field} value={record[field.name]} record={record} compact />
                  </span>
                ),
            )}
            <CardLine fields={line} record={record} />
          </span>
        </Link>
        {loggable && (
          <button
            type="button"
            aria-label={t.list.logFor(name)}
            className={cx(
              'size-11 shrink-0 grid place-items-center rounded-full bg-sunken text-ink-2',
              !phone && 'mr-3',
            )}
            onClick={() => openLog({ object: object.name, record: { id: record.id, name } })}
          >
            <PenLine size={18} aria-hidden />
          </button>
        )}
        {phone && (
          <a
            href={`tel:${phone}`}
            aria-label={t.list.call(name)}
            className="size-11 mr-3 shrink-0 grid place-items-center rounded-full bg-sunken text-brand-ink"
          >
            <Phone size={18} aria-hidden />
          </a>
        )}
      </div>
    </>
  );
}

/** The amount and one date, the next step before the last contact: more would not fit beside each other. */
export function CardLine({ fields, record }: { fields: Field[]; record: Rec }) {
  const label = useLabel();
  const filled = fields.filter((field) => !isEmpty(record[field.name]) && record[field.name] !== 0);
  const dated = filled.filter((field) => isTime(field)).at(-1);
  const shown = [...filled.filter((field) => !isTime(field)).slice(0, 1), ...(dated ? [dated] : [])];
  return (
    <span className="flex items-center gap-3 text-[13px] text-ink-3 min-w-0 overflow-hidden whitespace-nowrap">
      {shown.map((field) => (
        <span key={field.name} className="flex items-center gap-1.5 min-w-0">
          {isTime(field) && <span className="truncate">{label(field.label)}</span>}
          <span className="truncate text-ink-2 shrink-0 max-w-full">
            <FieldView field={field} value={record[field.name]} record={record} compact />
          </span>
        </span>
      ))}
    </span>
  );
}

function isTime(field: Field): boolean {
  const type = valueType(field);
  return type === 'date' || type === 'datetime';
}

function useSwipe(onSwipe: () => void) {
  const [offset, setOffset] = useState(0);
  const from = useRef<{ x: number; y: number } | null>(null);
  const handlers = {
    onTouchStart: (event: TouchEvent) => {
      const touch = event.touches[0];
      from.current = touch ? { x: touch.clientX, y: touch.clientY } : null;
    },
    onTouchMove: (event: TouchEvent) => {
      const touch = event.touches[0];
      if (!touch || !from.current) return;
      const left = from.current.x - touch.clientX;
      if (Math.abs(touch.clientY - from.current.y) > Math.abs(left)) {
        from.current = null;
        setOffset(0);
        return;
      }
      setOffset(Math.max(0, Math.min(left, SWIPE + 12)));
    },
    onTouchEnd: () => {
      if (offset >= SWIPE) onSwipe();
      setOffset(0);
      from.current = null;
    },
  };
  return { offset, handlers };
}
