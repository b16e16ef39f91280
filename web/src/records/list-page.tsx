// One list page for every object of the dictionary.
import { useQuery } from '@tanstack/react-query';
import { useNavigate, useParams } from '@tanstack/react-router';
import { ChevronDown, Download, FileUp, ListFilter, MoreHorizontal, Plus, Search, SearchX } from 'lucide-react';
import { lazy, Suspense, useEffect, useMemo, useRef, useState } from 'react';
import { expandsOf, fieldOf, fieldsOf, useLexicon, useObject } from '../api/dictionary';
import { keys, queryRecords } from '../api/records';
import type { ObjectType, Query, Rec } from '../api/types';
import { useFormat } from '../format/use-format';
import { useLabel, useT } from '../i18n';
import { faultText } from '../session/fault-text';
import { useHotkeys } from '../shell/hotkeys';
import { CUSTOMER_OBJECT } from '../shell/nav';
import { NotFound } from '../shell/not-found';
import { objectIcon } from '../shell/object-icon';
import { openCreate, openLog, openOverlay } from '../shell/overlays';
import { Tip } from '../tips/tip';
import { Empty, SkeletonRows, useTitle } from '../ui/bits';
import { Button, IconButton } from '../ui/button';
import { cx } from '../ui/cx';
import { Menu, MenuItem } from '../ui/menu';
import { isWide, useWide } from '../ui/use-media';
import { activityFields } from '../views/board/model';
import { AddCondition } from './add-condition';
import { both, completeOnly, conditionsOf, newLeaf } from './filter';
import { type ListState, useListState, useSavedViews, VIEW_OBJECT } from './list-state';
import { phoneFields, recordName } from './name';
import { PAGE_SIZE, useRows } from './rows';
import { useSelection } from './selection';
import { RecordTable } from './table';
import { ViewTabs } from './view-tabs';

const loadCards = () => import('./cards').then((module) => ({ default: module.RecordCards }));
const RecordCards = lazy(loadCards);
// A phone asks for them with the first rows, a desk never does.
if (!isWide()) void loadCards();
const BulkBar = lazy(() => import('./bulk-bar').then((module) => ({ default: module.BulkBar })));
const ExportDialog = lazy(() => import('./export-dialog'));
const FilterBar = lazy(() => import('./filter-bar'));
const ListTools = lazy(() => import('./list-tools'));
const QuickFilters = lazy(() => import('./quick-filters'));
const Board = lazy(() => import('../views/board/board'));
const Calendar = lazy(() => import('../views/calendar/calendar'));
const Peek = lazy(() => import('./peek').then((module) => ({ default: module.Peek })));

export default function ListPage() {
  const { object: name } = useParams({ from: '/o/$object' });
  const object = useObject(name);
  if (!object) return <NotFound />;
  return <List key={name} object={object} />;
}

function useListQuery(object: ObjectType, state: ListState): Query {
  return useMemo(() => {
    const title = fieldOf(object, object.name_field);
    const quick = state.text && title ? { field: title.name, op: 'contains' as const, value: state.text } : null;
    const fields = new Map(state.shown.map((field) => [field.name, field]));
    const extra =
      state.kind === 'board'
        ? [state.group, state.lane, ...activityFields(object), ...fieldsOf(object, ['updated_at'])]
        : state.kind === 'calendar'
          ? [state.date, ...fieldsOf(object, ['owner'])]
          : [...fieldsOf(object, object.layout.card), ...phoneFields(object)];
    for (const field of extra) if (field) fields.set(field.name, field);
    return {
      filter: both(completeOnly(state.filter), quick),
      sort: state.sort.length > 0 ? state.sort : ['-updated_at'],
      fields: [...fields.keys()],
      expand: expandsOf([...fields.values()]),
    };
  }, [object, state.filter, state.sort, state.shown, state.text, state.kind, state.group, state.lane, state.date]);
}

function List({ object }: { object: ObjectType }) {
  const t = useT();
  const label = useLabel();
  const wide = useWide();
  const navigate = useNavigate();
  const { find } = useLexicon();
  const saved = useSavedViews(object, find(VIEW_OBJECT) !== undefined && object.name !== VIEW_OBJECT);
  const state = useListState(object, saved);
  const query = useListQuery(object, state);
  const table = state.kind === 'table';
  const rows = useRows(object.name, query, PAGE_SIZE, table);
  const selection = useSelection(rows.loaded);
  const [cursor, setCursor] = useState(-1);
  const [filtering, setFiltering] = useState(false);
  const [added, setAdded] = useState(false);
  const finder = useRef<HTMLInputElement>(null);
  const filtered = state.filter !== null || state.text !== '';

  useTitle(label(object.label_plural));

  const open = (record: Rec) => void navigate({ to: '/o/$object/$id', params: { object: object.name, id: record.id } });
  const current = () => (cursor >= 0 ? rows.rowAt(cursor) : undefined);
  const move = (step: number) => {
    const next = Math.max(0, Math.min(cursor + step, rows.known - 1));
    setCursor(next);
    const record = rows.rowAt(next);
    // With the preview open, moving shows the next one in it.
    if (record && state.peek) state.setPeek(record.id);
  };
  useHotkeys({
    c: () => object.can.create && openCreate(object.name),
    '/': () => finder.current?.focus(),
    f: () => setFiltering(true),
    j: () => move(1),
    k: () => move(-1),
    ArrowDown: () => move(1),
    ArrowUp: () => move(-1),
    x: () => {
      const record = current();
      if (record) selection.toggle(record);
    },
    ' ': () => {
      const record = current();
      if (record) state.setPeek(state.peek === record.id ? null : record.id);
    },
    Enter: () => {
      const record = current();
      if (record) open(record);
    },
    e: () => document.querySelector<HTMLElement>(`[data-row="${cursor}"] [data-inline]`)?.click(),
    l: () => {
      const record = current();
      if (record && object.name === CUSTOMER_OBJECT)
        openLog({ object: object.name, record: { id: record.id, name: recordName(object, record, t.common.unnamed) } });
      else openLog();
    },
    Escape: () => {
      if (selection.size > 0) selection.clear();
      else if (state.peek) state.setPeek(null);
    },
  });

  const body = !table ? (
    <Suspense fallback={<SkeletonRows rows={9} className="flex-1 overflow-hidden" />}>
      {state.kind === 'board' ? (
        <Board object={object} state={state} query={query} onOpen={open} />
      ) : (
        <Calendar object={object} state={state} query={query} onOpen={open} />
      )}
    </Suspense>
  ) : rows.error ? (
    <Empty icon={SearchX} title={faultText(rows.error, t)}>
      <Button variant="primary" onClick={rows.refetch}>
        {t.common.retry}
      </Button>
    </Empty>
  ) : rows.loading ? (
    <SkeletonRows rows={wide ? 18 : 9} className="flex-1 overflow-hidden" />
  ) : rows.known === 0 && rows.ended ? (
    <NothingHere object={object} state={state} filtered={filtered} />
  ) : wide ? (
    <RecordTable
      object={object}
      fields={state.shown}
      rows={rows}
      sort={state.sort}
      onSort={state.setSort}
      selection={selection}
      cursor={cursor}
      onCursor={setCursor}
      onOpen={open}
      onPeek={(record) => state.setPeek(record.id)}
      peeked={state.peek}
      query={query}
      onOrder={state.setColumns}
    />
  ) : (
    <Suspense fallback={<SkeletonRows rows={9} className="flex-1 overflow-hidden" />}>
      <RecordCards object={object} rows={rows} />
    </Suspense>
  );

  return (
    <div className="flex-1 min-h-0 flex">
      <div className="flex-1 min-w-0 flex flex-col relative">
        <Header
          object={object}
          state={state}
          query={query}
          count={!table ? undefined : rows.ended ? rows.known : null}
          finder={finder}
        />
        <div className="flex items-center gap-1 px-3 pb-2 border-b border-line shrink-0 min-w-0">
          <ViewTabs object={object} state={state} />
          <span className="flex shrink-0">
            {state.filter === null && !filtering ? (
              <AddCondition
                object={object}
                onAdd={(field) => {
                  setAdded(true);
                  setFiltering(true);
                  state.setFilter(newLeaf(field));
                }}
                trigger={
                  wide ? (
                    <Button variant="ghost" size="sm" icon={ListFilter}>
                      {t.list.filter}
                    </Button>
                  ) : (
                    <IconButton icon={ListFilter} label={t.list.filter} />
                  )
                }
              />
            ) : (
              !wide && (
                <IconButton
                  icon={ListFilter}
                  label={t.list.filter}
                  aria-pressed={filtering}
                  className="text-brand-ink!"
                  onClick={() => setFiltering(!filtering)}
                />
              )
            )}
            <Suspense fallback={null}>
              <ListTools object={object} state={state} />
            </Suspense>
          </span>
        </div>
        {state.kind !== 'calendar' && <Tip of={state.kind === 'board' ? 'board' : 'list'} />}
        {/* On a phone a view's own filter is told by its tab; the sentence is shown once asked for. */}
        {(filtering || (wide && state.filter !== null)) && (
          <Suspense fallback={<div className="h-10 border-b border-line shrink-0" />}>
            <FilterBar
              object={object}
              filter={state.filter}
              initialOpen={added ? 0 : null}
              onChange={(next) => {
                setAdded(false);
                state.setFilter(next);
                if (next === null) setFiltering(false);
              }}
              className={cx(
                'px-4 py-1.5 border-b border-line shrink-0',
                !wide && conditionsOf(state.filter).parts.length > 1 && 'max-h-32 overflow-auto',
              )}
            />
          </Suspense>
        )}
        {body}
        {selection.size > 0 && (
          <Suspense fallback={null}>
            <BulkBar
              object={object}
              selection={selection}
              query={query}
              columns={state.columns}
              more={!rows.ended && selection.size >= rows.loaded().length}
            />
          </Suspense>
        )}
      </div>
      {wide && state.peek && (
        <Suspense fallback={null}>
          <Peek
            key={state.peek}
            object={object}
            id={state.peek}
            onClose={() => state.setPeek(null)}
            onMove={table && rows.known > 1 ? move : undefined}
          />
        </Suspense>
      )}
    </div>
  );
}

function Header({
  object,
  state,
  query,
  count,
  finder,
}: {
  object: ObjectType;
  state: ListState;
  query: Query;
  /** Absent where the page tells its own numbers. */
  count: number | null | undefined;
  finder: React.RefObject<HTMLInputElement | null>;
}) {
  const t = useT();
  const label = useLabel();
  const wide = useWide();
  const format = useFormat();
  const navigate = useNavigate();
  // Counting is asked for apart, and only roughly: rows must not wait for it.
  const { data: estimate } = useQuery({
    queryKey: [...keys.lists(object.name), 'count', JSON.stringify(query.filter)],
    queryFn: ({ signal }) =>
      queryRecords(
        object.name,
        { filter: query.filter, fields: [object.name_field], limit: 1, count: 'estimate' },
        signal,
      ).then(({ count: found, count_exact: exact }) =>
        typeof found === 'number' ? { found, exact: exact ?? false } : null,
      ),
    enabled: count === null,
    staleTime: 60_000,
  });
  const shownCount =
    typeof count === 'number'
      ? format.fullNumber(count)
      : estimate
        ? t.list.count(
            estimate.exact ? format.fullNumber(estimate.found) : format.number(estimate.found),
            estimate.exact,
          )
        : null;
  const [exporting, setExporting] = useState(false);
  return (
    <header className="flex items-center gap-2 h-12 touch:h-14 px-4 shrink-0">
      <h1 className="text-[15px] touch:text-lg font-semibold whitespace-nowrap">
        {wide ? (
          label(object.label_plural)
        ) : (
          <button
            type="button"
            className="flex items-center gap-1 h-11"
            aria-label={`${label(object.label_plural)}, ${t.nav.switchObject}`}
            onClick={() => openOverlay({ kind: 'menu' })}
          >
            {label(object.label_plural)}
            <ChevronDown size={16} aria-hidden className="text-ink-3" />
          </button>
        )}
      </h1>
      {shownCount && <span className="text-ink-3 whitespace-nowrap">{shownCount}</span>}
      {wide && (
        <span className="max-xl:hidden ml-2">
          <Suspense fallback={null}>
            <QuickFilters object={object} state={state} />
          </Suspense>
        </span>
      )}
      <div className="ml-auto flex items-center gap-1.5 min-w-0">
        <QuickFind
          label={t.list.find(label(object.label))}
          value={state.text}
          onChange={state.setText}
          inputRef={finder}
        />
        {(object.can.import || object.can.export) && (
          <Menu trigger={<IconButton icon={MoreHorizontal} label={t.record.actions} />}>
            {object.can.import && (
              <MenuItem
                icon={FileUp}
                onClick={() => void navigate({ to: '/imports', search: { object: object.name } })}
              >
                {t.list.import}
              </MenuItem>
            )}
            {object.can.export && (
              <MenuItem icon={Download} onClick={() => setExporting(true)}>
                {t.list.export}
              </MenuItem>
            )}
          </Menu>
        )}
        {exporting && (
          <Suspense fallback={null}>
            <ExportDialog
              object={object}
              query={query}
              columns={state.shown.map((field) => field.name)}
              onClose={() => setExporting(false)}
            />
          </Suspense>
        )}
        {object.can.create && (
          <Button
            variant="primary"
            icon={Plus}
            aria-label={t.list.create(label(object.label))}
            onClick={() => openCreate(object.name)}
            className="max-md:px-2.5!"
          >
            <span className="max-md:hidden">{t.list.create(label(object.label))}</span>
          </Button>
        )}
      </div>
    </header>
  );
}

/** Finds by name. What is still being composed (pinyin) is not searched for. */
function QuickFind({
  label,
  value,
  onChange,
  inputRef,
}: {
  label: string;
  value: string;
  onChange: (text: string) => void;
  inputRef: React.RefObject<HTMLInputElement | null>;
}) {
  const [text, setText] = useState(value);
  const composing = useRef(false);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const search = (next: string) => {
    clearTimeout(timer.current);
    timer.current = setTimeout(() => onChange(next.trim()), 200);
  };
  useEffect(() => () => clearTimeout(timer.current), []);
  useEffect(() => {
    if (document.activeElement !== inputRef.current) setText(value);
  }, [value, inputRef]);
  return (
    <div className="relative min-w-0">
      <Search
        size={14}
        aria-hidden
        className="absolute left-2.5 top-1/2 -translate-y-1/2 text-ink-3 pointer-events-none"
      />
      <input
        ref={inputRef}
        type="search"
        aria-label={label}
        placeholder={label}
        className="control pl-8! w-48! max-md:w-full! max-w-48 [&::-webkit-search-cancel-button]:appearance-none"
        value={text}
        onChange={(event) => {
          setText(event.target.value);
          if (!composing.current) search(event.target.value);
        }}
        onCompositionStart={() => {
          composing.current = true;
        }}
        onCompositionEnd={(event) => {
          composing.current = false;
          search(event.currentTarget.value);
        }}
        onKeyDown={(event) => {
          if (event.nativeEvent.isComposing) return;
          if (event.key === 'Escape') {
            setText('');
            onChange('');
            event.currentTarget.blur();
          }
        }}
      />
    </div>
  );
}

function NothingHere({ object, state, filtered }: { object: ObjectType; state: ListState; filtered: boolean }) {
  const t = useT();
  const label = useLabel();
  const navigate = useNavigate();
  if (filtered) {
    // A view that holds nothing is no search that went wrong.
    const asked = state.filtered || state.text !== '';
    return (
      <Empty
        icon={SearchX}
        title={asked ? t.list.emptyFiltered : t.list.emptyView(label(state.view.label))}
        text={asked ? t.list.emptyFilteredHint : undefined}
      >
        <Button
          onClick={() => {
            state.setFilter(null);
            if (state.text) state.setText('');
          }}
        >
          {asked ? t.list.clearFilter : t.list.showAll}
        </Button>
      </Empty>
    );
  }
  return (
    <Empty
      icon={objectIcon(object.icon)}
      title={t.list.empty(label(object.label))}
      text={object.help ? label(object.help) : t.list.emptyHint}
    >
      {object.can.create && (
        <Button variant="primary" icon={Plus} onClick={() => openCreate(object.name)}>
          {t.list.create(label(object.label))}
        </Button>
      )}
      {object.can.import && (
        <Button icon={FileUp} onClick={() => void navigate({ to: '/imports', search: { object: object.name } })}>
          {t.list.import}
        </Button>
      )}
    </Empty>
  );
}
