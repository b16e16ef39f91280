// What others change shows here without asking again: the server's event stream tells which lists are old.
import { type QueryClient, useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { keys } from '../api/records';
import type { Import } from '../api/types';
import { PRESENCE_EVENT } from '../presence/event';

type ChangeEvent = { object: string; id: string; op: string; version?: number };

const SETTLE_MS = 400;
const FOLLOW_MS = 2_000;
let following: ReturnType<typeof setTimeout> | undefined;
/** What every query about notifications begins with (follow/queries.ts). */
const NOTICES = 'notifications';

export function useLiveChanges() {
  const client = useQueryClient();
  useEffect(() => {
    if (typeof EventSource === 'undefined') return;
    const source = new EventSource('/api/v1/events');
    const pending = new Map<string, Set<string>>();
    let timer: ReturnType<typeof setTimeout> | undefined;
    source.addEventListener('change', (message) => {
      const event = JSON.parse((message as MessageEvent<string>).data) as ChangeEvent;
      const ids = pending.get(event.object) ?? new Set();
      ids.add(event.id);
      pending.set(event.object, ids);
      // An import changes thousands of rows; one look at the list afterwards is enough.
      timer ??= setTimeout(() => {
        timer = undefined;
        refresh(client, pending);
        pending.clear();
      }, SETTLE_MS);
    });
    source.addEventListener('import', (message) => {
      const event = JSON.parse((message as MessageEvent<string>).data) as Pick<Import, 'id' | 'state' | 'progress'>;
      client.setQueryData<Import>(['import', event.id], (before) => before && { ...before, ...event });
      if (event.state !== 'running') void client.invalidateQueries({ queryKey: ['import', event.id] });
    });
    source.addEventListener('notification', () => {
      for (const queryKey of [[NOTICES], ['home']]) void client.invalidateQueries({ queryKey });
    });
    source.addEventListener('presence', (message) => {
      const detail: unknown = JSON.parse((message as MessageEvent<string>).data);
      window.dispatchEvent(new CustomEvent(PRESENCE_EVENT, { detail }));
    });
    return () => {
      clearTimeout(timer);
      source.close();
    };
  }, [client]);
}

function refresh(client: QueryClient, changed: Map<string, Set<string>>) {
  for (const [object, ids] of changed) {
    void client.invalidateQueries({ queryKey: keys.lists(object) });
    for (const id of ids) void client.invalidateQueries({ queryKey: keys.record(object, id) });
  }
  void client.invalidateQueries({ queryKey: ['home'] });
  void client.invalidateQueries({ queryKey: ['overview'] });
  // What records promise follows a moment after the records themselves.
  clearTimeout(following);
  following = setTimeout(() => {
    for (const queryKey of [['home'], ['record-promises'], ['leaks'], ['team'], [NOTICES, 'bell']])
      void client.invalidateQueries({ queryKey });
  }, FOLLOW_MS);
}
