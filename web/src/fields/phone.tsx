import type { EditProps, FieldKind, ViewProps } from './kind';
import { isEmpty } from './kind';
import { TextInput, trimmed } from './text';

const THREE_DIGIT_AREA = /^(10|2\d)/;

/** E.164 as people here write it: 138 0013 8000, 0571-8888 1234; foreign numbers stay international. */
export function nationalPhone(value: string): string {
  if (!value.startsWith('+86')) return value;
  const digits = value.slice(3);
  if (/^1[3-9]\d{9}$/.test(digits)) return `${digits.slice(0, 3)} ${digits.slice(3, 7)} ${digits.slice(7)}`;
  if (/^(400|800)\d{7}$/.test(digits)) return `${digits.slice(0, 3)}-${digits.slice(3, 6)}-${digits.slice(6)}`;
  if (/^[2-9]\d{8,10}$|^10\d{8}$/.test(digits)) {
    const area = THREE_DIGIT_AREA.test(digits) ? 2 : 3;
    const local = digits.slice(area);
    return `0${digits.slice(0, area)}-${local.slice(0, -4)} ${local.slice(-4)}`;
  }
  return digits;
}

/** Reads what people type: spaces, dashes, full-width digits, +86, 0086. */
export function looksLikePhone(value: string): boolean {
  const digits = value
    .normalize('NFKC')
    .replace(/(转|ext\.?|x).*$/i, '')
    .replace(/[\s\-()（）—–.]/g, '')
    .replace(/^(\+86|0086)/, '');
  return /^1[3-9]\d{9}$|^0\d{9,11}$|^(400|800)\d{7}$|^\+\d{7,15}$|^[2-9]\d{6,11}$|^10\d{8}$/.test(digits);
}

function View({ value, record, field }: ViewProps) {
  const text = String(value);
  const masked = record?._masked?.includes(field.name) || text.includes('*');
  if (masked) return <span className="text-ink-2">{text}</span>;
  return (
    <a
      href={`tel:${text}`}
      className="py-[3px] hover:text-brand-ink hover:underline whitespace-nowrap"
      onClick={(event) => event.stopPropagation()}
    >
      {nationalPhone(text)}
    </a>
  );
}

function Edit(props: EditProps) {
  const value = typeof props.value === 'string' ? nationalPhone(props.value) : props.value;
  return <TextInput {...props} value={value} type="tel" inputMode="tel" />;
}

export const phone: FieldKind = {
  View,
  Edit,
  width: 136,
  wire: trimmed,
  check: (value, _, t) => (isEmpty(value) || looksLikePhone(String(value)) ? null : t.form.phone),
};
