// What one may want to know of a field from the field itself: what it means, who changed it, who sees it.
import type { Field, ObjectType, Rec } from '../api/types';
import { FieldView } from '../fields';
import { useLabel } from '../i18n';
import { Chip } from '../ui/bits';
import { Sheet } from '../ui/dialog';
import { Reasons } from './access-sheet';
import { FieldPast } from './past';
import { useRecordText } from './record-text';

const LEVEL_COLOUR: Record<string, string> = { general: 'gray', business: 'blue', sensitive: 'amber', core: 'red' };

export default function FieldSheet({
  object,
  record,
  field,
  onClose,
}: {
  object: ObjectType;
  record: Rec;
  field: Field;
  onClose: () => void;
}) {
  const r = useRecordText();
  const label = useLabel();
  return (
    <Sheet open onClose={onClose} title={r.past.fieldOf(label(field.label))}>
      <div className="p-4 flex flex-col gap-5">
        <div className="rounded-lg bg-sunken px-3 py-2.5 flex flex-col gap-1">
          <span className="text-xs text-ink-3">{r.past.now}</span>
          <span className="text-base min-w-0">
            <FieldView field={field} value={record[field.name]} record={record} />
          </span>
          {field.help && <p className="text-ink-2">{label(field.help)}</p>}
        </div>
        {!field.computed && (
          <section aria-labelledby="field-past" className="flex flex-col gap-1">
            <h3 id="field-past" className="font-semibold">
              {r.past.open}
            </h3>
            <FieldPast object={object} record={record} field={field} />
          </section>
        )}
        <section aria-labelledby="field-access" className="flex flex-col gap-2">
          <h3 id="field-access" className="font-semibold flex items-center gap-2">
            {r.access.title}
            <Chip color={LEVEL_COLOUR[field.level]}>
              {r.access.level}: {r.access.levels[field.level]}
            </Chip>
          </h3>
          <Reasons object={object} id={record.id} field={field} />
        </section>
      </div>
    </Sheet>
  );
}
