// What is to be done: promises by when they are due, and customers without any next step, as the server counts them.
import { useQueries, useQuery } from '@tanstack/react-query';
import { type Bucket, type Counts, countsQuery, type Obligation, promisesQuery } from '../follow/queries';

export type Column = Exclude<Bucket, 'later'>;

const COLUMNS: Column[] = ['late', 'today', 'week', 'none'];

export function useAgenda() {
  const counts = useQuery(countsQuery());
  const lists = useQueries({ queries: COLUMNS.map((column) => promisesQuery(column)) });
  const late = lists[0];
  const column = (name: Column): { items: Obligation[]; count: number } => {
    const items = lists[COLUMNS.indexOf(name)]?.data?.items ?? [];
    return { items, count: Math.max(items.length, counts.data?.[name] ?? 0) };
  };
  return {
    counts: counts.data as Counts | undefined,
    column,
    loading: counts.isPending || late === undefined || late.isPending,
    error: counts.error ?? late?.error ?? null,
    retry: () => {
      void counts.refetch();
      for (const list of lists) void list.refetch();
    },
  };
}
