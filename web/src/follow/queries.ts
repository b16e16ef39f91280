// Promises and the notifications about them, as docs/interface.md tells it.
import { infiniteQueryOptions, keepPreviousData, type QueryClient, queryOptions } from '@tanstack/react-query';
import { api, query } from '../api/client';
import type { Page, Ref } from '../api/types';

export type Bucket = 'late' | 'today' | 'week' | 'later' | 'none';
export type Act = 'done' | 'waive' | 'snooze' | 'reopen';
export type PromiseState = 'open' | 'late' | 'done' | 'waived' | 'void';

export type Obligation = {
  /** None for a customer for whom nothing is planned. */
  id: string | null;
  kind: 'follow_up' | 'task' | 'contact' | 'date' | 'plan_step' | 'none';
  title: string;
  object: string;
  record: Ref;
  owner: Ref | null;
  due_at: string | null;
  all_day: boolean;
  state: PromiseState;
  closed_at?: string | null;
  last_contact_at?: string | null;
  task: string | null;
  rule: Ref | null;
  can: Act[];
};

export type Counts = { late: number; today: number; week: number; none: number };

export type NoticeKind =
  | 'reminder'
  | 'escalation'
  | 'digest'
  | 'alert'
  | 'mention'
  | 'stage_warning'
  | 'quality'
  | 'leaks'
  | 'greeting'
  | 'channel'
  | 'pool_warning'
  | 'pool_recycled'
  | 'assignment'
  | 'handover';

export type Notice = {
  id: string;
  kind: NoticeKind;
  title: string;
  text: string;
  object: string | null;
  record: Ref | null;
  obligation: string | null;
  owner: Ref | null;
  state: PromiseState | null;
  can: Act[];
  due_at: string | null;
  at: string;
  live: boolean;
  read_at: string | null;
};
export type Notices = Page<Notice> & { unread: number };
export type Why = {
  notification: Notice;
  reasons: string[];
  heard: { user: Ref; at: string; kind: Notice['kind']; read: boolean }[];
};

/** Everything that shows notifications begins with it. */
export const NOTICES = 'notifications';

export type Whose = { scope?: 'mine' | 'team'; owner?: string };

export function promisesQuery(bucket: Bucket, whose: Whose = {}, limit = 50) {
  return queryOptions({
    queryKey: ['home', 'promises', bucket, whose, limit],
    queryFn: ({ signal }) => api.get<Page<Obligation>>(`/obligations${query({ ...whose, bucket, limit })}`, signal),
  });
}

export function countsQuery(whose: Whose = {}) {
  return queryOptions({
    queryKey: ['home', 'counts', whose],
    queryFn: ({ signal }) => api.get<Counts>(`/obligations/summary${query(whose)}`, signal),
  });
}

/** What the bell shows: the latest ones, with how many are unread. */
export const bellQuery = queryOptions({
  queryKey: [NOTICES, 'bell'],
  queryFn: ({ signal }) => api.get<Notices>(`/notifications${query({ limit: 40 })}`, signal),
  staleTime: 30_000,
  refetchInterval: 5 * 60_000,
});

export function noticesQuery(unread: boolean) {
  return infiniteQueryOptions({
    queryKey: [NOTICES, 'list', unread],
    queryFn: ({ pageParam, signal }) =>
      api.get<Notices>(
        `/notifications${query({ limit: 50, unread: unread ? 'true' : null, cursor: pageParam })}`,
        signal,
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
    placeholderData: keepPreviousData,
  });
}

export function whyQuery(id: string) {
  return queryOptions({
    queryKey: [NOTICES, 'why', id],
    queryFn: ({ signal }) => api.get<Why>(`/notifications/${id}/why`, signal),
  });
}

export function act(id: string, action: Act, body: Record<string, unknown> = {}) {
  return api.post<Obligation>(`/obligations/${id}/${action}`, body);
}

/** After a promise was kept, let go or put off: whatever shows promises is asked again. */
export function promisesChanged(client: QueryClient) {
  for (const queryKey of [['home'], [NOTICES], ['record-promises'], ['leaks'], ['team'], ['overview']])
    void client.invalidateQueries({ queryKey });
}
