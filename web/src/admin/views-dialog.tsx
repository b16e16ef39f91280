// The views that others work with: who sees each, which role begins with it; renamed, handed on or deleted by who shapes the dictionary.
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { LayoutList, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { useLexicon } from '../api/dictionary';
import { deleteRecord, keys, patchRecord, queryRecords, refId, refName } from '../api/records';
import type { ObjectType, Rec } from '../api/types';
import { useLabel, useT } from '../i18n';
import { VIEW_OBJECT } from '../records/list-state';
import { faultText } from '../session/fault-text';
import { Chip, Empty, SkeletonRows } from '../ui/bits';
import { IconButton } from '../ui/button';
import { Confirm, Dialog } from '../ui/dialog';
import { Select } from '../ui/select';
import { toast } from '../ui/toast';
import { useAdminText } from './text';

const MOST = 100;

export function ViewsDialog({ object, onClose }: { object: ObjectType; onClose: () => void }) {
  const t = useT();
  const a = useAdminText();
  const label = useLabel();
  const client = useQueryClient();
  const [deleting, setDeleting] = useState<Rec | null>(null);
  const { data, isPending } = useQuery({
    queryKey: [...keys.lists(VIEW_OBJECT), object.name, 'shared'],
    queryFn: ({ signal }) =>
      queryRecords(
        VIEW_OBJECT,
        {
          filter: {
            all: [
              { field: 'object', op: 'eq', value: object.name },
              { field: 'visibility', op: 'in', value: ['department', 'company'] },
            ],
          },
          sort: ['sequence', 'name'],
          expand: ['owner', 'role'],
          limit: MOST,
        },
        signal,
      ),
  });
  const { data: roles } = useQuery({
    queryKey: [...keys.lists('role'), 'names'],
    queryFn: ({ signal }) => queryRecords('role', { fields: ['name'], sort: ['name'], limit: 200 }, signal),
    staleTime: 60_000,
  });
  const act = async (call: () => Promise<unknown>) => {
    try {
      await call();
    } catch (cause) {
      toast(faultText(cause, t), { tone: 'danger' });
    }
    await client.invalidateQueries({ queryKey: [...keys.lists(VIEW_OBJECT), object.name] });
  };
  const views = data?.items ?? [];
  return (
    <Dialog open onClose={onClose} title={a.views.title(label(object.label))} className="md:w-[760px]!">
      <p className="text-ink-2 pb-3">{a.views.text}</p>
      {isPending ? (
        <SkeletonRows rows={3} />
      ) : views.length === 0 ? (
        <Empty icon={LayoutList} title={a.views.none} />
      ) : (
        <ul className="flex flex-col divide-y divide-line">
          {views.map((view) => (
            <ViewRow
              key={view.id}
              view={view}
              roles={roles?.items ?? []}
              onChange={(changes) => void act(() => patchRecord(VIEW_OBJECT, view.id, changes))}
              onDelete={() => setDeleting(view)}
            />
          ))}
        </ul>
      )}
      <Confirm
        open={deleting !== null}
        onClose={() => setDeleting(null)}
        title={t.record.deleteAsk(String(deleting?.name ?? ''))}
        text={a.views.deleteText}
        action={t.list.deleteView}
        danger
        onConfirm={async () => {
          if (deleting) await act(() => deleteRecord(VIEW_OBJECT, deleting.id));
        }}
      />
    </Dialog>
  );
}

function ViewRow({
  view,
  roles,
  onChange,
  onDelete,
}: {
  view: Rec;
  roles: Rec[];
  onChange: (changes: Record<string, unknown>) => void;
  onDelete: () => void;
}) {
  const t = useT();
  const a = useAdminText();
  const label = useLabel();
  const { find } = useLexicon();
  const [name, setName] = useState(String(view.name));
  const options = (field: string) =>
    (find(VIEW_OBJECT)?.fields.find((one) => one.name === field)?.options ?? []).map((option) => ({
      value: option.value,
      label: label(option.label),
    }));
  const visibility = String(view.visibility);
  const rename = () => {
    if (name.trim() === '') return setName(String(view.name));
    if (name.trim() !== view.name) onChange({ name: name.trim() });
  };
  return (
    <li className="py-2 flex flex-wrap items-center gap-2">
      <input
        className="control flex-1 min-w-40"
        aria-label={t.list.viewName}
        value={name}
        maxLength={60}
        onChange={(event) => setName(event.target.value)}
        onBlur={rename}
        onKeyDown={(event) => event.key === 'Enter' && !event.nativeEvent.isComposing && rename()}
      />
      <Chip>{options('kind').find((one) => one.value === view.kind)?.label ?? ''}</Chip>
      <Select
        label={`${t.list.viewFor}: ${view.name}`}
        className="w-28!"
        value={visibility}
        onChange={(next) => onChange({ visibility: next, ...(next === 'company' ? {} : { role: null }) })}
        options={options('visibility')}
      />
      {visibility === 'company' && roles.length > 0 && (
        <Select
          label={`${t.list2.roleDefault}: ${view.name}`}
          className="w-36!"
          value={refId(view.role) ?? ''}
          onChange={(role) => onChange({ role: role || null })}
          options={[
            { value: '', label: t.list2.noRole },
            ...roles.map((role) => ({ value: role.id, label: String(role.name) })),
          ]}
        />
      )}
      <span className="text-xs text-ink-3 w-16 truncate">{refName(view.owner) ?? a.views.nobody}</span>
      <IconButton icon={Trash2} size="sm" label={`${t.list.deleteView}: ${view.name}`} onClick={onDelete} />
    </li>
  );
}
