// A card dropped: shown at once where it was dropped, one request, undone by one tap. What the stage asks for in
// addition is asked in place.
import { type QueryClient, useQueryClient } from '@tanstack/react-query';
import { useCallback } from 'react';
import { Fault } from '../../api/client';
import { fieldOf, isEditable } from '../../api/dictionary';
import { invalidateRecord, keys, patchRecord, refId } from '../../api/records';
import type { Field, FieldFault, ObjectType, Page, Query, Rec, Ref } from '../../api/types';
import { editKind } from '../../fields';
import { useLabel, useT } from '../../i18n';
import { rowsKey } from '../../records/rows';
import { patchCaches } from '../../records/update';
import { faultText } from '../../session/fault-text';
import { toast } from '../../ui/toast';
import { type Cell, moveTotals, type TotalRow } from './model';

export type Asked = { record: Rec; to: Cell; faults: FieldFault[]; fields: Field[] };
export type BoardShape = {
  object: ObjectType;
  group: Field;
  lane: Field | null;
  sum: Field | null;
  totalsKey: readonly unknown[];
  cellQuery: (cell: Cell) => Query;
  laneWho: (id: string | null) => Ref | null;
};

export function cellOf(shape: BoardShape, record: Rec): Cell {
  const column = (record[shape.group.name] as string | null) ?? null;
  return shape.lane ? { column, lane: refId(record[shape.lane.name]) } : { column };
}

function changesFor(shape: BoardShape, to: Cell): Record<string, unknown> {
  const { group, lane } = shape;
  return lane && to.lane !== undefined
    ? { [group.name]: to.column, [lane.name]: to.lane }
    : { [group.name]: to.column };
}

/** Takes the card out of its cell and lays it on top of the other; the totals go along. */
function place(client: QueryClient, shape: BoardShape, record: Rec, to: Cell): Rec {
  const { object, group, lane, sum } = shape;
  const from = cellOf(shape, record);
  const who = lane && to.lane !== undefined ? { [lane.name]: shape.laneWho(to.lane) } : {};
  const moved = { ...record, [group.name]: to.column, ...who } as Rec;
  const pages = (cell: Cell) => rowsKey(object.name, shape.cellQuery(cell));
  client.setQueriesData<Page<Rec>>({ queryKey: pages(from) }, (page) =>
    page?.items ? { ...page, items: page.items.filter((item) => item.id !== record.id) } : page,
  );
  client.setQueryData<Page<Rec>>([...pages(to), null], (page) =>
    page?.items ? { ...page, items: [moved, ...page.items.filter((item) => item.id !== record.id)] } : page,
  );
  const keyOf = (one: Rec) => (lane ? [one[group.name] ?? null, one[lane.name] ?? null] : [one[group.name] ?? null]);
  const amount = sum ? Number(record[sum.name] ?? 0) : 0;
  client.setQueryData<TotalRow[]>(
    shape.totalsKey,
    (rows) => rows && moveTotals(rows, keyOf(record), keyOf(moved), amount),
  );
  patchCaches(client, object.name, record.id, { [group.name]: to.column, ...who });
  return moved;
}

export function useMove(shape: BoardShape, ask: (asked: Asked) => void) {
  const client = useQueryClient();
  const t = useT();
  const label = useLabel();
  return useCallback(
    async (record: Rec, to: Cell, more: Record<string, unknown> = {}): Promise<boolean> => {
      const { object, group } = shape;
      const from = cellOf(shape, record);
      if (from.column === to.column && from.lane === to.lane) return true;
      await client.cancelQueries({ queryKey: keys.lists(object.name) });
      const moved = place(client, shape, record, to);
      const stage = label(group.options?.find((option) => option.value === to.column)?.label) || t.board.none;
      try {
        const saved = await patchRecord(object.name, record.id, { ...changesFor(shape, to), ...more }, record.version);
        patchCaches(client, object.name, record.id, { version: saved.version });
        void client.invalidateQueries({ queryKey: ['home'] });
        toast(t.board.moved(stage), {
          action: {
            label: t.common.undo,
            run: () => {
              const before = Object.fromEntries(Object.keys(more).map((name) => [name, record[name] ?? null]));
              place(client, shape, { ...moved, version: saved.version }, from);
              patchRecord(object.name, record.id, { ...changesFor(shape, from), ...before }, saved.version).then(
                (undone) => {
                  patchCaches(client, object.name, record.id, { version: undone.version });
                  toast(t.record.undone);
                },
                (cause: unknown) => {
                  invalidateRecord(client, object.name, record.id);
                  toast(faultText(cause, t), { tone: 'danger' });
                },
              );
            },
          },
        });
        return true;
      } catch (cause) {
        place(client, shape, moved, from);
        const wanted = cause instanceof Fault ? missing(object, cause) : [];
        if (cause instanceof Fault && wanted.length > 0) {
          ask({ record, to, faults: cause.fields, fields: wanted });
          return false;
        }
        if (cause instanceof Fault && cause.code === 'stale') {
          invalidateRecord(client, object.name, record.id);
          toast(t.fault.stale, { tone: 'danger' });
          return false;
        }
        toast(faultText(cause, t), { tone: 'danger' });
        return false;
      }
    },
    [client, shape, ask, t, label],
  );
}

/** Fields that the server wants filled in for the new stage and that may be filled in here. */
function missing(object: ObjectType, fault: Fault): Field[] {
  return fault.fields
    .map((one) => fieldOf(object, one.field))
    .filter((field): field is Field => field !== undefined && isEditable(field) && editKind(field).Edit !== undefined);
}
