// Records: queries, one record, writes. Query keys live here alone, so that what is invalidated is what was asked.
import { type QueryClient, queryOptions } from '@tanstack/react-query';
import { api, query } from './client';
import { expandsOf } from './dictionary';
import type {
  BatchResult,
  Candidate,
  Filter,
  ObjectType,
  Overview,
  Page,
  Query,
  Rec,
  Ref,
  TimelineItem,
  TreeItem,
} from './types';

export const keys = {
  lists: (object: string) => ['list', object] as const,
  record: (object: string, id: string) => ['record', object, id] as const,
  overview: (object: string, id: string) => ['overview', object, id] as const,
};

export function queryRecords(object: string, body: Query, signal?: AbortSignal): Promise<Page<Rec>> {
  const clean = Object.fromEntries(Object.entries(body).filter(([, value]) => value !== null && value !== undefined));
  return api.post<Page<Rec>>(`/records/${object}/query`, clean, { signal });
}

export function recordQuery(object: ObjectType, id: string) {
  const expand = expandsOf(object.fields).join(',');
  return queryOptions({
    queryKey: keys.record(object.name, id),
    queryFn: ({ signal }) => api.get<Rec>(`/records/${object.name}/${id}${query({ expand })}`, signal),
  });
}

export function overviewQuery(object: string, id: string) {
  return queryOptions({
    queryKey: keys.overview(object, id),
    queryFn: ({ signal }) => api.get<Overview>(`/records/${object}/${id}/overview`, signal),
  });
}

export function timelinePage(
  object: string,
  id: string,
  cursor: string | null,
  kinds?: string,
): Promise<Page<TimelineItem>> {
  return api.get(`/records/${object}/${id}/timeline${query({ limit: 30, cursor, kinds })}`);
}

export function createRecord(
  object: string,
  fields: Record<string, unknown>,
  onDuplicate?: 'block' | 'warn' | 'allow',
  /** Under the same key it is made once, however often it is sent. */
  key?: string,
) {
  const headers: Record<string, string> = key ? { 'Idempotency-Key': key } : {};
  return api.post<Rec>(`/records/${object}${query({ on_duplicate: onDuplicate })}`, fields, { headers });
}

export type Understood = {
  next_step: { text: string; at: string; timed: boolean; said: string } | null;
  people: { object: string; via: string; id: string; name: string; said: string }[];
};

export function understand(text: string, about: { object: string; id: string } | null, signal?: AbortSignal) {
  return api.post<Understood>('/understand', { text, ...about }, { signal });
}

export function patchRecord(object: string, id: string, fields: Record<string, unknown>, version?: number) {
  const headers: Record<string, string> = version === undefined ? {} : { 'If-Match': `"${version}"` };
  return api.patch<Rec>(`/records/${object}/${id}`, fields, { headers });
}

export function deleteRecord(object: string, id: string) {
  return api.delete(`/records/${object}/${id}`);
}

export function restoreRecord(object: string, id: string) {
  return api.post<Rec>(`/records/${object}/${id}/restore`);
}

export function findDuplicates(object: string, fields: Record<string, unknown>, id?: string, signal?: AbortSignal) {
  return api.post<{ candidates: Candidate[] }>(`/records/${object}/duplicates`, { fields, id }, { signal });
}

export type BatchOperation = {
  op: 'create' | 'update' | 'delete';
  id?: string;
  version?: number;
  fields?: Record<string, unknown>;
};

/** The server takes up to 1,000 at once; more is sent in turn, each part under its own key so that a retry repeats nothing. */
export async function batch(object: string, operations: BatchOperation[]): Promise<BatchResult[]> {
  const results: BatchResult[] = [];
  for (let start = 0; start < operations.length; start += 1000) {
    const answer = await api.post<{ results: BatchResult[] }>(
      `/records/${object}/batch`,
      { mode: 'each', operations: operations.slice(start, start + 1000) },
      { headers: { 'Idempotency-Key': crypto.randomUUID() } },
    );
    results.push(...answer.results);
  }
  return results;
}

export function aggregate(
  object: string,
  body: {
    filter?: Filter | null;
    groups: (string | { field: string; by: string })[];
    measures: { kind: string; field?: string }[];
  },
) {
  return api.post<{ rows: { group: unknown[]; values: (number | null)[] }[] }>(`/records/${object}/aggregate`, body);
}

export function treeItems(tree: string, options: { parent?: string | null; q?: string }, signal?: AbortSignal) {
  return api.get<{ items: TreeItem[] }>(`/trees/${tree}${query(options)}`, signal);
}

/** After a write: everything that may show it is asked again. */
export function invalidateRecord(client: QueryClient, object: string, id?: string) {
  void client.invalidateQueries({ queryKey: keys.lists(object) });
  void client.invalidateQueries({ queryKey: ['home'] });
  void client.invalidateQueries({ queryKey: ['overview'] });
  if (id) void client.invalidateQueries({ queryKey: keys.record(object, id) });
}

export function refName(value: unknown): string | null {
  if (value && typeof value === 'object' && 'name' in value) return (value as Ref).name;
  return null;
}

export function refId(value: unknown): string | null {
  if (typeof value === 'string') return value || null;
  if (value && typeof value === 'object' && 'id' in value) return String((value as Ref).id);
  return null;
}
