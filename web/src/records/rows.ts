// A long list by keyset pages. Only pages near the window are held; far ones are dropped and, by the cursor that is
// remembered for each, asked for again when one scrolls back. 50,000 rows never stand in the browser.
import { useQueries, useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useMemo, useState } from 'react';
import { keys, queryRecords } from '../api/records';
import type { Page, Query, Rec } from '../api/types';

export const PAGE_SIZE = 100;
const KEEP_MS = 90_000;
/** Placeholder rows below what is known, so that one can scroll on while the next page comes. */
const AHEAD = 12;

type Known = { cursor: string | null; length: number };
type Chain = { spec: string; pages: Known[]; ended: boolean };

export type Rows = {
  count: number;
  known: number;
  ended: boolean;
  loading: boolean;
  error: unknown;
  rowAt: (index: number) => Rec | undefined;
  /** Tells which rows are in sight. */
  show: (first: number, last: number) => void;
  loaded: () => Rec[];
  refetch: () => void;
};

const start = (spec: string): Chain => ({ spec, pages: [{ cursor: null, length: 0 }], ended: false });

/** What the chain becomes once a page has been read; the same chain when nothing is new. */
export function extend(chain: Chain, index: number, page: Page<Rec>): Chain {
  const known = chain.pages[index];
  if (!known) return chain;
  const following = chain.pages[index + 1];
  const sameEnd = page.next_cursor === null ? chain.ended && !following : following?.cursor === page.next_cursor;
  if (known.length === page.items.length && sameEnd) return chain;
  const pages = chain.pages.slice(0, index);
  pages.push({ cursor: known.cursor, length: page.items.length });
  if (page.next_cursor === null) return { ...chain, pages, ended: true };
  if (following?.cursor === page.next_cursor) return { ...chain, pages: [...pages, ...chain.pages.slice(index + 1)] };
  // The page now ends elsewhere (rows came or went): what stood behind it is asked again.
  return { ...chain, pages: [...pages, { cursor: page.next_cursor, length: 0 }], ended: false };
}

/** Page and place within it of a row; pages not yet read count as empty. */
export function locate(pages: Known[], row: number): { page: number; offset: number } {
  let before = 0;
  for (let page = 0; page < pages.length; page++) {
    const length = pages[page]?.length ?? 0;
    if (row < before + length || page === pages.length - 1) return { page, offset: row - before };
    before += length;
  }
  return { page: 0, offset: row };
}

/** Names a list in the cache; its pages stand under it by their cursors. */
export function rowsKey(object: string, query: Query) {
  return [...keys.lists(object), JSON.stringify([object, query])] as const;
}

export function useRows(object: string, query: Query, pageSize = PAGE_SIZE, enabled = true): Rows {
  const client = useQueryClient();
  const spec = JSON.stringify([object, query]);
  const [stored, setChain] = useState<Chain>(() => start(spec));
  const chain = stored.spec === spec ? stored : start(spec);
  const [sight, setSight] = useState({ first: 0, last: 0 });

  const firstPage = locate(chain.pages, sight.first).page;
  // One page more than is seen, once its end draws near.
  const lastPage = locate(chain.pages, sight.last + pageSize / 2).page;
  const wanted = useMemo(() => {
    const indexes = new Set<number>();
    for (let index = Math.max(0, firstPage - 1); index <= lastPage; index++) indexes.add(index);
    return [...indexes].filter((index) => index < chain.pages.length);
  }, [firstPage, lastPage, chain.pages.length]);

  const pageKey = useCallback(
    (cursor: string | null) => [...keys.lists(object), spec, cursor] as const,
    [object, spec],
  );
  const results = useQueries({
    queries: wanted.map((index) => {
      const cursor = chain.pages[index]?.cursor ?? null;
      return {
        queryKey: pageKey(cursor),
        queryFn: ({ signal }: { signal: AbortSignal }) =>
          queryRecords(object, { ...query, cursor, limit: pageSize }, signal),
        gcTime: KEEP_MS,
        enabled,
      };
    }),
  });

  useEffect(() => {
    let next = chain;
    results.forEach(({ data }, position) => {
      const index = wanted[position];
      if (data && index !== undefined) next = extend(next, index, data);
    });
    if (next !== stored) setChain(next);
  });

  const known = chain.pages.reduce((sum, page) => sum + page.length, 0);
  const rowAt = useCallback(
    (row: number) => {
      const { page, offset } = locate(chain.pages, row);
      return client.getQueryData<Page<Rec>>(pageKey(chain.pages[page]?.cursor ?? null))?.items[offset];
    },
    [chain.pages, client, pageKey],
  );
  const show = useCallback((first: number, last: number) => {
    setSight((before) => (before.first === first && before.last === last ? before : { first, last }));
  }, []);
  const first = results[0];
  return {
    count: known + (chain.ended ? 0 : AHEAD),
    known,
    ended: chain.ended,
    loading: known === 0 && !chain.ended && (first?.isPending ?? true),
    error: results.find((result) => result.isError && !result.data)?.error ?? null,
    rowAt,
    show,
    loaded: () => chain.pages.flatMap((page) => client.getQueryData<Page<Rec>>(pageKey(page.cursor))?.items ?? []),
    refetch: () => void client.invalidateQueries({ queryKey: keys.lists(object) }),
  };
}
