import type { FieldKind } from './kind';
import { text } from './text';

export const id_card: FieldKind = { ...text, width: 180 };
