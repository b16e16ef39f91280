// How tables are looked at on this device: how dense, what is frozen, whether totals are asked for.
import { useSyncExternalStore } from 'react';
import { recall, remember } from '../session/preferences';

export type Density = 'tight' | 'normal' | 'wide';
/** Height of a row in pixels. */
export const ROW_HEIGHT: Record<Density, number> = { tight: 32, normal: 36, wide: 44 };

const DENSITY = 'huike.density';
const listeners = new Set<() => void>();

function write(key: string, value: string | null) {
  remember(key, value);
  for (const listener of listeners) listener();
}

function useStored(key: string): string | null {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => recall(key),
  );
}

export function useListSettings(object: string) {
  const density = useStored(DENSITY);
  const frozen = Number(useStored(`huike.frozen.${object}`) ?? 0);
  return {
    density: (density === 'tight' || density === 'wide' ? density : 'normal') as Density,
    setDensity: (next: Density) => write(DENSITY, next),
    /** Columns after the name that stay in sight. */
    frozen: Number.isInteger(frozen) && frozen > 0 ? frozen : 0,
    setFrozen: (count: number) => write(`huike.frozen.${object}`, count > 0 ? String(count) : null),
    totals: useStored(`huike.totals.${object}`) === 'on',
    setTotals: (on: boolean) => write(`huike.totals.${object}`, on ? 'on' : null),
  };
}
