import { type ComponentProps, useState } from 'react';
import { usePopups } from './load-popups';
import type * as Popups from './popups/menu';
import { PlainTrigger } from './trigger';

export function Menu(props: Popups.MenuProps) {
  const popups = usePopups();
  const [asked, setAsked] = useState(false);
  if (popups) return <popups.Menu {...props} defaultOpen={asked} />;
  return <PlainTrigger trigger={props.trigger} opens="menu" onAsk={() => setAsked(true)} />;
}

export function MenuItem(props: ComponentProps<typeof Popups.MenuItem>) {
  const popups = usePopups();
  return popups && <popups.MenuItem {...props} />;
}

export function MenuRadio<T extends string>(props: Parameters<typeof Popups.MenuRadio<T>>[0]) {
  const popups = usePopups();
  return popups && <popups.MenuRadio {...props} />;
}

export function MenuGroup(props: ComponentProps<typeof Popups.MenuGroup>) {
  const popups = usePopups();
  return popups && <popups.MenuGroup {...props} />;
}

export function MenuSeparator() {
  const popups = usePopups();
  return popups && <popups.MenuSeparator />;
}
