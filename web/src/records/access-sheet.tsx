// Why one sees a record, or another person doesn't: in the server's own words.
import { useQuery } from '@tanstack/react-query';
import { Eye, EyeOff } from 'lucide-react';
import { useState } from 'react';
import { explainAccess, insightKeys } from '../api/insight';
import type { Field, ObjectType, Ref } from '../api/types';
import { LookupPicker } from '../fields/lookup';
import { useFormat } from '../format/use-format';
import { useLabel, useT } from '../i18n';
import { faultText } from '../session/fault-text';
import { useMay, useSession } from '../session/session';
import { FieldFrame, SkeletonRows } from '../ui/bits';
import { cx } from '../ui/cx';
import { Sheet } from '../ui/dialog';
import { useRecordText } from './record-text';

export default function AccessSheet({
  object,
  id,
  name,
  onClose,
}: {
  object: ObjectType;
  id: string;
  name: string;
  onClose: () => void;
}) {
  const r = useRecordText();
  return (
    <Sheet open onClose={onClose} title={`${r.access.title} · ${name}`}>
      <div className="p-4">
        <Reasons object={object} id={id} />
      </div>
    </Sheet>
  );
}

/** For oneself, and for whoever looks after the accounts also for somebody else. */
export function Reasons({ object, id, field }: { object: ObjectType; id: string; field?: Field }) {
  const t = useT();
  const r = useRecordText();
  const label = useLabel();
  const mayAsk = useMay('users');
  const { user } = useSession();
  const [person, setPerson] = useState<Ref | null>({ id: user.id, name: user.name });
  const whose = person && person.id !== user.id ? person.id : null;
  const { data, error, isPending } = useQuery({
    queryKey: insightKeys.access(object.name, id, whose, field?.name ?? null),
    queryFn: ({ signal }) => explainAccess(object.name, id, { user: whose, field: field?.name }, signal),
  });
  return (
    <div className="flex flex-col gap-4">
      {mayAsk && (
        <FieldFrame id="access-whose" label={r.access.whose}>
          <LookupPicker
            object="user"
            id="access-whose"
            label={r.access.whose}
            value={person}
            onChange={(next) => setPerson(next ?? { id: user.id, name: user.name })}
            clearable={false}
          />
        </FieldFrame>
      )}
      {isPending ? (
        <SkeletonRows rows={3} />
      ) : error ? (
        <p role="alert" className="text-danger">
          {faultText(error, t)}
        </p>
      ) : (
        <div role="status" className="flex flex-col gap-3">
          <p
            className={cx(
              'flex items-center gap-2 rounded-lg px-3 py-2.5 font-medium',
              data.visible ? 'bg-ok-soft text-ok' : 'bg-danger-soft text-danger',
            )}
          >
            {data.visible ? <Eye size={16} aria-hidden /> : <EyeOff size={16} aria-hidden />}
            {field
              ? data.visible
                ? r.access.fieldVisible
                : r.access.fieldInvisible
              : data.visible
                ? r.access.visible
                : r.access.invisible}
            {field && <span className="sr-only">{label(field.label)}</span>}
          </p>
          <div>
            <h3 className="text-ink-2 mb-1">{r.access.because}</h3>
            <ul className="flex flex-col gap-1.5 list-disc pl-5 marker:text-ink-3">
              {data.reasons.map((reason, index) => (
                <li key={index}>
                  <Told text={reason} />
                </li>
              ))}
            </ul>
          </div>
          {!mayAsk && <p className="text-xs text-ink-3">{r.access.ask}</p>}
        </div>
      )}
    </div>
  );
}

/** The server tells instants as instants; here they are told as people do. */
function Told({ text }: { text: string }) {
  const format = useFormat();
  return text.replace(/\d{4}-\d{2}-\d{2}T[\d:.]+Z/g, (instant) => format.moment(instant));
}
