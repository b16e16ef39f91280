import type { FieldKind } from './kind';
import { lookup } from './lookup';

export const department: FieldKind = { ...lookup, width: 120 };
