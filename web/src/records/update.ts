// One field changed in place: shown at once, undone by one tap, put right when someone else was faster.
import { type QueryClient, useQueryClient } from '@tanstack/react-query';
import { useCallback } from 'react';
import { Fault } from '../api/client';
import { invalidateRecord, keys, patchRecord } from '../api/records';
import type { Field, ObjectType, Overview, Page, Rec } from '../api/types';
import { wireValue } from '../fields';
import { useLabel, useT } from '../i18n';
import { faultText } from '../session/fault-text';
import { toast } from '../ui/toast';

/** Changes a record wherever it is held: lists, its page, its overview. */
export function patchCaches(client: QueryClient, object: string, id: string, changes: Partial<Rec>) {
  client.setQueriesData<Page<Rec>>({ queryKey: keys.lists(object) }, (page) =>
    page && Array.isArray(page.items)
      ? { ...page, items: page.items.map((item) => (item.id === id ? { ...item, ...changes } : item)) }
      : page,
  );
  client.setQueryData<Rec>(keys.record(object, id), (record) => record && ({ ...record, ...changes } as Rec));
  client.setQueryData<Overview>(
    keys.overview(object, id),
    (overview) => overview && { ...overview, record: { ...overview.record, ...changes } as Rec },
  );
}

/** The same field was changed by somebody else meanwhile: the record as it is now. */
export type Conflict = { theirs: Rec };

export function useUpdateField(object: ObjectType) {
  const client = useQueryClient();
  const t = useT();
  const label = useLabel();

  /** Resolves to null when saved, to the text that belongs next to the field, or to what somebody else wrote there. */
  return useCallback(
    async (record: Rec, field: Field, value: unknown): Promise<string | Conflict | null> => {
      const before = record[field.name];
      if (JSON.stringify(wireValue(field, before) ?? null) === JSON.stringify(wireValue(field, value) ?? null))
        return null;

      const write = async (next: unknown, version: number | undefined) => {
        const saved = await patchRecord(object.name, record.id, { [field.name]: wireValue(field, next) }, version);
        patchCaches(client, object.name, record.id, { version: saved.version });
        invalidateRecord(client, object.name, record.id);
        return saved.version;
      };

      const same = (other: unknown) =>
        JSON.stringify(wireValue(field, other) ?? null) === JSON.stringify(wireValue(field, before) ?? null);
      /** Somebody else's change of another field is no conflict: both stand. */
      const writeOver = async (next: unknown) => {
        try {
          return await write(next, record.version);
        } catch (cause) {
          const now = cause instanceof Fault && cause.code === 'stale' ? cause.current : undefined;
          if (!now || !same(now[field.name])) throw cause;
          return write(next, now.version);
        }
      };

      patchCaches(client, object.name, record.id, { [field.name]: value });
      try {
        const version = await writeOver(value);
        toast(t.record.changed(label(field.label)), {
          action: {
            label: t.common.undo,
            run: () => {
              patchCaches(client, object.name, record.id, { [field.name]: before });
              write(before, version).then(
                () => toast(t.record.undone),
                (cause: unknown) => {
                  invalidateRecord(client, object.name, record.id);
                  toast(faultText(cause, t), { tone: 'danger' });
                },
              );
            },
          },
        });
        return null;
      } catch (cause) {
        patchCaches(client, object.name, record.id, { [field.name]: before });
        if (cause instanceof Fault && cause.code === 'stale') {
          invalidateRecord(client, object.name, record.id);
          if (!cause.current) return t.fault.stale;
          patchCaches(client, object.name, record.id, cause.current);
          return { theirs: cause.current };
        }
        return faultText(cause, t);
      }
    },
    [client, object.name, t, label],
  );
}
