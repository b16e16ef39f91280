// What a board shows, worked out apart from how it is drawn: columns from the options of a choice, lanes from people,
// totals from one aggregate.
import { isReference, valueType } from '../../api/dictionary';
import type { Field, Filter, ObjectType, Option, Rec, Ref } from '../../api/types';
import { both } from '../../records/filter';

export type Totals = { count: number; sum: number };
export type Column = Totals & { value: string | null; option: Option | null; ended: boolean };
export type Lane = Totals & { who: Ref | null };
export type Cell = { column: string | null; lane?: string | null };
export type TotalRow = { group: unknown[]; values: (number | null)[] };

/** A choice that can be columns: one value, and few enough of them to stand side by side. */
export function groupFields(object: ObjectType): Field[] {
  return object.fields.filter(
    (field) => field.type === 'choice' && (field.options?.length ?? 0) > 1 && field.filterable,
  );
}

export function laneFields(object: ObjectType): Field[] {
  return object.fields.filter((field) => field.type === 'user' && field.filterable && field.name !== 'created_by');
}

/**
 * Whether a stage is an end, as the dictionary says. Where it says so of no stage at all, colours tell: every good end is
 * green and every bad one red, those that are merely put away grey; the first stage may be grey too.
 */
export function isEnd(options: Option[], option: Option): boolean {
  if (options.some((one) => one.closed)) return option.closed === true;
  if (option.color === 'green' || option.color === 'red') return true;
  return option.color === 'gray' && options.indexOf(option) > 0;
}

const totalsOf = (rows: TotalRow[]): Totals => ({
  count: rows.reduce((sum, row) => sum + (row.values[0] ?? 0), 0),
  sum: rows.reduce((sum, row) => sum + (row.values[1] ?? 0), 0),
});

/** Columns in the order of the options. Retired options and "none" stand only where records have them. */
export function columnsOf(field: Field, rows: TotalRow[]): Column[] {
  const options = field.options ?? [];
  const of = (value: string | null) => rows.filter((row) => (row.group[0] ?? null) === value);
  const columns = options
    .map((option) => ({ value: option.value, option, ended: isEnd(options, option), ...totalsOf(of(option.value)) }))
    .filter((column) => !column.option.retired || column.count > 0);
  const without = totalsOf(of(null));
  return without.count > 0 ? [{ value: null, option: null, ended: false, ...without }, ...columns] : columns;
}

const laneKey = (value: unknown): string | null =>
  value && typeof value === 'object' && 'id' in value ? String((value as Ref).id) : null;

/** Lanes, one's own first, then by what lies in them. */
export function lanesOf(rows: TotalRow[], me: string): Lane[] {
  const byWho = new Map<string | null, { who: Ref | null; rows: TotalRow[] }>();
  for (const row of rows) {
    const key = laneKey(row.group[1]);
    const lane = byWho.get(key) ?? { who: key === null ? null : (row.group[1] as Ref), rows: [] };
    lane.rows.push(row);
    byWho.set(key, lane);
  }
  const rank = (lane: Lane) => (lane.who?.id === me ? 0 : lane.who ? 1 : 2);
  return [...byWho.values()]
    .map((lane) => ({ who: lane.who, ...totalsOf(lane.rows) }))
    .sort((a, b) => rank(a) - rank(b) || b.sum - a.sum || b.count - a.count);
}

const equals = (field: string, value: string | null): Filter =>
  value === null ? { field, op: 'is_empty' } : { field, op: 'eq', value };

export function cellFilter(
  base: Filter | null | undefined,
  group: Field,
  lane: Field | null,
  cell: Cell,
): Filter | null {
  return both(
    base,
    equals(group.name, cell.column),
    lane && cell.lane !== undefined ? equals(lane.name, cell.lane) : null,
  );
}

/** Totals after a record went from one cell to another. */
export function moveTotals(rows: TotalRow[], from: unknown[], to: unknown[], amount: number): TotalRow[] {
  const same = (a: unknown[], b: unknown[]) =>
    (a[0] ?? null) === (b[0] ?? null) && (a.length < 2 || laneKey(a[1]) === laneKey(b[1]));
  const add = (row: TotalRow, sign: 1 | -1): TotalRow => ({
    group: row.group,
    values: [(row.values[0] ?? 0) + sign, ...row.values.slice(1).map((value) => (value ?? 0) + sign * amount)],
  });
  const known = rows.some((row) => same(row.group, to))
    ? rows
    : [...rows, { group: to, values: (rows[0]?.values ?? [0]).map(() => 0) }];
  return known.map((row) => (same(row.group, from) ? add(row, -1) : same(row.group, to) ? add(row, 1) : row));
}

/** What the columns add up: the first amount that the card shows. */
export function sumField(fields: Field[]): Field | null {
  return fields.find((field) => valueType(field) === 'money') ?? null;
}

/** Moments that tell when something last happened to a record, by the dictionary's custom of naming them `last_…`. */
export function activityFields(object: ObjectType): Field[] {
  return object.fields.filter((field) => field.name.startsWith('last_') && valueType(field) === 'datetime');
}

const DAY_MS = 86_400_000;

/** Whole days since anything happened. */
export function quietDays(record: Rec, activity: Field[], now: number): number {
  const moments = [record.updated_at, ...activity.map((field) => record[field.name])]
    .filter((value): value is string => typeof value === 'string')
    .map((text) => Date.parse(text))
    .filter((time) => time <= now);
  return moments.length === 0 ? 0 : Math.floor((now - Math.max(...moments)) / DAY_MS);
}

export type CardParts = { line: Field[]; chips: Field[]; figures: Field[]; dates: Field[]; people: Field[] };

/** Where each chosen field stands on a card. */
export function cardParts(fields: Field[], object: ObjectType, group: Field): CardParts {
  const parts: CardParts = { line: [], chips: [], figures: [], dates: [], people: [] };
  for (const field of fields) {
    if (field.name === object.name_field || field.name === group.name) continue;
    const type = valueType(field);
    if (type === 'user') parts.people.push(field);
    else if (type === 'choice' || type === 'multi_choice' || type === 'boolean') parts.chips.push(field);
    else if (type === 'date' || type === 'datetime') parts.dates.push(field);
    else if (['money', 'integer', 'decimal', 'percent', 'duration', 'rating'].includes(type)) parts.figures.push(field);
    else if (isReference(field) || type !== 'json') parts.line.push(field);
  }
  return parts;
}
