import type { Typed } from '../format/typed-date';
import { useFormat } from '../format/use-format';
import { DateField } from '../ui/lazy-date-field';
import type { EditProps, FieldKind, ViewProps } from './kind';

const INSTANT = /^\d{4}-\d{2}-\d{2}T/;

function View({ value, field }: ViewProps) {
  const format = useFormat();
  const iso = String(value);
  if (!INSTANT.test(iso)) return <span>{iso}</span>;
  // A due date in the past is what one must see first.
  const late = /^(next_|due)/.test(field.name) && Date.parse(iso) < Date.now();
  return (
    <time
      dateTime={iso}
      title={format.fullMoment(iso)}
      className={late ? 'text-danger font-medium whitespace-nowrap' : 'whitespace-nowrap'}
    >
      {format.moment(iso)}
    </time>
  );
}

function Edit({ value, onChange, ...rest }: EditProps) {
  const format = useFormat();
  const text = typeof value === 'string' ? value : null;
  const shown: Typed | string | null = text && INSTANT.test(text) ? format.wallClock(text) : text;
  return (
    <DateField
      {...rest}
      withTime
      value={shown}
      onChange={(next) =>
        onChange(next && typeof next === 'object' ? format.instant(next.day, next.time ?? '09:00') : next)
      }
    />
  );
}

export const datetime: FieldKind = {
  View,
  Edit,
  width: 132,
  check: (value, _, t) => (typeof value === 'string' && value !== '' && !INSTANT.test(value) ? t.form.date : null),
};
