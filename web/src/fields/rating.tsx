import { Star } from 'lucide-react';
import { useLabel } from '../i18n';
import { checkNumber } from './decimal';
import type { EditProps, FieldKind, ViewProps } from './kind';

const DEFAULT_MAX = 5;

function View({ value, field }: ViewProps) {
  const stars = Number(value);
  const max = field.max ?? DEFAULT_MAX;
  return (
    <span className="inline-flex items-center text-warn" role="img" aria-label={`${stars} / ${max}`}>
      {Array.from({ length: max }, (_, index) => (
        <Star key={index} size={14} aria-hidden className={index < stars ? 'fill-current' : 'text-line-strong'} />
      ))}
    </span>
  );
}

function Edit({ id, value, field, onChange, disabled }: EditProps) {
  const label = useLabel();
  const max = field.max ?? DEFAULT_MAX;
  return (
    <div id={id} role="radiogroup" aria-label={label(field.label)} className="flex items-center h-8 touch:h-11">
      {Array.from({ length: max }, (_, index) => (
        <button
          key={index}
          type="button"
          role="radio"
          aria-checked={value === index + 1}
          aria-label={String(index + 1)}
          disabled={disabled}
          className="size-7 touch:size-11 grid place-items-center text-warn"
          onClick={() => onChange(value === index + 1 ? null : index + 1)}
        >
          <Star size={18} aria-hidden className={index < Number(value ?? 0) ? 'fill-current' : 'text-line-strong'} />
        </button>
      ))}
    </div>
  );
}

export const rating: FieldKind = { View, Edit, width: 110, instant: true, check: checkNumber };
