import type { FieldKind } from './kind';
import { TextView } from './text';

export const auto_number: FieldKind = { View: TextView, width: 140 };
