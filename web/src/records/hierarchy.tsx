// The whole group that a record belongs to, where an object points to itself: one request a level, upwards and down.
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { api } from '../api/client';
import { fieldsOf, valueType } from '../api/dictionary';
import { queryRecords, refId } from '../api/records';
import type { Field, ObjectType, Rec } from '../api/types';
import { FieldView, isEmpty } from '../fields';
import { useLabel, useT } from '../i18n';
import { SkeletonRows } from '../ui/bits';
import { cx } from '../ui/cx';
import { recordName } from './name';

const UP = 6;
const DOWN = 5;
const MOST = 200;

type Tree = { roots: string[]; records: Map<string, Rec>; children: Map<string, string[]>; cut: boolean };

async function treeOf(object: ObjectType, parent: Field, start: Rec, signal: AbortSignal): Promise<Tree> {
  const fields = [object.name_field, parent.name, ...object.layout.card.filter((name) => name !== object.name_field)];
  const below = (ids: string[]) =>
    queryRecords(
      object.name,
      { filter: { field: parent.name, op: 'in', value: ids }, fields, limit: MOST, sort: [object.name_field] },
      signal,
    );
  const records = new Map<string, Rec>([[start.id, start]]);
  let root = start;
  for (let level = 0; level < UP; level++) {
    const id = refId(root[parent.name]);
    if (!id || records.has(id)) break;
    // What is above may be out of reach; then the tree begins here.
    const above = await api.get<Rec>(`/records/${object.name}/${id}`, signal).catch(() => null);
    if (!above) break;
    records.set(above.id, above);
    root = above;
  }
  const children = new Map<string, string[]>();
  let level = [root.id];
  let cut = false;
  for (let depth = 0; depth < DOWN && level.length > 0; depth++) {
    const page = await below(level);
    cut ||= page.next_cursor !== null;
    const next: string[] = [];
    for (const record of page.items) {
      const above = refId(record[parent.name]);
      if (!above || children.get(above)?.includes(record.id)) continue;
      children.set(above, [...(children.get(above) ?? []), record.id]);
      if (!records.has(record.id) || record.id === start.id) next.push(record.id);
      records.set(record.id, record);
    }
    level = next;
  }
  return { roots: [root.id], records, children, cut };
}

export default function Hierarchy({ object, parent, record }: { object: ObjectType; parent: Field; record: Rec }) {
  const t = useT();
  const label = useLabel();
  const { data, isPending } = useQuery({
    queryKey: ['overview', 'tree', object.name, record.id],
    queryFn: ({ signal }) => treeOf(object, parent, record, signal),
  });
  if (isPending || !data) return <SkeletonRows rows={3} />;
  return (
    <div>
      <ul aria-label={t.around.treeOf(label(object.label))}>
        {data.roots.map((id) => (
          <Branch key={id} object={object} tree={data} id={id} current={record.id} />
        ))}
      </ul>
      {data.cut && <p className="text-ink-3 pt-2">{t.around.treeCut}</p>}
    </div>
  );
}

function Branch({ object, tree, id, current }: { object: ObjectType; tree: Tree; id: string; current: string }) {
  const t = useT();
  const record = tree.records.get(id);
  if (!record) return null;
  const below = tree.children.get(id) ?? [];
  const marks = fieldsOf(object, object.layout.card).filter(
    (field) => (field.type === 'choice' || valueType(field) === 'money') && !isEmpty(record[field.name]),
  );
  const here = id === current;
  return (
    <li>
      <div
        className={cx(
          'flex items-center gap-2 min-h-8 touch:min-h-11 px-2 rounded-md',
          here ? 'bg-brand-soft' : 'hover:bg-sunken',
        )}
      >
        {here ? (
          <span aria-current="page" className="font-semibold truncate">
            {recordName(object, record, t.common.unnamed)}
          </span>
        ) : (
          <Link
            to="/o/$object/$id"
            params={{ object: object.name, id }}
            className="truncate hover:text-brand-ink hover:underline touch:py-2.5"
          >
            {recordName(object, record, t.common.unnamed)}
          </Link>
        )}
        {here && <span className="text-xs text-brand-ink shrink-0">{t.around.thisOne}</span>}
        <span className="ml-auto flex items-center gap-2 shrink-0">
          {marks.slice(0, 3).map((field) => (
            <FieldView key={field.name} field={field} value={record[field.name]} record={record} compact />
          ))}
        </span>
      </div>
      {below.length > 0 && (
        <ul className="ml-3 pl-3 border-l border-line">
          {below.map((child) => (
            <Branch key={child} object={object} tree={tree} id={child} current={current} />
          ))}
        </ul>
      )}
    </li>
  );
}
