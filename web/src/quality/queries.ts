// What the server says about the quality of data.
import { queryOptions } from '@tanstack/react-query';
import { api } from '../api/client';
import type { Filter, Label, Rec } from '../api/types';

export type FieldFigures = {
  field: string;
  label: Label;
  weight: number | null;
  freshness_days: number | null;
  filled: number;
  missing: number;
  stale: number;
};
export type RuleFigures = {
  name: string;
  label: Label;
  severity: 'minor' | 'normal' | 'serious';
  weight: number;
  dimension: string;
  check: string;
  eligible: number;
  hits: number;
};
export type Dimension = 'completeness' | 'validity' | 'uniqueness' | 'consistency' | 'timeliness';
export type Figures = {
  object: string;
  target: number | null;
  can_measure: boolean;
  duplicates: { groups: number; records: number; searched_at: string | null };
  latest: {
    day: string;
    records: number;
    score: number | null;
    dimensions: Partial<Record<Dimension, number>>;
    bands: [number, number, number, number];
    twins: number;
    fields: FieldFigures[];
    rules: RuleFigures[];
    below_target: boolean;
  } | null;
  trend: { day: string; score: number | null; records: number }[];
};

export type QualityRule = {
  name: string;
  label: Label;
  check: string;
  eligible?: Filter | null;
  field?: string | null;
  severity: 'minor' | 'normal' | 'serious';
  weight: number;
  dimension: 'validity' | 'consistency';
};
export type QualityDefinition = {
  target?: number | null;
  weights: Record<string, number>;
  cases: { when: Filter; weights: Record<string, number> }[];
  rules: QualityRule[];
};

export const SEVERITY_COLOR = { serious: 'red', normal: 'amber', minor: 'gray' };

export type RecordQuality = {
  score: number;
  dimensions: Partial<Record<Dimension, number>>;
  missing: { field: string; label: Label }[];
  stale: { field: string; label: Label; days: number }[];
  broken: { name: string; label: Label; severity: string; field: string | null }[];
  text: string;
};

export function figuresQuery(object: string) {
  return queryOptions({
    queryKey: ['quality', object],
    queryFn: ({ signal }) => api.get<Figures>(`/quality/${object}`, signal),
    staleTime: 60_000,
    retry: false,
  });
}

export function measureNow(object: string) {
  return api.post<Figures>(`/quality/${object}/measure`);
}

export function verifyFields(object: string, id: string, fields: string[]) {
  return api.post<Rec>(`/records/${object}/${id}/verify`, { fields });
}

/** Good, fair, poor: never by colour alone, the number stands beside it. */
export function toneOf(score: number): 'ok' | 'warn' | 'danger' {
  return score >= 80 ? 'ok' : score >= 60 ? 'warn' : 'danger';
}
