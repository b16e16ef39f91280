// What the server says about the way of a record: its stage, its plans, its tier.
import { infiniteQueryOptions, type QueryClient, queryOptions } from '@tanstack/react-query';
import { api, query } from '../api/client';
import { invalidateRecord } from '../api/records';
import type { FieldFault, Filter, Rec, Ref } from '../api/types';

export type Meaning = 'open' | 'won' | 'lost';
export type Missing = { field: string | null; label: string | null; code: string; message: string; fill: boolean };
export type StageStep = {
  to: string;
  label: string;
  color: string | null;
  meaning: Meaning;
  current: boolean;
  permitted?: boolean;
  why_not?: string | null;
  missing?: Missing[];
};
type StageName = { value: string; label: string } | null;
export type StageMove = {
  from: StageName;
  to: StageName;
  at: string;
  days: number;
  by: Ref | null;
  automatic: boolean;
  note: string | null;
};
export type Transitions = {
  field: string;
  stage: string | null;
  since: string;
  days: number;
  items: StageStep[];
  ahead: { to: string; label: string | null; at: string; warn_only: boolean; silent_days: number }[];
  history: StageMove[];
};

export function transitionsQuery(object: string, record: Rec) {
  return queryOptions({
    // What is missing depends on the values: another version is another answer.
    queryKey: ['transitions', object, record.id, record.version],
    queryFn: ({ signal }) => api.get<Transitions>(`/records/${object}/${record.id}/transitions`, signal),
    placeholderData: (before) => before,
    retry: false,
  });
}

export function moveTo(
  object: string,
  id: string,
  body: { to: string; values: Record<string, unknown>; note?: string },
) {
  return api.post<Rec>(`/records/${object}/${id}/transitions`, body);
}

export function invalidateJourney(client: QueryClient, object: string, id: string) {
  invalidateRecord(client, object, id);
  for (const key of ['transitions', 'plans', 'tier', 'obligations'])
    void client.invalidateQueries({ queryKey: [key, object, id] });
}

export type StageRule = {
  value: string;
  meaning: Meaning;
  from: string[];
  required: string[];
  entry: Filter | null;
};
export type AutomaticMove = {
  to: string;
  from: string[];
  when: Filter | null;
  silent_days: number | null;
  warn_only: boolean;
  warn_days: number;
  set: Record<string, unknown>;
};
export type Lifecycle = {
  object: string;
  active: boolean;
  version: number;
  field: string;
  stages: StageRule[];
  automatic: AutomaticMove[];
  strict_new: boolean;
  faults: FieldFault[];
};
export type LifecyclePreview = {
  stages: { value: string; records: number; unmet: number }[];
  automatic: { to: string; now: number; soon: number; warn_only: boolean }[];
};

export function lifecycleQuery(object: string) {
  return queryOptions({
    queryKey: ['lifecycle', object],
    queryFn: ({ signal }) => api.get<Lifecycle>(`/lifecycles/${object}`, signal),
    staleTime: 0,
    retry: false,
  });
}

export type StageFigures = {
  object: string;
  field: string;
  from: string;
  to: string;
  stages: {
    value: string;
    label: string;
    color: string | null;
    meaning: Meaning;
    now: number;
    entered: number;
    went_on: number;
    lost: number;
    rate: number | null;
    loss_rate: number | null;
    days: number | null;
  }[];
  reasons: { value: string | null; label: string | null; color: string | null; count: number }[];
};

export function figuresQuery(object: string, period: { from: string; to: string }, filter: Filter | null) {
  return queryOptions({
    queryKey: ['stage-figures', object, period, filter],
    queryFn: ({ signal }) =>
      api.get<StageFigures>(
        `/lifecycles/${object}/figures${query({ ...period, filter: filter && JSON.stringify(filter) })}`,
        signal,
      ),
    placeholderData: (before) => before,
  });
}

export type Evidence = { kind: 'hand' | 'talk' | 'field' | 'file'; kinds?: string[]; field?: string };
export type RunStep = {
  id: string | null;
  key: string;
  action: string;
  script: string;
  role: string;
  responsible: Ref | null;
  fallback: boolean;
  evidence: Evidence;
  outcomes: string[];
  can_close: boolean;
  state: 'ahead' | 'open' | 'late' | 'done' | 'skipped' | 'void';
  was_late: boolean;
  due_at: string | null;
  closed_at: string | null;
  closed_by: Ref | null;
  outcome: string | null;
  note: string | null;
};
export type PlanRun = {
  id: string;
  plan: string;
  name: string;
  description: string;
  version: number;
  state: 'running' | 'done' | 'stopped';
  automatic: boolean;
  started_at: string;
  started_by: Ref | null;
  ended_at: string | null;
  reason: string | null;
  done: number;
  total: number;
  steps: RunStep[];
};
export type RecordPlans = {
  items: PlanRun[];
  can_change: boolean;
  startable: { id: string; name: string; description: string }[];
};

export function recordPlansQuery(object: string, id: string) {
  return queryOptions({
    queryKey: ['plans', object, id],
    queryFn: ({ signal }) => api.get<RecordPlans>(`/records/${object}/${id}/plans`, signal),
    retry: false,
  });
}

export type Offset = { days?: number; working_days?: number; working_minutes?: number; minutes?: number };
export type PlanStep = {
  key: string;
  action: string;
  script: string;
  role: string;
  after: Offset;
  from_start: boolean;
  evidence: Evidence;
  branches: { outcome: string; to: string | null }[];
};
export type Plan = {
  id: string;
  version: number;
  active: boolean;
  position: number;
  name: string;
  description: string;
  start: { automatic: boolean; stages: string[]; tiers: string[]; sources: string[]; filter: Filter | null };
  stop_when_left: boolean;
  steps: PlanStep[];
  running: number;
  vacant: string[];
  faults: FieldFault[];
};
export type PlanTrial = { matching: number; started: number; text: string; vacant: string[]; examples: Ref[] };

/** What was looked at when it was changed: whoever was faster isn't overwritten. */
export function ifMatch(version: number) {
  return { headers: { 'If-Match': `"${version}"` } };
}

export const plansQuery = queryOptions({
  queryKey: ['all-plans'],
  queryFn: ({ signal }) => api.get<{ items: Plan[] }>('/plans', signal),
  staleTime: 0,
});

type TierName = { value: string; label: string; color: string | null } | null;
type Side = { number: number | null; level: string; label: string };
export type RecordTier = {
  tier: TierName;
  active: boolean;
  worked: { tier: TierName; value: Side; potential: Side } | null;
  manual: { reason: string | null; until: string | null } | null;
  rhythm: { talks: number; days: number; kinds: string[]; done: number; behind: boolean } | null;
  can_set: boolean;
};

export function recordTierQuery(object: string, id: string) {
  return queryOptions({
    queryKey: ['tier', object, id],
    queryFn: ({ signal }) => api.get<RecordTier>(`/records/${object}/${id}/tier`, signal),
    retry: false,
  });
}

export type Axis = { formula: string; middling: number; high: number };
export type Rhythm = { tier: string; talks: number; days: number; kinds: string[] };
export type Tiers = {
  active: boolean;
  version: number;
  value: Axis;
  potential: Axis;
  matrix: string[][];
  filter: Filter | null;
  rhythm: Rhythm[];
  faults: FieldFault[];
};
export type TiersPreview = {
  looked_at: number;
  more: boolean;
  kept: number;
  moved: number;
  tiers: { tier: string | null; now: number; then: number }[];
  moves: { from: string | null; to: string | null; count: number }[];
  examples: { record: Ref; from: string | null; to: string }[];
};

export const tiersQuery = queryOptions({
  queryKey: ['tiers'],
  queryFn: ({ signal }) => api.get<Tiers>('/tiers', signal),
  staleTime: 0,
});

export type Scope = 'mine' | 'team' | 'all';
export type BehindItem = {
  record: Ref;
  tier: string | null;
  owner: Ref | null;
  last_contact_at: string | null;
  done: number;
  talks: number;
  days: number;
};

export function behindQuery(scope: Scope, tier: string | null) {
  return infiniteQueryOptions({
    queryKey: ['behind', scope, tier],
    queryFn: ({ pageParam, signal }) =>
      api.get<{ items: BehindItem[]; next_cursor: string | null }>(
        `/contact-rhythm${query({ scope, tier, limit: 50, cursor: pageParam })}`,
        signal,
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next_cursor,
  });
}

export function behindCountsQuery(scope: Scope) {
  return queryOptions({
    queryKey: ['behind-counts', scope],
    queryFn: ({ signal }) =>
      api.get<{
        tiers: {
          tier: string;
          label: string;
          color: string | null;
          talks: number;
          days: number;
          customers: number;
          behind: number;
        }[];
      }>(`/contact-rhythm/summary${query({ scope })}`, signal),
  });
}
