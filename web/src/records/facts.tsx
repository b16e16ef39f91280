// What one wants to know before anything else: stage, amount, last contact, next step. From the dictionary's card layout.
import { fieldsOf } from '../api/dictionary';
import type { ObjectType, Rec } from '../api/types';
import { isEmpty, valueKind } from '../fields';
import { useLabel } from '../i18n';
import { cx } from '../ui/cx';
import { InlineField } from './inline-edit';

const SHOWN = 6;

export function Facts({
  object,
  record,
  narrow,
  className,
}: {
  object: ObjectType;
  record: Rec;
  narrow?: boolean;
  className?: string;
}) {
  const label = useLabel();
  const fields = fieldsOf(object, object.layout.card)
    .filter((field) => field.name !== object.name_field)
    .slice(0, SHOWN);
  if (fields.length === 0) return null;
  return (
    <dl
      className={cx(
        'grid gap-x-4 gap-y-2',
        narrow ? 'grid-cols-3' : 'grid-cols-2 md:flex md:flex-wrap md:gap-x-8',
        className,
      )}
    >
      {fields.map((field) => (
        <div key={field.name} className="min-w-0 md:min-w-20">
          <dt className="text-xs text-ink-3 truncate">{label(field.label)}</dt>
          <dd
            className={cx(
              'min-w-0',
              !isEmpty(record[field.name]) &&
                valueKind(field).alignEnd &&
                'font-semibold text-[15px] touch:text-[17px]',
            )}
          >
            <InlineField object={object} record={record} field={field} />
          </dd>
        </div>
      ))}
    </dl>
  );
}
