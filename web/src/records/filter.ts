// The filter as the builder sees it: conditions joined by 且 or by 或. What is nested deeper is kept whole and only shown.
import { valueType } from '../api/dictionary';
import type { Field, Filter, Leaf, Operator } from '../api/types';
import { valueKind } from '../fields';

export type Join = 'all' | 'any';
export type Conditions = { join: Join; parts: Filter[] };

export function isLeaf(filter: Filter): filter is Leaf {
  return 'field' in filter;
}

export function conditionsOf(filter: Filter | null | undefined): Conditions {
  if (!filter) return { join: 'all', parts: [] };
  if ('all' in filter) return { join: 'all', parts: filter.all };
  if ('any' in filter) return { join: 'any', parts: filter.any };
  return { join: 'all', parts: [filter] };
}

export function filterOf({ join, parts }: Conditions): Filter | null {
  if (parts.length === 0) return null;
  if (parts.length === 1) return parts[0] ?? null;
  return join === 'all' ? { all: parts } : { any: parts };
}

export function both(...filters: (Filter | null | undefined)[]): Filter | null {
  const parts = filters.filter((filter) => filter !== null && filter !== undefined);
  return filterOf({ join: 'all', parts });
}

export function sameFilter(a: Filter | null | undefined, b: Filter | null | undefined): boolean {
  return JSON.stringify(a ?? null) === JSON.stringify(b ?? null);
}

/** Operators offered for a field. Where several values may be chosen, 是 means "one of". */
export function operatorsOf(field: Field): Operator[] {
  const all = field.operators;
  if (valueKind(field).Many && all.includes('in')) return all.filter((op) => op !== 'eq' && op !== 'ne');
  const type = valueType(field);
  if (type === 'date' || type === 'datetime') {
    const order: Operator[] = ['within', 'lt', 'gt', 'between', 'is_empty', 'not_empty'];
    return order.filter((op) => all.includes(op));
  }
  return all.filter((op) => op !== 'in' && op !== 'not_in');
}

export function takesValue(op: Operator): boolean {
  return op !== 'is_empty' && op !== 'not_empty';
}

/** A condition not yet filled in; it joins the query once it has a value. */
/** Who looks for a text rarely knows the whole of it. */
export function newLeaf(field: Field): Leaf {
  const operators = operatorsOf(field);
  const op = operators.find((one) => one === 'contains') ?? operators[0] ?? 'eq';
  return { field: field.name, op, value: initialValue(field, op) };
}

export function initialValue(field: Field, op: Operator): unknown {
  if (!takesValue(op)) return undefined;
  if (op === 'within') return { this: 'week' };
  if (op === 'in' || op === 'not_in' || op === 'has') return [];
  if (op === 'between') return [null, null];
  if (valueType(field) === 'boolean') return true;
  return null;
}

export function isComplete(leaf: Leaf): boolean {
  if (!takesValue(leaf.op)) return true;
  if (Array.isArray(leaf.value)) return leaf.value.length > 0 && leaf.value.every((one) => one !== null && one !== '');
  return leaf.value !== null && leaf.value !== undefined && leaf.value !== '';
}

/** The filter without what is still being written. */
export function completeOnly(filter: Filter | null): Filter | null {
  const { join, parts } = conditionsOf(filter);
  const complete = parts.flatMap((part) => {
    if (isLeaf(part)) return isComplete(part) ? [part] : [];
    if ('not' in part) return [part];
    const inner = completeOnly(part);
    return inner ? [inner] : [];
  });
  return filterOf({ join, parts: complete });
}
