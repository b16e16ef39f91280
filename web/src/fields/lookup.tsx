// Another record, a colleague, a department: found by typing, shown by name.
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Plus } from 'lucide-react';
import { lazy, Suspense, useCallback, useState } from 'react';
import { api, query } from '../api/client';
import { fieldOf, useLexicon, valueType } from '../api/dictionary';
import { queryRecords, refId, refName } from '../api/records';
import type { Field, ObjectType, Rec, Ref, SearchItem } from '../api/types';
import { useLabel, useT } from '../i18n';
import { Avatar } from '../ui/bits';
import { Picker, type PickerItem } from '../ui/picker';
import type { EditProps, FieldKind, ManyProps, ViewProps } from './kind';

const CreateSheet = lazy(() => import('../records/create-sheet'));

/** The value of the item that makes a new record. */
const NEW = '+';

export function targetOf(field: Field): string {
  const type = valueType(field);
  if (type === 'user' || type === 'department') return type;
  return field.reference ?? '';
}

/** The name behind an id, where a value came unexpanded. */
export function useRefName(object: string, id: string | null, known?: string | null): string | null {
  const lexicon = useLexicon();
  const nameField = lexicon.find(object)?.name_field ?? 'name';
  const { data } = useQuery({
    queryKey: ['name', object, id],
    queryFn: () =>
      api
        .get<Rec>(`/records/${object}/${id}${query({ fields: nameField })}`)
        .then((record) => (record[nameField] as string | null) ?? null),
    enabled: id !== null && known === undefined && object !== '',
    staleTime: 5 * 60_000,
    retry: false,
  });
  return known === undefined ? (data ?? null) : known;
}

export function RefText({ object, value }: { object: string; value: unknown }) {
  const t = useT();
  const id = refId(value);
  const known = typeof value === 'object' && value !== null ? refName(value) : undefined;
  const name = useRefName(object, id, known);
  if (known === undefined && name === null) return <span className="text-ink-3">…</span>;
  return <>{name ?? t.common.hidden}</>;
}

function View({ field, value, compact }: ViewProps) {
  const t = useT();
  const object = targetOf(field);
  const id = refId(value);
  const known = typeof value === 'object' && value !== null ? refName(value) : undefined;
  const name = useRefName(object, id, known);
  if (!id) return null;
  if (name === null) return <span className="text-ink-3">{known === undefined ? '…' : t.common.hidden}</span>;
  if (object === 'user') {
    return (
      <span className="inline-flex items-center gap-1.5 min-w-0">
        <Avatar name={name} />
        <span className="truncate">{name}</span>
      </span>
    );
  }
  if (object === 'department' || compact) return <span className="truncate">{name}</span>;
  return (
    <Link
      to="/o/$object/$id"
      params={{ object, id }}
      className="inline-block mr-6 min-h-6 leading-6 text-brand-ink hover:underline truncate"
      onClick={(event) => event.stopPropagation()}
    >
      {name}
    </Link>
  );
}

const SUBTITLE_FIELDS = ['department', 'short_name', 'customer'];

function hintOf(record: Rec): string | null {
  for (const name of SUBTITLE_FIELDS) {
    const text = refName(record[name]) ?? (typeof record[name] === 'string' ? (record[name] as string) : null);
    if (text && !/^\d+$/.test(text)) return text;
  }
  return null;
}

async function suggestions(
  object: ObjectType | undefined,
  name: string,
  text: string,
  signal: AbortSignal,
): Promise<PickerItem[]> {
  const typed = text.trim();
  const searchable = object?.fields.some((field) => field.searchable) ?? true;
  if (typed && searchable) {
    const { items } = await api.get<{ items: SearchItem[] }>(
      `/search${query({ q: typed, objects: name, limit: 20 })}`,
      signal,
    );
    return items.map((item) => ({ value: item.id, label: item.title, hint: item.subtitle }));
  }
  const nameField = object?.name_field ?? 'name';
  const small = name === 'user' || name === 'department' || name === 'role';
  const expand = object && fieldOf(object, 'department') && name === 'user' ? ['department'] : undefined;
  const active = object && fieldOf(object, 'active') ? { field: 'active', op: 'eq' as const, value: true } : null;
  const typedFilter = typed ? { field: nameField, op: 'contains' as const, value: typed } : null;
  const filters = [active, typedFilter].filter((filter) => filter !== null);
  const page = await queryRecords(
    name,
    {
      filter: filters.length > 0 ? { all: filters } : null,
      sort: [small ? nameField : '-updated_at'],
      expand,
      limit: small ? 50 : 12,
    },
    signal,
  );
  return page.items.map((record) => ({
    value: record.id,
    label: String(record[nameField] ?? ''),
    hint: hintOf(record),
  }));
}

function useSuggestions(name: string, open: boolean) {
  const lexicon = useLexicon();
  const object = lexicon.find(name);
  const [text, setText] = useState('');
  const { data, isFetching } = useQuery({
    queryKey: ['suggest', name, text],
    queryFn: ({ signal }) => suggestions(object, name, text, signal),
    enabled: open && name !== '',
    staleTime: 10_000,
    placeholderData: (previous) => previous,
  });
  return { items: data ?? [], loading: isFetching, text, search: useCallback((next: string) => setText(next), []) };
}

function withUserLook(object: string, item: PickerItem): PickerItem {
  if (object !== 'user') return item;
  return {
    ...item,
    node: (
      <span className="inline-flex items-center gap-1.5">
        <Avatar name={item.label} />
        {item.label}
      </span>
    ),
  };
}

export function LookupPicker({
  object,
  id,
  label: caption,
  value,
  onChange,
  clearable = true,
  creatable,
  ...rest
}: {
  object: string;
  /** Offers to make what isn't found. */
  creatable?: boolean;
  id?: string;
  label: string;
  value: Ref | null;
  onChange: (value: Ref | null) => void;
  clearable?: boolean;
  invalid?: boolean;
  describedBy?: string;
  disabled?: boolean;
  defaultOpen?: boolean;
  placeholder?: string;
  className?: string;
}) {
  const t = useT();
  const label = useLabel();
  const type = useLexicon().find(object);
  const [open, setOpen] = useState(rest.defaultOpen ?? false);
  const [creating, setCreating] = useState<string | null>(null);
  const { items, loading, text, search } = useSuggestions(object, open);
  const typed = text.trim();
  const mayCreate =
    creatable && type?.can.create && type.layer !== 'system' && !items.some((item) => item.label === typed);
  const offered: PickerItem[] =
    mayCreate && type
      ? [
          {
            value: NEW,
            label: typed ? t.lookup.createNamed(label(type.label), typed) : t.lookup.createNew(label(type.label)),
            node: (
              <span className="flex items-center gap-1.5 text-brand-ink">
                <Plus size={14} aria-hidden />
                {typed ? t.lookup.createNamed(label(type.label), typed) : t.lookup.createNew(label(type.label))}
              </span>
            ),
          },
        ]
      : [];
  const known = value && value.name === null ? undefined : value?.name;
  const name = useRefName(object, value?.id ?? null, value ? known : null);
  const chosen = value ? withUserLook(object, { value: value.id, label: name ?? t.common.hidden }) : null;
  return (
    <>
      <Picker
        {...rest}
        id={id}
        label={caption}
        items={[...items.map((item) => withUserLook(object, item)), ...offered]}
        value={chosen}
        onChange={(item) => {
          if (item?.value === NEW) setCreating(typed);
          else onChange(item ? { id: item.value, name: item.label } : null);
        }}
        onSearch={search}
        onOpenChange={setOpen}
        loading={loading}
        clearable={clearable}
      />
      <Suspense fallback={null}>
        {creating !== null && type && (
          <CreateSheet
            object={object}
            defaults={creating ? { [type.name_field]: creating } : undefined}
            inline
            onCreated={onChange}
            onClose={() => setCreating(null)}
          />
        )}
      </Suspense>
    </>
  );
}

function asRef(value: unknown): Ref | null {
  const id = refId(value);
  return id ? { id, name: refName(value) } : null;
}

function Edit({ field, id, label, value, onChange, invalid, describedBy, disabled, autoFocus }: EditProps) {
  return (
    <LookupPicker
      object={targetOf(field)}
      id={id}
      label={label}
      value={asRef(value)}
      onChange={onChange}
      creatable
      clearable={!field.required}
      invalid={invalid}
      describedBy={describedBy}
      disabled={disabled}
      defaultOpen={autoFocus}
    />
  );
}

/** `me` and `my_department` are values that follow whoever looks. */
function Many({ field, value, onChange, fixed }: ManyProps) {
  const t = useT();
  const label = useLabel();
  const object = targetOf(field);
  const [open, setOpen] = useState(false);
  const [names, setNames] = useState<Record<string, string>>({});
  const { items, loading, search } = useSuggestions(object, open);
  const chosen = (Array.isArray(value) ? value : value === null || value === undefined ? [] : [value]).map(String);
  const special: PickerItem[] = fixed
    ? []
    : object === 'user'
      ? [{ value: 'me', label: t.common.me }]
      : object === 'department'
        ? [{ value: 'my_department', label: t.common.myDepartment }]
        : [];
  const all = [...special, ...items.map((item) => withUserLook(object, item))];
  const item = (id: string): PickerItem =>
    all.find((one) => one.value === id) ?? {
      value: id,
      label: names[id] ?? id,
      node: names[id] ?? <RefText object={object} value={id} />,
    };
  return (
    <Picker
      multiple
      label={label(field.label)}
      items={all}
      value={chosen.map(item)}
      onChange={(next) => {
        setNames((before) => ({ ...before, ...Object.fromEntries(next.map((one) => [one.value, one.label])) }));
        onChange(next.map((one) => one.value));
      }}
      onSearch={search}
      onOpenChange={setOpen}
      loading={loading}
    />
  );
}

export const lookup: FieldKind = { View, Edit, Many, width: 160, instant: true, wire: refId };
