// What one wants to know of a record before anything else, read from the dictionary: its card layout, its owner, and
// the roll-ups that tell when something last happened or is next due, with what it was.
import { fieldOf, fieldsOf, valueType } from '../api/dictionary';
import type { Field, ObjectType } from '../api/types';
import { valueKind } from '../fields';

/** The time of a child record and what stands in it: the next step, the last contact. */
export type Moment = { at: Field; text: Field | null; ahead: boolean };

export type Summary = {
  /** Coloured choices and the owner. */
  marks: Field[];
  moments: Moment[];
  /** Amounts and whatever else the card shows. */
  facts: Field[];
};

const OWNER = 'owner';

/** A date rolled up from children; the earliest of them lies ahead, the latest behind. */
function momentOf(object: ObjectType, field: Field): Moment | null {
  const { rollup } = field;
  const type = valueType(field);
  if (!rollup || (type !== 'datetime' && type !== 'date') || !/^(min|max)$/.test(rollup.kind)) return null;
  const ahead = rollup.kind === 'min';
  const text = object.fields.find(
    ({ rollup: other }) =>
      other &&
      other.object === rollup.object &&
      other.via === rollup.via &&
      other.by === rollup.field &&
      other.kind === (ahead ? 'earliest' : 'latest'),
  );
  return { at: field, text: text ?? null, ahead };
}

export function summaryOf(object: ObjectType): Summary {
  const card = fieldsOf(object, object.layout.card).filter((field) => field.name !== object.name_field);
  const owner = fieldOf(object, OWNER);
  const marks = card.filter((field) => field.type === 'choice');
  if (owner && !card.includes(owner)) marks.push(owner);
  const moments = card
    .flatMap((field) => momentOf(object, field) ?? [])
    .sort((a, b) => Number(b.ahead) - Number(a.ahead));
  const told = new Set([...marks, ...moments.flatMap(({ at, text }) => [at, text])]);
  const facts = card
    .filter((field) => !told.has(field))
    .sort((a, b) => Number(valueKind(b).alignEnd ?? false) - Number(valueKind(a).alignEnd ?? false));
  return { marks, moments, facts };
}
