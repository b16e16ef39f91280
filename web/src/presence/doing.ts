// What this page's person does now at a record: looking, unless they write or call.
import type { Doing } from './queries';

const now = new Map<string, Doing>();
const listeners = new Set<() => void>();
const CALL_MS = 3 * 60_000;

const key = (object: string, id: string) => `${object}/${id}`;

export function doingAt(object: string, id: string): Doing {
  return now.get(key(object, id)) ?? 'looking';
}

export function setDoing(object: string, id: string, doing: Doing) {
  if (doing === 'looking') now.delete(key(object, id));
  else now.set(key(object, id), doing);
  for (const tell of listeners) tell();
}

export function onDoing(tell: () => void): () => void {
  listeners.add(tell);
  return () => listeners.delete(tell);
}

/** A telephone link was followed; nobody tells the page when the call ends. */
export function calling(object: string, id: string) {
  setDoing(object, id, 'calling');
  setTimeout(() => {
    if (doingAt(object, id) === 'calling') setDoing(object, id, 'looking');
  }, CALL_MS);
}
