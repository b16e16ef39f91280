// Who looks after the data, with what waits for each; thresholds and channels, for who may settle them.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { api } from '../api/client';
import { queryRecords } from '../api/records';
import type { ObjectType } from '../api/types';
import { useFormat } from '../format/use-format';
import { useT } from '../i18n';
import { faultText } from '../session/fault-text';
import { Avatar, Chip, FieldFrame } from '../ui/bits';
import { Button } from '../ui/button';
import { Select } from '../ui/select';
import { toast } from '../ui/toast';
import { Card } from './card';
import { type Care, careQuery, type RoleName, type Settled } from './care-queries';
import { useCareText } from './care-text';
import type { Dimension } from './queries';
import { useQualityText } from './text';

export type Section = 'overview' | 'remedy' | 'acceptance' | 'cleaning' | 'check' | 'review' | 'roles';

type Props = { object: ObjectType; care: Care; onGo: (to: Section) => void };

export default function Roles({ object, care, onGo }: Props) {
  return (
    <div className="flex flex-col gap-4">
      <People care={care} onGo={onGo} />
      {care.can.change && <Settings key={JSON.stringify(care.settled)} object={object} settled={care.settled} />}
    </div>
  );
}

function People({ care, onGo }: { care: Care; onGo: (to: Section) => void }) {
  const c = useCareText();
  const { number } = useFormat();
  const { issues, acceptance, own } = care.queues;
  const go = (text: string, to: Section) => (
    <button key={text} type="button" className="text-brand-ink hover:underline touch:min-h-11" onClick={() => onGo(to)}>
      {text}
    </button>
  );
  const queues = {
    owner: [issues !== null && go(c.queues.issues(number(issues)), 'remedy')],
    steward: [
      issues !== null && go(c.queues.issues(number(issues)), 'remedy'),
      acceptance !== null && care.can.care && go(c.queues.acceptance(number(acceptance)), 'acceptance'),
      care.can.care && (
        <Link key="desk" to="/data/duplicates" className="text-brand-ink hover:underline touch:py-2.5">
          {c.queues.desk}
        </Link>
      ),
    ],
    user: [go(c.queues.own(number(own)), 'remedy')],
    overseer: [care.can.oversee && go(c.queues.review, 'review')],
  };
  return (
    <Card title={c.roles} wide>
      <ul className="grid gap-x-8 md:grid-cols-2">
        {(['owner', 'steward', 'user', 'overseer'] as const).map((role) => {
          const person = role === 'user' ? null : care.roles[role];
          const [name, what] = c.role[role];
          return (
            <li key={role} className="border-t border-line py-3 flex flex-col gap-1">
              <span className="flex items-center gap-2">
                <span className="font-semibold">{name}</span>
                {role !== 'user' && care.mine.includes(role) && <Chip color="blue">{c.you}</Chip>}
              </span>
              <span className="text-ink-3">{what}</span>
              <span className="flex items-center gap-2">
                {person?.name && <Avatar name={person.name} />}
                {role === 'user' ? c.everybody : (person?.name ?? c.someone)}
              </span>
              <span className="flex flex-wrap gap-x-4">{queues[role]}</span>
            </li>
          );
        })}
      </ul>
    </Card>
  );
}

const MEASURES = ['score', 'completeness', 'validity', 'uniqueness', 'consistency', 'timeliness'] as const;
const CHANNELS = ['import', 'api', 'cli'] as const;
const BY_ROLE = '*';

function Settings({ object, settled }: { object: ObjectType; settled: Settled }) {
  const t = useT();
  const c = useCareText();
  const q = useQualityText();
  const client = useQueryClient();
  const [draft, setDraft] = useState(settled);
  const { data: users } = useQuery({
    queryKey: ['list', 'user', 'names'],
    queryFn: ({ signal }) => queryRecords('user', { fields: ['name'], sort: ['name'], limit: 200 }, signal),
    staleTime: 60_000,
  });
  const save = useMutation({
    mutationFn: () => api.put<Care>(`/quality/${object.name}/care`, draft),
    onSuccess: (care) => {
      client.setQueryData(careQuery(object.name).queryKey, care);
      toast(c.saved);
    },
    onError: (cause) => toast(faultText(cause, t), { tone: 'danger' }),
  });
  const person = (role: RoleName) => (
    <FieldFrame key={role} id={`care-${role}`} label={c.role[role][0]}>
      <Select
        id={`care-${role}`}
        value={draft[role] ?? BY_ROLE}
        onChange={(value) => setDraft({ ...draft, [role]: value === BY_ROLE ? null : value })}
        options={[
          { value: BY_ROLE, label: c.byDefault },
          ...(users?.items ?? []).map((user) => ({ value: user.id, label: String(user.name ?? t.common.unnamed) })),
        ]}
      />
    </FieldFrame>
  );
  const threshold = (measure: (typeof MEASURES)[number]) => (
    <FieldFrame
      key={measure}
      id={`least-${measure}`}
      label={measure === 'score' ? c.total : q.dimension[measure as Dimension]}
    >
      <input
        id={`least-${measure}`}
        className="control w-full"
        inputMode="numeric"
        value={draft.thresholds[measure] ?? ''}
        onChange={(event) => {
          const { [measure]: _, ...others } = draft.thresholds;
          const text = event.target.value.replace(/\D/g, '').slice(0, 3);
          const thresholds = text === '' ? others : { ...others, [measure]: Math.min(100, Number(text)) };
          setDraft({ ...draft, thresholds });
        }}
      />
    </FieldFrame>
  );
  return (
    <Card title={c.settings} wide>
      <form
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          save.mutate();
        }}
      >
        <div className="grid gap-3 md:grid-cols-3">{(['owner', 'steward', 'overseer'] as const).map(person)}</div>
        <fieldset>
          <legend className="text-ink-2 pb-1">{c.thresholds}</legend>
          <div className="grid grid-cols-2 gap-3 md:grid-cols-6">{MEASURES.map(threshold)}</div>
          <p className="text-xs text-ink-3 pt-1">{c.thresholdsHint}</p>
        </fieldset>
        <fieldset className="flex flex-wrap gap-x-4">
          <legend className="text-ink-2 pb-1">{c.channels}</legend>
          {CHANNELS.map((channel) => (
            <label key={channel} className="flex items-center gap-2 touch:min-h-11">
              <input
                type="checkbox"
                className="check"
                checked={draft.channels.includes(channel)}
                onChange={(event) =>
                  setDraft({
                    ...draft,
                    channels: event.target.checked
                      ? [...draft.channels, channel]
                      : draft.channels.filter((one) => one !== channel),
                  })
                }
              />
              {c.channel[channel]}
            </label>
          ))}
        </fieldset>
        <FieldFrame id="care-days" label={c.dueDays} className="w-40">
          <input
            id="care-days"
            className="control w-full"
            inputMode="numeric"
            value={draft.due_days}
            onChange={(event) => setDraft({ ...draft, due_days: Number(event.target.value.replace(/\D/g, '')) || 1 })}
          />
        </FieldFrame>
        <Button type="submit" variant="primary" className="self-start" disabled={save.isPending}>
          {t.common.save}
        </Button>
      </form>
    </Card>
  );
}
