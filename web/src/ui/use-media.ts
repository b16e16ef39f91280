import { useSyncExternalStore } from 'react';

function watch(query: string) {
  const list = matchMedia(query);
  return {
    subscribe: (listener: () => void) => {
      list.addEventListener('change', listener);
      return () => list.removeEventListener('change', listener);
    },
    value: () => list.matches,
  };
}

const wide = watch('(min-width: 768px)');

/** As `useWide`, at this moment. */
export const isWide = wide.value;

/** Whether there is room for tables and side panels. */
export function useWide(): boolean {
  return useSyncExternalStore(wide.subscribe, wide.value, () => true);
}

const coarse = watch('(pointer: coarse)');

/** Whether a finger points: everything is then larger. */
export function useCoarse(): boolean {
  return useSyncExternalStore(coarse.subscribe, coarse.value, () => false);
}
