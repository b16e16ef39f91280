import { useState } from 'react';
import { useT } from '../i18n';
import type { EditProps, FieldKind, ViewProps } from './kind';
import { text } from './text';

const LONG = 180;

function View({ value, compact }: ViewProps) {
  const t = useT();
  const [open, setOpen] = useState(false);
  const content = String(value);
  if (compact) return <span className="truncate">{content}</span>;
  return (
    <div className="whitespace-pre-wrap break-words">
      {open || content.length <= LONG ? content : `${content.slice(0, LONG)}…`}
      {content.length > LONG && (
        <button
          type="button"
          className="ml-1 text-brand-ink hover:underline touch:py-2"
          onClick={(event) => {
            event.stopPropagation();
            setOpen(!open);
          }}
        >
          {open ? t.record.showLess : t.record.showMore}
        </button>
      )}
    </div>
  );
}

function Edit({ field, id, value, onChange, invalid, describedBy, autoFocus, disabled }: EditProps) {
  return (
    <textarea
      id={id}
      rows={3}
      className="control control-area min-h-20 max-h-[40vh] field-sizing-content"
      value={typeof value === 'string' ? value : ''}
      onChange={(event) => onChange(event.target.value)}
      maxLength={field.max_length ?? undefined}
      aria-invalid={invalid || undefined}
      aria-describedby={describedBy}
      autoFocus={autoFocus}
      disabled={disabled}
    />
  );
}

export const long_text: FieldKind = { ...text, View, Edit, width: 240 };
