// Children that point here: contacts, tasks, opportunities … a short list each, with its own "new".
import { Link, useNavigate } from '@tanstack/react-router';
import { Phone, Plus } from 'lucide-react';
import { fieldsOf, useLexicon } from '../api/dictionary';
import type { ObjectType, Rec, Related as RelatedType } from '../api/types';
import { FieldView, isEmpty } from '../fields';
import { useFormat } from '../format/use-format';
import { useLabel, useT } from '../i18n';
import { objectIcon } from '../shell/object-icon';
import { openCreate } from '../shell/overlays';
import { Empty } from '../ui/bits';
import { Button } from '../ui/button';
import { phoneOf, recordName } from './name';

export default function RelatedList({
  related,
  parent,
  parentName,
}: {
  related: RelatedType;
  parent: Rec;
  parentName: string;
}) {
  const t = useT();
  const label = useLabel();
  const format = useFormat();
  const navigate = useNavigate();
  const object = useLexicon().find(related.object);
  if (!object) return null;
  const add = () => openCreate(object.name, { [related.via]: { id: parent.id, name: parentName } });
  const addButton = object.can.create && (
    <Button size="sm" icon={Plus} onClick={add}>
      {t.list.create(label(object.label))}
    </Button>
  );
  if (related.items.length === 0) {
    return (
      <Empty icon={objectIcon(object.icon)} title={t.record.noRelated(label(related.label))}>
        {addButton}
      </Empty>
    );
  }
  return (
    <div className="flex flex-col gap-2">
      <div className="flex justify-end">{addButton}</div>
      <ul className="flex flex-col rounded-lg border border-line divide-y divide-line overflow-hidden">
        {related.items.map((record) => (
          <RelatedRow key={record.id} object={object} record={record} via={related.via} />
        ))}
      </ul>
      {(related.more || (related.count ?? 0) > related.items.length) && (
        <Button
          variant="ghost"
          className="self-start"
          onClick={() =>
            void navigate({
              to: '/o/$object',
              params: { object: object.name },
              search: { filter: { field: related.via, op: 'eq', value: parent.id } },
            })
          }
        >
          {related.count === null ? t.record.viewAllPlain : t.record.viewAll(format.number(related.count))}
        </Button>
      )}
    </div>
  );
}

function RelatedRow({ object, record, via }: { object: ObjectType; record: Rec; via: string }) {
  const t = useT();
  const name = recordName(object, record, t.common.unnamed);
  const phone = phoneOf(object, record);
  const fields = fieldsOf(object, object.layout.card).filter(
    (field) => field.name !== object.name_field && field.name !== via && !isEmpty(record[field.name]),
  );
  return (
    <li className="flex items-center hover:bg-sunken">
      <Link
        to="/o/$object/$id"
        params={{ object: object.name, id: record.id }}
        className="flex-1 min-w-0 flex flex-col gap-0.5 px-3 py-2 touch:min-h-14 justify-center"
      >
        <span className="font-medium truncate">{name}</span>
        {fields.length > 0 && (
          <span className="flex flex-wrap items-center gap-x-3 gap-y-1 text-ink-2 min-w-0">
            {fields.slice(0, 4).map((field) => (
              <span key={field.name} className="min-w-0 truncate inline-flex pointer-events-none">
                <FieldView field={field} value={record[field.name]} record={record} compact />
              </span>
            ))}
          </span>
        )}
      </Link>
      {phone && (
        <a
          href={`tel:${phone}`}
          aria-label={t.list.call(name)}
          className="size-8 touch:size-11 mr-2 shrink-0 grid place-items-center rounded-full text-brand-ink hover:bg-brand-soft"
        >
          <Phone size={15} aria-hidden />
        </a>
      )}
    </li>
  );
}
