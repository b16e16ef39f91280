// What the server says about the rules of who gets a customer.
import { queryOptions } from '@tanstack/react-query';
import { api } from '../api/client';
import type { FieldFault, Filter, Label, Problem, Ref } from '../api/types';

export type Channel = 'page' | 'api' | 'import';
export type Target = { user?: string | null; department?: string | null; weight: number; filter?: Filter | null };
export type RuleDefinition = {
  name: Label;
  filter?: Filter | null;
  on: Channel[];
  take_over: boolean;
  targets: Target[];
  method: 'turns' | 'load';
  working_hours: boolean;
  per_day: number | null;
  capacity: number | null;
  otherwise: { kind: 'next' } | { kind: 'pool' } | { kind: 'steward'; user: string | null };
};
export type Rule = RuleDefinition & {
  id: string;
  version: number;
  active: boolean;
  position: number;
  faults: FieldFault[];
};
export type Trial = {
  customers: number;
  matched: number;
  nobody: number;
  earlier: number;
  people: { user: Ref; count: number }[];
  examples: { customer: Ref; owner: Ref | null; why: string }[];
};
export type Assigned = {
  id: string;
  status: number;
  outcome?: 'assigned' | 'pool' | 'steward' | 'none';
  owner?: Ref | null;
  why?: string;
  problem?: Problem;
};

export const RULES = 'assignment-rules';

export const rulesQuery = queryOptions({
  queryKey: [RULES],
  queryFn: ({ signal }) => api.get<{ items: Rule[] }>('/assignment-rules', signal).then((answer) => answer.items),
});

export function assignByRule(customers: string[]) {
  return api.post<{ results: Assigned[] }>('/assignment-rules/run', { customers }).then((answer) => answer.results);
}
