import { useState } from 'react';
import type { Rec } from '../api/types';

export type Selection = {
  size: number;
  records: Rec[];
  has: (id: string) => boolean;
  toggle: (record: Rec, range?: boolean) => void;
  setAll: (records: Rec[]) => void;
  clear: () => void;
};

/** Chosen records, kept whole: a row scrolled away must still be known by version. Shift takes all between. */
export function useSelection(loaded: () => Rec[]): Selection {
  const [chosen, setChosen] = useState<ReadonlyMap<string, Rec>>(new Map());
  const [anchor, setAnchor] = useState<string | null>(null);
  const toggle = (record: Rec, range = false) => {
    const next = new Map(chosen);
    if (range && anchor && anchor !== record.id) {
      const all = loaded();
      const places = [all.findIndex((one) => one.id === anchor), all.findIndex((one) => one.id === record.id)].sort(
        (a, b) => a - b,
      );
      const [from = -1, to = -1] = places;
      if (from >= 0) for (const one of all.slice(from, to + 1)) next.set(one.id, one);
    } else if (next.has(record.id)) next.delete(record.id);
    else next.set(record.id, record);
    setAnchor(record.id);
    setChosen(next);
  };
  return {
    size: chosen.size,
    records: [...chosen.values()],
    has: (id) => chosen.has(id),
    toggle,
    setAll: (records) => setChosen(new Map(records.map((record) => [record.id, record]))),
    clear: () => setChosen(new Map()),
  };
}
