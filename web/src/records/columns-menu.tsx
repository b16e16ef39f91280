// Which columns, and in which order.
import { ArrowDown, ArrowUp, Columns3, Pin, PinOff, RotateCcw } from 'lucide-react';
import { useState } from 'react';
import type { ObjectType } from '../api/types';
import { useLabel, useT } from '../i18n';
import { Segments } from '../ui/bits';
import { Button, IconButton } from '../ui/button';
import { Popover } from '../ui/popover';
import { useListSettings } from './list-settings';
import type { ListState } from './list-state';

export default function ColumnsMenu({ object, state }: { object: ObjectType; state: ListState }) {
  const t = useT();
  const label = useLabel();
  const [text, setText] = useState('');
  const table = state.kind === 'table';
  const settings = useListSettings(object.name);
  const caption = state.kind === 'table' ? t.list.columns : t.board.fields;
  const chosen = state.shown.filter((field) => field.name !== object.name_field);
  const names = chosen.map((field) => field.name);
  const others = object.fields.filter(
    (field) => !names.includes(field.name) && field.name !== object.name_field && !field.retired,
  );
  const matches = (name: string) => name.toLowerCase().includes(text.trim().toLowerCase());
  const set = (next: string[]) => state.setColumns([object.name_field, ...next]);
  const move = (index: number, step: number) => {
    const next = [...names];
    const [name] = next.splice(index, 1);
    if (name) next.splice(index + step, 0, name);
    set(next);
  };
  return (
    <Popover
      align="end"
      label={caption}
      className="w-72 flex flex-col max-h-[min(28rem,var(--available-height))]"
      trigger={
        <Button variant="ghost" size="sm" icon={Columns3}>
          {caption}
        </Button>
      }
    >
      <div className="p-1.5 border-b border-line flex gap-1">
        <input
          aria-label={t.common.search}
          placeholder={t.common.typeToSearch}
          className="flex-1 min-w-0 h-7 touch:h-11 px-1.5 bg-transparent outline-none"
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
        <IconButton
          icon={RotateCcw}
          label={t.list.resetColumns}
          size="sm"
          iconSize={14}
          onClick={() => state.setColumns(null)}
        />
      </div>
      <ul className="overflow-auto p-1 thin-bar">
        {chosen.map((field, index) =>
          matches(label(field.label)) ? (
            <li key={field.name} className="group flex items-center h-8 touch:h-11 px-1 rounded hover:bg-sunken">
              <label className="flex-1 flex items-center gap-2 min-w-0 h-full">
                <input
                  type="checkbox"
                  className="check"
                  checked
                  onChange={() => set(names.filter((name) => name !== field.name))}
                />
                <span className="truncate">{label(field.label)}</span>
              </label>
              {table && (
                <IconButton
                  icon={index < settings.frozen ? PinOff : Pin}
                  iconSize={13}
                  size="sm"
                  aria-pressed={index < settings.frozen}
                  label={`${index < settings.frozen ? t.list2.unfreeze : t.list2.freeze}: ${label(field.label)}`}
                  onClick={() => settings.setFrozen(index < settings.frozen ? index : index + 1)}
                />
              )}
              <IconButton
                icon={ArrowUp}
                iconSize={13}
                size="sm"
                label={`${t.list.moveUp}: ${label(field.label)}`}
                disabled={index === 0}
                onClick={() => move(index, -1)}
              />
              <IconButton
                icon={ArrowDown}
                iconSize={13}
                size="sm"
                label={`${t.list.moveDown}: ${label(field.label)}`}
                disabled={index === chosen.length - 1}
                onClick={() => move(index, 1)}
              />
            </li>
          ) : null,
        )}
        <li aria-hidden className="h-px bg-line my-1" />
        {others.map((field) =>
          matches(label(field.label)) ? (
            <li key={field.name}>
              <label className="flex items-center gap-2 h-8 touch:h-11 px-1 rounded hover:bg-sunken">
                <input type="checkbox" className="check" checked={false} onChange={() => set([...names, field.name])} />
                <span className="truncate text-ink-2">{label(field.label)}</span>
              </label>
            </li>
          ) : null,
        )}
      </ul>
      {table && (
        <div className="border-t border-line p-2 flex flex-col gap-2">
          <Segments
            label={t.list2.density}
            value={settings.density}
            onChange={settings.setDensity}
            options={(['tight', 'normal', 'wide'] as const).map((value) => ({
              value,
              label: t.list2.densities[value],
            }))}
          />
          <label className="flex items-center gap-2 h-7 touch:h-11 px-1">
            <input
              type="checkbox"
              className="check"
              checked={settings.totals}
              onChange={(event) => settings.setTotals(event.target.checked)}
            />
            {t.list2.showTotals}
          </label>
        </div>
      )}
    </Popover>
  );
}
