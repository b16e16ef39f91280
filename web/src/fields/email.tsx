import { type EditProps, type FieldKind, isEmpty, type ViewProps } from './kind';
import { TextInput, trimmed } from './text';

function View({ value, record, field }: ViewProps) {
  if (record?._masked?.includes(field.name)) return <span className="text-ink-2">{String(value)}</span>;
  return (
    <a
      href={`mailto:${String(value)}`}
      className="truncate py-[3px] hover:text-brand-ink hover:underline"
      onClick={(event) => event.stopPropagation()}
    >
      {String(value)}
    </a>
  );
}

function Edit(props: EditProps) {
  return <TextInput {...props} type="text" inputMode="email" placeholder="name@example.com" />;
}

export const email: FieldKind = {
  View,
  Edit,
  width: 180,
  wire: trimmed,
  check: (value, _, t) =>
    isEmpty(value) || /^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(String(value).trim()) ? null : t.form.email,
};
