// Formulas and roll-ups: kept by the server, shown as what they yield.

import { kinds } from './index';
import type { FieldKind, ViewProps } from './kind';

function View(props: ViewProps) {
  const { field, value } = props;
  const result = field.value_type ?? guess(value);
  if (result === 'formula' || result === 'rollup') return <span>{String(value)}</span>;
  const Inner = kinds[result].View;
  return <Inner {...props} />;
}

function guess(value: unknown) {
  if (typeof value === 'number') return 'decimal';
  if (typeof value === 'boolean') return 'boolean';
  if (typeof value === 'string' && /^\d{4}-\d{2}-\d{2}T/.test(value)) return 'datetime';
  if (typeof value === 'string' && /^\d{4}-\d{2}-\d{2}$/.test(value)) return 'date';
  return 'text';
}

export const computed: FieldKind = { View, width: 120 };
