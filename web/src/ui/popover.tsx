import { useState } from 'react';
import { usePopups } from './load-popups';
import type { PopoverProps } from './popups/popover';
import { PlainTrigger } from './trigger';

export function Popover(props: PopoverProps) {
  const popups = usePopups();
  const [asked, setAsked] = useState(false);
  if (popups) return <popups.Popover {...props} defaultOpen={asked} />;
  return (
    <PlainTrigger
      trigger={props.trigger}
      opens="dialog"
      onAsk={() => {
        setAsked(true);
        props.onOpenChange?.(true);
      }}
    />
  );
}
