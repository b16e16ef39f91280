import { Menu as Base } from '@base-ui/react/menu';
import { Check, type LucideIcon } from 'lucide-react';
import type { ReactElement, ReactNode } from 'react';
import { cx } from '../cx';

export type MenuProps = {
  trigger: ReactElement;
  children: ReactNode;
  align?: 'start' | 'end';
  side?: 'top' | 'bottom';
  className?: string;
};

export function Menu({
  trigger,
  children,
  align = 'end',
  side = 'bottom',
  className,
  defaultOpen,
}: MenuProps & { defaultOpen?: boolean }) {
  return (
    <Base.Root defaultOpen={defaultOpen}>
      <Base.Trigger render={trigger} />
      <Base.Portal>
        <Base.Positioner sideOffset={4} align={align} side={side} className="z-50">
          <Base.Popup
            className={cx(
              'float-panel p-1 min-w-44 max-h-[min(70vh,var(--available-height))] overflow-auto anim-appear thin-bar',
              className,
            )}
          >
            {children}
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  );
}

export function MenuItem({
  icon: Icon,
  children,
  onClick,
  danger,
  disabled,
  kbd,
}: {
  icon?: LucideIcon;
  children: ReactNode;
  onClick: () => void;
  danger?: boolean;
  disabled?: boolean;
  kbd?: string;
}) {
  return (
    <Base.Item className={cx('menu-item', danger && 'text-danger!')} onClick={onClick} disabled={disabled}>
      {Icon && <Icon size={15} aria-hidden className={danger ? '' : 'text-ink-3'} />}
      <span className="flex-1 truncate">{children}</span>
      {kbd && <kbd className="text-xs font-sans text-ink-3">{kbd}</kbd>}
    </Base.Item>
  );
}

export function MenuRadio<T extends string>({
  value,
  onChange,
  options,
}: {
  value: T;
  onChange: (value: T) => void;
  options: { value: T; label: ReactNode; icon?: LucideIcon }[];
}) {
  return (
    <Base.RadioGroup value={value} onValueChange={(next) => onChange(next as T)}>
      {options.map(({ value: option, label, icon: Icon }) => (
        <Base.RadioItem key={option} value={option} className="menu-item">
          {Icon && <Icon size={15} aria-hidden className="text-ink-3" />}
          <span className="flex-1 truncate">{label}</span>
          <Base.RadioItemIndicator>
            <Check size={14} aria-hidden className="text-brand-ink" />
          </Base.RadioItemIndicator>
        </Base.RadioItem>
      ))}
    </Base.RadioGroup>
  );
}

export function MenuGroup({ label, children }: { label?: string; children: ReactNode }) {
  return (
    <Base.Group>
      {label && <Base.GroupLabel className="px-2 pt-1.5 pb-1 text-xs text-ink-3">{label}</Base.GroupLabel>}
      {children}
    </Base.Group>
  );
}

export function MenuSeparator() {
  return <Base.Separator className="my-1 h-px bg-line" />;
}
