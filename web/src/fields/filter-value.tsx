// The right-hand side of a condition: an editor for it, and the words for it.
import { valueType } from '../api/dictionary';
import type { Field, Leaf, Operator } from '../api/types';
import { useLabel, useT } from '../i18n';
import type { Messages } from '../i18n/zh';
import { Select } from '../ui/select';
import { editKind, FieldView, valueKind } from './index';
import { RefText, targetOf } from './lookup';
import { TreeName } from './tree';

type Props = { field: Field; op: Operator; value: unknown; onChange: (value: unknown) => void; id: string };

type Within = { last?: string; next?: string; this?: string; previous?: string };

const PRESETS: Within[] = [
  { this: 'day' },
  { previous: 'day' },
  { this: 'week' },
  { previous: 'week' },
  { this: 'month' },
  { previous: 'month' },
  { this: 'quarter' },
  { this: 'year' },
  { last: '7d' },
  { last: '30d' },
  { last: '90d' },
  { next: '7d' },
  { next: '30d' },
];

export function withinText(value: unknown, t: Messages): string {
  const within = (value ?? {}) as Within;
  const named: Record<string, string> = {
    'this:day': t.within.today,
    'this:week': t.within.thisWeek,
    'this:month': t.within.thisMonth,
    'this:quarter': t.within.thisQuarter,
    'this:year': t.within.thisYear,
    'previous:day': t.within.previousDay,
    'previous:week': t.within.previousWeek,
    'previous:month': t.within.previousMonth,
    'previous:quarter': t.within.previousQuarter,
    'previous:year': t.within.previousYear,
  };
  if (within.last) return t.within.last(Number.parseInt(within.last, 10));
  if (within.next) return t.within.next(Number.parseInt(within.next, 10));
  return (
    (within.this && named[`this:${within.this}`]) || (within.previous && named[`previous:${within.previous}`]) || ''
  );
}

/** A plain field of the value's type, so that its editor can be used although the field itself is computed. */
function asPlain(field: Field): Field {
  return { ...field, type: valueType(field), required: false };
}

export function FilterValue({ field, op, value, onChange, id }: Props) {
  const t = useT();
  const label = useLabel();
  const plain = asPlain(field);
  const kind = valueKind(field);
  if (op === 'is_empty' || op === 'not_empty') return null;
  if (op === 'within') {
    const options = PRESETS.map((preset) => ({ value: JSON.stringify(preset), label: withinText(preset, t) }));
    const current = JSON.stringify(value);
    if (value && !options.some((option) => option.value === current))
      options.unshift({ value: current, label: withinText(value, t) });
    return (
      <Select
        id={id}
        label={label(field.label)}
        value={current}
        onChange={(next) => onChange(JSON.parse(next))}
        options={options}
      />
    );
  }
  if ((op === 'in' || op === 'not_in' || op === 'has') && kind.Many) {
    return <kind.Many field={plain} value={value} onChange={onChange} />;
  }
  if (plain.type === 'boolean') {
    return (
      <Select
        id={id}
        label={label(field.label)}
        value={value === false ? 'no' : 'yes'}
        onChange={(next) => onChange(next === 'yes')}
        options={[
          { value: 'yes', label: t.common.yes },
          { value: 'no', label: t.common.no },
        ]}
      />
    );
  }
  const Edit =
    op === 'contains' || op === 'starts_with' ? editKind({ ...plain, type: 'text' }).Edit : editKind(plain).Edit;
  if (!Edit) return null;
  if (op === 'between') {
    const [low, high] = Array.isArray(value) ? value : [null, null];
    return (
      <div className="flex flex-col gap-2">
        <Edit
          field={plain}
          id={id}
          label={`${label(field.label)} ${t.admin.audit.from}`}
          value={low}
          onChange={(next) => onChange([next, high])}
        />
        <Edit
          field={plain}
          id={`${id}-to`}
          label={`${label(field.label)} ${t.admin.audit.to}`}
          value={high}
          onChange={(next) => onChange([low, next])}
        />
      </div>
    );
  }
  const { wire } = editKind(plain);
  return (
    <Edit
      field={plain}
      id={id}
      label={label(field.label)}
      value={value}
      onChange={(next) => onChange(plain.type === 'lookup' && wire ? wire(next) : next)}
    />
  );
}

/** The condition's value in words. */
export function FilterText({ field, leaf }: { field: Field; leaf: Leaf }) {
  const t = useT();
  const label = useLabel();
  const plain = asPlain(field);
  if (leaf.op === 'within') return <>{withinText(leaf.value, t)}</>;
  const values = (Array.isArray(leaf.value) ? leaf.value : [leaf.value]).filter(
    (one) => one !== null && one !== undefined && one !== '',
  );
  const separator = leaf.op === 'between' ? ' – ' : t.common.and === '且' ? '、' : ', ';
  return (
    <>
      {values.map((one, index) => (
        <span key={String(one)}>
          {index > 0 && separator}
          {one === 'me' && targetOf(plain) === 'user' ? (
            t.common.me
          ) : one === 'my_department' ? (
            t.common.myDepartment
          ) : plain.type === 'choice' || plain.type === 'multi_choice' ? (
            label(plain.options?.find((option) => option.value === one)?.label ?? String(one))
          ) : plain.type === 'tree' || plain.type === 'address' ? (
            <TreeName tree={plain.tree ?? 'region'} value={one} />
          ) : plain.type === 'lookup' || plain.type === 'user' || plain.type === 'department' ? (
            <RefText object={targetOf(plain)} value={one} />
          ) : (
            <FieldView field={plain} value={one} compact />
          )}
        </span>
      ))}
    </>
  );
}

export function operatorText(field: Field, op: Operator, t: Messages): string {
  const type = valueType(field);
  const time = type === 'date' || type === 'datetime';
  if (time && op === 'lt') return t.op.before;
  if (time && op === 'gt') return t.op.after;
  if (time && op === 'lte') return t.op.onOrBefore;
  if (time && op === 'gte') return t.op.onOrAfter;
  if (op === 'in') return t.op.eq;
  if (op === 'not_in') return t.op.ne;
  return t.op[op];
}
