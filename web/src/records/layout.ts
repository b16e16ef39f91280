// Which layout a record has: the first that is meant for its stage, otherwise the object's own.
import { fieldsOf } from '../api/dictionary';
import type { Field, Label, Layout, ObjectType } from '../api/types';

export function layoutFor(object: ObjectType, values: Record<string, unknown>): Layout {
  const fits = object.layouts?.find((one) => !one.when || one.when.values.includes(String(values[one.when.field])));
  return fits ?? object.layout;
}

/** The layout's sections, and behind them whatever a section forgot (fields added later). */
export function sectionsOf(object: ObjectType, layout: Layout): { label: Label | null; fields: Field[] }[] {
  const left = new Set(layout.hidden);
  const placed = new Set(layout.sections.flatMap((section) => section.fields));
  const stays = (field: Field) => !field.retired && !left.has(field.name);
  const rest = object.fields.filter((field) => !placed.has(field.name) && !field.system && stays(field));
  const sections: { label: Label | null; fields: Field[] }[] = layout.sections.map((section) => ({
    label: section.label,
    fields: fieldsOf(object, section.fields).filter(stays),
  }));
  if (rest.length > 0) sections.push({ label: null, fields: rest });
  return sections.filter((section) => section.fields.length > 0);
}
