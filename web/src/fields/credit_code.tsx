import { type EditProps, type FieldKind, isEmpty, type ViewProps } from './kind';
import { TextInput, trimmed } from './text';

function View({ value }: ViewProps) {
  return <span className="tracking-wide truncate">{String(value)}</span>;
}

function Edit(props: EditProps) {
  return <TextInput {...props} onChange={(value) => props.onChange(String(value).toUpperCase())} />;
}

/** Length alone is checked here; the check character (GB 32100-2015) is the server's. */
export const credit_code: FieldKind = {
  View,
  Edit,
  width: 180,
  wire: trimmed,
  check: (value, _, t) =>
    isEmpty(value) || /^[0-9A-Z]{18}$/.test(String(value).normalize('NFKC').replace(/\s/g, ''))
      ? null
      : t.form.creditCode,
};
