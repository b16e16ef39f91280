// The state of a list: a view, and what its user changed about it. All of it stands in the URL.
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useMemo } from 'react';
import { fieldOf, fieldsOf } from '../api/dictionary';
import { createRecord, deleteRecord, keys, patchRecord, queryRecords, refId } from '../api/records';
import type { Field, Filter, ObjectType, SortKey, View } from '../api/types';
import { useSession } from '../session/session';
import type { ListSearch } from '../shell/router';
import { groupFields, laneFields } from '../views/board/model';
import { dateFields } from '../views/calendar/model';
import { sameFilter } from './filter';

export type ListView = {
  key: string;
  name: string | null;
  kind: View['kind'];
  group: string | null;
  date: string | null;
  label: View['label'] | string;
  filter: Filter | null;
  sort: string[];
  columns: string[];
  /** The role whose members begin with it. */
  role?: string | null;
  saved?: { id: string; version: number; mine: boolean };
};

export const VIEW_OBJECT = 'view';

function sortText(key: SortKey | string): string {
  return typeof key === 'string' ? key : `${key.desc ? '-' : ''}${key.field}`;
}

export function defaultColumns(object: ObjectType, kind: View['kind'] = 'table'): string[] {
  if (kind !== 'table') return [object.name_field, ...object.layout.card];
  const table = object.views.find((view) => view.kind === 'table' && view.columns?.length);
  return table?.columns ?? [object.name_field, ...object.layout.card];
}

function builtIn(object: ObjectType, view: View): ListView {
  return {
    key: view.name,
    name: view.name,
    kind: view.kind,
    group: view.group ?? null,
    date: view.date ?? null,
    label: view.label,
    filter: view.filter ?? null,
    sort: (view.sort ?? []).map(sortText),
    columns: view.columns?.length ? view.columns : defaultColumns(object, view.kind),
  };
}

type SavedView = {
  id: string;
  version: number;
  name: string;
  filter: Filter | null;
  sort: (SortKey | string)[] | null;
  columns: string[] | null;
  kind: View['kind'];
  group: string | null;
  date: string | null;
  role?: unknown;
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
          filter: { field: 'object', op: 'eq', value: object.name },
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
          kind: view.kind ?? 'table',
          group: view.group,
          date: view.date,
          label: view.name,
          filter: view.filter,
          sort: (view.sort ?? []).map(sortText),
          columns: view.columns?.length ? view.columns : defaultColumns(object, view.kind),
          role: refId(view.role),
          saved: { id: view.id, version: view.version, mine: item._can?.update ?? true },
        };
      }),
    [data, object],
  );
}

/** Nothing of the view is changed. */
const UNCHANGED: ListSearch = {
  filter: undefined,
  sort: undefined,
  cols: undefined,
  as: undefined,
  group: undefined,
  date: undefined,
};

/** The choice whose options are a board's columns: the one asked for, that of the object's board, or the likeliest. */
function groupOf(object: ObjectType, name: string | null): Field | null {
  const fields = groupFields(object);
  const board = object.views.find((view) => view.kind === 'board')?.group;
  const named = (wanted: string | null | undefined) => fields.find((field) => field.name === wanted);
  return named(name) ?? named(board) ?? fields.find((field) => field.required) ?? fields[0] ?? null;
}

function dateOf(object: ObjectType, name: string | null): Field | null {
  const fields = dateFields(object);
  const calendar = object.views.find((view) => view.kind === 'calendar')?.date;
  const named = (wanted: string | null | undefined) => fields.find((field) => field.name === wanted);
  return named(name) ?? named(calendar) ?? fields[0] ?? null;
}

export type ListState = ReturnType<typeof useListState>;

export function useListState(object: ObjectType, saved: ListView[]) {
  const search = useSearch({ strict: false }) as ListSearch;
  const navigate = useNavigate();
  const { user } = useSession();
  const views = useMemo(() => {
    return object.views.map((view) => builtIn(object, view)).concat(saved);
  }, [object, saved]);
  const fallback: ListView = {
    key: 'all',
    name: null,
    kind: 'table',
    group: null,
    date: null,
    label: object.label_plural,
    filter: null,
    sort: ['-updated_at'],
    columns: defaultColumns(object),
  };
  const begin = views.find((one) => one.role && user.roles.some((role) => role.id === one.role)) ?? views[0];
  const view = views.find((one) => one.key === search.view) ?? begin ?? fallback;

  const filter = search.filter === undefined ? view.filter : search.filter;
  const sort = search.sort ? search.sort.split(',') : view.sort;
  const kind = search.as ?? view.kind;
  // A table's columns would crowd a card: shown otherwise than it was made, a view takes the card's fields.
  const standing = kind === view.kind ? view.columns : defaultColumns(object, kind);
  const columns = search.cols ? search.cols.split(',') : standing;
  const group = groupOf(object, search.group ?? view.group);
  const date = dateOf(object, search.date ?? view.date);
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
    kind,
    group,
    date,
    lane: laneFields(object).find((field) => field.name === search.lane) ?? null,
    filter,
    sort,
    columns,
    shown,
    text: search.q ?? '',
    peek: search.peek ?? null,
    /** Somebody asked for more than the view does. */
    filtered: !sameFilter(filter, view.filter),
    changed:
      kind !== view.kind ||
      (kind === 'board' && search.group !== undefined && search.group !== view.group) ||
      (kind === 'calendar' && search.date !== undefined && search.date !== view.date) ||
      !sameFilter(filter, view.filter) ||
      sort.join() !== view.sort.join() ||
      columns.join() !== standing.join(),
    setView: (key: string) => change({ ...UNCHANGED, view: key, peek: undefined, lane: undefined }, false),
    setKind: (next: View['kind']) =>
      change({ as: next === view.kind ? undefined : next, cols: undefined, peek: undefined }, false),
    setGroup: (field: string) => change({ group: field === view.group ? undefined : field }),
    setDate: (field: string) => change({ date: field === view.date ? undefined : field }),
    setLane: (field: string | null) => change({ lane: field ?? undefined }),
    setCalendar: (next: Pick<ListSearch, 'day' | 'span' | 'team'>) => change(next),
    setFilter: (next: Filter | null) => change({ filter: sameFilter(next, view.filter) ? undefined : next }),
    setSort: (next: string[]) =>
      change({ sort: next.join() === view.sort.join() ? undefined : next.join(',') || undefined }),
    setColumns: (next: string[] | null) =>
      change({ cols: next === null || next.join() === standing.join() ? undefined : next.join(',') }),
    setText: (next: string) => change({ q: next || undefined }),
    setPeek: (id: string | null) => change({ peek: id ?? undefined }, search.peek !== undefined || id === null),
    resetView: () => change(UNCHANGED),
  };
}

/** The server orders by so many fields. */
export const MAX_SORTS = 3;

/** How a column is sorted, and its place among several (from 1). */
export type SortState = { direction: 'asc' | 'desc'; place: number } | null;

export function sortStateOf(sort: string[], field: Field): SortState {
  const place = sort.findIndex((key) => key === field.name || key === `-${field.name}`);
  if (place < 0) return null;
  return { direction: sort[place]?.startsWith('-') ? 'desc' : 'asc', place: place + 1 };
}

/** A click on a heading: up, down, not at all. With Shift the others stay. */
export function nextSort(sort: string[], field: Field, add: boolean): string[] {
  const state = sortStateOf(sort, field);
  const key = state === null ? field.name : state.direction === 'asc' ? `-${field.name}` : null;
  if (!add) return key === null ? [] : [key];
  const others = sort.filter((one) => one.replace(/^-/, '') !== field.name);
  if (key === null) return others;
  if (state) return sort.map((one) => (one.replace(/^-/, '') === field.name ? key : one));
  return [...others, key].slice(-MAX_SORTS);
}

/** What a kept view says beside its name and audience. */
export function viewFields(state: ListState): Record<string, unknown> {
  return {
    kind: state.kind,
    group: state.kind === 'board' ? (state.group?.name ?? null) : null,
    date: state.kind === 'calendar' ? (state.date?.name ?? null) : null,
    filter: state.filter,
    sort: state.sort,
    columns: state.columns,
  };
}

export function useViewActions(object: ObjectType) {
  const client = useQueryClient();
  const refresh = () => client.invalidateQueries({ queryKey: [...keys.lists(VIEW_OBJECT), object.name] });
  return {
    save: async (name: string, audience: Record<string, unknown>, state: ListState) => {
      const record = await createRecord(VIEW_OBJECT, {
        name,
        ...audience,
        object: object.name,
        ...viewFields(state),
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
