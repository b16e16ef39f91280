// What the editor of layouts does to a layout: pure, so that dragging and the keyboard do the same.
import type { Field, Label, Layout, ObjectType } from '../api/types';

/** Where a field stands: in the first form, in a section (by its place), behind all sections, or nowhere. */
export type Box = 'short' | 'rest' | 'hidden' | `section:${number}`;

export type Draft = { short: string[]; sections: { label: Label; fields: string[] }[]; hidden: string[] };

export const draftOf = (layout: Layout): Draft => ({
  short: [...layout.short],
  sections: layout.sections.map((section) => ({ label: { ...section.label }, fields: [...section.fields] })),
  hidden: [...(layout.hidden ?? [])],
});

/** Fields that a person sees or fills in; those of the machinery stand at the foot of every page by themselves. */
export function arrangeable(object: ObjectType): Field[] {
  const placed = new Set(object.layout.sections.flatMap((section) => section.fields));
  return object.fields.filter((field) => !field.retired && (!field.system || placed.has(field.name)));
}

export function restOf(object: ObjectType, draft: Draft): string[] {
  const placed = new Set([...draft.sections.flatMap((section) => section.fields), ...draft.hidden]);
  return arrangeable(object)
    .map((field) => field.name)
    .filter((name) => !placed.has(name));
}

const sectionAt = (box: Box) => (box.startsWith('section:') ? Number(box.slice('section:'.length)) : -1);

export function fieldsIn(object: ObjectType, draft: Draft, box: Box): string[] {
  if (box === 'short') return draft.short;
  if (box === 'hidden') return draft.hidden;
  if (box === 'rest') return restOf(object, draft);
  return draft.sections[sectionAt(box)]?.fields ?? [];
}

function inserted(list: string[], name: string, before: string | null): string[] {
  const rest = list.filter((one) => one !== name);
  const at = before === null || before === name ? -1 : rest.indexOf(before);
  // What is put before itself stays where it was.
  if (before === name) return list;
  return at < 0 ? [...rest, name] : [...rest.slice(0, at), name, ...rest.slice(at)];
}

/**
 * Puts a field into a box, before another one or at the end. The first form is a choice among the fields, not their place:
 * what comes there from a section stays in the section as well.
 */
export function put(draft: Draft, name: string, from: Box, to: Box, before: string | null = null): Draft {
  if (to === 'short') return { ...draft, short: inserted(draft.short, name, before) };
  const short = from === 'short' ? draft.short.filter((one) => one !== name) : draft.short;
  const place = sectionAt(to);
  if (from === 'short' && to === 'rest') return { ...draft, short };
  return {
    short: to === 'hidden' ? short.filter((one) => one !== name) : short,
    sections: draft.sections.map((section, index) => ({
      ...section,
      fields: index === place ? inserted(section.fields, name, before) : section.fields.filter((one) => one !== name),
    })),
    hidden: to === 'hidden' ? inserted(draft.hidden, name, before) : draft.hidden.filter((one) => one !== name),
  };
}

/** One step up or down within its box. */
export function step(object: ObjectType, draft: Draft, name: string, box: Box, by: -1 | 1): Draft {
  const list = fieldsIn(object, draft, box);
  const at = list.indexOf(name);
  const to = at + by;
  if (at < 0 || to < 0 || to >= list.length || box === 'rest') return draft;
  const before = list[by < 0 ? to : to + 1] ?? null;
  return put(draft, name, box, box, before);
}

export function moveSection(draft: Draft, place: number, by: -1 | 1): Draft {
  const sections = [...draft.sections];
  const [section] = sections.splice(place, 1);
  if (!section || place + by < 0 || place + by > sections.length) return draft;
  sections.splice(place + by, 0, section);
  return { ...draft, sections };
}

export type Difference = {
  kind: 'asked' | 'not_asked' | 'hidden' | 'shown' | 'moved' | 'reordered';
  fields: string[];
};

/** What a person would notice of the change, by kind. */
export function differences(before: Draft, after: Draft): Difference[] {
  const only = (list: string[], other: string[]) => list.filter((one) => !other.includes(one));
  const section = (draft: Draft, name: string) =>
    draft.sections.find((one) => one.fields.includes(name))?.label.zh ?? '';
  const names = [...new Set([...before.sections, ...after.sections].flatMap((one) => one.fields))];
  const gone = new Set([...before.hidden, ...after.hidden]);
  const moved = names.filter((name) => !gone.has(name) && section(before, name) !== section(after, name));
  const order = (draft: Draft) =>
    JSON.stringify([
      draft.short,
      draft.sections.map((one) => [one.label, one.fields.filter((n) => !moved.includes(n))]),
    ]);
  const found: Difference[] = [
    { kind: 'asked', fields: only(after.short, before.short) },
    { kind: 'not_asked', fields: only(before.short, after.short) },
    { kind: 'hidden', fields: only(after.hidden, before.hidden) },
    { kind: 'shown', fields: only(before.hidden, after.hidden) },
    { kind: 'moved', fields: moved },
  ];
  const shown = found.filter((one) => one.fields.length > 0);
  return shown.length === 0 && order(before) !== order(after) ? [{ kind: 'reordered', fields: [] }] : shown;
}
