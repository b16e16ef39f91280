// Edit where you see it: one click opens the editor in place, Esc undoes, Enter or leaving saves, Tab goes on.
import { useRef, useState } from 'react';
import { isEditable } from '../api/dictionary';
import type { Field, ObjectType, Rec } from '../api/types';
import { editKind, FieldView } from '../fields';
import { useLabel, useT } from '../i18n';
import { cx } from '../ui/cx';
import { InlineEditor } from './inline-editor';

export function mayEdit(object: ObjectType, record: Rec, field: Field): boolean {
  if (!isEditable(field) || !editKind(field).Edit) return false;
  if (record._masked?.includes(field.name)) return false;
  return record._can?.update ?? object.can.update;
}

export type InlineProps = { object: ObjectType; record: Rec; field: Field; compact?: boolean; className?: string };

export function InlineField({ object, record, field, compact, className }: InlineProps) {
  const t = useT();
  const label = useLabel();
  const [editing, setEditing] = useState(false);
  const opener = useRef<HTMLButtonElement>(null);
  const value = record[field.name];
  if (!mayEdit(object, record, field)) {
    return (
      <span
        className={cx(
          'flex items-center min-w-0',
          compact ? 'overflow-hidden whitespace-nowrap' : 'min-h-7',
          className,
        )}
      >
        <FieldView field={field} value={value} record={record} compact={compact} />
      </span>
    );
  }
  if (editing) {
    return (
      <InlineEditor
        object={object}
        record={record}
        field={field}
        compact={compact}
        onDone={(refocus) => {
          setEditing(false);
          if (refocus) requestAnimationFrame(() => opener.current?.focus());
        }}
      />
    );
  }
  return (
    <span
      className={cx(
        'group/edit relative flex items-center min-w-0 rounded-md',
        compact ? 'size-full overflow-hidden whitespace-nowrap' : 'min-h-7 touch:min-h-11',
        className,
      )}
    >
      <span className="flex items-center min-w-0 relative z-1 pointer-events-none [&_a]:pointer-events-auto [&_button]:pointer-events-auto [&_[title]]:pointer-events-auto">
        <FieldView field={field} value={value} record={record} compact={compact} />
      </span>
      <button
        ref={opener}
        type="button"
        data-inline={field.name}
        aria-label={t.record.editField(label(field.label))}
        tabIndex={compact ? -1 : 0}
        className={cx(
          'absolute rounded-md cursor-text hover:ring-1 hover:ring-line-strong hover:ring-inset',
          compact ? '-inset-x-0 inset-y-0' : '-inset-x-2 inset-y-0 hover:bg-sunken',
        )}
        onClick={(event) => {
          event.stopPropagation();
          setEditing(true);
        }}
      />
    </span>
  );
}
