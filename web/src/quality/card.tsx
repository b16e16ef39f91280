// A part of the quality centre with its title.
import type { ReactNode } from 'react';
import { cx } from '../ui/cx';

export function Card({
  title,
  note,
  children,
  wide,
}: {
  title: ReactNode;
  note?: ReactNode;
  children: ReactNode;
  wide?: boolean;
}) {
  return (
    <section className={cx('rounded-lg border border-line bg-surface p-4 min-w-0', wide && 'md:col-span-2')}>
      <h2 className="font-semibold flex items-center gap-2 mb-3">
        <span className="flex-1">{title}</span>
        {note && <span className="text-xs font-normal text-ink-3">{note}</span>}
      </h2>
      {children}
    </section>
  );
}
