// A word of advice on a page that somebody sees for the first time; it goes once it is understood, for good.
import { lazy, Suspense, useSyncExternalStore } from 'react';
import { recall, remember } from '../session/preferences';
import type { TipName } from './words';

const TipNote = lazy(() => import('./tip-note'));

const key = (of: TipName) => `huike.tip.${of}`;
const listeners = new Set<() => void>();

function changed() {
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function understood(of: TipName) {
  remember(key(of), '1');
  changed();
}

/** All of them once more. */
export function showTipsAgain(all: readonly TipName[]) {
  for (const of of all) remember(key(of), null);
  changed();
}

export function Tip({ of }: { of: TipName }) {
  const seen = useSyncExternalStore(subscribe, () => recall(key(of)) !== null);
  if (seen) return null;
  return (
    <Suspense fallback={null}>
      <TipNote of={of} />
    </Suspense>
  );
}
