import type { ReactNode } from 'react';

export function Panel({
  title,
  text,
  action,
  children,
}: {
  title: string;
  text?: string;
  action?: ReactNode;
  children?: ReactNode;
}) {
  return (
    <section className="rounded-lg border border-line p-4 flex flex-col gap-3">
      <div className="flex flex-wrap items-start gap-3">
        <div className="flex-1 min-w-44">
          <h2 className="font-semibold">{title}</h2>
          {text && <p className="text-ink-2">{text}</p>}
        </div>
        {action}
      </div>
      {children}
    </section>
  );
}
