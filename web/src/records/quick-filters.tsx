// One tap for what is asked most: mine, and the choices that stand on the card.
import { UserRound } from 'lucide-react';
import { fieldOf, fieldsOf } from '../api/dictionary';
import type { Field, Filter, ObjectType } from '../api/types';
import { useOptionItems } from '../fields/choice';
import { useLabel, useT } from '../i18n';
import { Button } from '../ui/button';
import { cx } from '../ui/cx';
import { Picker } from '../ui/picker';
import { conditionsOf, filterOf, isLeaf } from './filter';
import type { ListState } from './list-state';

const MOST = 2;

/** What the filter says of one field, and the filter with something else said of it. */
export function quickValue(filter: Filter | null, field: string): unknown[] {
  const { join, parts } = conditionsOf(filter);
  const leaf = parts.find((part) => isLeaf(part) && part.field === field);
  if (!leaf || !isLeaf(leaf) || (join === 'any' && parts.length > 1)) return [];
  return leaf.op === 'in' && Array.isArray(leaf.value) ? leaf.value : leaf.op === 'eq' ? [leaf.value] : [];
}

export function withQuick(filter: Filter | null, field: string, next: Filter | null): Filter | null {
  const { join, parts } = conditionsOf(filter);
  const others = join === 'any' && parts.length > 1 && filter ? [filter] : parts;
  const kept = others.filter((part) => !isLeaf(part) || part.field !== field);
  return filterOf({ join: 'all', parts: next ? [...kept, next] : kept });
}

export default function QuickFilters({ object, state }: { object: ObjectType; state: ListState }) {
  const t = useT();
  const owner = fieldOf(object, 'owner');
  const choices = fieldsOf(object, [...new Set([...object.layout.card, ...object.layout.short])])
    .filter((field) => field.type === 'choice' && field.filterable && field.operators.includes('in'))
    .slice(0, MOST);
  const mine = quickValue(state.filter, 'owner')[0] === 'me';
  return (
    <div className="flex items-center gap-1">
      {owner?.filterable && (
        <Button
          size="sm"
          variant="ghost"
          icon={UserRound}
          aria-pressed={mine}
          className={cx(mine && 'bg-brand-soft! text-brand-ink!')}
          onClick={() =>
            state.setFilter(withQuick(state.filter, 'owner', mine ? null : { field: 'owner', op: 'eq', value: 'me' }))
          }
        >
          {t.list2.mine}
        </Button>
      )}
      {choices.map((field) => (
        <QuickChoice key={field.name} field={field} state={state} />
      ))}
    </div>
  );
}

function QuickChoice({ field, state }: { field: Field; state: ListState }) {
  const label = useLabel();
  const chosen = quickValue(state.filter, field.name);
  const items = useOptionItems(field, chosen);
  const first = items.find((item) => item.value === chosen[0]);
  return (
    <Picker
      multiple
      label={label(field.label)}
      items={items}
      value={items.filter((item) => chosen.includes(item.value))}
      onChange={(next) =>
        state.setFilter(
          withQuick(
            state.filter,
            field.name,
            next.length > 0 ? { field: field.name, op: 'in', value: next.map((item) => item.value) } : null,
          ),
        )
      }
      trigger={
        <Button size="sm" variant="ghost" className={cx(chosen.length > 0 && 'bg-brand-soft! text-brand-ink!')}>
          {chosen.length === 0
            ? label(field.label)
            : chosen.length === 1
              ? first?.label
              : `${label(field.label)} ${chosen.length}`}
        </Button>
      }
    />
  );
}
