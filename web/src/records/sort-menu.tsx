// Sorting by up to three fields, one after the other.
import { ArrowDownUp, ArrowDownWideNarrow, ArrowUpNarrowWide, X } from 'lucide-react';
import { fieldOf } from '../api/dictionary';
import type { ObjectType } from '../api/types';
import { useLabel, useT } from '../i18n';
import { Button, IconButton } from '../ui/button';
import { Picker } from '../ui/picker';
import { Popover } from '../ui/popover';
import { type ListState, MAX_SORTS } from './list-state';

export default function SortMenu({ object, state }: { object: ObjectType; state: ListState }) {
  const t = useT();
  const label = useLabel();
  const keys = state.sort.map((key) => ({ name: key.replace(/^-/, ''), desc: key.startsWith('-') }));
  const set = (next: typeof keys) => state.setSort(next.map((key) => `${key.desc ? '-' : ''}${key.name}`));
  const others = object.fields.filter((field) => field.sortable && !keys.some((key) => key.name === field.name));
  return (
    <Popover
      align="end"
      label={t.list.sort}
      className="w-72 p-2 flex flex-col gap-1"
      trigger={<IconButton icon={ArrowDownUp} label={t.list.sort} size="sm" />}
    >
      <ol className="flex flex-col">
        {keys.map((key, index) => {
          const field = fieldOf(object, key.name);
          const name = field ? label(field.label) : key.name;
          return (
            <li key={key.name} className="flex items-center gap-1 h-8 touch:h-11 pl-1">
              <span className="w-4 text-xs text-ink-3">{index + 1}</span>
              <span className="flex-1 truncate">{name}</span>
              <Button
                variant="ghost"
                size="sm"
                icon={key.desc ? ArrowDownWideNarrow : ArrowUpNarrowWide}
                aria-label={`${name}: ${key.desc ? t.list.descending : t.list.ascending}`}
                onClick={() => set(keys.map((one) => (one === key ? { ...one, desc: !one.desc } : one)))}
              >
                {key.desc ? t.list.descending : t.list.ascending}
              </Button>
              <IconButton
                icon={X}
                iconSize={13}
                size="sm"
                label={`${t.common.remove}: ${name}`}
                onClick={() => set(keys.filter((one) => one !== key))}
              />
            </li>
          );
        })}
      </ol>
      {keys.length < MAX_SORTS && (
        <Picker
          label={t.list2.addSort}
          placeholder={t.list2.addSort}
          items={others.map((field) => ({ value: field.name, label: label(field.label) }))}
          value={null}
          searchable
          onChange={(item) => item && set([...keys, { name: item.value, desc: false }])}
        />
      )}
    </Popover>
  );
}
