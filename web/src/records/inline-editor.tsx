// The editor that opens where a value stood.
import { CircleAlert } from 'lucide-react';
import { type KeyboardEvent, useEffect, useId, useRef, useState } from 'react';
import type { Rec } from '../api/types';
import { editKind, FieldView } from '../fields';
import { useLabel, useT } from '../i18n';
import { Button } from '../ui/button';
import { cx } from '../ui/cx';
import type { InlineProps } from './inline-edit';
import { useUpdateField } from './update';

function insideFloating(element: Element | null): boolean {
  return element?.closest('.float-panel, [role="dialog"]:not([data-page])') !== null && element !== null;
}

export function InlineEditor({
  object,
  record,
  field,
  compact,
  onDone,
}: InlineProps & { onDone: (refocus: boolean) => void }) {
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
