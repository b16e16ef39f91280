import { editorOf, file } from './file';
import type { FieldKind } from './kind';

export const image: FieldKind = { ...file, Edit: editorOf(true) };
