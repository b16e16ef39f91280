// What the server says about bulk cleaning and the provider of company data.
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { api, query } from '../api/client';
import type { Filter, Label } from '../api/types';

export const ORIGINS = ['standard', 'related', 'provider'] as const;
export type Origin = (typeof ORIGINS)[number];
export type Fate = 'proposed' | 'omitted' | 'applied' | 'left' | 'undone' | 'kept';
export type RunState = 'looking' | 'ready' | 'applying' | 'done' | 'cancelled' | 'failed' | 'undoing' | 'undone';
export type Count = { origin: Origin; field: string; label: Label; state: Fate; count: number };
export type Run = {
  id: string;
  state: RunState;
  created_at: string;
  created_by: { id: string; name: string | null };
  origins: Origin[];
  fields: string[];
  filter: Filter | null;
  progress: { looked: number; total: number | null; percent: number | null; more: boolean };
  provider: Record<'asked' | 'cached' | 'found' | 'unknown' | 'other' | 'failed', number> & { stopped: string | null };
  counts: Count[];
  message: Label | null;
  applied_at: string | null;
  undo_until: string | null;
};
/** A field that a cleaning can change, and what changes it. */
export type Reached = { field: string; label: Label; origins: Origin[] };
export type Runs = {
  items: Run[];
  next_cursor: string | null;
  provider: string | null;
  fields: Reached[];
};
export type Source = {
  how: 'standard' | 'parent' | 'mail_domain' | 'area_code' | 'name' | 'provider';
  record: { id: string; name: string | null } | null;
  provider: string | null;
};
export type Change = {
  n: number;
  record: { id: string; name: string | null };
  field: string;
  label: Label;
  origin: Origin;
  source: Source;
  before: string | null;
  after: string | null;
  state: Fate;
  reason: Label | null;
};
export type FieldSource = { field: string; label: Label; source: Source; at: string };
export type Provider = {
  active: boolean;
  name: string;
  object: string;
  url: string;
  header: string;
  has_secret: boolean;
  mapping: { path: string; field: string }[];
  filter: unknown;
  quota: number;
  cache_days: number;
  timeout_seconds: number;
  asked_today: number;
  places: Record<string, Label | null>;
};
export type Trial = {
  outcome: string;
  message: Label;
  asked: boolean;
  milliseconds: number;
  address: string;
  fields: {
    path: string;
    field: string;
    label: Label;
    answered: string | null;
    value: string | null;
    fault: Label | null;
  }[];
};

export const CLEANING = 'cleaning';
const SOON = 1_000;

export function atWork(run: Run): boolean {
  return run.state === 'looking' || run.state === 'applying' || run.state === 'undoing';
}

export function runsQuery(object: string) {
  return queryOptions({
    queryKey: [CLEANING, object, 'runs'],
    queryFn: ({ signal }) => api.get<Runs>(`/cleaning/${object}${query({ limit: 10 })}`, signal),
    refetchInterval: ({ state }) => (state.data?.items.some(atWork) ? SOON : false),
  });
}

export function runQuery(object: string, id: string) {
  return queryOptions({
    queryKey: [CLEANING, object, 'run', id],
    queryFn: ({ signal }) => api.get<Run>(`/cleaning/${object}/${id}`, signal),
    refetchInterval: ({ state }) => (state.data && atWork(state.data) ? SOON : false),
  });
}

export function changesQuery(object: string, run: Run, of: { origin: Origin; field: string; state: Fate } | null) {
  return infiniteQueryOptions({
    queryKey: [CLEANING, object, 'changes', run.id, run.state, of],
    queryFn: ({ pageParam, signal }) =>
      api.get<{ items: Change[]; next_cursor: string | null }>(
        `/cleaning/${object}/${run.id}/changes${query({ ...of, limit: 30, cursor: pageParam })}`,
        signal,
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
    enabled: of !== null,
  });
}

export function sourcesQuery(object: string, id: string) {
  return queryOptions({
    queryKey: ['record', object, id, 'sources'],
    queryFn: ({ signal }) => api.get<{ fields: FieldSource[] }>(`/records/${object}/${id}/sources`, signal),
  });
}

export const providerQuery = queryOptions({
  queryKey: ['provider'],
  queryFn: ({ signal }) => api.get<Provider>('/enrichment/provider', signal),
  retry: false,
});
