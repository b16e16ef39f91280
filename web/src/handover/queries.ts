// What the server says about handovers.
import { queryOptions } from '@tanstack/react-query';
import { api } from '../api/client';
import type { Filter, Label, Ref } from '../api/types';

export type Receiver = { to: string; filter?: Filter | null };
export type HandoverRequest = {
  from: string;
  receivers: Receiver[];
  note: string;
  leave: string[];
  shares: boolean;
  deactivate: boolean;
};
export type ChecklistItem = {
  kind: 'reports' | 'heads' | 'stands_in' | 'pools' | 'assignment_rules' | 'promises' | 'keys' | 'named';
  count: number;
  label: { object: string; field: string } | null;
};
export type HandoverPreview = {
  from: Ref;
  active: boolean;
  objects: { object: string; label: Label; count: number; moves: boolean; to: number[] }[];
  shares: number;
  receivers: number[];
  checklist: ChecklistItem[];
};
export type Handover = {
  id: string;
  from: Ref;
  receivers: Ref[];
  state: 'running' | 'done' | 'undoing' | 'undone';
  done: number;
  total: number;
  note: string;
  deactivate: boolean;
  by: Ref;
  at: string;
  ended_at: string | null;
  can_undo: boolean;
};
export type State = 'planned' | 'done' | 'skipped' | 'failed' | 'undone' | 'kept';
export type HandoverReport = Handover & {
  moved: {
    kind: 'record' | 'share';
    object: string;
    label: Label | null;
    to: Ref;
    states: Partial<Record<State, number>>;
  }[];
  checklist: ChecklistItem[];
};

export const HANDOVERS = 'handovers';

export const isAtWork = (one: Handover) => one.state === 'running' || one.state === 'undoing';

export const handoversQuery = queryOptions({
  queryKey: [HANDOVERS],
  queryFn: ({ signal }) => api.get<{ items: Handover[] }>('/handovers', signal).then((answer) => answer.items),
  refetchInterval: ({ state }) => (state.data?.some(isAtWork) ? 1_000 : false),
});

export function handoverQuery(id: string) {
  return queryOptions({
    queryKey: [HANDOVERS, id],
    queryFn: ({ signal }) => api.get<HandoverReport>(`/handovers/${id}`, signal),
    refetchInterval: ({ state }) => (state.data && isAtWork(state.data) ? 1_000 : false),
  });
}

export function handoverPreviewQuery(request: HandoverRequest | null) {
  const { from, receivers, leave, shares } = request ?? { from: '', receivers: [], leave: [], shares: true };
  return queryOptions({
    queryKey: [HANDOVERS, 'preview', from, JSON.stringify(receivers), leave, shares],
    queryFn: ({ signal }) =>
      api.post<HandoverPreview>('/handovers/preview', { from, receivers, leave, shares }, { signal }),
    enabled: request !== null,
    staleTime: 0,
  });
}

export const startHandover = (request: HandoverRequest) => api.post<{ id: string }>('/handovers', request);
export const undoHandover = (id: string) => api.post<{ id: string }>(`/handovers/${id}/undo`);
