import { refId } from '../api/records';
import type { Rec } from '../api/types';

export type Branch = { record: Rec; children: Branch[] };

/** The tree of records that name their parent. One whose parent isn't among them stands at the top, so that none is lost. */
export function treeOf(records: Rec[]): Branch[] {
  const branches = new Map(records.map((record) => [record.id, { record, children: [] } as Branch]));
  const roots: Branch[] = [];
  for (const branch of branches.values()) {
    const parent = branches.get(refId(branch.record.parent) ?? '');
    (parent ? parent.children : roots).push(branch);
  }
  return roots;
}

/** A branch and all below it. */
export function below(branch: Branch): Branch[] {
  return [branch, ...branch.children.flatMap(below)];
}
