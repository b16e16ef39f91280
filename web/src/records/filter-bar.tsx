// The filter as a sentence: 阶段 是 意向客户 且 负责人 是 我. Each part is edited where it stands.
import { ListFilter, Plus, X } from 'lucide-react';
import { useId, useState } from 'react';
import { fieldOf } from '../api/dictionary';
import type { Field, Filter, Leaf, ObjectType } from '../api/types';
import { FilterText, FilterValue, operatorText } from '../fields/filter-value';
import { useLabel, useT } from '../i18n';
import { Button } from '../ui/button';
import { cx } from '../ui/cx';
import { Picker } from '../ui/picker';
import { Popover } from '../ui/popover';
import { Select } from '../ui/select';
import { conditionsOf, filterOf, initialValue, isComplete, isLeaf, newLeaf, operatorsOf, takesValue } from './filter';

type Props = {
  object: ObjectType;
  filter: Filter | null;
  onChange: (filter: Filter | null) => void;
  /** The condition just added from outside, to be filled in at once. */
  initialOpen?: number | null;
  className?: string;
};

export function FilterBar({ object, filter, onChange, initialOpen = null, className }: Props) {
  const t = useT();
  const { join, parts } = conditionsOf(filter);
  const [added, setAdded] = useState<number | null>(initialOpen);
  const set = (next: Filter[]) => onChange(filterOf({ join, parts: next }));
  return (
    <section aria-label={t.list.filter} className={cx('flex flex-wrap items-center gap-1', className)}>
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
      {parts.length > 0 && (
        <Button variant="ghost" size="sm" onClick={() => onChange(null)}>
          {t.list.clearFilter}
        </Button>
      )}
    </section>
  );
}

export function AddCondition({
  object,
  onAdd,
  trigger,
}: {
  object: ObjectType;
  onAdd: (field: Field) => void;
  trigger?: React.ReactElement;
}) {
  const t = useT();
  const label = useLabel();
  const fields = object.fields.filter((field) => field.filterable && operatorsOf(field).length > 0);
  return (
    <Picker
      label={trigger ? t.list.filter : t.list.addFilter}
      items={fields.map((field) => ({ value: field.name, label: label(field.label) }))}
      value={null}
      onChange={(item) => {
        const field = fields.find((one) => one.name === item?.value);
        if (field) onAdd(field);
      }}
      searchable
      trigger={
        trigger ?? (
          <Button variant="ghost" size="sm" icon={Plus}>
            {t.list.addFilter}
          </Button>
        )
      }
    />
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
  const field = isLeaf(part) ? fieldOf(object, part.field) : undefined;
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
        <span className={text}>{isLeaf(part) ? <PathText object={object} leaf={part} /> : t.list.moreFilters}</span>
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

/** A condition on a related record's field (`owner.department`): shown by the first step's label. */
function PathText({ object, leaf }: { object: ObjectType; leaf: Leaf }) {
  const t = useT();
  const label = useLabel();
  const first = fieldOf(object, leaf.field.split('.')[0] ?? '');
  return (
    <span className="text-ink-2 truncate">
      {first ? label(first.label) : t.list.moreFilters} · {t.list.moreFilters}
    </span>
  );
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
