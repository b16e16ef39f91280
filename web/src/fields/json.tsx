import { useState } from 'react';
import type { EditProps, FieldKind, ViewProps } from './kind';

function View({ value, compact }: ViewProps) {
  if (compact) return <span className="truncate text-ink-3">{JSON.stringify(value)}</span>;
  return (
    <pre className="text-xs whitespace-pre-wrap break-all bg-sunken rounded-md p-2 max-h-48 overflow-auto">
      {JSON.stringify(value, null, 2)}
    </pre>
  );
}

/** What can't be read stays text, so that the check can say so. */
function Edit({ id, value, onChange, invalid, describedBy, disabled }: EditProps) {
  const [typed, setTyped] = useState(() =>
    value === null || value === undefined ? '' : JSON.stringify(value, null, 2),
  );
  return (
    <textarea
      id={id}
      rows={4}
      className="control control-area font-mono text-xs"
      value={typed}
      onChange={(event) => {
        setTyped(event.target.value);
        try {
          onChange(event.target.value.trim() === '' ? null : JSON.parse(event.target.value));
        } catch {
          onChange(event.target.value);
        }
      }}
      aria-invalid={invalid || undefined}
      aria-describedby={describedBy}
      disabled={disabled}
    />
  );
}

export const json: FieldKind = {
  View,
  Edit,
  width: 200,
  check: (value, _, t) => (typeof value === 'string' ? t.form.json : null),
};
