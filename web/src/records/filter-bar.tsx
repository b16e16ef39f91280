// The filter as a sentence: 阶段 是 意向客户 且 负责人 是 我. Each part is edited where it stands.
import { FolderPlus, ListFilter, X } from 'lucide-react';
import { useId, useState } from 'react';
import { fieldAt, useLexicon } from '../api/dictionary';
import type { Field, Filter, Leaf, ObjectType } from '../api/types';
import { FilterText, FilterValue, operatorText } from '../fields/filter-value';
import { useLabel, useT } from '../i18n';
import { Button } from '../ui/button';
import { cx } from '../ui/cx';
import { Popover } from '../ui/popover';
import { Select } from '../ui/select';
import { AddCondition } from './add-condition';
import { conditionsOf, filterOf, initialValue, isComplete, isLeaf, newLeaf, operatorsOf, takesValue } from './filter';

type Props = {
  object: ObjectType;
  filter: Filter | null;
  onChange: (filter: Filter | null) => void;
  /** The condition just added from outside, to be filled in at once. */
  initialOpen?: number | null;
  className?: string;
  /** What it is a filter for, where a page has several. */
  label?: string;
  /** A group within a sentence. */
  nested?: boolean;
};

export default function FilterBar({ object, filter, onChange, initialOpen = null, className, label, nested }: Props) {
  const t = useT();
  const { join, parts } = conditionsOf(filter);
  const [added, setAdded] = useState<number | null>(initialOpen);
  const set = (next: Filter[]) => onChange(filterOf({ join, parts: next }));
  return (
    <section
      aria-label={label ?? (nested ? t.list2.group : t.list.filter)}
      className={cx('flex flex-wrap items-center gap-1', className)}
    >
      <ListFilter size={15} aria-hidden className="text-ink-3 mr-0.5" />
      {parts.map((part, index) => (
        <span key={index} className="flex items-center gap-1 min-w-0">
          {index > 0 && (
            <button
              type="button"
              className="h-7 touch:h-11 px-1.5 rounded-md text-ink-3 hover:bg-sunken hover:text-ink"
              title={t.list.match}
              onClick={() => onChange(filterOf({ join: join === 'all' ? 'any' : 'all', parts }))}
            >
              {join === 'all' ? t.common.and : t.common.or}
            </button>
          )}
          <Condition
            object={object}
            part={part}
            defaultOpen={added === index}
            onChange={(next) => set(parts.map((one, place) => (place === index ? next : one)))}
            onRemove={() => {
              setAdded(null);
              set(parts.filter((_, place) => place !== index));
            }}
          />
        </span>
      ))}
      <AddCondition
        object={object}
        onAdd={(field) => {
          setAdded(parts.length);
          set([...parts, newLeaf(field)]);
        }}
      />
      {parts.length > 0 && !nested && (
        <Button
          variant="ghost"
          size="sm"
          icon={FolderPlus}
          onClick={() => {
            setAdded(parts.length);
            set([...parts, { [join === 'all' ? 'any' : 'all']: [] } as unknown as Filter]);
          }}
        >
          {t.list2.addGroup}
        </Button>
      )}
      {parts.length > 0 && !nested && (
        <Button variant="ghost" size="sm" onClick={() => onChange(null)}>
          {t.list.clearFilter}
        </Button>
      )}
    </section>
  );
}

function Condition({
  object,
  part,
  onChange,
  onRemove,
  defaultOpen,
}: {
  object: ObjectType;
  part: Filter;
  onChange: (next: Filter) => void;
  onRemove: () => void;
  defaultOpen: boolean;
}) {
  const t = useT();
  const label = useLabel();
  const { find } = useLexicon();
  const field = isLeaf(part) ? fieldAt(object, part.field, find) : undefined;
  const [open, setOpen] = useState(defaultOpen);
  const frame = 'inline-flex items-center min-w-0 rounded-md border border-line bg-surface hover:border-line-strong';
  const text = 'flex items-center gap-1 h-7 touch:h-11 pl-2 min-w-0 max-w-96';
  return (
    <span className={frame}>
      {isLeaf(part) && field ? (
        <Popover
          open={open}
          onOpenChange={setOpen}
          label={label(field.label)}
          className="w-72 p-3 flex flex-col gap-2"
          trigger={
            <button type="button" className={cx(text, 'rounded-md')}>
              <span className="text-ink-2 shrink-0">{label(field.label)}</span>
              <span className="text-ink-3 shrink-0">{operatorText(field, part.op, t)}</span>
              {takesValue(part.op) && (
                <span className="text-brand-ink font-medium truncate">
                  {isComplete(part) ? <FilterText field={field} leaf={part} /> : '…'}
                </span>
              )}
            </button>
          }
        >
          <ConditionEditor field={field} leaf={part} onChange={onChange} />
        </Popover>
      ) : (
        <Group object={object} part={part} open={open} onOpen={setOpen} onChange={onChange} className={text} />
      )}
      <button
        type="button"
        aria-label={`${t.common.remove}: ${field ? label(field.label) : t.list.moreFilters}`}
        className="size-6 touch:size-11 grid place-items-center rounded text-ink-3 hover:text-ink"
        onClick={onRemove}
      >
        <X size={13} aria-hidden />
      </button>
    </span>
  );
}

/** Conditions within the sentence, in brackets; opened, they are a sentence of their own. */
function Group({
  object,
  part,
  open,
  onOpen,
  onChange,
  className,
}: {
  object: ObjectType;
  part: Filter;
  open: boolean;
  onOpen: (open: boolean) => void;
  onChange: (next: Filter) => void;
  className: string;
}) {
  const t = useT();
  // What is denied, or on a field no longer there, is kept as it is.
  if (isLeaf(part) || 'not' in part) return <span className={className}>{t.list.moreFilters}</span>;
  const { join, parts } = conditionsOf(part);
  return (
    <Popover
      open={open}
      onOpenChange={onOpen}
      label={t.list2.group}
      className="w-[min(34rem,92vw)] p-3"
      trigger={
        <button type="button" className={cx(className, 'rounded-md')}>
          <span className="text-ink-3">(</span>
          <span className="truncate">
            <Sentence object={object} join={join} parts={parts} />
          </span>
          <span className="text-ink-3">)</span>
        </button>
      }
    >
      <FilterBar
        object={object}
        filter={parts.length > 0 ? part : null}
        nested
        onChange={(next) => {
          const inner = conditionsOf(next);
          // A group of one is still a group: it goes on being written.
          onChange((inner.parts.length > 1 ? next : { [join]: inner.parts }) as Filter);
        }}
      />
    </Popover>
  );
}

/** A whole filter to be read, not changed. */
export function FilterSentence({ object, filter }: { object: ObjectType; filter: Filter }) {
  return <Sentence object={object} {...conditionsOf(filter)} />;
}

function Sentence({ object, join, parts }: { object: ObjectType; join: 'all' | 'any'; parts: Filter[] }) {
  const t = useT();
  const label = useLabel();
  const { find } = useLexicon();
  if (parts.length === 0) return <span className="text-ink-3">…</span>;
  return parts.map((part, index) => {
    const field = isLeaf(part) ? fieldAt(object, part.field, find) : undefined;
    return (
      <span key={index}>
        {index > 0 && <span className="text-ink-3"> {join === 'all' ? t.common.and : t.common.or} </span>}
        {isLeaf(part) && field ? (
          <>
            {label(field.label)} <span className="text-ink-3">{operatorText(field, part.op, t)}</span>{' '}
            {takesValue(part.op) && (
              <span className="text-brand-ink font-medium">
                {isComplete(part) ? <FilterText field={field} leaf={part} /> : '…'}
              </span>
            )}
          </>
        ) : (
          t.list.moreFilters
        )}
      </span>
    );
  });
}

function ConditionEditor({ field, leaf, onChange }: { field: Field; leaf: Leaf; onChange: (next: Filter) => void }) {
  const t = useT();
  const id = useId();
  return (
    <>
      <Select
        label={t.list.filter}
        value={leaf.op}
        options={operatorsOf(field).map((op) => ({ value: op, label: operatorText(field, op, t) }))}
        onChange={(op) => {
          const many = (one: string) => one === 'in' || one === 'not_in';
          const keep =
            takesValue(op) &&
            many(op) === many(leaf.op) &&
            op !== 'within' &&
            leaf.op !== 'within' &&
            op !== 'between' &&
            leaf.op !== 'between' &&
            takesValue(leaf.op);
          const value = keep ? leaf.value : initialValue(field, op);
          onChange(value === undefined ? { field: leaf.field, op } : { field: leaf.field, op, value });
        }}
      />
      <FilterValue
        id={id}
        field={field}
        op={leaf.op}
        value={leaf.value}
        onChange={(value) => onChange({ ...leaf, value })}
      />
    </>
  );
}
