// The weights by which records are compared: what is in use, and what one's own would change before they are.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Scale } from 'lucide-react';
import { api } from '../api/client';
import type { ObjectType } from '../api/types';
import { useFormat } from '../format/use-format';
import { useT } from '../i18n';
import { faultText } from '../session/fault-text';
import { Button } from '../ui/button';
import { toast } from '../ui/toast';
import { Fold } from './fold';
import { DESK } from './queries';
import { useDeskText } from './text';

type Tiers = Record<'certain' | 'likely' | 'possible' | 'different', number>;
type Kept = { from: 'answers' | 'records'; at: string; by: string | null; before: Tiers; after: Tiers };
type Answer = {
  own: Kept | null;
  proposal: Kept | null;
  answers: { same: number; different: number; fewest: number };
};

const TIERS = ['certain', 'likely', 'possible', 'different'] as const;

export default function WeightsInUse({ object }: { object: ObjectType }) {
  const t = useT();
  const d = useDeskText();
  const format = useFormat();
  const client = useQueryClient();
  const path = `/records/${object.name}/matching`;
  const queryKey = [DESK, object.name, 'weights'];
  const { data } = useQuery({ queryKey, queryFn: ({ signal }) => api.get<Answer>(path, signal), retry: false });
  const done = {
    onSuccess: (answer: Answer) => client.setQueryData(queryKey, answer),
    onError: (cause: unknown) => void toast(faultText(cause, t), { tone: 'danger' }),
  };
  const learn = useMutation({
    mutationFn: (from: Kept['from']) => api.post<Answer>(`${path}/learn`, { from }),
    ...done,
  });
  const change = useMutation({
    mutationFn: (own: boolean) => api.post<Answer>(`${path}/switch`, { own }),
    ...done,
  });
  if (!data) return null;
  const { own, proposal, answers } = data;
  const busy = learn.isPending || change.isPending;
  const enough = answers.same + answers.different >= answers.fewest;
  return (
    <Fold
      icon={Scale}
      title={d.weights.title}
      summary={own ? d.weights.ownSince(format.moment(own.at), own.by ?? '') : d.weights.shipped}
    >
      <div className="px-3 pb-3 flex flex-col gap-3">
        <p className="text-ink-2">{d.weights.hint}</p>
        <div className="flex flex-wrap gap-2">
          <Button disabled={busy || !enough} onClick={() => learn.mutate('answers')}>
            {d.weights.learnAnswers}
          </Button>
          <Button disabled={busy} onClick={() => learn.mutate('records')}>
            {learn.isPending ? d.weights.learning : d.weights.fromRecords}
          </Button>
          {own && (
            <Button disabled={busy} onClick={() => change.mutate(false)}>
              {d.weights.back}
            </Button>
          )}
        </div>
        <p className="text-xs text-ink-3">
          {d.weights.answered(answers.same, answers.different)}
          {!enough && ` · ${d.weights.tooFew(answers.fewest)}`}
        </p>
        {proposal && (
          <section aria-label={d.weights.effect} className="rounded-md bg-sunken p-3">
            <table className="w-full md:w-auto">
              <caption className="text-left text-ink-2 pb-1">{d.weights.effect}</caption>
              <thead>
                <tr className="text-xs text-ink-3 text-right">
                  <th scope="col" className="text-left font-normal pr-8">
                    {d.weights.tier}
                  </th>
                  <th scope="col" className="font-normal pl-6">
                    {d.weights.before}
                  </th>
                  <th scope="col" className="font-normal pl-6">
                    {d.weights.after}
                  </th>
                </tr>
              </thead>
              <tbody>
                {TIERS.map((tier) => (
                  <tr key={tier} className="text-right tabular-nums">
                    <th scope="row" className="text-left font-normal">
                      {d.weights.tiers[tier]}
                    </th>
                    <td>{format.fullNumber(proposal.before[tier])}</td>
                    <td className="font-semibold">{format.fullNumber(proposal.after[tier])}</td>
                  </tr>
                ))}
              </tbody>
            </table>
            <Button variant="primary" className="mt-3" disabled={busy} onClick={() => change.mutate(true)}>
              {d.weights.use}
            </Button>
          </section>
        )}
      </div>
    </Fold>
  );
}
