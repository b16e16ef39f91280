import { cloneElement, type ReactElement } from 'react';
import { loadPopups } from './load-popups';

type TriggerProps = {
  onClick?: () => void;
  onPointerEnter?: () => void;
  onFocus?: () => void;
  'aria-haspopup'?: string;
  'aria-expanded'?: boolean;
};

/** The trigger alone, before what it opens has been loaded; a click is remembered and opens it then. */
export function PlainTrigger({
  trigger,
  opens,
  onAsk,
}: {
  trigger: ReactElement;
  opens: 'menu' | 'dialog' | 'listbox';
  onAsk: () => void;
}) {
  return cloneElement(trigger as ReactElement<TriggerProps>, {
    'aria-haspopup': opens,
    'aria-expanded': false,
    onPointerEnter: () => void loadPopups(),
    onFocus: () => void loadPopups(),
    onClick: () => {
      onAsk();
      void loadPopups();
    },
  });
}
