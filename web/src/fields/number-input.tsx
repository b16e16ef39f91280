import { useState } from 'react';
import { compact, parseNumber } from '../format/number';
import { useI18n } from '../i18n';
import type { EditProps } from './kind';

/** Takes 12.5万, 1,200 or 20k and says what it understood. Keeps what cannot be read, so that the fault can be shown. */
export function NumberInput({
  id,
  value,
  onChange,
  invalid,
  describedBy,
  autoFocus,
  disabled,
  prefix,
  suffix,
  compact: tight,
}: EditProps & { prefix?: string; suffix?: string }) {
  const { language } = useI18n();
  const [typed, setTyped] = useState<string | null>(null);
  const shown = typed ?? (value === null || value === undefined ? '' : String(value));
  const parsed = parseNumber(shown);
  const echo = parsed !== null && Math.abs(parsed) >= 10_000 ? compact(parsed, language) : null;
  return (
    <div className="relative">
      {prefix && (
        <span aria-hidden className="absolute left-2.5 top-1/2 -translate-y-1/2 text-ink-3">
          {prefix}
        </span>
      )}
      <input
        id={id}
        inputMode="decimal"
        autoComplete="off"
        className="control"
        style={{
          paddingLeft: prefix ? `${prefix.length * 0.55 + 1.1}em` : undefined,
          paddingRight: suffix || echo ? '5em' : undefined,
        }}
        value={shown}
        onChange={(event) => {
          const next = event.target.value;
          setTyped(next);
          const number = parseNumber(next);
          onChange(next.trim() === '' ? null : (number ?? next));
        }}
        onFocus={(event) => autoFocus && event.target.select()}
        onBlur={() => parsed !== null && setTyped(null)}
        aria-invalid={invalid || undefined}
        aria-describedby={describedBy}
        autoFocus={autoFocus}
        disabled={disabled}
      />
      {(suffix || (echo && !tight)) && (
        <span className="absolute right-2.5 top-1/2 -translate-y-1/2 text-xs text-ink-3 pointer-events-none">
          {suffix ?? echo}
        </span>
      )}
    </div>
  );
}
