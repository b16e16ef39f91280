import { describe, expect, it } from 'vitest';
import type { Page, Rec } from '../api/types';
import { extend, locate } from './rows';

const page = (count: number, next: string | null): Page<Rec> => ({
  items: Array.from({ length: count }, (_, index) => ({ id: String(index), version: 1 })),
  next_cursor: next,
});
const empty = { spec: 's', pages: [{ cursor: null, length: 0 }], ended: false };

describe('the chain of pages', () => {
  it('grows by the cursor that each page ends with, until one ends without', () => {
    const one = extend(empty, 0, page(100, 'a'));
    expect(one.pages).toEqual([
      { cursor: null, length: 100 },
      { cursor: 'a', length: 0 },
    ]);
    const two = extend(one, 1, page(40, null));
    expect(two.pages.map(({ length }) => length)).toEqual([100, 40]);
    expect(two.ended).toBe(true);
  });

  it('stays the same chain when nothing is new, so that nothing is drawn again', () => {
    const one = extend(empty, 0, page(100, 'a'));
    expect(extend(one, 0, page(100, 'a'))).toBe(one);
    const ended = extend(empty, 0, page(3, null));
    expect(extend(ended, 0, page(3, null))).toBe(ended);
  });

  it('asks again for what stands behind a page that now ends elsewhere', () => {
    const two = extend(extend(empty, 0, page(100, 'a')), 1, page(100, 'b'));
    const changed = extend(two, 0, page(100, 'x'));
    expect(changed.pages).toEqual([
      { cursor: null, length: 100 },
      { cursor: 'x', length: 0 },
    ]);
    expect(changed.ended).toBe(false);
  });

  it('forgets the pages behind one that has become the last', () => {
    const two = extend(extend(empty, 0, page(100, 'a')), 1, page(5, null));
    const shrunk = extend(two, 0, page(99, null));
    expect(shrunk.pages).toHaveLength(1);
    expect(shrunk.ended).toBe(true);
  });

  it('finds a row in pages of unequal length', () => {
    const pages = [
      { cursor: null, length: 100 },
      { cursor: 'a', length: 99 },
      { cursor: 'b', length: 0 },
    ];
    expect(locate(pages, 0)).toEqual({ page: 0, offset: 0 });
    expect(locate(pages, 100)).toEqual({ page: 1, offset: 0 });
    expect(locate(pages, 198)).toEqual({ page: 1, offset: 98 });
    expect(locate(pages, 199)).toEqual({ page: 2, offset: 0 });
  });
});
