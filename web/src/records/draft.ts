// What was typed and not yet saved, kept on this device: no draft is ever lost.
import { remember } from '../session/preferences';

const KEEP_MS = 14 * 86_400_000;

export function loadDraft<T>(key: string): T | null {
  try {
    const stored = JSON.parse(localStorage.getItem(`huike.draft.${key}`) ?? 'null') as { at: number; value: T } | null;
    return stored && Date.now() - stored.at < KEEP_MS ? stored.value : null;
  } catch {
    return null;
  }
}

export function saveDraft<T>(key: string, value: T | null) {
  remember(`huike.draft.${key}`, value === null ? null : JSON.stringify({ at: Date.now(), value }));
}
