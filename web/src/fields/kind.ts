// What the page must know of a field type. One file per type fills it in; index.tsx gathers them and the compiler
// names what is missing.
import type { ComponentType } from 'react';
import type { Field, Rec } from '../api/types';
import type { Messages } from '../i18n/zh';

export type ViewProps = {
  field: Field;
  value: unknown;
  /** The record around it, where there is one. */
  record?: Rec;
  /** In a table's cell or a card: one line, rounded numbers. */
  compact?: boolean;
};

export type EditProps = {
  field: Field;
  id: string;
  label: string;
  value: unknown;
  onChange: (value: unknown) => void;
  invalid?: boolean;
  describedBy?: string;
  autoFocus?: boolean;
  disabled?: boolean;
  /** Where there is no room for more than one line (a table's cell). */
  compact?: boolean;
};

export type ManyProps = {
  field: Field;
  value: unknown;
  onChange: (value: unknown[]) => void;
  /** Nothing that follows whoever looks, as `me` does. */
  fixed?: boolean;
};

export type FieldKind = {
  View: ComponentType<ViewProps>;
  /** Absent: the type can't be typed in. */
  Edit?: ComponentType<EditProps>;
  /** Chooses several values, for the operators `in` and `not_in`. */
  Many?: ComponentType<ManyProps>;
  /** Width of its column in pixels. */
  width: number;
  alignEnd?: boolean;
  /** What is wrong with a value, before the server is asked. */
  check?: (value: unknown, field: Field, t: Messages) => string | null;
  /** The value as the server wants it; by default as it is. */
  wire?: (value: unknown) => unknown;
  /** Choosing is committing: an inline editor saves on change, not on Enter. */
  instant?: boolean;
};

export function isEmpty(value: unknown): boolean {
  return value === null || value === undefined || value === '' || (Array.isArray(value) && value.length === 0);
}
