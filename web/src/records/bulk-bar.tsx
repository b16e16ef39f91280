// What may be done with the chosen records: one field for all, hand over, delete. Three clicks at most.
import { useQueryClient } from '@tanstack/react-query';
import { Pencil, Trash2, UserRound, X } from 'lucide-react';
import { useState } from 'react';
import { fieldOf, isEditable } from '../api/dictionary';
import { type BatchOperation, batch, invalidateRecord } from '../api/records';
import type { Field, ObjectType } from '../api/types';
import { editKind, wireValue } from '../fields';
import { useLabel, useT } from '../i18n';
import { faultText } from '../session/fault-text';
import { FieldFrame } from '../ui/bits';
import { Button, IconButton } from '../ui/button';
import { Confirm, Dialog } from '../ui/dialog';
import { Picker } from '../ui/picker';
import { toast } from '../ui/toast';
import type { Selection } from './selection';

export function BulkBar({ object, selection }: { object: ObjectType; selection: Selection }) {
  const t = useT();
  const client = useQueryClient();
  const [dialog, setDialog] = useState<'edit' | 'assign' | 'delete' | null>(null);
  const owner = fieldOf(object, 'owner');

  const run = async (operations: BatchOperation[], done: (n: number) => string, undo?: () => Promise<void>) => {
    try {
      const results = await batch(object.name, operations);
      const failed = results.filter((result) => result.status >= 400);
      const succeeded = results.length - failed.length;
      invalidateRecord(client, object.name);
      if (succeeded > 0)
        toast(done(succeeded), undo ? { action: { label: t.common.undo, run: () => void undo() } } : {});
      if (failed.length > 0) {
        toast(
          `${t.list.bulkFailed(failed.length)}${failed[0]?.problem?.detail ? `：${failed[0].problem.detail}` : ''}`,
          { tone: 'danger' },
        );
      }
      selection.clear();
    } catch (cause) {
      toast(faultText(cause, t), { tone: 'danger' });
    }
  };
  const change = (field: Field, value: unknown) => {
    const before = selection.records;
    return run(
      before.map((record) => ({ op: 'update', id: record.id, fields: { [field.name]: wireValue(field, value) } })),
      t.list.bulkDone,
      async () => {
        await batch(
          object.name,
          before.map((record) => ({
            op: 'update',
            id: record.id,
            fields: { [field.name]: wireValue(field, record[field.name]) },
          })),
        );
        invalidateRecord(client, object.name);
        toast(t.record.undone);
      },
    );
  };
  if (selection.size === 0) return null;
  return (
    <div
      role="toolbar"
      aria-label={t.list.selected(selection.size)}
      className="absolute z-30 bottom-4 left-1/2 -translate-x-1/2 float-panel anim-rise flex items-center gap-1 h-11 touch:h-14 pl-3 pr-1.5 max-w-[calc(100%-16px)]"
    >
      <span className="font-medium whitespace-nowrap mr-1">{t.list.selected(selection.size)}</span>
      {object.can.update && (
        <Button variant="ghost" icon={Pencil} onClick={() => setDialog('edit')}>
          {t.list.bulkEdit}
        </Button>
      )}
      {object.can.update && owner && isEditable(owner) && (
        <Button variant="ghost" icon={UserRound} onClick={() => setDialog('assign')}>
          {t.list.bulkAssign}
        </Button>
      )}
      {object.can.delete && (
        <Button variant="ghost" icon={Trash2} className="text-danger!" onClick={() => setDialog('delete')}>
          {t.list.bulkDelete}
        </Button>
      )}
      <IconButton icon={X} label={t.list.clearSelection} onClick={selection.clear} />
      {dialog === 'edit' && (
        <BulkEdit object={object} count={selection.size} onClose={() => setDialog(null)} onApply={change} />
      )}
      {dialog === 'assign' && owner && (
        <BulkEdit
          object={object}
          only={owner}
          count={selection.size}
          onClose={() => setDialog(null)}
          onApply={change}
        />
      )}
      <Confirm
        open={dialog === 'delete'}
        onClose={() => setDialog(null)}
        title={t.list.deleteAsk(selection.size)}
        text={t.list.deleteText}
        action={t.common.delete}
        danger
        onConfirm={() =>
          run(
            selection.records.map((record) => ({ op: 'delete', id: record.id })),
            t.list.deleted,
          )
        }
      />
    </div>
  );
}

function BulkEdit({
  object,
  only,
  count,
  onClose,
  onApply,
}: {
  object: ObjectType;
  only?: Field;
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
