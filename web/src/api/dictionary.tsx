// The live dictionary: what every list, form and page is made from.
import { createContext, type ReactNode, use, useMemo } from 'react';
import { api } from './client';
import type { Dictionary, Field, FieldType, ObjectType } from './types';

export type Lexicon = {
  dictionary: Dictionary;
  objects: ObjectType[];
  find: (name: string) => ObjectType | undefined;
};

const LexiconContext = createContext<Lexicon | null>(null);

export const dictionaryQuery = {
  queryKey: ['dictionary'],
  queryFn: () => api.get<Dictionary>('/dictionary'),
  staleTime: Number.POSITIVE_INFINITY,
} as const;

/** Columns of the machinery: part of every answer, and never something to show, choose or filter by. */
const MACHINERY = new Set(['id', 'version', 'deleted_at']);

export function lexiconOf(dictionary: Dictionary): Lexicon {
  const objects = dictionary.objects.map((object) => ({
    ...object,
    fields: object.fields.filter((field) => !MACHINERY.has(field.name)),
  }));
  const byName = new Map(objects.map((object) => [object.name, object]));
  return { dictionary, objects, find: (name) => byName.get(name) };
}

export function LexiconProvider({ dictionary, children }: { dictionary: Dictionary; children: ReactNode }) {
  const lexicon = useMemo(() => lexiconOf(dictionary), [dictionary]);
  return <LexiconContext value={lexicon}>{children}</LexiconContext>;
}

export function useLexicon(): Lexicon {
  const lexicon = use(LexiconContext);
  if (!lexicon) throw new Error('useLexicon outside LexiconProvider');
  return lexicon;
}

export function useObject(name: string): ObjectType | undefined {
  return useLexicon().find(name);
}

export function fieldOf(object: ObjectType, name: string): Field | undefined {
  return object.fields.find((field) => field.name === name);
}

export function fieldsOf(object: ObjectType, names: string[]): Field[] {
  return names.map((name) => fieldOf(object, name)).filter((field): field is Field => field !== undefined);
}

/** A field of what a lookup points at, named by its path: `customer.industry`, 客户 › 行业. */
function through(via: Field, field: Field): Field {
  return {
    ...field,
    name: `${via.name}.${field.name}`,
    label: { zh: `${via.label.zh} › ${field.label.zh}`, en: `${via.label.en} › ${field.label.en}` },
  };
}

type Find = Lexicon['find'];

function targetOf(field: Field): string {
  return field.type === 'user' || field.type === 'department' ? field.type : (field.reference ?? '');
}

/** What may be asked of the records that this object's records point at. Of people, where they belong. */
export function fieldsThrough(object: ObjectType, find: Find): Field[] {
  return object.fields
    .filter((via) => via.filterable && (via.type === 'lookup' || via.name === 'owner'))
    .flatMap((via) =>
      (find(targetOf(via))?.fields ?? [])
        .filter((field) =>
          via.type === 'lookup' ? !field.system || field.name === 'owner' : field.type === 'department',
        )
        .map((field) => through(via, field)),
    );
}

/** The field at the end of a path. */
export function fieldAt(object: ObjectType, path: string, find: Find): Field | undefined {
  const [name = '', ...rest] = path.split('.');
  const field = fieldOf(object, name);
  if (!field || rest.length === 0) return field;
  const target = find(targetOf(field));
  const end = target && fieldAt(target, rest.join('.'), find);
  return end && through(field, end);
}

/** The type of the values: what a formula or roll-up yields, otherwise the field's own. */
export function valueType(field: Field): FieldType {
  return field.value_type ?? field.type;
}

export function isEditable(field: Field): boolean {
  return field.access === 'write' && !field.read_only && !field.computed && !field.retired;
}

/** Fields whose value is the id of another record; the server turns them into `{id, name}` on `expand`. */
export function isReference(field: Field): boolean {
  const type = valueType(field);
  return type === 'lookup' || type === 'user' || type === 'department';
}

/** Fields whose values are files; expanded they come with name, kind and size. */
export function holdsFiles(field: Field): boolean {
  return field.type === 'file' || field.type === 'image';
}

// Those that browsers show; the server sends all others as files to save.
const SHOWN = /^image\/(png|jpeg|gif|webp|bmp)$/;

export function isShown(file: { media_type?: string }): boolean {
  return SHOWN.test(file.media_type ?? '');
}

export function expandsOf(fields: Field[]): string[] {
  return fields.filter((field) => isReference(field) || holdsFiles(field)).map((field) => field.name);
}

/** The lookup by which an object's records hang below each other; only one makes a tree. */
export function parentField(object: ObjectType): Field | null {
  return object.fields.find((field) => field.type === 'lookup' && field.reference === object.name) ?? null;
}
