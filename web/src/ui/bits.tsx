// Small pieces: chip, avatar, empty state, skeleton, field frame, segmented choice, the page's title.
import type { LucideIcon } from 'lucide-react';
import { CircleAlert } from 'lucide-react';
import { type ReactNode, useEffect } from 'react';
import { useT } from '../i18n';
import { cx } from './cx';

const CHIP: Record<string, string> = {
  gray: 'bg-sunken text-ink-2',
  blue: 'bg-brand-soft text-brand-ink',
  green: 'bg-ok-soft text-ok',
  amber: 'bg-warn-soft text-warn',
  orange: 'bg-warn-soft text-warn',
  red: 'bg-danger-soft text-danger',
  purple: 'bg-violet-soft text-violet',
  cyan: 'bg-teal-soft text-teal',
};

export function Chip({
  color,
  children,
  className,
}: {
  color?: string | null;
  children: ReactNode;
  className?: string;
}) {
  return (
    <span
      className={cx(
        'inline-flex items-center max-w-full h-5 touch:h-6 px-1.5 rounded-sm text-xs font-medium whitespace-nowrap',
        CHIP[color ?? 'gray'] ?? CHIP.gray,
        className,
      )}
    >
      <span className="truncate">{children}</span>
    </span>
  );
}

const AVATAR = [
  'bg-brand-soft text-brand-ink',
  'bg-ok-soft text-ok',
  'bg-warn-soft text-warn',
  'bg-violet-soft text-violet',
  'bg-teal-soft text-teal',
];

/** The family name's character, in a colour that stays with the name. */
export function Avatar({ name, size = 'sm' }: { name: string; size?: 'sm' | 'md' | 'lg' }) {
  let sum = 0;
  for (const character of name) sum += character.codePointAt(0) ?? 0;
  const shape = size === 'sm' ? 'size-5 text-[11px]' : size === 'md' ? 'size-7 text-xs' : 'size-10 text-base';
  return (
    <span
      aria-hidden
      className={cx(
        'inline-grid place-items-center rounded-full font-medium shrink-0 select-none',
        shape,
        AVATAR[sum % AVATAR.length],
      )}
    >
      {[...name][0] ?? '?'}
    </span>
  );
}

export function Empty({
  icon: Icon,
  title,
  text,
  children,
}: {
  icon: LucideIcon;
  title: string;
  text?: string;
  children?: ReactNode;
}) {
  return (
    <div className="flex flex-col items-center justify-center text-center gap-1 px-6 py-14 anim-appear">
      <span className="size-11 mb-2 grid place-items-center rounded-full bg-sunken text-ink-3">
        <Icon size={20} aria-hidden />
      </span>
      <p className="text-base font-semibold">{title}</p>
      {text && <p className="text-ink-2 max-w-sm">{text}</p>}
      {children && <div className="flex flex-wrap justify-center gap-2 mt-3">{children}</div>}
    </div>
  );
}

export function SkeletonRows({ rows = 10, className }: { rows?: number; className?: string }) {
  return (
    <div aria-hidden className={cx('flex flex-col', className)}>
      {Array.from({ length: rows }, (_, index) => (
        <div key={index} className="flex items-center gap-6 h-9 touch:h-19 px-4 border-b border-line">
          <span className="skeleton h-3.5 w-[28%]" />
          <span className="skeleton h-3.5 w-[10%]" />
          <span className="skeleton h-3.5 w-[14%]" />
          <span className="skeleton h-3.5 w-[12%]" />
        </div>
      ))}
    </div>
  );
}

export function FieldFrame({
  id,
  label,
  required,
  help,
  fault,
  children,
  className,
}: {
  id: string;
  label: ReactNode;
  required?: boolean;
  help?: string | null;
  fault?: string | null;
  children: ReactNode;
  className?: string;
}) {
  return (
    <div className={cx('flex flex-col gap-1 min-w-0', className)}>
      <label htmlFor={id} className="text-ink-2 w-fit">
        {label}
        {required && (
          <span aria-hidden className="text-danger ml-0.5">
            *
          </span>
        )}
      </label>
      {children}
      {fault ? (
        <p id={`${id}-fault`} className="flex gap-1 text-xs text-danger anim-appear">
          <CircleAlert size={14} aria-hidden className="shrink-0 mt-px" />
          {fault}
        </p>
      ) : (
        help && (
          <p id={`${id}-help`} className="text-xs text-ink-3">
            {help}
          </p>
        )
      )}
    </div>
  );
}

export function Segments<T extends string>({
  value,
  onChange,
  options,
  label,
  className,
}: {
  value: T;
  onChange: (value: T) => void;
  options: { value: T; label: ReactNode }[];
  label: string;
  className?: string;
}) {
  return (
    <div role="radiogroup" aria-label={label} className={cx('inline-flex p-0.5 rounded-md bg-sunken', className)}>
      {options.map((option) => (
        <button
          key={option.value}
          type="button"
          role="radio"
          aria-checked={option.value === value}
          onClick={() => onChange(option.value)}
          className={cx(
            'h-7 touch:h-11 px-2.5 rounded-[5px] whitespace-nowrap flex-1',
            option.value === value
              ? 'bg-surface text-ink font-medium shadow-[0_1px_2px_rgb(0_0_0/0.08)]'
              : 'text-ink-2 hover:text-ink',
          )}
        >
          {option.label}
        </button>
      ))}
    </div>
  );
}

export function PageTitle({ title, count, children }: { title: ReactNode; count?: ReactNode; children?: ReactNode }) {
  return (
    <header className="flex items-center gap-2 min-h-12 touch:min-h-14 px-4 shrink-0">
      <h1 className="text-[15px] touch:text-lg font-semibold truncate">{title}</h1>
      {count !== undefined && <span className="text-ink-3">{count}</span>}
      <div className="ml-auto flex items-center gap-1.5">{children}</div>
    </header>
  );
}

/** What the browser calls the page. */
export function useTitle(title: string) {
  const whole = `${title} · ${useT().product}`;
  useEffect(() => {
    document.title = whole;
  }, [whole]);
}

/** A page that scrolls as a whole; the keyboard reaches it. */
export function PageRegion({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div
      tabIndex={0}
      role="region"
      aria-label={label}
      className="flex-1 min-h-0 overflow-auto thin-bar focus-visible:-outline-offset-2"
    >
      {children}
    </div>
  );
}
