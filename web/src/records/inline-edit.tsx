// Edit where you see it: one click opens the editor in place, Esc undoes, Enter or leaving saves, Tab goes on.
import { CircleAlert } from 'lucide-react';
import { type KeyboardEvent, useEffect, useId, useRef, useState } from 'react';
import { isEditable } from '../api/dictionary';
import type { Field, ObjectType, Rec } from '../api/types';
import { editKind, FieldView } from '../fields';
import { useLabel, useT } from '../i18n';
import { Button } from '../ui/button';
import { cx } from '../ui/cx';
import { useUpdateField } from './update';

export function mayEdit(object: ObjectType, record: Rec, field: Field): boolean {
  if (!isEditable(field) || !editKind(field).Edit) return false;
  if (record._masked?.includes(field.name)) return false;
  return record._can?.update ?? object.can.update;
}

type Props = { object: ObjectType; record: Rec; field: Field; compact?: boolean; className?: string };

export function InlineField({ object, record, field, compact, className }: Props) {
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

function insideFloating(element: Element | null): boolean {
  return element?.closest('.float-panel, [role="dialog"]:not([data-page])') !== null && element !== null;
}

function InlineEditor({ object, record, field, compact, onDone }: Props & { onDone: (refocus: boolean) => void }) {
  const t = useT();
  const label = useLabel();
  const id = useId();
  const update = useUpdateField(object);
  const kind = editKind(field);
  const [value, setValue] = useState<unknown>(record[field.name]);
  const [fault, setFault] = useState<string | null>(null);
  const [conflict, setConflict] = useState<Rec | null>(null);
  const box = useRef<HTMLDivElement>(null);
  const closed = useRef(false);
  const Edit = kind.Edit;

  const save = async (next: unknown, refocus: boolean) => {
    if (closed.current) return;
    const required =
      field.required && (next === null || next === undefined || next === '')
        ? t.form.required(label(field.label))
        : null;
    const problem = required ?? kind.check?.(next, field, t) ?? null;
    if (problem) {
      setFault(problem);
      return;
    }
    closed.current = true;
    // After a conflict one has seen the other's value: what is saved now is meant to replace it.
    const refused = await update(conflict ?? record, field, next);
    if (refused) {
      closed.current = false;
      if (typeof refused === 'string') setFault(refused);
      else setConflict(refused.theirs);
      return;
    }
    onDone(refocus);
  };
  const cancel = () => {
    closed.current = true;
    onDone(true);
  };

  // Leaving the editor saves; its own pop-ups (calendar, list of options) are not "leaving".
  useEffect(() => {
    const onPointer = (event: PointerEvent) => {
      const target = event.target as Element;
      if (box.current?.contains(target) || insideFloating(target) || conflict) return;
      // What is being uploaded would be left out.
      if (box.current?.querySelector('[data-busy]')) return;
      void save(value, false);
    };
    document.addEventListener('pointerdown', onPointer, true);
    return () => document.removeEventListener('pointerdown', onPointer, true);
  });

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing || event.defaultPrevented) return;
    if (event.key === 'Escape') {
      event.stopPropagation();
      cancel();
    } else if (event.key === 'Enter' && (field.type !== 'long_text' || event.ctrlKey || event.metaKey)) {
      if ((event.target as Element).getAttribute('role') === 'combobox') return;
      event.preventDefault();
      event.stopPropagation();
      void save(value, true);
    } else if (event.key === 'Tab') {
      const editors = [...document.querySelectorAll<HTMLElement>('[data-inline]')];
      const mine = box.current;
      const following = editors.filter(
        (one) =>
          mine &&
          (mine.compareDocumentPosition(one) &
            (event.shiftKey ? Node.DOCUMENT_POSITION_PRECEDING : Node.DOCUMENT_POSITION_FOLLOWING)) !==
            0,
      );
      const target = event.shiftKey ? following.at(-1) : following[0];
      event.preventDefault();
      void save(value, false).then(() => target?.click());
    } else {
      event.stopPropagation();
    }
  };
  if (!Edit) return null;
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: keys bubble up from the editor inside
    <div
      ref={box}
      onKeyDown={onKeyDown}
      onClick={(event) => event.stopPropagation()}
      className={
        compact ? 'absolute left-0 top-0.5 z-20 min-w-[max(100%,14rem)] bg-surface rounded-md' : 'flex-1 min-w-0 py-0.5'
      }
    >
      <label htmlFor={id} className="sr-only">
        {label(field.label)}
      </label>
      <Edit
        field={field}
        id={id}
        label={label(field.label)}
        value={value}
        onChange={(next) => {
          setValue(next);
          setFault(null);
          if (kind.instant) void save(next, true);
        }}
        invalid={fault !== null}
        describedBy={fault ? `${id}-fault` : undefined}
        autoFocus
        compact={compact}
      />
      {conflict && (
        <div
          role="alert"
          className={cx('rounded-md bg-warn-soft p-2 mt-1 flex flex-col gap-2', compact && 'shadow-float')}
        >
          <p className="flex gap-1 text-xs text-warn">
            <CircleAlert size={14} aria-hidden className="shrink-0 mt-px" />
            {t.around.conflict}
          </p>
          <p className="flex flex-wrap items-center gap-x-2">
            <span className="text-ink-3">{t.around.theirs}</span>
            <FieldView field={field} value={conflict[field.name]} record={conflict} compact />
          </p>
          <div className="flex flex-wrap gap-2">
            <Button size="sm" variant="primary" onClick={() => void save(value, true)}>
              {t.around.keepMine}
            </Button>
            <Button size="sm" onClick={cancel}>
              {t.around.takeTheirs}
            </Button>
          </div>
        </div>
      )}
      {fault && (
        <p
          id={`${id}-fault`}
          role="alert"
          className={cx('flex gap-1 text-xs text-danger mt-1', compact && 'float-panel p-1.5')}
        >
          <CircleAlert size={14} aria-hidden className="shrink-0" />
          {fault}
        </p>
      )}
    </div>
  );
}
