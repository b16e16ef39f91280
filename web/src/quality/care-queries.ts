// What the server says about what is done for the quality of data.
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { api, query } from '../api/client';
import type { Label } from '../api/types';

export type Person = { id: string; name: string | null };
export type Problem = { problem: string; label: Label };
export type RoleName = 'owner' | 'steward' | 'overseer';
export type Settled = {
  owner: string | null;
  steward: string | null;
  overseer: string | null;
  thresholds: Record<string, number>;
  channels: string[];
  due_days: number;
};
export type Care = {
  roles: Record<RoleName, Person | null>;
  settled: Settled;
  mine: RoleName[];
  queues: { own: number; issues: number | null; acceptance: number | null };
  can: { change: boolean; care: boolean; oversee: boolean };
};
export type Issue = {
  id: string;
  record: Person;
  task: string | null;
  assignee: Person;
  problems: Problem[];
  state: 'open' | 'closed';
  opened_at: string;
  closed_at: string | null;
  reopened: number;
};
export type Waiting = {
  record: Person;
  channel: string;
  source: string | null;
  at: string;
  by: Person | null;
  score: number;
  problems: Problem[];
  reason: string | null;
};
export type WaitingState = 'waiting' | 'accepted' | 'returned';
type Share = { won: number; lost: number; percent: number | null };
export type SelfCheck = {
  agree: { percent: number | null; groups_across: number; groups: number };
  current: { percent: number | null; stale: number };
  single: { groups: number; records: number; searched_at: string | null };
  finding: { milliseconds: number };
  maturity: { level: number; name: Label; levels: { name: Label; conditions: { label: Label; met: boolean }[] }[] };
  wins: { label: Label; from_score: number; complete: Share; incomplete: Share } | null;
};
export type Review = {
  month: string;
  records: number | null;
  measures: { measure: string; start: number | null; end: number | null }[];
  fields: { field: string; label: Label; missing: number; stale: number }[];
  rules: { name: string; label: Label; hits: number }[];
  work: Record<'opened' | 'closed' | 'accepted' | 'returned' | 'merged', number>;
};

export const CARE = 'quality-care';

export function careQuery(object: string) {
  return queryOptions({
    queryKey: [CARE, object, 'care'],
    queryFn: ({ signal }) => api.get<Care>(`/quality/${object}/care`, signal),
    retry: false,
  });
}

export function issuesQuery(object: string, state: 'open' | 'closed', own: boolean) {
  return infiniteQueryOptions({
    queryKey: [CARE, object, 'issues', state, own],
    queryFn: ({ pageParam, signal }) =>
      api.get<{ items: Issue[]; next_cursor: string | null }>(
        `/quality/${object}/issues${query({ state, own: own ? 'true' : null, cursor: pageParam })}`,
        signal,
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
  });
}

export function waitingQuery(object: string, state: WaitingState, source: string | null) {
  return infiniteQueryOptions({
    queryKey: [CARE, object, 'acceptance', state, source],
    queryFn: ({ pageParam, signal }) =>
      api.get<{
        items: Waiting[];
        next_cursor: string | null;
        sources: { source: string | null; count: number }[];
      }>(`/quality/${object}/acceptance${query({ state, source, cursor: pageParam })}`, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
  });
}

export function checkQuery(object: string) {
  return queryOptions({
    queryKey: [CARE, object, 'check'],
    queryFn: ({ signal }) => api.get<SelfCheck>(`/quality/${object}/self-check`, signal),
    staleTime: 60_000,
  });
}

export function reviewQuery(object: string, month: string | null) {
  return queryOptions({
    queryKey: [CARE, object, 'review', month],
    queryFn: ({ signal }) => api.get<Review>(`/quality/${object}/review${query({ month })}`, signal),
  });
}
