import { useEffect } from 'react';
import { loadPopups, usePopups } from './load-popups';
import type { ConfirmProps, PanelProps } from './popups/dialog';

function useWanted(open: boolean) {
  const popups = usePopups();
  useEffect(() => {
    if (open) void loadPopups();
  }, [open]);
  return popups;
}

/** A window in the middle; on a phone it stands at the bottom, within the thumb's reach. */
export function Dialog(props: PanelProps) {
  const popups = useWanted(props.open);
  return popups && <popups.Dialog {...props} />;
}

/** A panel from the right; on a phone a sheet from the bottom with its actions fixed below. */
export function Sheet(props: PanelProps) {
  const popups = useWanted(props.open);
  return popups && <popups.Sheet {...props} />;
}

export function Confirm(props: ConfirmProps) {
  const popups = useWanted(props.open);
  return popups && <popups.Confirm {...props} />;
}
