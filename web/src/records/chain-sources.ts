// Which children of an object play a part in its decisions, by the dictionary.
import { fieldOf, useLexicon } from '../api/dictionary';
import type { Field, ObjectType } from '../api/types';

/** The choice field that tells the part; whatever object has it is drawn as a chain. */
export const ROLE = 'chain_role';

export type ChainSource = { object: ObjectType; via: string; person: Field | null };

/** The children whose records play a part in the decision; either people themselves or links to people. */
export function useChainSources(object: ObjectType): ChainSource[] {
  const { find } = useLexicon();
  return object.related.flatMap(({ object: name, via }) => {
    const child = find(name);
    if (!child || !fieldOf(child, ROLE)) return [];
    // A link names its person by a lookup to an object that carries a role itself.
    const person = child.fields.find(
      (field) =>
        field.type === 'lookup' &&
        field.name !== via &&
        fieldOf(find(field.reference ?? '') ?? child, ROLE) &&
        field.reference !== child.name,
    );
    return [{ object: child, via, person: person ?? null }];
  });
}
