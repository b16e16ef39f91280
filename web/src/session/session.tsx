// Who is signed in. Kept outside React, so that the client, the boot sequence and the pages see one truth.
import { useSyncExternalStore } from 'react';
import { api, configureClient, Fault } from '../api/client';
import type { AdminArea, Language, Session, Theme } from '../api/types';
import { forgetKept } from '../offline/worker';

export type SessionState =
  | { kind: 'loading' }
  | { kind: 'unreachable' }
  | { kind: 'setup' }
  | { kind: 'anonymous'; company?: string | null; logo?: string | null }
  | { kind: 'signed_in'; session: Session };

type Setup = { needed: boolean; company?: string | null; logo?: string | null };

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
      const setup = await api.get<Setup>('/setup').catch((): Setup => ({ needed: false }));
      set(setup.needed ? { kind: 'setup' } : { kind: 'anonymous', company: setup.company, logo: setup.logo });
    } else {
      set({ kind: 'unreachable' });
    }
  }
  return state;
}

/** The company as far as it is known here: also before anybody has signed in. */
export function useCompany(): { name: string | null; logo: string | null } {
  const current = useSessionState();
  if (current.kind === 'signed_in')
    return { name: current.session.company.name, logo: current.session.company.logo ?? null };
  if (current.kind === 'anonymous') return { name: current.company ?? null, logo: current.logo ?? null };
  return { name: null, logo: null };
}

export async function signOut() {
  await api.delete('/session').catch(() => undefined);
  await forgetKept();
  // A full load leaves nothing of the last person in memory.
  location.assign('/');
}

export function signedOut() {
  if (state.kind !== 'signed_in') return;
  void forgetKept();
  const { name, logo } = state.session.company;
  set({ kind: 'anonymous', company: name, logo });
}

export async function updateSession(changes: { language?: Language; theme?: Theme }) {
  adopt(await api.patch<Session>('/session', changes));
}
