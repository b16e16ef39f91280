// What a calendar shows, worked out apart from how it is drawn: the days of a span, and where each record lies in them.
import { valueType } from '../../api/dictionary';
import type { Field, ObjectType } from '../../api/types';

/** Fields by which records can stand in a calendar. The machinery's own moments come last. */
export function dateFields(object: ObjectType): Field[] {
  const fields = object.fields.filter(
    (field) => field.filterable && (valueType(field) === 'date' || valueType(field) === 'datetime'),
  );
  return [...fields.filter((field) => !field.system), ...fields.filter((field) => field.system)];
}
