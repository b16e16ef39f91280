import type { Typed } from '../format/typed-date';
import { useFormat } from '../format/use-format';
import { DateField } from '../ui/lazy-date-field';
import type { EditProps, FieldKind, ViewProps } from './kind';

const DAY = /^\d{4}-\d{2}-\d{2}$/;

function View({ value }: ViewProps) {
  const format = useFormat();
  const day = String(value).slice(0, 10);
  return (
    <time dateTime={day} title={day} className="whitespace-nowrap">
      {format.day(day)}
    </time>
  );
}

function Edit({ value, onChange, ...rest }: EditProps) {
  const text = typeof value === 'string' ? value : null;
  const shown: Typed | string | null = text && DAY.test(text) ? { day: text, time: null } : text;
  return (
    <DateField
      {...rest}
      value={shown}
      onChange={(next) => onChange(next && typeof next === 'object' ? next.day : next)}
    />
  );
}

export const date: FieldKind = {
  View,
  Edit,
  width: 104,
  check: (value, _, t) => (typeof value === 'string' && value !== '' && !DAY.test(value) ? t.form.date : null),
};
