// Whose value stays when records become one, field by field.
import { ArrowUp, GitMerge, Plus, X } from 'lucide-react';
import { useState } from 'react';
import type { Field, MergeRules, ObjectType, Survivor } from '../api/types';
import { useLabel } from '../i18n';
import { Button, IconButton } from '../ui/button';
import { Picker } from '../ui/picker';
import { Select } from '../ui/select';
import { Fold, useDefinition } from './fold';
import { useDeskText } from './text';

const SOURCE = 'source';
const LISTS = ['multi_choice', 'long_text', 'file', 'image'];
const AMOUNTS = ['integer', 'decimal', 'money', 'percent', 'rating', 'date', 'datetime', 'duration', 'boolean'];

/** The rules that make sense for a field. */
function rulesFor(field: Field, trusted: boolean): Survivor[] {
  const rules: Survivor[] = ['winner', 'newest', 'oldest'];
  if (LISTS.includes(field.type)) rules.push('union');
  if (AMOUNTS.includes(field.type)) rules.push('highest', 'lowest');
  if (['text', 'long_text', 'address', 'url'].includes(field.type)) rules.push('complete');
  if (field.type === 'choice') rules.push('order');
  if (trusted && field.name !== SOURCE) rules.push('source');
  return rules;
}

export default function Survivors({ object }: { object: ObjectType }) {
  const d = useDeskText();
  if (!object.merge) return null;
  return (
    <Fold icon={GitMerge} title={d.survivors.title} summary={d.survivors.summary}>
      <Editor object={object} kept={object.merge} />
    </Fold>
  );
}

function Editor({ object, kept }: { object: ObjectType; kept: MergeRules }) {
  const d = useDeskText();
  const label = useLabel();
  const [draft, setDraft] = useState<MergeRules | null>(null);
  const merge = draft ?? kept;
  const rules = merge.rules ?? [];
  const change = (next: Partial<MergeRules>) => setDraft({ ...merge, ...next });
  const save = useDefinition(object, d.survivors.saved, () => setDraft(null));
  const find = (name: string) => object.fields.find((field) => field.name === name);
  const source = find(SOURCE)?.type === 'choice' ? find(SOURCE) : undefined;
  const free = object.fields.filter(
    (field) => !field.computed && !field.system && !rules.some((rule) => rule.field === field.name),
  );
  const options = (survivors: Survivor[]) => survivors.map((value) => ({ value, label: d.survivors.rule[value] }));
  const values = (field: Field) => (field.options ?? []).map((option) => option.value);
  const put = (name: string, rule: Survivor) => {
    const field = find(name);
    const order = rule === 'order' && field ? values(field) : [];
    const wanted = rule === 'source' && source && !merge.source;
    change({
      rules: rules.map((one) => (one.field === name ? { field: name, rule, order } : one)),
      ...(wanted ? { source: { field: SOURCE, order: values(source) } } : {}),
    });
  };
  const trusts = merge.default === 'source' || rules.some((rule) => rule.rule === 'source');
  return (
    <div className="px-3 pb-3 flex flex-col gap-3">
      <p className="text-ink-2">{d.survivors.hint}</p>
      <ul>
        {rules.map((rule) => {
          const field = find(rule.field);
          if (!field) return null;
          const name = label(field.label);
          return (
            <li key={rule.field} className="border-t border-line first:border-t-0 py-1.5">
              <div className="flex items-center gap-2">
                <span className="w-32 md:w-56 truncate">{name}</span>
                <Select<Survivor>
                  label={name}
                  value={rule.rule}
                  options={options([...new Set([...rulesFor(field, source !== undefined), rule.rule])])}
                  onChange={(next) => put(rule.field, next)}
                />
                <IconButton
                  icon={X}
                  size="sm"
                  label={d.survivors.remove(name)}
                  onClick={() => change({ rules: rules.filter((one) => one.field !== rule.field) })}
                />
              </div>
              {rule.rule === 'order' && (
                <Ranked
                  title={d.survivors.order(name)}
                  field={field}
                  order={rule.order ?? []}
                  onOrder={(order) =>
                    change({ rules: rules.map((one) => (one.field === rule.field ? { ...one, order } : one)) })
                  }
                />
              )}
            </li>
          );
        })}
        <li className="border-t border-line py-1.5 flex items-center gap-2">
          <span className="w-32 md:w-56">{d.survivors.rest}</span>
          <Select<Survivor>
            label={d.survivors.rest}
            value={merge.default}
            options={options(['winner', 'newest', 'oldest', ...(source ? (['source'] as const) : [])])}
            onChange={(next) =>
              change({
                default: next,
                ...(next === 'source' && source && !merge.source
                  ? { source: { field: SOURCE, order: values(source) } }
                  : {}),
              })
            }
          />
        </li>
      </ul>
      {trusts && source && merge.source && (
        <Ranked
          title={d.survivors.sources}
          field={source}
          order={merge.source.order}
          onOrder={(order) => change({ source: { field: SOURCE, order } })}
        />
      )}
      <div className="flex flex-wrap gap-2">
        <Picker
          label={d.survivors.add}
          items={free.map((field) => ({ value: field.name, label: label(field.label) }))}
          value={null}
          searchable
          onChange={(item) => {
            if (item) change({ rules: [...rules, { field: item.value, rule: 'newest', order: [] }] });
          }}
          trigger={<Button icon={Plus}>{d.survivors.add}</Button>}
        />
        <Button variant="primary" disabled={!draft || save.isPending} onClick={() => save.mutate({ merge })}>
          {d.survivors.save}
        </Button>
      </div>
    </div>
  );
}

/** The options of a choice in their rank; those that were added since stand last. */
function Ranked({
  title,
  field,
  order,
  onOrder,
}: {
  title: string;
  field: Field;
  order: string[];
  onOrder: (order: string[]) => void;
}) {
  const d = useDeskText();
  const label = useLabel();
  const options = field.options ?? [];
  const known = order.filter((value) => options.some((option) => option.value === value));
  const ranked = [...known, ...options.map((option) => option.value).filter((value) => !known.includes(value))];
  const raise = (at: number) => {
    const next = [...ranked];
    next.splice(at - 1, 2, ranked[at] ?? '', ranked[at - 1] ?? '');
    onOrder(next);
  };
  return (
    <div className="py-1">
      <p className="text-xs text-ink-3 pb-1">{title}</p>
      <ol className="flex flex-wrap gap-1">
        {ranked.map((value, at) => {
          const option = options.find((one) => one.value === value);
          const name = option ? label(option.label) : value;
          return (
            <li key={value} className="flex items-center rounded-md bg-sunken pl-2 pr-1 min-h-8">
              {at + 1}. {name}
              {at > 0 && <IconButton icon={ArrowUp} size="sm" label={d.survivors.up(name)} onClick={() => raise(at)} />}
            </li>
          );
        })}
      </ol>
    </div>
  );
}
