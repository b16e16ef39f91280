import type { LucideIcon } from 'lucide-react';
import type { ButtonHTMLAttributes, ReactNode, Ref } from 'react';
import { cx } from './cx';

type Variant = 'primary' | 'default' | 'ghost' | 'danger';

const BASE =
  'inline-flex items-center justify-center gap-1.5 rounded-md font-medium whitespace-nowrap select-none transition-colors duration-75 disabled:opacity-55 disabled:cursor-not-allowed';
const VARIANTS: Record<Variant, string> = {
  primary: 'bg-brand text-white not-disabled:hover:bg-brand-hover',
  default: 'border border-line bg-surface text-ink not-disabled:hover:bg-sunken',
  ghost: 'text-ink-2 not-disabled:hover:bg-sunken not-disabled:hover:text-ink data-popup-open:bg-sunken',
  danger: 'bg-danger-soft text-danger not-disabled:hover:brightness-95',
};

export function buttonClass(variant: Variant = 'default', size: 'sm' | 'md' = 'md'): string {
  return cx(
    BASE,
    VARIANTS[variant],
    size === 'sm' ? 'h-7 px-2 touch:h-11 touch:px-3' : 'h-8 px-3 touch:h-11 touch:px-4',
  );
}

type ButtonProps = ButtonHTMLAttributes<HTMLButtonElement> & {
  variant?: Variant;
  size?: 'sm' | 'md';
  icon?: LucideIcon;
  kbd?: string;
  children?: ReactNode;
  ref?: Ref<HTMLButtonElement>;
};

export function Button({ variant, size, icon: Icon, kbd, children, className, type = 'button', ...rest }: ButtonProps) {
  return (
    <button type={type} className={cx(buttonClass(variant, size), className)} {...rest}>
      {Icon && <Icon size={15} aria-hidden className="shrink-0" />}
      {children}
      {kbd && <Kbd className="touch:hidden">{kbd}</Kbd>}
    </button>
  );
}

type IconButtonProps = Omit<ButtonHTMLAttributes<HTMLButtonElement>, 'children'> & {
  icon: LucideIcon;
  /** What it does: spoken, and shown on hover. */
  label: string;
  size?: 'sm' | 'md';
  iconSize?: number;
  ref?: Ref<HTMLButtonElement>;
};

export function IconButton({
  icon: Icon,
  label,
  size = 'md',
  iconSize = 16,
  className,
  type = 'button',
  ...rest
}: IconButtonProps) {
  return (
    <button
      type={type}
      aria-label={label}
      title={label}
      className={cx(BASE, VARIANTS.ghost, size === 'sm' ? 'size-7' : 'size-8', 'shrink-0 touch:size-11', className)}
      {...rest}
    >
      <Icon size={iconSize} aria-hidden />
    </button>
  );
}

export function Kbd({ children, className }: { children: ReactNode; className?: string }) {
  return <kbd className={cx('font-sans text-xs font-normal', className)}>{children}</kbd>;
}
