import { file } from './file';
import type { FieldKind } from './kind';

export const image: FieldKind = { ...file };
