// Short news at the edge, with at most one action (usually undo). Announced politely.
import { CircleCheck, Info, TriangleAlert, X } from 'lucide-react';
import { useSyncExternalStore } from 'react';
import { useT } from '../i18n';

type Tone = 'ok' | 'info' | 'danger';
export type Toast = { id: number; text: string; tone: Tone; action?: { label: string; run: () => void } };

const LIFE_MS = 6_000;
let toasts: Toast[] = [];
let next = 1;
const listeners = new Set<() => void>();

function set(value: Toast[]) {
  toasts = value;
  for (const listener of listeners) listener();
}

export function dismiss(id: number) {
  set(toasts.filter((toast) => toast.id !== id));
}

export function toast(text: string, options: { tone?: Tone; action?: Toast['action']; stays?: boolean } = {}) {
  const id = next++;
  // Three at most: what is older has been read or will not be.
  set([...toasts, { id, text, tone: options.tone ?? 'ok', action: options.action }].slice(-3));
  if (!options.stays) setTimeout(() => dismiss(id), options.tone === 'danger' ? LIFE_MS * 1.6 : LIFE_MS);
}

const ICONS = { ok: CircleCheck, info: Info, danger: TriangleAlert };
const COLOURS = { ok: 'text-ok', info: 'text-brand-ink', danger: 'text-danger' };

export function Toaster() {
  const t = useT();
  const current = useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => toasts,
  );
  return (
    <section
      aria-live="polite"
      aria-label={t.common.done}
      className="fixed z-60 left-1/2 -translate-x-1/2 bottom-24 md:bottom-6 flex flex-col gap-2 w-max max-w-[calc(100vw-24px)] pointer-events-none"
    >
      {current.map(({ id, text, tone, action }) => {
        const Icon = ICONS[tone];
        return (
          <div
            key={id}
            className="pointer-events-auto float-panel anim-rise flex items-center gap-2 pl-3 pr-1 min-h-10"
          >
            <Icon size={16} aria-hidden className={`${COLOURS[tone]} shrink-0`} />
            <span className="py-2 min-w-0">{text}</span>
            {action && (
              <button
                type="button"
                className="h-8 touch:h-11 px-2 rounded-md font-medium text-brand-ink hover:bg-brand-soft shrink-0"
                onClick={() => {
                  dismiss(id);
                  action.run();
                }}
              >
                {action.label}
              </button>
            )}
            <button
              type="button"
              aria-label={t.common.close}
              className="size-8 touch:size-11 grid place-items-center rounded-md text-ink-3 hover:bg-sunken shrink-0"
              onClick={() => dismiss(id)}
            >
              <X size={14} aria-hidden />
            </button>
          </div>
        );
      })}
    </section>
  );
}
