// A customer's tier: what makes it, how often that asks for contact, and setting it by hand.
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useId, useState } from 'react';
import { api, Fault } from '../api/client';
import { fieldOf } from '../api/dictionary';
import type { ObjectType } from '../api/types';
import { useFormat } from '../format/use-format';
import { useLabel, useT } from '../i18n';
import { faultText } from '../session/fault-text';
import { Chip, FieldFrame } from '../ui/bits';
import { Button } from '../ui/button';
import { Dialog } from '../ui/dialog';
import { Select } from '../ui/select';
import { toast } from '../ui/toast';
import { invalidateJourney, type RecordTier } from './queries';
import { useJourneyText } from './text';

export default function TierSheet({
  object,
  id,
  tier,
  onClose,
}: {
  object: ObjectType;
  id: string;
  tier: RecordTier;
  onClose: () => void;
}) {
  const t = useT();
  const j = useJourneyText();
  const label = useLabel();
  const format = useFormat();
  const client = useQueryClient();
  const form = useId();
  const [chosen, setChosen] = useState(tier.tier?.value ?? '');
  const [reason, setReason] = useState(tier.manual?.reason ?? '');
  const [until, setUntil] = useState(tier.manual?.until ?? '');
  const path = `/records/${object.name}/${id}/tier`;
  const save = useMutation({
    mutationFn: (reset: boolean) =>
      reset
        ? api.delete<RecordTier>(path)
        : api.post<RecordTier>(path, { tier: chosen, reason, ...(until && { until }) }),
    onSuccess: () => {
      invalidateJourney(client, object.name, id);
      toast(j.tierSaved);
      onClose();
    },
  });
  const options = (fieldOf(object, 'tier')?.options ?? []).filter((option) => !option.retired);
  const number = (value: number | null) => (value === null ? t.common.hidden : format.number(value));
  return (
    <Dialog
      open
      onClose={onClose}
      title={j.tier}
      footer={
        tier.can_set && (
          <>
            {tier.manual && (
              <Button disabled={save.isPending} onClick={() => save.mutate(true)}>
                {j.resetTier}
              </Button>
            )}
            <Button
              variant="primary"
              disabled={save.isPending || reason.trim() === '' || chosen === ''}
              onClick={() => save.mutate(false)}
            >
              {j.setTier}
            </Button>
          </>
        )
      }
    >
      <div className="flex flex-col gap-4">
        {save.error && (
          <div role="alert">
            <ul className="text-danger">
              {save.error instanceof Fault && save.error.fields.length > 0 ? (
                save.error.fields.map((fault) => <li key={fault.field}>{fault.message}</li>)
              ) : (
                <li>{faultText(save.error, t)}</li>
              )}
            </ul>
          </div>
        )}
        <p className="flex flex-wrap items-center gap-2">
          {tier.tier ? <Chip color={tier.tier.color}>{tier.tier.label}</Chip> : j.noTier}
          <span className="text-ink-2">
            {tier.manual ? j.byPerson : tier.active ? j.workedOut : j.tierOff}
            {tier.manual?.until && ` · ${j.until(format.day(tier.manual.until))}`}
          </span>
        </p>
        {tier.worked && (
          <dl className="grid grid-cols-2 gap-3 rounded-md bg-sunken p-3">
            {(['value', 'potential'] as const).map((side) => (
              <div key={side}>
                <dt className="text-xs text-ink-3">{j.axis[side]}</dt>
                <dd className="font-semibold">
                  {number(tier.worked?.[side].number ?? null)}{' '}
                  <span className="font-normal text-ink-2">{tier.worked?.[side].label}</span>
                </dd>
              </div>
            ))}
          </dl>
        )}
        {tier.rhythm && (
          <p className="text-ink-2">{j.talksDone(tier.rhythm.done, tier.rhythm.talks, tier.rhythm.days)}</p>
        )}
        {tier.can_set && (
          <>
            <FieldFrame id={`${form}-tier`} label={j.tier}>
              <Select
                id={`${form}-tier`}
                label={j.tier}
                value={chosen}
                onChange={setChosen}
                options={options.map((option) => ({ value: option.value, label: label(option.label) }))}
              />
            </FieldFrame>
            <FieldFrame id={`${form}-reason`} label={j.reason} required>
              <input
                id={`${form}-reason`}
                className="control"
                maxLength={200}
                value={reason}
                onChange={(event) => setReason(event.target.value)}
              />
            </FieldFrame>
            <FieldFrame id={`${form}-until`} label={j.untilLabel}>
              <input
                id={`${form}-until`}
                type="date"
                className="control"
                value={until}
                onChange={(event) => setUntil(event.target.value)}
              />
            </FieldFrame>
          </>
        )}
      </div>
    </Dialog>
  );
}
