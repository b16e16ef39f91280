// Windows that may be opened from anywhere: the create form, 写跟进, the palette, the keyboard sheet.
import { useSyncExternalStore } from 'react';
import type { Ref } from '../api/types';

export type LogTarget = { object: string; record: Ref } | null;

export type Overlay =
  | { kind: 'create'; object: string; defaults?: Record<string, unknown>; onCreated?: (ref: Ref) => void }
  | { kind: 'log'; target: LogTarget; defaults?: Record<string, unknown> }
  | { kind: 'palette' }
  | { kind: 'keyboard' }
  | { kind: 'menu' };

let current: Overlay | null = null;
const listeners = new Set<() => void>();

function set(next: Overlay | null) {
  current = next;
  for (const listener of listeners) listener();
}

export const openOverlay = (overlay: Overlay) => set(overlay);
export const closeOverlay = () => set(null);
export const openLog = (target: LogTarget = null, defaults?: Record<string, unknown>) =>
  set({ kind: 'log', target, defaults });
export const openCreate = (object: string, defaults?: Record<string, unknown>, onCreated?: (ref: Ref) => void) =>
  set({ kind: 'create', object, defaults, onCreated });

export function useOverlay(): Overlay | null {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => current,
  );
}
