// Menus, pickers and dialogs weigh a third of a page and nothing of them is seen at first. They are loaded when the
// page is idle, or at once when one is asked for; until then their triggers stand in as plain buttons.
import { useSyncExternalStore } from 'react';

type Popups = typeof import('./popups');

let popups: Popups | null = null;
let loading: Promise<void> | null = null;
const listeners = new Set<() => void>();

export function loadPopups(): Promise<void> {
  loading ??= import('./popups').then(
    (module) => {
      popups = module;
      for (const listener of listeners) listener();
    },
    () => {
      // Offline for a moment: the next click tries again.
      loading = null;
    },
  );
  return loading;
}

export function loadPopupsWhenIdle() {
  const load = () => {
    void loadPopups();
    import('./date-field').catch(() => undefined);
  };
  if ('requestIdleCallback' in window) requestIdleCallback(load, { timeout: 2_000 });
  else setTimeout(load, 500);
}

export function usePopups(): Popups | null {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => popups,
  );
}
