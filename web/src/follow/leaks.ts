// Customers that nobody looks after, as docs/interface.md tells it.
import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query';
import { api, query } from '../api/client';
import type { Page, Rec, Ref } from '../api/types';
import type { LeakSearch } from '../shell/router';

export const REASONS = ['no_owner', 'owner_left', 'no_next_step', 'silent'] as const;
export type Reason = (typeof REASONS)[number];

/** `pool`: where a customer of nobody is free to claim. */
export type Leak = { reason: Reason; since: string; days: number; customer: Rec; pool: Ref | null };
export type LeakCounts = {
  customers: number;
  reasons: Record<Reason, number>;
  tiers: { tier: string | null; count: number }[];
  departments: { department: Ref | null; count: number }[];
  owners: { owner: Ref | null; count: number }[];
  ages: { days: number; count: number }[];
  trend: { day: string; open: number }[];
  checked: { at: string; broken: number } | null;
};

export function leakCountsQuery(asked: LeakSearch) {
  return queryOptions({
    queryKey: ['leaks', 'counts', asked],
    queryFn: ({ signal }) => api.get<LeakCounts>(`/leaks/summary${query(asked)}`, signal),
    placeholderData: keepPreviousData,
  });
}

export function leaksQuery(asked: LeakSearch) {
  return infiniteQueryOptions({
    queryKey: ['leaks', 'list', asked],
    queryFn: ({ pageParam, signal }) =>
      api.get<Page<Leak>>(`/leaks${query({ ...asked, limit: 100, cursor: pageParam })}`, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
    placeholderData: keepPreviousData,
  });
}

/** A customer once, with every reason and the days of the oldest. */
export type Leaking = { customer: Rec; reasons: Reason[]; days: number; pool: Ref | null };

export function byCustomer(leaks: Leak[]): Leaking[] {
  const found = new Map<string, Leaking>();
  for (const { customer, reason, days, pool } of leaks) {
    const known = found.get(customer.id);
    if (known) {
      known.reasons.push(reason);
      known.days = Math.max(known.days, days);
    } else found.set(customer.id, { customer, reasons: [reason], days, pool });
  }
  return [...found.values()];
}
