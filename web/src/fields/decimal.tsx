import type { Field } from '../api/types';
import { full } from '../format/number';
import { useFormat } from '../format/use-format';
import type { Messages } from '../i18n/zh';
import type { FieldKind, ViewProps } from './kind';
import { NumberInput } from './number-input';

function View({ value, field, compact }: ViewProps) {
  const format = useFormat();
  const number = Number(value);
  const exact = format.fullNumber(number, field.scale);
  return <span title={exact}>{compact ? format.number(number) : exact}</span>;
}

/** Shared by all types that hold a number. */
export function checkNumber(value: unknown, field: Field, t: Messages): string | null {
  if (value === null || value === undefined || value === '') return null;
  if (typeof value !== 'number') return t.form.number;
  if (field.min !== null && field.min !== undefined && value < field.min) return t.form.min(full(field.min));
  if (field.max !== null && field.max !== undefined && value > field.max) return t.form.max(full(field.max));
  return null;
}

export const decimal: FieldKind = { View, Edit: NumberInput, width: 100, alignEnd: true, check: checkNumber };
