import { queryOptions } from '@tanstack/react-query';
import { api } from '../api/client';
import type { Import, ImportState } from '../api/types';

export const BUSY: ReadonlySet<ImportState> = new Set(['checking', 'running', 'undoing']);

export function importsQuery() {
  return queryOptions({
    queryKey: ['imports'],
    queryFn: ({ signal }) => api.get<{ items: Import[] }>('/imports', signal).then((answer) => answer.items),
  });
}

export function importQuery(id: string) {
  return queryOptions({
    queryKey: ['import', id],
    queryFn: ({ signal }) => api.get<Import>(`/imports/${id}`, signal),
    // Progress comes by event stream; asking now and then as well keeps it true where a proxy holds streams back.
    refetchInterval: ({ state }) => (state.data && BUSY.has(state.data.state) ? 2_000 : false),
  });
}
