import { type EditProps, type FieldKind, isEmpty, type ViewProps } from './kind';
import { TextInput, trimmed } from './text';

/** Only web addresses become links: `javascript:` and the like stay text. */
export function webAddress(value: string): string | null {
  const text = /^[a-z][a-z0-9+.-]*:/i.test(value) ? value : `https://${value}`;
  return /^https?:\/\/[^\s/]+\.[^\s]+/i.test(text) ? text : null;
}

function View({ value }: ViewProps) {
  const text = String(value);
  const address = webAddress(text);
  if (!address) return <span className="truncate">{text}</span>;
  return (
    <a
      href={address}
      target="_blank"
      rel="noreferrer noopener"
      className="truncate py-0.5 hover:text-brand-ink hover:underline"
      onClick={(event) => event.stopPropagation()}
    >
      {text.replace(/^https?:\/\//, '')}
    </a>
  );
}

function Edit(props: EditProps) {
  return <TextInput {...props} inputMode="url" placeholder="https://example.com" />;
}

export const url: FieldKind = {
  View,
  Edit,
  width: 180,
  wire: trimmed,
  check: (value, _, t) => (isEmpty(value) || webAddress(String(value).trim()) ? null : t.form.url),
};
