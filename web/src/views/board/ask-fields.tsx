// What a stage asks for before a card may enter it, asked where one is.
import { useState } from 'react';
import type { Field, Rec } from '../../api/types';
import { editKind, wireValue } from '../../fields';
import { useLabel, useT } from '../../i18n';
import { FieldFrame } from '../../ui/bits';
import { Button } from '../../ui/button';
import { Dialog } from '../../ui/dialog';
import type { Asked } from './move';

export default function AskFields({
  asked,
  stage,
  onClose,
  onMove,
}: {
  asked: Asked;
  stage: string;
  onClose: () => void;
  onMove: (record: Rec, fields: Record<string, unknown>) => void;
}) {
  const t = useT();
  const label = useLabel();
  const [values, setValues] = useState<Record<string, unknown>>(() =>
    Object.fromEntries(asked.fields.map((field) => [field.name, asked.record[field.name] ?? null])),
  );
  const [touched, setTouched] = useState<ReadonlySet<string>>(new Set());
  const [wrong, setWrong] = useState<Record<string, string>>({});
  const faultOf = (field: Field) =>
    wrong[field.name] ??
    (touched.has(field.name) ? null : (asked.faults.find((fault) => fault.field === field.name)?.message ?? null));
  const save = () => {
    const problems: Record<string, string> = {};
    for (const field of asked.fields) {
      const value = values[field.name];
      const empty = value === null || value === undefined || value === '';
      const problem = empty
        ? (asked.faults.find((fault) => fault.field === field.name)?.message ?? t.form.required(label(field.label)))
        : editKind(field).check?.(value, field, t);
      if (problem) problems[field.name] = problem;
    }
    setWrong(problems);
    if (Object.keys(problems).length > 0) return;
    onMove(
      asked.record,
      Object.fromEntries(asked.fields.map((field) => [field.name, wireValue(field, values[field.name])])),
    );
  };
  return (
    <Dialog
      open
      onClose={onClose}
      title={t.board.askTitle(stage)}
      className="md:w-[420px]!"
      footer={
        <>
          <Button onClick={onClose}>{t.common.cancel}</Button>
          <Button variant="primary" onClick={save}>
            {t.board.move}
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-4">
        {asked.fields.map((field) => {
          const { Edit } = editKind(field);
          const id = `ask-${field.name}`;
          const fault = faultOf(field);
          return (
            Edit && (
              <FieldFrame key={field.name} id={id} label={label(field.label)} required fault={fault}>
                <Edit
                  field={field}
                  id={id}
                  label={label(field.label)}
                  value={values[field.name]}
                  onChange={(value) => {
                    setValues({ ...values, [field.name]: value });
                    setTouched(new Set([...touched, field.name]));
                    setWrong({ ...wrong, [field.name]: '' });
                  }}
                  invalid={Boolean(fault)}
                  describedBy={fault ? `${id}-fault` : undefined}
                />
              </FieldFrame>
            )
          );
        })}
      </div>
    </Dialog>
  );
}
