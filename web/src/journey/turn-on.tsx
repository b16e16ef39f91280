// Turning a plan on: says what it would do before it does it, and asks about those who fit already.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '../api/client';
import { useFormat } from '../format/use-format';
import { useT } from '../i18n';
import { faultText } from '../session/fault-text';
import { Button } from '../ui/button';
import { Dialog } from '../ui/dialog';
import { Check } from './checks';
import { type Plan, type PlanTrial, plansQuery } from './queries';
import { useJourneyText } from './text';
import { Trial } from './trial';

export function TurnOn({ plan, onClose }: { plan: Plan; onClose: () => void }) {
  const t = useT();
  const j = useJourneyText();
  const format = useFormat();
  const client = useQueryClient();
  const [existing, setExisting] = useState(false);
  const { name, description, start, stop_when_left, steps } = plan;
  const { data } = useQuery({
    queryKey: ['plan-trial', plan.id, plan.version],
    queryFn: () => api.post<PlanTrial>('/plans/dry-run', { name, description, start, stop_when_left, steps }),
  });
  const on = useMutation({
    mutationFn: () => api.patch(`/plans/${plan.id}`, { active: true, existing }),
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: plansQuery.queryKey });
      onClose();
    },
  });
  return (
    <Dialog
      open
      onClose={onClose}
      title={j.onTitle}
      footer={
        <>
          <Button onClick={onClose}>{t.common.cancel}</Button>
          <Button variant="primary" disabled={on.isPending || !data} onClick={() => on.mutate()}>
            {j.turnOn}
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-3">
        <p>{j.onText}</p>
        {data && <Trial trial={data} />}
        {data && data.matching > 0 && (
          <Check checked={existing} onChange={setExisting}>
            {j.existing(format.fullNumber(data.matching))}
          </Check>
        )}
        {on.error && (
          <p role="alert" className="text-danger">
            {faultText(on.error, t)}
          </p>
        )}
      </div>
    </Dialog>
  );
}
