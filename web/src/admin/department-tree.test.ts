import { describe, expect, it } from 'vitest';
import type { Rec } from '../api/types';
import { below, treeOf } from './department-tree';

const department = (id: string, parent: string | null) =>
  ({ id, version: 1, name: id, parent: parent && { id: parent, name: parent } }) as Rec;

describe('the tree of departments', () => {
  it('hangs each below its parent, whatever the order, and loses none', () => {
    const roots = treeOf([department('b', 'a'), department('a', null), department('c', 'b'), department('x', 'gone')]);
    expect(roots.map((root) => root.record.id)).toEqual(['a', 'x']);
    expect(roots.flatMap(below).map((one) => one.record.id)).toEqual(['a', 'b', 'c', 'x']);
  });
});
