// All field types. `Record` makes the compiler name the one that is missing.
import { valueType } from '../api/dictionary';
import type { Field, FieldType } from '../api/types';
import { useT } from '../i18n';
import { address } from './address';
import { auto_number } from './auto_number';
import { boolean } from './boolean';
import { choice } from './choice';
import { computed } from './computed';
import { credit_code } from './credit_code';
import { date } from './date';
import { datetime } from './datetime';
import { decimal } from './decimal';
import { department } from './department';
import { duration } from './duration';
import { email } from './email';
import { file } from './file';
import { id_card } from './id_card';
import { image } from './image';
import { integer } from './integer';
import { json } from './json';
import { type FieldKind, isEmpty, type ViewProps } from './kind';
import { location } from './location';
import { long_text } from './long_text';
import { lookup } from './lookup';
import { money } from './money';
import { multi_choice } from './multi_choice';
import { percent } from './percent';
import { phone } from './phone';
import { rating } from './rating';
import { recurrence } from './recurrence';
import { text } from './text';
import { tree } from './tree';
import { url } from './url';
import { user } from './user';

export const kinds: Record<FieldType, FieldKind> = {
  text,
  long_text,
  integer,
  decimal,
  money,
  percent,
  boolean,
  date,
  datetime,
  duration,
  choice,
  multi_choice,
  tree,
  phone,
  email,
  url,
  address,
  lookup,
  user,
  department,
  auto_number,
  formula: computed,
  rollup: computed,
  file,
  image,
  location,
  credit_code,
  id_card,
  rating,
  recurrence,
  json,
};

/** The kind of the values: what a formula yields, otherwise the field's own. */
export function valueKind(field: Field): FieldKind {
  return kinds[valueType(field)] ?? kinds.text;
}

export function editKind(field: Field): FieldKind {
  return kinds[field.type] ?? kinds.text;
}

/** A value wherever it is shown. Empty is a dash, so that a gap is seen to be one. */
export function FieldView(props: ViewProps) {
  const t = useT();
  const { View } = kinds[props.field.type] ?? kinds.text;
  if (isEmpty(props.value)) return <span className="text-ink-3">{t.common.empty}</span>;
  if (props.record?._masked?.includes(props.field.name)) {
    return (
      <span title={t.common.masked} className="truncate">
        {String(props.value)}
      </span>
    );
  }
  return <View {...props} />;
}

export function wireValue(field: Field, value: unknown): unknown {
  if (value === undefined) return undefined;
  const { wire } = editKind(field);
  const sent = wire ? wire(value) : value;
  return sent === '' ? null : sent;
}

export { isEmpty };
