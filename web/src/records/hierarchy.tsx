// The group that a record belongs to, where an object points to itself: the tree, and the figures of what stands below together.
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { api } from '../api/client';
import { fieldOf, fieldsOf, valueType } from '../api/dictionary';
import type { Label, ObjectType, Rec } from '../api/types';
import { FieldView, isEmpty } from '../fields';
import { useLabel, useT } from '../i18n';
import { SkeletonRows } from '../ui/bits';
import { cx } from '../ui/cx';
import { recordName } from './name';

type Total = { field: string; label: Label; value: unknown; of: number };

type Answer = {
  root: string;
  id: string;
  nodes: { record: Rec; parent: string | null }[];
  members: number;
  totals: Total[];
  cut: boolean;
};

type Tree = { records: Map<string, Rec>; children: Map<string, string[]> };

function treeOf({ nodes }: Answer): Tree {
  const children = new Map<string, string[]>();
  for (const { record, parent } of nodes) {
    if (parent) children.set(parent, [...(children.get(parent) ?? []), record.id]);
  }
  return { records: new Map(nodes.map(({ record }) => [record.id, record])), children };
}

export default function Hierarchy({ object, record }: { object: ObjectType; record: Rec }) {
  const t = useT();
  const label = useLabel();
  const { data, isPending } = useQuery({
    queryKey: ['overview', 'tree', object.name, record.id],
    queryFn: ({ signal }) => api.get<Answer>(`/records/${object.name}/${record.id}/hierarchy`, signal),
  });
  if (isPending || !data) return <SkeletonRows rows={3} />;
  const tree = treeOf(data);
  return (
    <div className="flex flex-col gap-3">
      {data.members > 1 && <Totals object={object} answer={data} />}
      <ul aria-label={t.around.treeOf(label(object.label))}>
        <Branch object={object} tree={tree} id={data.root} current={data.id} />
      </ul>
      {data.cut && <p className="text-ink-3">{t.around.treeCut}</p>}
    </div>
  );
}

function Totals({ object, answer }: { object: ObjectType; answer: Answer }) {
  const t = useT();
  const label = useLabel();
  // What nobody in the group has anything of would only fill the line.
  const shown = answer.totals.flatMap((total) => {
    const field = fieldOf(object, total.field);
    return field && Number(total.value) !== 0 ? [{ ...total, field }] : [];
  });
  return (
    <section aria-label={t.around.together(answer.members)} className="rounded-lg bg-sunken p-3">
      <h3 className="text-ink-2 pb-2">{t.around.together(answer.members)}</h3>
      <dl className="grid grid-cols-2 gap-x-6 gap-y-2 md:flex md:flex-wrap">
        {shown.map((total) => (
          <div key={total.field.name}>
            <dt className="text-ink-3 text-xs">{label(total.label)}</dt>
            <dd className="font-semibold tabular-nums">
              <FieldView field={total.field} value={total.value} record={{ id: answer.id, version: 0 }} compact />
              {total.of < answer.members && (
                <span className="block text-xs font-normal text-ink-3">{t.around.ofMembers(total.of)}</span>
              )}
            </dd>
          </div>
        ))}
        {shown.length === 0 && <p className="text-ink-3">{t.around.togetherNothing}</p>}
      </dl>
    </section>
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
