import { Check, Minus } from 'lucide-react';
import { useT } from '../i18n';
import type { EditProps, FieldKind, ViewProps } from './kind';

function View({ value }: ViewProps) {
  const t = useT();
  const Icon = value ? Check : Minus;
  return (
    <span className={`inline-flex items-center gap-1 ${value ? 'text-ok' : 'text-ink-3'}`}>
      <Icon size={14} aria-hidden />
      {value ? t.common.yes : t.common.no}
    </span>
  );
}

function Edit({ id, value, onChange, invalid, describedBy, disabled }: EditProps) {
  const t = useT();
  return (
    <span className="flex items-center gap-2 h-8 touch:h-11">
      <input
        id={id}
        type="checkbox"
        className="check"
        checked={value === true}
        onChange={(event) => onChange(event.target.checked)}
        aria-invalid={invalid || undefined}
        aria-describedby={describedBy}
        disabled={disabled}
      />
      <span className="text-ink-2" aria-hidden>
        {value === true ? t.common.yes : t.common.no}
      </span>
    </span>
  );
}

export const boolean: FieldKind = { View, Edit, width: 80, instant: true };
