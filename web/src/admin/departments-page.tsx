// The company's tree of departments. A department is dragged onto its new parent, or moved by its menu; who is affected
// is told before it happens, because what people may see follows the tree.
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Building2, ChevronDown, CornerDownRight, MoreHorizontal, Pencil, Plus } from 'lucide-react';
import { useMemo, useState } from 'react';
import { expandsOf, isEditable, useObject } from '../api/dictionary';
import { aggregate, invalidateRecord, keys, patchRecord, queryRecords, refId, refName } from '../api/records';
import type { ObjectType, Rec } from '../api/types';
import { useT } from '../i18n';
import { faultText } from '../session/fault-text';
import { NotFound } from '../shell/not-found';
import { openCreate } from '../shell/overlays';
import { router } from '../shell/router';
import { FieldFrame, PageTitle, SkeletonRows, useTitle } from '../ui/bits';
import { Button, IconButton } from '../ui/button';
import { cx } from '../ui/cx';
import { Confirm, Dialog } from '../ui/dialog';
import { useDrag } from '../ui/drag';
import { DragGhost, GHOST_LINE } from '../ui/drag-ghost';
import { Menu, MenuItem } from '../ui/menu';
import { Picker } from '../ui/picker';
import { toast } from '../ui/toast';
import { type Branch, below, treeOf } from './department-tree';
import { useAdminText } from './text';

const TOP = '';

export default function DepartmentsPage() {
  const object = useObject('department');
  if (!object) return <NotFound />;
  return <Departments object={object} />;
}

/** People by department, in one question. */
function useStaff() {
  const { data } = useQuery({
    queryKey: [...keys.lists('user'), 'staff'],
    queryFn: () => aggregate('user', { groups: ['department'], measures: [{ kind: 'count' }] }),
  });
  return useMemo(() => {
    const counts = new Map<string, number>();
    for (const row of data?.rows ?? []) {
      const id = refId(row.group[0]);
      if (id) counts.set(id, row.values[0] ?? 0);
    }
    return counts;
  }, [data]);
}

function Departments({ object }: { object: ObjectType }) {
  const t = useT();
  const a = useAdminText();
  const client = useQueryClient();
  const staff = useStaff();
  const { data } = useQuery({
    queryKey: [...keys.lists('department'), 'tree'],
    queryFn: ({ signal }) =>
      queryRecords('department', { sort: ['sequence', 'name'], limit: 200, expand: expandsOf(object.fields) }, signal),
  });
  const [closed, setClosed] = useState<ReadonlySet<string>>(new Set());
  const [moving, setMoving] = useState<{ branch: Branch; to: Rec | null } | null>(null);
  const [choosing, setChoosing] = useState<Branch | null>(null);
  const records = data?.items;
  const roots = useMemo(() => treeOf(records ?? []), [records]);
  const parent = object.fields.find((field) => field.name === 'parent');
  const movable = object.can.update && parent !== undefined && isEditable(parent);
  useTitle(t.departments.title);

  const ask = (branch: Branch, target: string) => {
    const to = target === TOP ? null : (records?.find((one) => one.id === target) ?? null);
    // Nothing is moved into itself, and nothing to where it is.
    if (target !== TOP && below(branch).some((one) => one.record.id === target)) return;
    if ((refId(branch.record.parent) ?? TOP) === target) return;
    setMoving({ branch, to });
  };
  const drag = useDrag<Branch>((branch, over) => ask(branch, over.slice('department:'.length)));
  const move = async () => {
    if (!moving) return;
    const { record } = moving.branch;
    const before = refId(record.parent);
    try {
      const saved = await patchRecord('department', record.id, { parent: moving.to?.id ?? null }, record.version);
      invalidateRecord(client, 'department', record.id);
      toast(a.departments.moved(String(record.name)), {
        action: {
          label: t.common.undo,
          run: () =>
            void patchRecord('department', record.id, { parent: before }, saved.version).then(
              () => invalidateRecord(client, 'department', record.id),
              (cause: unknown) => toast(faultText(cause, t), { tone: 'danger' }),
            ),
        },
      });
    } catch (cause) {
      invalidateRecord(client, 'department', record.id);
      toast(faultText(cause, t), { tone: 'danger' });
    }
  };
  const headcount = (branch: Branch) => below(branch).reduce((sum, one) => sum + (staff.get(one.record.id) ?? 0), 0);

  const line = (branch: Branch, depth: number): React.ReactNode => {
    const { record, children } = branch;
    const name = String(record.name);
    const shut = closed.has(record.id);
    return (
      <li key={record.id}>
        <div
          data-drop={`department:${record.id}`}
          className={cx(
            'group flex items-center gap-1 h-10 touch:h-12 pr-3 border-b border-line select-none',
            drag.dragging?.over === `department:${record.id}` && 'bg-brand-soft',
            drag.dragging?.item.record.id === record.id && 'opacity-40',
            movable && 'cursor-grab',
          )}
          style={{ paddingLeft: 16 + depth * 24 }}
          onPointerDown={(event) => movable && drag.grab(event, branch)}
        >
          {children.length > 0 ? (
            <IconButton
              icon={ChevronDown}
              iconSize={14}
              size="sm"
              label={shut ? t.board.unfold(name) : t.board.fold(name)}
              aria-expanded={!shut}
              className={shut ? '-rotate-90' : ''}
              onPointerDown={(event) => event.stopPropagation()}
              onClick={() => {
                const next = new Set(closed);
                if (!next.delete(record.id)) next.add(record.id);
                setClosed(next);
              }}
            />
          ) : (
            <span className="w-7 touch:w-11 shrink-0" />
          )}
          <span className={cx('font-medium truncate', record.active === false && 'text-ink-3 line-through')}>
            {name}
          </span>
          {refName(record.manager) && <span className="text-ink-3 truncate">{refName(record.manager)}</span>}
          <span className="ml-auto text-ink-3 whitespace-nowrap">{a.departments.people(headcount(branch))}</span>
          <span onPointerDown={(event) => event.stopPropagation()}>
            <Menu trigger={<IconButton icon={MoreHorizontal} size="sm" label={t.board.menu(name)} />}>
              <MenuItem
                icon={Pencil}
                onClick={() =>
                  void router.navigate({ to: '/o/$object/$id', params: { object: 'department', id: record.id } })
                }
              >
                {t.common.edit}
              </MenuItem>
              {object.can.create && (
                <MenuItem
                  icon={Plus}
                  onClick={() => openCreate('department', { parent: { id: record.id, name: record.name } })}
                >
                  {a.departments.addBelow}
                </MenuItem>
              )}
              {movable && (
                <MenuItem icon={CornerDownRight} onClick={() => setChoosing(branch)}>
                  {a.departments.moveTo}
                </MenuItem>
              )}
            </Menu>
          </span>
        </div>
        {!shut && children.length > 0 && <ul>{children.map((child) => line(child, depth + 1))}</ul>}
      </li>
    );
  };

  return (
    <div className="flex-1 min-h-0 flex flex-col">
      <PageTitle title={t.departments.title} count={records?.length}>
        {object.can.create && (
          <Button variant="primary" icon={Plus} onClick={() => openCreate('department')}>
            {a.departments.add}
          </Button>
        )}
      </PageTitle>
      <p className="px-4 pb-2 text-ink-3">{a.departments.hint}</p>
      {!records ? (
        <SkeletonRows rows={8} />
      ) : (
        <div className="flex-1 min-h-0 overflow-auto thin-bar border-t border-line">
          <ul>{roots.map((root) => line(root, 0))}</ul>
          {drag.dragging && (
            <div
              data-drop={`department:${TOP}`}
              className={cx(
                'm-4 h-12 grid place-items-center rounded-lg border border-dashed border-line-strong text-ink-3',
                drag.dragging.over === `department:${TOP}` && 'bg-brand-soft text-brand-ink',
              )}
            >
              {a.departments.toTop}
            </div>
          )}
        </div>
      )}
      <DragGhost drag={drag} className={GHOST_LINE}>
        {(item) => (
          <>
            <Building2 size={15} /> {String(item.record.name)}
          </>
        )}
      </DragGhost>
      {choosing && (
        <ChooseParent
          branch={choosing}
          records={records ?? []}
          onClose={() => setChoosing(null)}
          onChoose={(target) => {
            setChoosing(null);
            ask(choosing, target);
          }}
        />
      )}
      <Confirm
        open={moving !== null}
        onClose={() => setMoving(null)}
        title={
          moving
            ? a.departments.moveAsk(
                String(moving.branch.record.name),
                moving.to ? String(moving.to.name) : a.departments.top,
              )
            : ''
        }
        text={moving ? a.departments.affects(below(moving.branch).length, headcount(moving.branch)) : ''}
        action={t.board.move}
        onConfirm={move}
      />
    </div>
  );
}

function ChooseParent({
  branch,
  records,
  onClose,
  onChoose,
}: {
  branch: Branch;
  records: Rec[];
  onClose: () => void;
  onChoose: (target: string) => void;
}) {
  const t = useT();
  const a = useAdminText();
  const inside = new Set(below(branch).map((one) => one.record.id));
  const items = [
    { value: TOP, label: a.departments.top },
    ...records.filter((one) => !inside.has(one.id)).map((one) => ({ value: one.id, label: String(one.name) })),
  ];
  const [target, setTarget] = useState<string | null>(null);
  return (
    <Dialog
      open
      onClose={onClose}
      title={a.departments.moveTo}
      className="md:w-[400px]!"
      footer={
        <>
          <Button onClick={onClose}>{t.common.cancel}</Button>
          <Button variant="primary" disabled={target === null} onClick={() => target !== null && onChoose(target)}>
            {t.common.next}
          </Button>
        </>
      }
    >
      <FieldFrame id="department-parent" label={a.departments.parent} className="min-h-24">
        <Picker
          id="department-parent"
          label={a.departments.parent}
          items={items}
          value={items.find((item) => item.value === target) ?? null}
          onChange={(item) => setTarget(item?.value ?? null)}
          searchable
        />
      </FieldFrame>
    </Dialog>
  );
}
