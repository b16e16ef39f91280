// Who else is at a record, and what is to be known before its customer is contacted.
import { queryOptions } from '@tanstack/react-query';
import { api } from '../api/client';
import type { Ref } from '../api/types';

export type Doing = 'looking' | 'writing' | 'calling';
export type Here = { user: Ref; doing: Doing; since: string };
export type Warning =
  | { kind: 'recent'; at: string | null; how: string | null; by: Ref | null }
  | { kind: 'do_not_contact'; who: string | null; reason: string | null }
  | { kind: 'paused'; who: string | null; until: string | null; reason: string | null }
  | { kind: 'not_now'; who: string | null; slot: string; reason: string | null };

export const PRESENCE = 'presence';

export function bePresent(object: string, record: string, doing: Doing | 'left', signal?: AbortSignal) {
  return api.post<{ items: Here[] }>('/presence', { object, record, doing }, { signal }).then((answer) => answer.items);
}

export function contactCheckQuery(object: string, id: string) {
  return queryOptions({
    queryKey: ['contact-check', object, id],
    queryFn: ({ signal }) =>
      api
        .get<{ warnings: Warning[] }>(`/records/${object}/${id}/contact-check`, signal)
        .then((answer) => answer.warnings),
    staleTime: 30_000,
    retry: false,
  });
}
