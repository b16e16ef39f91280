// Who is signed in. Kept outside React, so that the client, the boot sequence and the pages see one truth.
import { useSyncExternalStore } from 'react';
import { api, configureClient, Fault } from '../api/client';
import type { AdminArea, Language, Session, Theme } from '../api/types';

export type SessionState =
  | { kind: 'loading' }
  | { kind: 'unreachable' }
  | { kind: 'setup' }
  | { kind: 'anonymous' }
  | { kind: 'signed_in'; session: Session };

let state: SessionState = { kind: 'loading' };
const listeners = new Set<() => void>();

function set(next: SessionState) {
  state = next;
  for (const listener of listeners) listener();
}

export function useSessionState(): SessionState {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => state,
  );
}

/** The session; only for what is rendered behind the sign-in. */
export function useSession(): Session {
  const current = useSessionState();
  if (current.kind !== 'signed_in') throw new Error('useSession outside a signed-in page');
  return current.session;
}

export function useMay(area: AdminArea): boolean {
  return useSession().admin.includes(area);
}

export function adopt(session: Session) {
  configureClient({ csrf: session.csrf });
  set({ kind: 'signed_in', session });
}

export async function loadSession(): Promise<SessionState> {
  try {
    adopt(await api.get<Session>('/session'));
  } catch (cause) {
    if (cause instanceof Fault && cause.status === 401) {
      const { needed } = await api.get<{ needed: boolean }>('/setup').catch(() => ({ needed: false }));
      set({ kind: needed ? 'setup' : 'anonymous' });
    } else {
      set({ kind: 'unreachable' });
    }
  }
  return state;
}

export async function signOut() {
  await api.delete('/session').catch(() => undefined);
  // A full load leaves nothing of the last person in memory.
  location.assign('/');
}

export function signedOut() {
  if (state.kind === 'signed_in') set({ kind: 'anonymous' });
}

export async function updateSession(changes: { language?: Language; theme?: Theme }) {
  adopt(await api.patch<Session>('/session', changes));
}
