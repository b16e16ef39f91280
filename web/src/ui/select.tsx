import { ChevronDown } from 'lucide-react';
import { useState } from 'react';
import { useT } from '../i18n';
import { cx } from './cx';
import { usePopups } from './load-popups';
import type { SelectProps } from './popups/select';
import { PlainTrigger } from './trigger';

export type { SelectOption } from './popups/select';

/** For the page's own short fixed choices. Values of the dictionary are chosen with `Picker`. */
export function Select<T extends string>(props: SelectProps<T>) {
  const t = useT();
  const popups = usePopups();
  const [asked, setAsked] = useState(false);
  if (popups) return <popups.Select {...props} defaultOpen={asked} />;
  const chosen = props.options.find((option) => option.value === props.value);
  return (
    <PlainTrigger
      opens="listbox"
      onAsk={() => setAsked(true)}
      trigger={
        <button
          type="button"
          role="combobox"
          aria-expanded={false}
          id={props.id}
          aria-label={props.label}
          disabled={props.disabled}
          className={cx(
            'flex items-center gap-1.5 text-left',
            props.quiet ? 'h-7 px-1.5 touch:h-11' : 'control',
            props.className,
          )}
        >
          <span className={cx('flex-1 truncate', !chosen && 'text-ink-3')}>
            {chosen?.label ?? props.placeholder ?? t.common.choose}
          </span>
          <ChevronDown size={14} aria-hidden className="text-ink-3 shrink-0" />
        </button>
      }
    />
  );
}
