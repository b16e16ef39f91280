// How the list is shown: table, board or calendar, and what each of them may be told.
import { CalendarDays, Columns3, type LucideIcon, Settings2, Table2 } from 'lucide-react';
import type { ObjectType, View } from '../api/types';
import { useLabel, useT } from '../i18n';
import type { ListState } from '../records/list-state';
import { IconButton } from '../ui/button';
import { Menu, MenuGroup, MenuRadio } from '../ui/menu';
import { groupFields, laneFields } from './board/model';
import { STALL_DAYS, useBoardSettings } from './board/settings';
import { dateFields } from './calendar/model';

const ICONS: Record<View['kind'], LucideIcon> = { table: Table2, board: Columns3, calendar: CalendarDays };

export function ViewKindMenu({ object, state }: { object: ObjectType; state: ListState }) {
  const t = useT();
  const kinds: View['kind'][] = ['table'];
  if (groupFields(object).length > 0) kinds.push('board');
  if (dateFields(object).length > 0) kinds.push('calendar');
  if (kinds.length < 2) return null;
  return (
    <Menu trigger={<IconButton icon={ICONS[state.kind]} label={`${t.show.as}: ${t.show[state.kind]}`} size="sm" />}>
      <MenuGroup label={t.show.as}>
        <MenuRadio
          value={state.kind}
          onChange={state.setKind}
          options={kinds.map((kind) => ({ value: kind, label: t.show[kind], icon: ICONS[kind] }))}
        />
      </MenuGroup>
    </Menu>
  );
}

export function BoardOptions({ object, state }: { object: ObjectType; state: ListState }) {
  const t = useT();
  const label = useLabel();
  const settings = useBoardSettings(object.name, state.group?.name ?? '');
  const groups = groupFields(object);
  const lanes = laneFields(object);
  return (
    <Menu trigger={<IconButton icon={Settings2} label={t.show.options} size="sm" />} className="w-56">
      {groups.length > 1 && (
        <MenuGroup label={t.board.groupBy}>
          <MenuRadio
            value={state.group?.name ?? ''}
            onChange={state.setGroup}
            options={groups.map((field) => ({ value: field.name, label: label(field.label) }))}
          />
        </MenuGroup>
      )}
      {lanes.length > 0 && (
        <MenuGroup label={t.board.lanes}>
          <MenuRadio
            value={state.lane?.name ?? ''}
            onChange={(next) => state.setLane(next || null)}
            options={[
              { value: '', label: t.board.noLanes },
              ...lanes.map((field) => ({ value: field.name, label: label(field.label) })),
            ]}
          />
        </MenuGroup>
      )}
      <MenuGroup label={t.board.stall}>
        <MenuRadio
          value={String(settings.stall ?? '')}
          onChange={(next) => settings.setStall(next ? Number(next) : null)}
          options={[
            ...STALL_DAYS.map((days) => ({ value: String(days), label: t.board.stallAfter(days) })),
            { value: '', label: t.board.noStall },
          ]}
        />
      </MenuGroup>
    </Menu>
  );
}

/** Which date the records stand by, where there are several. */
export function CalendarOptions({ object, state }: { object: ObjectType; state: ListState }) {
  const t = useT();
  const label = useLabel();
  const dates = dateFields(object);
  if (dates.length < 2) return null;
  return (
    <Menu trigger={<IconButton icon={Settings2} label={t.show.calendarOptions} size="sm" />} className="w-56">
      <MenuGroup label={t.calendar.by}>
        <MenuRadio
          value={state.date?.name ?? ''}
          onChange={state.setDate}
          options={dates.map((field) => ({ value: field.name, label: label(field.label) }))}
        />
      </MenuGroup>
    </Menu>
  );
}
