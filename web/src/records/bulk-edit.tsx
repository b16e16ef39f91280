// One value for all the chosen records, and one tag for all.
import { useState } from 'react';
import { isEditable, useLexicon } from '../api/dictionary';
import { refId } from '../api/records';
import type { Field, ObjectType } from '../api/types';
import { editKind } from '../fields';
import { useLabel, useT } from '../i18n';
import { FieldFrame } from '../ui/bits';
import { Button } from '../ui/button';
import { Dialog } from '../ui/dialog';
import { Picker } from '../ui/picker';

export function BulkEdit({
  object,
  only,
  count,
  onClose,
  onApply,
}: {
  object: ObjectType;
  only: Field | undefined;
  count: number;
  onClose: () => void;
  onApply: (field: Field, value: unknown) => Promise<void>;
}) {
  const t = useT();
  const label = useLabel();
  const [field, setField] = useState<Field | null>(only ?? null);
  const [value, setValue] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState<string | null>(null);
  const fields = object.fields.filter((one) => isEditable(one) && !one.unique && !one.system && editKind(one).Edit);
  const kind = field ? editKind(field) : null;
  const apply = async () => {
    if (!field || !kind) return;
    const empty = value === null || value === '';
    const problem =
      (field.required && empty ? t.form.required(label(field.label)) : null) ?? kind.check?.(value, field, t) ?? null;
    if (problem) return setFault(problem);
    setBusy(true);
    await onApply(field, value);
    onClose();
  };
  return (
    <Dialog
      open
      onClose={onClose}
      title={only ? t.list.bulkAssign : t.list.bulkEdit}
      footer={
        <>
          <Button onClick={onClose}>{t.common.cancel}</Button>
          <Button variant="primary" disabled={!field || busy} onClick={() => void apply()}>
            {t.list.bulkApply(count)}
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-4 min-h-32">
        {!only && (
          <FieldFrame id="bulk-field" label={t.list.bulkField}>
            <Picker
              id="bulk-field"
              label={t.list.bulkField}
              items={fields.map((one) => ({ value: one.name, label: label(one.label) }))}
              value={field ? { value: field.name, label: label(field.label) } : null}
              onChange={(item) => {
                setField(fields.find((one) => one.name === item?.value) ?? null);
                setValue(null);
                setFault(null);
              }}
            />
          </FieldFrame>
        )}
        {field && kind?.Edit && (
          <FieldFrame id="bulk-value" label={label(field.label)} fault={fault}>
            <kind.Edit
              key={field.name}
              field={field}
              id="bulk-value"
              label={label(field.label)}
              value={value}
              onChange={(next) => {
                setValue(next);
                setFault(null);
              }}
              invalid={fault !== null}
              describedBy={fault ? 'bulk-value-fault' : undefined}
            />
          </FieldFrame>
        )}
      </div>
    </Dialog>
  );
}

export function BulkTag({
  count,
  onClose,
  onApply,
}: {
  count: number;
  onClose: () => void;
  onApply: (tag: string) => Promise<void>;
}) {
  const t = useT();
  const label = useLabel();
  const { find } = useLexicon();
  const [tag, setTag] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const field = find('tagging')?.fields.find((one) => one.name === 'tag');
  const id = refId(tag);
  if (!field) return null;
  const { Edit } = editKind(field);
  return (
    <Dialog
      open
      onClose={onClose}
      title={t.bulk.tag}
      footer={
        <>
          <Button onClick={onClose}>{t.common.cancel}</Button>
          <Button
            variant="primary"
            disabled={!id || busy}
            onClick={() => {
              if (!id) return;
              setBusy(true);
              void onApply(id).then(onClose);
            }}
          >
            {t.bulk.tagApply(count)}
          </Button>
        </>
      }
    >
      <FieldFrame id="bulk-tag" label={label(field.label)} className="min-h-32">
        {Edit && <Edit field={field} id="bulk-tag" label={label(field.label)} value={tag} onChange={setTag} />}
      </FieldFrame>
    </Dialog>
  );
}
