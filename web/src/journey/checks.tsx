// Ticking several of a few choices.
import type { ReactNode } from 'react';
import type { Option } from '../api/types';
import { useLabel } from '../i18n';

export function Check({
  checked,
  onChange,
  children,
}: {
  checked: boolean;
  onChange: (checked: boolean) => void;
  children: ReactNode;
}) {
  return (
    <label className="flex items-center gap-2 min-h-8 touch:min-h-11">
      <input type="checkbox" checked={checked} onChange={(event) => onChange(event.target.checked)} />
      {children}
    </label>
  );
}

export function Checks({
  options,
  chosen,
  label: title,
  onChange,
}: {
  options: Option[];
  chosen: string[];
  label: string;
  onChange: (chosen: string[]) => void;
}) {
  const label = useLabel();
  return (
    <fieldset className="flex flex-col gap-1">
      <legend className="text-ink-2 mb-1">{title}</legend>
      <div className="flex flex-wrap gap-x-4">
        {options.map((option) => (
          <Check
            key={option.value}
            checked={chosen.includes(option.value)}
            onChange={(on) =>
              onChange(on ? [...chosen, option.value] : chosen.filter((value) => value !== option.value))
            }
          >
            {label(option.label)}
          </Check>
        ))}
      </div>
    </fieldset>
  );
}
