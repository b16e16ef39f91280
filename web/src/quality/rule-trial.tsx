// A rule tried on the records that are there: how many it is for, how many break it, and some of them by name.
import { type UseMutationResult, useMutation } from '@tanstack/react-query';
import { api } from '../api/client';
import { useT } from '../i18n';
import { FaultBox } from '../session/fault-box';
import type { QualityRule } from './queries';

export type RuleFound = {
  eligible: number;
  hits: number;
  more: boolean;
  sample: { id: string; name: string | null }[];
};

/** A rule that says nothing yet. */
export const EMPTY_RULE: QualityRule = {
  name: '',
  label: { zh: '', en: '' },
  check: '',
  eligible: null,
  severity: 'normal',
  weight: 1,
  dimension: 'consistency',
};

type Trial = UseMutationResult<RuleFound, Error, QualityRule>;

export function useRuleTrial(object: string): Trial {
  return useMutation({
    mutationFn: (rule: QualityRule) => api.post<RuleFound>(`/quality/${object}/preview`, { rule }),
  });
}

/** What came of a trial; `said` puts the numbers into words. */
export function RuleTrial({ trial, said }: { trial: Trial; said: (found: RuleFound) => string }) {
  const t = useT();
  const found = trial.data;
  return (
    <>
      <FaultBox cause={trial.error} />
      {found && (
        <div role="status" className="rounded-md bg-surface px-3 py-2">
          <p>{said(found)}</p>
          {found.sample.length > 0 && (
            <p className="text-ink-2 mt-1">{found.sample.map((one) => one.name ?? t.common.hidden).join(' · ')}</p>
          )}
        </div>
      )}
    </>
  );
}
