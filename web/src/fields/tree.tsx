// A place in a classification (region, industry): walked down level by level, or found by typing.
import { useQuery } from '@tanstack/react-query';
import { ChevronDown, ChevronLeft, ChevronRight, X } from 'lucide-react';
import { useDeferredValue, useState } from 'react';
import { treeItems } from '../api/records';
import type { TreeItem } from '../api/types';
import { useLabel, useT } from '../i18n';
import { cx } from '../ui/cx';
import { Popover } from '../ui/popover';
import type { EditProps, FieldKind, ManyProps, ViewProps } from './kind';

const FOREVER = { staleTime: Number.POSITIVE_INFINITY, gcTime: Number.POSITIVE_INFINITY } as const;

/** A node may come expanded as `{code, name}`; a bare code is looked up once and kept. */
export function useTreeName(tree: string, value: unknown): string | null {
  const expanded =
    typeof value === 'object' && value !== null ? (value as { name?: string; code?: string; id?: string }) : null;
  const code = typeof value === 'string' ? value : null;
  const { data } = useQuery({
    queryKey: ['tree-name', tree, code],
    queryFn: async () => {
      const { items } = await treeItems(tree, { q: code ?? '' });
      return items.find((item) => item.code === code)?.name ?? code;
    },
    enabled: code !== null && tree !== '',
    ...FOREVER,
  });
  return expanded ? (expanded.name ?? expanded.code ?? null) : (data ?? null);
}

export function TreeName({ tree, value }: { tree: string; value: unknown }) {
  const name = useTreeName(tree, value);
  return <>{name ?? '…'}</>;
}

function View({ field, value, compact }: ViewProps) {
  const name = useTreeName(field.tree ?? '', value);
  return (
    <span className={compact ? 'truncate' : ''}>{name ?? <span className="skeleton inline-block h-3 w-16" />}</span>
  );
}

export function codeOf(value: unknown): string | null {
  if (typeof value === 'string') return value || null;
  if (value && typeof value === 'object') {
    const node = value as { code?: string; id?: string };
    return node.code ?? node.id ?? null;
  }
  return null;
}

export function TreePicker({
  tree,
  id,
  label,
  value,
  onChange,
  invalid,
  describedBy,
  disabled,
  clearable = true,
  defaultOpen = false,
}: {
  tree: string;
  id?: string;
  label: string;
  value: string | null;
  onChange: (code: string | null) => void;
  invalid?: boolean;
  describedBy?: string;
  disabled?: boolean;
  clearable?: boolean;
  defaultOpen?: boolean;
}) {
  const t = useT();
  const [open, setOpen] = useState(defaultOpen);
  const name = useTreeName(tree, value);
  return (
    <div className="relative">
      <Popover
        open={open}
        onOpenChange={setOpen}
        label={label}
        className="w-72 flex flex-col max-h-[min(24rem,var(--available-height))] overflow-hidden"
        trigger={
          <button
            type="button"
            id={id}
            className="control flex items-center gap-1.5 text-left"
            aria-invalid={invalid || undefined}
            aria-describedby={describedBy}
            disabled={disabled}
          >
            <span className={cx('flex-1 truncate', !value && 'text-ink-3')}>
              {value ? (name ?? '…') : t.common.choose}
            </span>
            {!(clearable && value) && <ChevronDown size={14} aria-hidden className="text-ink-3 shrink-0" />}
          </button>
        }
      >
        <TreeBrowser
          tree={tree}
          label={label}
          onPick={(code) => {
            onChange(code);
            setOpen(false);
          }}
        />
      </Popover>
      {clearable && value && !disabled && (
        <button
          type="button"
          aria-label={`${t.common.clear}: ${label}`}
          className="absolute right-1 top-1/2 -translate-y-1/2 size-6 touch:size-9 grid place-items-center rounded text-ink-3 hover:bg-sunken hover:text-ink"
          onClick={() => onChange(null)}
        >
          <X size={14} aria-hidden />
        </button>
      )}
    </div>
  );
}

function TreeBrowser({ tree, label, onPick }: { tree: string; label: string; onPick: (code: string) => void }) {
  const t = useT();
  const [path, setPath] = useState<TreeItem[]>([]);
  const [text, setText] = useState('');
  const typed = useDeferredValue(text.trim());
  const parent = path.at(-1) ?? null;
  const { data, isPending } = useQuery({
    queryKey: ['tree', tree, typed ? null : (parent?.code ?? null), typed],
    queryFn: ({ signal }) => treeItems(tree, typed ? { q: typed } : { parent: parent?.code ?? '' }, signal),
    placeholderData: (previous) => previous,
    ...FOREVER,
  });
  return (
    <>
      <div className="p-1.5 border-b border-line shrink-0">
        <input
          aria-label={label}
          placeholder={t.tree.search}
          className="w-full h-7 touch:h-11 touch:text-[16px] px-1.5 bg-transparent outline-none"
          value={text}
          onChange={(event) => setText(event.target.value)}
          autoFocus
        />
      </div>
      {parent && !typed && (
        <button
          type="button"
          className="menu-item shrink-0 mx-1 mt-1 hover:bg-sunken font-medium"
          onClick={() => setPath(path.slice(0, -1))}
        >
          <ChevronLeft size={15} aria-hidden />
          <span className="sr-only">{t.tree.back}</span>
          {parent.name}
        </button>
      )}
      <ul className="flex-1 min-h-0 overflow-auto p-1 thin-bar">
        {(data?.items ?? []).map((item) => (
          <li key={item.code} className="flex">
            <button
              type="button"
              className="menu-item flex-1 min-w-0 text-left hover:bg-sunken"
              onClick={() => onPick(item.code)}
            >
              <span className="truncate">{item.name}</span>
            </button>
            {!item.leaf && !typed && (
              <button
                type="button"
                aria-label={t.tree.inside(item.name)}
                className="w-9 touch:w-11 grid place-items-center rounded text-ink-3 hover:bg-sunken hover:text-ink"
                onClick={() => setPath([...path, item])}
              >
                <ChevronRight size={15} aria-hidden />
              </button>
            )}
          </li>
        ))}
        {!isPending && data?.items.length === 0 && (
          <li className="px-2 py-4 text-center text-ink-3">{t.common.noResults}</li>
        )}
      </ul>
    </>
  );
}

function Edit({ field, id, label, value, onChange, invalid, describedBy, disabled, autoFocus }: EditProps) {
  return (
    <TreePicker
      tree={field.tree ?? ''}
      id={id}
      label={label}
      value={codeOf(value)}
      onChange={onChange}
      invalid={invalid}
      describedBy={describedBy}
      disabled={disabled}
      clearable={!field.required}
      defaultOpen={autoFocus}
    />
  );
}

function Many({ field, value, onChange }: ManyProps) {
  const label = useLabel();
  const codes = Array.isArray(value) ? value : value === null || value === undefined ? [] : [value];
  return (
    <TreePicker
      tree={field.tree ?? ''}
      label={label(field.label)}
      value={codes.length > 0 ? String(codes[0]) : null}
      onChange={(code) => onChange(code ? [code] : [])}
    />
  );
}

export const tree: FieldKind = { View, Edit, Many, width: 140, instant: true, wire: codeOf };
