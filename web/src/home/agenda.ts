// What is to be done: promises by when they are due, and customers without any next step, as the server counts them.
import { keepPreviousData, useQueries, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { type Bucket, type Counts, countsQuery, type Obligation, promisesQuery } from '../follow/queries';

export type Column = Exclude<Bucket, 'later'>;

const COLUMNS: Column[] = ['late', 'today', 'week', 'none'];

/** The server's most. */
const MOST = 200;
const STEP = 50;

export function useAgenda() {
  const [limit, setLimit] = useState(STEP);
  const counts = useQuery(countsQuery());
  const lists = useQueries({
    queries: COLUMNS.map((column) => ({ ...promisesQuery(column, {}, limit), placeholderData: keepPreviousData })),
  });
  const late = lists[0];
  const column = (name: Column): { items: Obligation[]; count: number } => {
    const items = lists[COLUMNS.indexOf(name)]?.data?.items ?? [];
    return { items, count: Math.max(items.length, counts.data?.[name] ?? 0) };
  };
  return {
    counts: counts.data as Counts | undefined,
    column,
    /** Shows more of every column, up to what one can take in. */
    more: limit < MOST ? () => setLimit(limit + STEP) : null,
    loading: counts.isPending || late === undefined || late.isPending,
    error: counts.error ?? late?.error ?? null,
    retry: () => {
      void counts.refetch();
      for (const list of lists) void list.refetch();
    },
  };
}
