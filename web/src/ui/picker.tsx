import { ChevronDown } from 'lucide-react';
import { useEffect, useState } from 'react';
import { useT } from '../i18n';
import { cx } from './cx';
import { loadPopups, usePopups } from './load-popups';
import type { PickerProps } from './popups/picker';
import { PlainTrigger } from './trigger';

export type { PickerItem } from './popups/picker';

export function Picker(props: PickerProps) {
  const t = useT();
  const popups = usePopups();
  const [asked, setAsked] = useState(false);
  const wanted = props.defaultOpen;
  useEffect(() => {
    if (wanted) void loadPopups();
  }, [wanted]);
  if (popups) return <popups.Picker {...props} defaultOpen={asked || props.defaultOpen} />;
  const chosen = props.multiple ? props.value : props.value ? [props.value] : [];
  return (
    <PlainTrigger
      opens="dialog"
      onAsk={() => {
        setAsked(true);
        props.onOpenChange?.(true);
      }}
      trigger={
        props.trigger ?? (
          <button
            type="button"
            id={props.id}
            disabled={props.disabled}
            className={cx('control flex items-center gap-1.5 text-left', props.className)}
          >
            <span className={cx('flex-1 min-w-0 truncate', chosen.length === 0 && 'text-ink-3')}>
              {chosen.length === 0
                ? (props.placeholder ?? t.common.choose)
                : chosen.map((item) => <span key={item.value}>{item.node ?? item.label}</span>)}
            </span>
            <ChevronDown size={14} aria-hidden className="text-ink-3 shrink-0" />
          </button>
        )
      }
    />
  );
}
