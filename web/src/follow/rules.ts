// Rules of reminding as the server keeps them, and the parts of their steps as people say them.
import { queryOptions } from '@tanstack/react-query';
import { api, query } from '../api/client';
import type { FieldFault, Filter, Label, Ref } from '../api/types';

export type Level = 'owner' | 'collaborator' | 'manager' | 'director';
export const LEVELS: Level[] = ['owner', 'collaborator', 'manager', 'director'];
export type Offset = { days?: number; working_days?: number; working_minutes?: number; minutes?: number };
export type Step = { to: Level; after?: Offset };
export type Trigger =
  | { kind: 'task' }
  | { kind: 'silence'; working_days: number }
  | { kind: 'date'; object: string; field: string; yearly?: boolean; shift_days?: number; lapses?: boolean };

export type Definition = {
  name: Label;
  trigger: Trigger;
  filter?: Filter | null;
  steps: Step[];
  urgent: boolean;
  in_quiet_hours: boolean;
  digest: boolean;
};
export type Rule = Definition & {
  id: string;
  active: boolean;
  position: number;
  version: number;
  faults: FieldFault[];
};

export type Trial = {
  records: number;
  sampled: number;
  promises: number;
  reminders: number;
  people: number;
  per_person_day: number;
  heavy: boolean;
  examples: { record: Ref; due_at: string }[];
  text: string;
};

export const rulesQuery = queryOptions({
  queryKey: ['reminder-rules'],
  queryFn: ({ signal }) => api.get<{ items: Rule[] }>('/reminder-rules', signal),
});

type Heeded = { user: Ref; told: number; acted: number; ignored: number };
export type Proposal = { kind: 'lengthen' | 'fewer' | 'digest'; text: string; change: Partial<Definition> };
export type Report = {
  days: number;
  within: number;
  items: {
    rule: { id: string; name: string };
    active: boolean;
    told: number;
    acted: number;
    ignored: number;
    people: Heeded[];
    proposals: Proposal[];
  }[];
  people: Heeded[];
};

export function reportQuery(days: number, within: number) {
  return queryOptions({
    queryKey: ['reminder-rules', 'report', days, within],
    queryFn: ({ signal }) => api.get<Report>(`/reminder-rules/report${query({ days, within })}`, signal),
  });
}

export type Scheduler = { backlog: number; lag_seconds: number; dead_letters: number; broken: number };
export type DeadLetter = {
  id: string;
  object: string;
  record_id: string | null;
  fault: string;
  attempts: number;
  at: string;
};

export const schedulerQuery = queryOptions({
  queryKey: ['scheduler'],
  queryFn: ({ signal }) => api.get<Scheduler>('/scheduler', signal),
  refetchInterval: 15_000,
});
export const deadLettersQuery = queryOptions({
  queryKey: ['dead-letters'],
  queryFn: ({ signal }) => api.get<{ items: DeadLetter[] }>('/dead-letters', signal),
});

export type Unit = 'minutes' | 'hours' | 'working_hours' | 'days' | 'working_days';
export const UNITS: Unit[] = ['minutes', 'hours', 'working_hours', 'days', 'working_days'];
/** A step's time as it is said: before, at or after the due time, by so many of a unit. */
export type Said = { side: 'before' | 'at' | 'after'; count: number; unit: Unit };

const HOUR = 60;

/** The largest part of an offset; the pages write offsets of one part only. */
export function saidOf(after: Offset | undefined): Said {
  const { days = 0, working_days = 0, working_minutes = 0, minutes = 0 } = after ?? {};
  const parts: [number, Unit][] = [
    [working_days, 'working_days'],
    [days, 'days'],
    [working_minutes / HOUR, 'working_hours'],
    minutes % HOUR === 0 ? [minutes / HOUR, 'hours'] : [minutes, 'minutes'],
  ];
  const [count, unit] = parts.find(([amount]) => amount !== 0) ?? [0, 'working_days'];
  return { side: count < 0 ? 'before' : count > 0 ? 'after' : 'at', count: Math.abs(count), unit };
}

export function offsetOf({ side, count, unit }: Said): Offset {
  if (side === 'at' || count === 0) return {};
  const signed = side === 'before' ? -count : count;
  switch (unit) {
    case 'minutes':
      return { minutes: Math.round(signed) };
    case 'hours':
      return { minutes: Math.round(signed * HOUR) };
    case 'working_hours':
      return { working_minutes: Math.round(signed * HOUR) };
    case 'days':
      return { days: Math.round(signed) };
    case 'working_days':
      return { working_days: Math.round(signed) };
  }
}

/** What a rule is about. */
export function objectOf(trigger: Trigger): string {
  return trigger.kind === 'task' ? 'task' : trigger.kind === 'silence' ? 'customer' : trigger.object;
}
