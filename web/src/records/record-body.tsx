// A record, as a page and as a preview: what both need to know of it.
import { useQuery } from '@tanstack/react-query';
import { useEffect, useMemo } from 'react';
import { Fault } from '../api/client';
import { useLexicon } from '../api/dictionary';
import { overviewQuery, recordQuery } from '../api/records';
import type { Address, ObjectType, Rec } from '../api/types';
import { useT } from '../i18n';
import { LOG_OBJECT } from '../shell/nav';
import type { LogTarget } from '../shell/overlays';
import { noteRecent } from '../shell/recent';
import { recordName } from './name';

export function useRecord(object: ObjectType, id: string) {
  const t = useT();
  const overview = useQuery(overviewQuery(object.name, id));
  // The record itself is asked for as well: with all references by name, and as the place where edits show first.
  const single = useQuery(recordQuery(object, id));
  const record = single.data ?? overview.data?.record;
  const name = record ? recordName(object, record, t.common.unnamed) : null;
  useEffect(() => {
    if (name) noteRecent({ object: object.name, id, name });
  }, [object.name, id, name]);
  const fault = single.error ?? null;
  return {
    record,
    overview: overview.data,
    name,
    gone: fault instanceof Fault && fault.status === 404,
    fault: record ? null : fault,
  };
}

/** Whether follow-ups can be written about this kind of record. */
export function useLogTarget(object: ObjectType, id: string, name: string | null): LogTarget {
  const log = useLexicon().find(LOG_OBJECT);
  const possible = log?.can.create && log.fields.some((field) => field.reference === object.name);
  return useMemo(
    () => (possible && name ? { object: object.name, record: { id, name } } : null),
    [possible, object.name, id, name],
  );
}

export function mapAddress(record: Rec, object: ObjectType): string | null {
  for (const field of object.fields) {
    if (field.type !== 'address') continue;
    const address = record[field.name] as Address | string | null;
    const text = typeof address === 'string' ? address : address?.text;
    if (text) return text;
  }
  return null;
}
