// What the server says about public pools, and whose a customer is.
import { infiniteQueryOptions, keepPreviousData, type QueryClient, queryOptions } from '@tanstack/react-query';
import { api, query } from '../api/client';
import { invalidateRecord } from '../api/records';
import type { BatchResult, FieldFault, Filter, Label, Page, Rec, Ref } from '../api/types';
import { CUSTOMER_OBJECT } from '../shell/nav';

export type PoolInUse = {
  id: string;
  name: string;
  customers: number;
  can_claim: boolean;
  can_assign: boolean;
  claimed_today: number;
  per_day: number | null;
  owned: number;
  capacity: number | null;
  /** How many more one may take; null: no limit. */
  left: number | null;
  cooldown_days: number;
};
export type PoolCustomer = {
  since: string;
  how: string;
  reason: string | null;
  note: string | null;
  former: Ref | null;
  free_at: string | null;
  customer: Rec;
};
export type How = 'created' | 'changed' | 'claimed' | 'assigned' | 'returned' | 'recycled' | 'handover' | 'undone';
export type StaleReason = 'silent' | 'no_opportunity' | 'no_order';
export type Span = {
  since: string;
  until: string | null;
  owner: Ref | null;
  pool: Ref | null;
  how: How;
  reason: string | null;
  note: string | null;
  rule: string | null;
  by: Ref | null;
};
export type Custody = {
  items: Span[];
  due: { on: string | null; reason: StaleReason; pool: Ref | null } | null;
  can: { return: boolean; claim: boolean; refused: string | null };
};
export type ClaimRules = {
  per_day: number | null;
  capacity: number | null;
  won_uncounted: boolean;
  cooldown_days: number;
};
export type RecycleRules = {
  active: boolean;
  silent_days: number | null;
  no_opportunity_days: number | null;
  no_order_days: number | null;
  warn_days: number;
  protect_days: number;
  exempt_tiers: string[];
  exempt_paid: boolean;
  exempt?: Filter | null;
};
export type PoolDefinition = {
  name: Label;
  filter?: Filter | null;
  departments: string[];
  admins: string[];
  claim: ClaimRules;
  recycle: RecycleRules;
};
export type Pool = PoolDefinition & { id: string; version: number; position: number; faults: FieldFault[] };
export type PoolPreview = {
  customers: number;
  more: boolean;
  on: string;
  owners: { owner: Ref; count: number }[];
  reasons: Partial<Record<StaleReason, number>>;
  examples: Ref[];
};

export const POOLS = 'pools';
export const CUSTODY = 'custody';

export const poolsQuery = queryOptions({
  queryKey: [POOLS, 'mine'],
  queryFn: ({ signal }) => api.get<{ items: PoolInUse[] }>('/pools', signal).then((answer) => answer.items),
});

export const poolSettingsQuery = queryOptions({
  queryKey: [POOLS, 'settings'],
  queryFn: ({ signal }) => api.get<{ items: Pool[] }>('/pools/settings', signal).then((answer) => answer.items),
});

export function poolCustomersQuery(pool: string, filter: Filter | null) {
  const sent = filter ? JSON.stringify(filter) : null;
  return infiniteQueryOptions({
    queryKey: [POOLS, 'customers', pool, sent],
    queryFn: ({ pageParam, signal }) =>
      api.get<Page<PoolCustomer>>(
        `/pools/${pool}/customers${query({ filter: sent, limit: 50, cursor: pageParam })}`,
        signal,
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
    placeholderData: keepPreviousData,
  });
}

export function custodyQuery(customer: string) {
  return queryOptions({
    queryKey: [CUSTODY, customer],
    queryFn: ({ signal }) => api.get<Custody>(`/customers/${customer}/custody`, signal),
    retry: false,
  });
}

type Outcome = { results: BatchResult[] };

/** The server takes as many at once. */
const AT_ONCE = 100;

async function each(client: QueryClient, path: string, customers: string[], body: object): Promise<BatchResult[]> {
  const results: BatchResult[] = [];
  try {
    for (let start = 0; start < customers.length; start += AT_ONCE) {
      const some = customers.slice(start, start + AT_ONCE);
      results.push(...(await api.post<Outcome>(path, { customers: some, ...body })).results);
    }
  } finally {
    for (const queryKey of [[POOLS], [CUSTODY]]) void client.invalidateQueries({ queryKey });
    invalidateRecord(client, CUSTOMER_OBJECT);
  }
  return results;
}

export const claim = (client: QueryClient, customers: string[]) => each(client, '/pools/claim', customers, {});

export const giveBack = (
  client: QueryClient,
  customers: string[],
  body: { reason: string; note?: string | null; pool?: string | null },
) => each(client, '/pools/return', customers, body);

export const assign = (client: QueryClient, customers: string[], to: string) =>
  each(client, '/pools/assign', customers, { to });

/** What is wrong with the first that failed, in the caller's language. */
export function refusal(results: BatchResult[]): string | null {
  const failed = results.find((result) => result.status >= 400);
  return failed ? (failed.problem?.detail ?? failed.problem?.title ?? '') : null;
}
