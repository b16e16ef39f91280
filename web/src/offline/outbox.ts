// Records written while the server could not be reached: kept on this device, visible, and sent once the way is open
// again. Each carries its own key, so that one that did arrive is not made a second time (Idempotency-Key).
import { useSyncExternalStore } from 'react';
import { api, Fault } from '../api/client';
import { createRecord } from '../api/records';
import type { Rec, Ref } from '../api/types';
import { allKept, forget, keep } from './store';

/** A file that goes into a field of the entry once it can be sent. */
export type WaitingFile = { field: string; file: File };

export type Waiting = {
  /** Also the key under which it is sent. */
  id: string;
  /** Who wrote it: nobody else's session may send it. */
  user: string;
  object: string;
  fields: Record<string, unknown>;
  /** The record it is about, to show it there. */
  about: ({ object: string } & Ref) | null;
  /** A line to know it by. */
  text: string;
  written_at: string;
  /** Why the server refused it; such an entry waits for a person. */
  refusal: string | null;
  /** Not sent yet; gone from here once they are. */
  files?: WaitingFile[];
};

const RETRY_MS = 20_000;

let waiting: Waiting[] = [];
let me: string | null = null;
let sending: Promise<void> | null = null;
const listeners = new Set<() => void>();
let onSent: (entry: Waiting, record: Rec) => void = () => {};

function set(next: Waiting[]) {
  waiting = next;
  for (const listener of listeners) listener();
}

async function load() {
  const kept = await allKept<Waiting>();
  const mine = kept.filter((entry) => entry.user === me);
  set(mine.sort((a, b) => a.written_at.localeCompare(b.written_at)));
}

export function useOutbox(): Waiting[] {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => waiting,
  );
}

/** Whether a failure says nothing about the record itself: no way to the server, or the server is not well. */
export function isUnreachable(cause: unknown): boolean {
  return cause instanceof Fault && (cause.status === 0 || cause.status === 429 || cause.status >= 502);
}

export async function putOff(entry: Waiting) {
  await keep(entry);
  set([...waiting.filter((one) => one.id !== entry.id), entry]);
}

export async function discard(id: string) {
  await forget(id);
  set(waiting.filter((one) => one.id !== id));
}

/** Sends files and gives what goes into the fields for them. */
export async function sendFiles(files: WaitingFile[]): Promise<Record<string, string[]>> {
  const sent: Record<string, string[]> = {};
  for (const { field, file } of files) {
    const form = new FormData();
    form.set('file', file);
    const { id } = await api.post<{ id: string }>('/files', form);
    sent[field] = [...(sent[field] ?? []), id];
  }
  return sent;
}

/** Sends what waits, oldest first; stops where the way is closed. Runs once at a time, also across windows. */
export function sendWaiting(again = false): Promise<void> {
  sending ??= alone(() => sendAll(again)).finally(() => {
    sending = null;
  });
  return sending;
}

async function alone(work: () => Promise<void>): Promise<void> {
  // Web views inside other applications may lack locks; the keys then keep each entry single.
  const locks = navigator.locks as LockManager | null | undefined;
  if (!locks) return work();
  await locks.request('huike-outbox', work);
}

async function sendAll(again: boolean) {
  await load();
  for (const entry of waiting) {
    if (entry.refusal !== null && !again) continue;
    try {
      let { fields } = entry;
      if (entry.files?.length) {
        fields = { ...fields, ...(await sendFiles(entry.files)) };
        // Kept as sent: the same key must always carry the same entry.
        await putOff({ ...entry, fields, files: [] });
      }
      const record = await createRecord(entry.object, fields, undefined, entry.id);
      await discard(entry.id);
      onSent(entry, record);
    } catch (cause) {
      // A session that ended is begun again, and then the entry is sent.
      if (isUnreachable(cause) || (cause instanceof Fault && cause.status === 401)) return;
      const refusal = cause instanceof Fault ? (cause.fields[0]?.message ?? cause.message) : String(cause);
      await putOff({ ...entry, refusal });
    }
  }
}

/** Watches for the way to open again; needs no service worker. */
export function watchOutbox(user: string, sent: (entry: Waiting, record: Rec) => void): () => void {
  me = user;
  onSent = sent;
  const attempt = () => void sendWaiting();
  const onVisible = () => document.visibilityState === 'visible' && attempt();
  const timer = setInterval(() => waiting.some((entry) => entry.refusal === null) && attempt(), RETRY_MS);
  window.addEventListener('online', attempt);
  document.addEventListener('visibilitychange', onVisible);
  attempt();
  return () => {
    clearInterval(timer);
    window.removeEventListener('online', attempt);
    document.removeEventListener('visibilitychange', onVisible);
  };
}
