import type { FieldKind } from './kind';
import { lookup } from './lookup';

export const user: FieldKind = { ...lookup, width: 112 };
