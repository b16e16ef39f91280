import type { EditProps, FieldKind, ViewProps } from './kind';

export function TextView({ value, compact }: ViewProps) {
  const text = String(value);
  return <span className={compact ? 'truncate' : 'break-words'}>{text}</span>;
}

/** One line of text; other types give it a keyboard and a completion. */
export function TextInput({
  field,
  id,
  value,
  onChange,
  invalid,
  describedBy,
  autoFocus,
  disabled,
  type = 'text',
  inputMode,
  autoComplete,
  placeholder,
}: EditProps & {
  type?: string;
  inputMode?: 'text' | 'tel' | 'email' | 'url' | 'decimal' | 'numeric';
  autoComplete?: string;
  placeholder?: string;
}) {
  return (
    <input
      id={id}
      type={type}
      inputMode={inputMode}
      autoComplete={autoComplete ?? 'off'}
      placeholder={placeholder}
      className="control"
      value={typeof value === 'string' ? value : value === null || value === undefined ? '' : String(value)}
      onChange={(event) => onChange(event.target.value)}
      onFocus={(event) => autoFocus && event.target.select()}
      maxLength={field.max_length ?? undefined}
      required={field.required}
      aria-invalid={invalid || undefined}
      aria-describedby={describedBy}
      autoFocus={autoFocus}
      disabled={disabled}
    />
  );
}

export const trimmed = (value: unknown) => {
  const text = typeof value === 'string' ? value.trim() : value;
  return text === '' ? null : text;
};

export const text: FieldKind = {
  View: TextView,
  Edit: TextInput,
  width: 160,
  wire: trimmed,
  check: (value, field, t) =>
    field.max_length && typeof value === 'string' && value.length > field.max_length
      ? t.form.tooLong(field.max_length)
      : null,
};
