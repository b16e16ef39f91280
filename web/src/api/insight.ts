// What one may ask about a record besides its fields: its past, with whom it is shared, and why one sees it.
import { api, query } from './client';
import type { Change, Page, Rec, Ref } from './types';

export type GranteeKind = 'user' | 'department';
export type ShareLevel = 'read' | 'write';

export type Share = {
  id: string;
  grantee: { kind: GranteeKind } & Ref;
  level: ShareLevel;
  expires_at: string | null;
  created_by: Ref;
  created_at: string;
};

export type NewShare = {
  grantee: { kind: GranteeKind; id: string };
  level: ShareLevel;
  expires_at: string | null;
};

export type Explanation = { visible: boolean; reasons: string[] };

export const insightKeys = {
  shares: (object: string, id: string) => ['shares', object, id] as const,
  history: (object: string, id: string, field: string | null) => ['overview', 'history', object, id, field] as const,
  past: (object: string, id: string, at: string) => ['past', object, id, at] as const,
  access: (object: string, id: string, user: string | null, field: string | null) =>
    ['access', object, id, user, field] as const,
};

export function listShares(object: string, id: string, signal?: AbortSignal): Promise<{ items: Share[] }> {
  return api.get(`/records/${object}/${id}/shares`, signal);
}

export function shareRecord(object: string, id: string, share: NewShare): Promise<Share> {
  return api.post(`/records/${object}/${id}/shares`, share);
}

export function endShare(object: string, id: string, share: string): Promise<void> {
  return api.delete(`/records/${object}/${id}/shares/${share}`);
}

export function historyPage(
  object: string,
  id: string,
  options: { field?: string | null; cursor?: string | null; limit?: number },
): Promise<Page<Change>> {
  return api.get(`/records/${object}/${id}/history${query({ limit: 30, ...options })}`);
}

/** The record as it was at an instant; a fault of status 404 when it wasn't there yet. */
export function recordAt(object: string, id: string, at: string, signal?: AbortSignal): Promise<Rec> {
  return api.get(`/records/${object}/${id}/history${query({ at })}`, signal);
}

export function explainAccess(
  object: string,
  id: string,
  options: { user?: string | null; field?: string | null },
  signal?: AbortSignal,
): Promise<Explanation> {
  return api.get(`/access/explain${query({ object, id, ...options })}`, signal);
}
