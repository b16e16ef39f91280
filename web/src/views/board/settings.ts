// How a board is looked at on this device: which columns are folded, and after how many quiet days a card is marked.
import { useSyncExternalStore } from 'react';
import { remember } from '../../session/preferences';

export const STALL_DAYS = [7, 14, 30, 60] as const;
const DEFAULT_STALL = 14;

type Settings = { folded: string[]; stall: number | null };

const known = new Map<string, Settings>();
const listeners = new Set<() => void>();

function read(key: string): Settings {
  let settings = known.get(key);
  if (settings) return settings;
  settings = { folded: [], stall: DEFAULT_STALL };
  try {
    const stored = JSON.parse(localStorage.getItem(key) ?? '{}') as Partial<Settings>;
    if (Array.isArray(stored.folded)) settings.folded = stored.folded.filter((one) => typeof one === 'string');
    if (stored.stall === null || typeof stored.stall === 'number') settings.stall = stored.stall;
  } catch {
    // What can't be read is as if never set.
  }
  known.set(key, settings);
  return settings;
}

export type BoardSettings = ReturnType<typeof useBoardSettings>;

export function useBoardSettings(object: string, group: string) {
  const key = `huike.board.${object}.${group}`;
  const settings = useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => read(key),
  );
  const set = (next: Settings) => {
    known.set(key, next);
    remember(key, JSON.stringify(next));
    for (const listener of listeners) listener();
  };
  return {
    stall: settings.stall,
    setStall: (days: number | null) => set({ ...settings, stall: days }),
    isFolded: (column: string | null) => settings.folded.includes(String(column)),
    fold: (column: string | null) => {
      const name = String(column);
      const others = settings.folded.filter((one) => one !== name);
      set({ ...settings, folded: others.length < settings.folded.length ? others : [...others, name] });
    },
  };
}
