// What the duplicate desk asks of the server.
import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query';
import { api, query } from '../api/client';
import type { FieldFault, Label, Language, Page, Problem, Rec, Ref } from '../api/types';

export type Tier = 'certain' | 'likely' | 'possible';
export type Tab = Tier | 'branch' | 'merges';
export type Run = {
  id: string;
  state: 'running' | 'done' | 'cancelled' | 'failed';
  done: number;
  total: number;
  at: string;
  by: Ref;
};
/** Why records of a group are taken for one, or what speaks against it. */
export type Reason = { field: string; text: string; agrees: boolean };
export type Group = {
  id: string;
  kind: 'same' | 'branch';
  tier: Tier;
  confidence: number;
  reasons: Reason[];
  records: Rec[];
};
export type Groups = Page<Group> & { counts: Record<Tier | 'branch', number> | null };
export type Preview = {
  record: Rec;
  records: Rec[];
  fields: { field: string; from: string | null; rule: string; differs: boolean | null }[];
  errors: FieldFault[];
  moved: { object: string; label: Label; count: number }[];
};
export type Picked = Record<string, { from: string }>;
export type Side = { id: string | null; name: string | null };
export type Merge = {
  id: string;
  winner: Side;
  losers: Side[];
  at: string;
  by: Ref;
  state: 'merged' | 'undone';
  undone_at: string | null;
  undone_by: Ref | null;
  undo_until: string;
  can_undo: boolean;
};
export type Conflict = {
  object: string | null;
  id: string | null;
  name: string | null;
  field: string | null;
  message: string;
};
export type Decided = { results: { group: string; status: number; merge: string | null; problem?: Problem }[] };

export const DESK = 'desk';

export function runQuery(object: string) {
  return queryOptions({
    queryKey: [DESK, object, 'run'],
    queryFn: ({ signal }) =>
      api.get<{ run: Run | null }>(`/records/${object}/duplicate-run`, signal).then((answer) => answer.run),
    refetchInterval: ({ state }) => (state.data?.state === 'running' ? 1_000 : false),
  });
}

export function groupsQuery(object: string, tab: Exclude<Tab, 'merges'>) {
  const kind = tab === 'branch' ? 'branch' : 'same';
  const tier = tab === 'branch' ? null : tab;
  return infiniteQueryOptions({
    queryKey: [DESK, object, 'groups', tab],
    queryFn: ({ pageParam, signal }) =>
      api.get<Groups>(
        `/records/${object}/duplicate-groups${query({ kind, tier, limit: 30, cursor: pageParam })}`,
        signal,
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
  });
}

export function mergesQuery(object: string) {
  return infiniteQueryOptions({
    queryKey: [DESK, object, 'merges'],
    queryFn: ({ pageParam, signal }) =>
      api.get<Page<Merge>>(`/records/${object}/merges${query({ limit: 30, cursor: pageParam })}`, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
  });
}

export function previewQuery(object: string, winner: string, losers: string[], fields: Picked) {
  return queryOptions({
    queryKey: [DESK, object, 'preview', winner, losers, JSON.stringify(fields)],
    queryFn: ({ signal }) =>
      api.post<Preview>(`/records/${object}/merge`, { winner, losers, fields, dry_run: true }, { signal }),
    placeholderData: keepPreviousData,
    staleTime: 0,
  });
}

export function mergeRecords(object: string, preview: Preview, fields: Picked) {
  const [winner, ...losers] = preview.records;
  return api.post<{ id: string; record: Rec }>(`/records/${object}/merge`, {
    winner: winner?.id,
    losers: losers.map((record) => record.id),
    fields,
    versions: Object.fromEntries(preview.records.map((record) => [record.id, record.version])),
  });
}

export function decide(object: string, groups: string[], dismiss = false) {
  return api.post<Decided>(`/records/${object}/duplicate-groups/decide`, { groups, dismiss });
}

export function undoMerge(object: string, id: string, body: { leave_conflicts?: boolean; not_same?: boolean }) {
  return api.post<{ undone: boolean; conflicts: Conflict[] }>(`/records/${object}/merges/${id}/undo`, body);
}

/** Names in a row, as the language puts them. */
export function inRow(language: Language, names: string[]): string {
  return names.join(language === 'en' ? ', ' : '、');
}
