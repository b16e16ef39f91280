// Who is signed in. Kept outside React, so that the client, the boot sequence and the pages see one truth.
import { useSyncExternalStore } from 'react';
import { api, configureClient, Fault } from '../api/client';
import type { AdminArea, Language, Session, Theme } from '../api/types';
import { forgetKept } from '../offline/worker';
import { recall, remember } from './preferences';

export type SessionState =
  | { kind: 'loading' }
  | { kind: 'unreachable' }
  | { kind: 'setup' }
  | { kind: 'anonymous'; company?: string | null; logo?: string | null }
  | { kind: 'signed_in'; session: Session };

type Setup = { needed: boolean; signed_in: boolean; company?: string | null; logo?: string | null };

let state: SessionState = { kind: 'loading' };
const listeners = new Set<() => void>();

/** Kept on the device while somebody is signed in on it; where nobody answers it stays as it was. */
const KNOWN = 'huike.known';

function set(next: SessionState) {
  state = next;
  if (next.kind === 'signed_in') remember(KNOWN, '1');
  else if (next.kind !== 'unreachable') remember(KNOWN, null);
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

/** Whether this device was signed in when it was last used: what only its person may read can then be asked for at once. */
export function wasSignedIn(): boolean {
  return recall(KNOWN) !== null;
}

export function adopt(session: Session) {
  configureClient({ csrf: session.csrf });
  set({ kind: 'signed_in', session });
}

function welcome({ needed, company, logo }: Setup) {
  set(needed ? { kind: 'setup' } : { kind: 'anonymous', company, logo });
}

/** Looks up who is signed in. A stranger asks for nothing that would be refused: the browser would note it as an error. */
export async function loadSession(): Promise<SessionState> {
  try {
    // Without a network the worker may know the session, which is asked for then.
    const setup = wasSignedIn() ? null : await readSetup().catch(() => null);
    if (setup && !setup.signed_in) welcome(setup);
    else adopt(await api.get<Session>('/session'));
  } catch (cause) {
    if (cause instanceof Fault && cause.status === 401)
      welcome(await readSetup().catch((): Setup => ({ needed: false, signed_in: false })));
    else set({ kind: 'unreachable' });
  }
  return state;
}

const readSetup = () => api.get<Setup>('/setup');

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
  remember(KNOWN, null);
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
