import { Popover as Base } from '@base-ui/react/popover';
import type { ReactElement, ReactNode } from 'react';
import { cx } from '../cx';

export type PopoverProps = {
  trigger: ReactElement;
  children: ReactNode;
  open?: boolean;
  onOpenChange?: (open: boolean) => void;
  align?: 'start' | 'center' | 'end';
  className?: string;
  label?: string;
};

export function Popover({
  trigger,
  children,
  open,
  onOpenChange,
  align = 'start',
  className,
  label,
  defaultOpen,
}: PopoverProps & { defaultOpen?: boolean }) {
  return (
    <Base.Root open={open} onOpenChange={onOpenChange} defaultOpen={defaultOpen}>
      <Base.Trigger render={trigger} />
      <Base.Portal>
        <Base.Positioner sideOffset={4} align={align} collisionPadding={8} className="z-50">
          <Base.Popup aria-label={label} className={cx('float-panel anim-appear max-w-[calc(100vw-16px)]', className)}>
            {children}
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  );
}
