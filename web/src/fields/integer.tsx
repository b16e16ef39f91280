import { checkNumber, decimal } from './decimal';
import type { FieldKind } from './kind';

export const integer: FieldKind = {
  ...decimal,
  width: 88,
  check: (value, field, t) =>
    checkNumber(value, field, t) ?? (typeof value === 'number' && !Number.isInteger(value) ? t.form.integer : null),
};
