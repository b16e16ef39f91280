import { CSPProvider } from '@base-ui/react/csp-provider';
import { Select as Base } from '@base-ui/react/select';
import { Check, ChevronDown } from 'lucide-react';
import type { ReactNode } from 'react';
import { useT } from '../../i18n';
import { cx } from '../cx';

export type SelectOption<T extends string> = { value: T; label: ReactNode; disabled?: boolean; group?: string };

export type SelectProps<T extends string> = {
  value: T | null;
  onChange: (value: T) => void;
  options: SelectOption<T>[];
  id?: string;
  label?: string;
  placeholder?: string;
  disabled?: boolean;
  invalid?: boolean;
  describedBy?: string;
  className?: string;
  quiet?: boolean;
};

/** For the page's own short fixed choices. Values of the dictionary are chosen with `Picker`. */
export function Select<T extends string>({
  value,
  onChange,
  options,
  id,
  label,
  placeholder,
  disabled,
  invalid,
  describedBy,
  className,
  quiet,
  defaultOpen,
}: SelectProps<T> & { defaultOpen?: boolean }) {
  const t = useT();
  const chosen = options.find((option) => option.value === value);
  return (
    // A strict policy forbids style elements; ours says the same in the style sheet.
    <CSPProvider disableStyleElements>
      <Base.Root
        value={value}
        onValueChange={(next) => next !== null && onChange(next as T)}
        disabled={disabled}
        modal={false}
        defaultOpen={defaultOpen}
      >
        <Base.Trigger
          id={id}
          aria-label={label}
          aria-invalid={invalid || undefined}
          aria-describedby={describedBy}
          className={cx(
            'flex items-center gap-1.5 text-left',
            quiet ? 'h-7 px-1.5 rounded-md hover:bg-sunken data-popup-open:bg-sunken touch:h-11' : 'control',
            className,
          )}
        >
          <span className={cx('flex-1 truncate', !chosen && 'text-ink-3')}>
            {chosen?.label ?? placeholder ?? t.common.choose}
          </span>
          <ChevronDown size={14} aria-hidden className="text-ink-3 shrink-0" />
        </Base.Trigger>
        <Base.Portal>
          <Base.Positioner className="z-50" sideOffset={4} alignItemWithTrigger={false} collisionPadding={8}>
            <Base.Popup className="float-panel p-1 min-w-(--anchor-width) max-h-[min(20rem,var(--available-height))] overflow-auto anim-appear thin-bar">
              <Base.List>
                {options.map((option, index) => (
                  <div key={option.value} role="presentation">
                    {option.group && option.group !== options[index - 1]?.group && (
                      <div className="px-2 pt-2 pb-1 text-xs text-ink-3" role="presentation">
                        {option.group}
                      </div>
                    )}
                    <Base.Item value={option.value} disabled={option.disabled} className="menu-item">
                      <Base.ItemText className="flex-1">{option.label}</Base.ItemText>
                      <Base.ItemIndicator>
                        <Check size={14} aria-hidden className="text-brand-ink" />
                      </Base.ItemIndicator>
                    </Base.Item>
                  </div>
                ))}
              </Base.List>
            </Base.Popup>
          </Base.Positioner>
        </Base.Portal>
      </Base.Root>
    </CSPProvider>
  );
}
