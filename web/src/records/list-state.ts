// The state of a list: a view, and what its user changed about it. All of it stands in the URL.
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useMemo } from 'react';
import { fieldOf, fieldsOf } from '../api/dictionary';
import { createRecord, deleteRecord, keys, patchRecord, queryRecords } from '../api/records';
import type { Field, Filter, ObjectType, SortKey, View } from '../api/types';
import type { ListSearch } from '../shell/router';
import { sameFilter } from './filter';

export type ListView = {
  key: string;
  name: string | null;
  label: View['label'] | string;
  filter: Filter | null;
  sort: string[];
  columns: string[];
  saved?: { id: string; version: number; mine: boolean };
};

export const VIEW_OBJECT = 'view';

function sortText(key: SortKey | string): string {
  return typeof key === 'string' ? key : `${key.desc ? '-' : ''}${key.field}`;
}

export function defaultColumns(object: ObjectType): string[] {
  const table = object.views.find((view) => view.kind === 'table' && view.columns?.length);
  return table?.columns ?? [object.name_field, ...object.layout.card];
}

function builtIn(object: ObjectType, view: View): ListView {
  return {
    key: view.name,
    name: view.name,
    label: view.label,
    filter: view.filter ?? null,
    sort: (view.sort ?? []).map(sortText),
    columns: view.columns?.length ? view.columns : defaultColumns(object),
  };
}

type SavedView = {
  id: string;
  version: number;
  name: string;
  filter: Filter | null;
  sort: (SortKey | string)[] | null;
  columns: string[] | null;
  owner?: unknown;
};

/** Views kept by people are records of the object `view`. */
export function useSavedViews(object: ObjectType, available: boolean): ListView[] {
  const { data } = useQuery({
    queryKey: [...keys.lists(VIEW_OBJECT), object.name],
    queryFn: ({ signal }) =>
      queryRecords(
        VIEW_OBJECT,
        {
          filter: {
            all: [
              { field: 'object', op: 'eq', value: object.name },
              { field: 'kind', op: 'eq', value: 'table' },
            ],
          },
          sort: ['sequence', 'name'],
          limit: 50,
        },
        signal,
      ),
    enabled: available,
    staleTime: 60_000,
  });
  return useMemo(
    () =>
      (data?.items ?? []).map((item) => {
        const view = item as unknown as SavedView;
        return {
          key: `v${view.id}`,
          name: null,
          label: view.name,
          filter: view.filter,
          sort: (view.sort ?? []).map(sortText),
          columns: view.columns?.length ? view.columns : defaultColumns(object),
          saved: { id: view.id, version: view.version, mine: item._can?.update ?? true },
        };
      }),
    [data, object],
  );
}

export type ListState = ReturnType<typeof useListState>;

export function useListState(object: ObjectType, saved: ListView[]) {
  const search = useSearch({ strict: false }) as ListSearch;
  const navigate = useNavigate();
  const views = useMemo(() => {
    const own = object.views.filter((view) => view.kind === 'table').map((view) => builtIn(object, view));
    return [...own, ...saved];
  }, [object, saved]);
  const fallback: ListView = {
    key: 'all',
    name: null,
    label: object.label_plural,
    filter: null,
    sort: ['-updated_at'],
    columns: defaultColumns(object),
  };
  const view = views.find((one) => one.key === search.view) ?? views[0] ?? fallback;

  const filter = search.filter === undefined ? view.filter : search.filter;
  const sort = search.sort ? search.sort.split(',') : view.sort;
  const columns = search.cols ? search.cols.split(',') : view.columns;
  const shown = useMemo(() => {
    const fields = fieldsOf(object, columns);
    const title = fieldOf(object, object.name_field);
    // The name is what a row is opened by; it is always there, and first.
    return title ? [title, ...fields.filter((field) => field.name !== title.name)] : fields;
  }, [object, columns]);

  const change = (next: Partial<ListSearch>, replace = true) =>
    void navigate({ to: '/o/$object', params: { object: object.name }, search: { ...search, ...next }, replace });

  return {
    search,
    views,
    view,
    filter,
    sort,
    columns,
    shown,
    text: search.q ?? '',
    peek: search.peek ?? null,
    changed:
      !sameFilter(filter, view.filter) || sort.join() !== view.sort.join() || columns.join() !== view.columns.join(),
    setView: (key: string) =>
      change({ view: key, filter: undefined, sort: undefined, cols: undefined, peek: undefined }, false),
    setFilter: (next: Filter | null) => change({ filter: sameFilter(next, view.filter) ? undefined : next }),
    setSort: (next: string[]) =>
      change({ sort: next.join() === view.sort.join() ? undefined : next.join(',') || undefined }),
    setColumns: (next: string[] | null) =>
      change({ cols: next === null || next.join() === view.columns.join() ? undefined : next.join(',') }),
    setText: (next: string) => change({ q: next || undefined }),
    setPeek: (id: string | null) => change({ peek: id ?? undefined }, search.peek !== undefined || id === null),
    resetView: () => change({ filter: undefined, sort: undefined, cols: undefined }),
  };
}

export type SortState = 'asc' | 'desc' | null;

export function sortStateOf(sort: string[], field: Field): SortState {
  const first = sort[0];
  if (first === field.name) return 'asc';
  return first === `-${field.name}` ? 'desc' : null;
}

export function useViewActions(object: ObjectType) {
  const client = useQueryClient();
  const refresh = () => client.invalidateQueries({ queryKey: [...keys.lists(VIEW_OBJECT), object.name] });
  return {
    save: async (name: string, visibility: string, state: Pick<ListState, 'filter' | 'sort' | 'columns'>) => {
      const record = await createRecord(VIEW_OBJECT, {
        name,
        visibility,
        object: object.name,
        kind: 'table',
        filter: state.filter,
        sort: state.sort,
        columns: state.columns,
      });
      await refresh();
      return `v${record.id}`;
    },
    update: async (id: string, changes: Record<string, unknown>) => {
      await patchRecord(VIEW_OBJECT, id, changes);
      await refresh();
    },
    remove: async (id: string) => {
      await deleteRecord(VIEW_OBJECT, id);
      await refresh();
    },
  };
}
