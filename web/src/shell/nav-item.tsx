// A line of the side bar and a heading over some of them.
import type { ReactNode } from 'react';

export const ITEM =
  'flex shrink-0 items-center gap-2 h-8 px-2 rounded-md text-ink-2 hover:bg-sunken hover:text-ink touch:h-11 [&.active]:bg-brand-soft [&.active]:text-brand-ink [&.active]:font-medium';

export function Group({ label, children }: { label: string; children: ReactNode }) {
  return (
    <>
      <div className="px-2 pt-3 pb-1 text-xs text-ink-3">{label}</div>
      {children}
    </>
  );
}
