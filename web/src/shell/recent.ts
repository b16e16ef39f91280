// What was opened last on this device, for the palette and 写跟进.
import { remember } from '../session/preferences';

export type Recent = { object: string; id: string; name: string };

const KEY = 'huike.recent';
const KEPT = 12;

export function recents(): Recent[] {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(KEY) ?? '[]');
    return Array.isArray(stored) ? (stored as Recent[]).filter((one) => one?.id && one.object && one.name) : [];
  } catch {
    return [];
  }
}

export function noteRecent(entry: Recent) {
  const others = recents().filter((one) => one.id !== entry.id || one.object !== entry.object);
  remember(KEY, JSON.stringify([entry, ...others].slice(0, KEPT)));
}
