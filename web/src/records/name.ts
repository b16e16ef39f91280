// How a record is called, and how it is called up.
import type { Field, ObjectType, Rec } from '../api/types';

export function recordName(object: ObjectType, record: Rec, fallback: string): string {
  const name = record[object.name_field];
  return typeof name === 'string' && name !== '' ? name : typeof name === 'number' ? String(name) : fallback;
}

export function phoneFields(object: ObjectType): Field[] {
  return object.fields.filter((field) => field.type === 'phone');
}

/** The first number that isn't masked. */
export function phoneOf(object: ObjectType, record: Rec): string | null {
  for (const field of phoneFields(object)) {
    const value = record[field.name];
    if (typeof value === 'string' && value && !value.includes('*')) return value;
  }
  return null;
}
