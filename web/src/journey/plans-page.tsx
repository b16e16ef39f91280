// The plans of following up: which are on, how many customers are on each, and setting them up.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { ArrowUp, ListChecks, Plus } from 'lucide-react';
import { lazy, Suspense, useState } from 'react';
import { api } from '../api/client';
import { useObject } from '../api/dictionary';
import { useFormat } from '../format/use-format';
import { useT } from '../i18n';
import { faultText } from '../session/fault-text';
import { CUSTOMER_OBJECT } from '../shell/nav';
import { Chip, Empty, PageRegion, PageTitle, SkeletonRows, useTitle } from '../ui/bits';
import { Button, IconButton } from '../ui/button';
import { toast } from '../ui/toast';
import { type Plan, plansQuery } from './queries';
import { JourneyTabs } from './tabs';
import { useJourneyText } from './text';
import { TurnOn } from './turn-on';

const PlanEditor = lazy(() => import('./plan-editor'));

export default function PlansPage() {
  const t = useT();
  const j = useJourneyText();
  const object = useObject(CUSTOMER_OBJECT);
  const { data, error } = useQuery({ ...plansQuery, retry: false });
  const [editing, setEditing] = useState<Plan | 'new' | null>(null);
  useTitle(j.plans);
  if (!object) return <Empty icon={ListChecks} title={j.plans} />;
  return (
    <PageRegion label={j.plans}>
      <PageTitle title={j.plans}>
        {data && (
          <Button icon={Plus} variant="primary" onClick={() => setEditing('new')}>
            {j.newPlan}
          </Button>
        )}
      </PageTitle>
      <JourneyTabs />
      {error && (
        <p role="alert" className="px-4 text-danger">
          {faultText(error, t)}
        </p>
      )}
      {!data && !error && <SkeletonRows rows={4} />}
      <ul className="px-4 pb-8 grid gap-3 md:grid-cols-2 md:max-w-6xl">
        {data?.items.map((plan, index) => (
          <PlanCard key={plan.id} plan={plan} before={data.items[index - 1] ?? null} onEdit={() => setEditing(plan)} />
        ))}
      </ul>
      {editing && (
        <Suspense fallback={null}>
          <PlanEditor object={object} plan={editing === 'new' ? null : editing} onClose={() => setEditing(null)} />
        </Suspense>
      )}
    </PageRegion>
  );
}

function PlanCard({ plan, before, onEdit }: { plan: Plan; before: Plan | null; onEdit: () => void }) {
  const t = useT();
  const j = useJourneyText();
  const format = useFormat();
  const client = useQueryClient();
  const [asking, setAsking] = useState(false);
  const raise = useMutation({
    mutationFn: async (other: Plan) => {
      await api.patch(`/plans/${plan.id}`, { position: other.position });
      await api.patch(`/plans/${other.id}`, { position: plan.position });
    },
    onSettled: () => void client.invalidateQueries({ queryKey: plansQuery.queryKey }),
    onError: (cause) => toast(faultText(cause, t), { tone: 'danger' }),
  });
  const off = useMutation({
    mutationFn: () => api.patch(`/plans/${plan.id}`, { active: false }),
    onSuccess: () => void client.invalidateQueries({ queryKey: plansQuery.queryKey }),
    onError: (cause) => toast(faultText(cause, t), { tone: 'danger' }),
  });
  return (
    <li className="rounded-lg border border-line bg-surface p-4 flex flex-col gap-2 min-w-0">
      <h2 className="flex items-center gap-2 font-semibold">
        <span className="flex-1 min-w-0 truncate">{plan.name}</span>
        <Chip color={plan.active ? 'green' : 'gray'}>{plan.active ? j.planOn : j.planOff}</Chip>
      </h2>
      <p className="text-ink-2">{plan.description}</p>
      <ol className="flex flex-wrap gap-x-1.5 gap-y-1 text-xs text-ink-2">
        {plan.steps.map((step, index) => (
          <li key={step.key}>
            {index > 0 && <span aria-hidden>→ </span>}
            {step.action}
          </li>
        ))}
      </ol>
      {plan.vacant.length > 0 && <p className="text-xs text-warn">{j.vacant(plan.vacant.join(j.comma))}</p>}
      {plan.faults.map((fault) => (
        <p key={fault.field} className="text-xs text-danger">
          {fault.message}
        </p>
      ))}
      <div className="flex flex-wrap items-center justify-end gap-2 mt-auto pt-1">
        <span className="flex-1 max-md:basis-full text-xs text-ink-3">
          {j.running(format.fullNumber(plan.running))} · {j.version(plan.version)}
        </span>
        {before && (
          <IconButton
            icon={ArrowUp}
            size="sm"
            label={j.movePlan(plan.name)}
            disabled={raise.isPending}
            onClick={() => raise.mutate(before)}
          />
        )}
        <Button size="sm" aria-label={`${t.common.edit} ${plan.name}`} onClick={onEdit}>
          {t.common.edit}
        </Button>
        <Button
          size="sm"
          aria-label={`${plan.active ? j.turnOff : j.turnOn} ${plan.name}`}
          disabled={off.isPending}
          onClick={() => (plan.active ? off.mutate() : setAsking(true))}
        >
          {plan.active ? j.turnOff : j.turnOn}
        </Button>
      </div>
      {asking && <TurnOn plan={plan} onClose={() => setAsking(false)} />}
    </li>
  );
}
