// One click that ends a leak: an owner, a next step, or the way back to the public pool, for one customer or for many.
import { useQueryClient } from '@tanstack/react-query';
import { useId, useState } from 'react';
import { fieldOf, useObject } from '../api/dictionary';
import { batch, invalidateRecord } from '../api/records';
import type { BatchResult, Ref } from '../api/types';
import { LookupPicker } from '../fields/lookup';
import { addDays } from '../format/time';
import type { Typed } from '../format/typed-date';
import { useFormat } from '../format/use-format';
import { useLabel, useT } from '../i18n';
import { giveBack, refusal } from '../pool/queries';
import { faultText } from '../session/fault-text';
import { CUSTOMER_OBJECT, TASK_OBJECT } from '../shell/nav';
import { FieldFrame } from '../ui/bits';
import { Button } from '../ui/button';
import { Dialog } from '../ui/dialog';
import { DateField } from '../ui/lazy-date-field';
import { Select } from '../ui/select';
import { toast } from '../ui/toast';
import { useLeakText } from './leaks-text';
import { promisesChanged } from './queries';

export type Mend = 'assign' | 'plan' | 'pool';
type Place = 'owner' | 'what' | 'when' | 'reason' | 'note';
type Customer = { id: string; name: string; owner: Ref | null };

export default function MendDialog({
  mend,
  customers,
  onClose,
  onDone,
}: {
  mend: Mend;
  customers: Customer[];
  onClose: () => void;
  onDone: () => void;
}) {
  const t = useT();
  const l = useLeakText();
  const label = useLabel();
  const object = useObject(CUSTOMER_OBJECT);
  const format = useFormat();
  const client = useQueryClient();
  const id = useId();
  const [owner, setOwner] = useState<Ref | null>(null);
  const [what, setWhat] = useState(l.planDefault);
  const [when, setWhen] = useState<Typed | string | null>({ day: addDays(format.today(), 1), time: '10:00' });
  const [reason, setReason] = useState('');
  const [note, setNote] = useState('');
  const [fault, setFault] = useState<{ at: Place; text: string } | null>(null);
  const [busy, setBusy] = useState(false);
  const first = customers[0]?.name ?? '';
  const words = {
    assign: { title: l.assignTitle, action: l.assign, done: l.assigned },
    plan: { title: l.planTitle, action: l.plan, done: l.planned },
    pool: { title: l.poolTitle, action: l.pool, done: l.pooled },
  }[mend];
  const reasons = ((object && fieldOf(object, 'return_reason')?.options) ?? []).filter((option) => !option.retired);

  const wrong = (): { at: Place; text: string } | null => {
    if (mend === 'assign') return owner ? null : { at: 'owner', text: l.needUser };
    if (mend === 'pool') {
      if (reason === '') return { at: 'reason', text: l.needReason };
      return reason === 'other' && note.trim() === '' ? { at: 'note', text: l.needNote } : null;
    }
    if (what.trim() === '') return { at: 'what', text: l.needWhat };
    return at && Date.parse(at) > Date.now() ? null : { at: 'when', text: l.needWhen };
  };
  const at = when && typeof when === 'object' ? format.instant(when.day, when.time ?? '10:00') : null;
  const perform: Record<Mend, () => Promise<BatchResult[]>> = {
    assign: () =>
      batch(
        CUSTOMER_OBJECT,
        customers.map((one) => ({ op: 'update', id: one.id, fields: { owner: owner?.id } })),
      ),
    plan: () =>
      batch(
        TASK_OBJECT,
        customers.map((one) => ({
          op: 'create',
          fields: {
            title: what.trim(),
            customer: one.id,
            due_at: at,
            ...(one.owner ? { owner: one.owner.id } : {}),
          },
        })),
      ),
    pool: () =>
      giveBack(
        client,
        customers.map((one) => one.id),
        { reason, note: note.trim() || null },
      ),
  };
  const save = async () => {
    const known = wrong();
    setFault(known);
    if (known) return;
    setBusy(true);
    try {
      const results = await perform[mend]();
      const failed = results.filter((result) => result.status >= 400).length;
      const done = results.length - failed;
      if (done > 0) toast(words.done(done));
      if (failed > 0) toast(l.failed(failed, refusal(results) ?? ''), { tone: 'danger' });
      invalidateRecord(client, CUSTOMER_OBJECT);
      invalidateRecord(client, TASK_OBJECT);
      promisesChanged(client);
      onDone();
    } catch (cause) {
      setBusy(false);
      toast(faultText(cause, t), { tone: 'danger' });
    }
  };
  const faultAt = (at: Place) => (fault?.at === at ? fault.text : null);
  return (
    <Dialog
      open
      onClose={onClose}
      title={words.title(customers.length, first)}
      footer={
        <>
          <Button onClick={onClose}>{t.common.cancel}</Button>
          <Button variant="primary" disabled={busy} onClick={() => void save()}>
            {words.action}
          </Button>
        </>
      }
    >
      {mend === 'assign' ? (
        <FieldFrame id={`${id}-owner`} label={l.assignTo} required fault={faultAt('owner')} className="min-h-32">
          <LookupPicker
            object="user"
            id={`${id}-owner`}
            label={l.assignTo}
            value={owner}
            onChange={(next) => {
              setOwner(next);
              setFault(null);
            }}
          />
        </FieldFrame>
      ) : mend === 'pool' ? (
        <div className="flex flex-col gap-4">
          <p className="text-ink-2">{l.poolText}</p>
          <FieldFrame id={`${id}-reason`} label={l.poolReason} required fault={faultAt('reason')}>
            <Select
              id={`${id}-reason`}
              label={l.poolReason}
              value={reason}
              onChange={(next) => {
                setReason(next);
                setFault(null);
              }}
              options={reasons.map((option) => ({ value: option.value, label: label(option.label) }))}
            />
          </FieldFrame>
          <FieldFrame
            id={`${id}-note`}
            label={l.poolNote}
            help={l.poolNoteHint}
            required={reason === 'other'}
            fault={faultAt('note')}
          >
            <textarea
              id={`${id}-note`}
              rows={3}
              maxLength={500}
              className="control control-area"
              aria-describedby={`${id}-note-help`}
              value={note}
              onChange={(event) => {
                setNote(event.target.value);
                setFault(null);
              }}
            />
          </FieldFrame>
        </div>
      ) : (
        <div className="flex flex-col gap-4">
          <FieldFrame id={`${id}-what`} label={l.planWhat} required fault={faultAt('what')}>
            <input
              id={`${id}-what`}
              className="control"
              maxLength={100}
              value={what}
              onChange={(event) => {
                setWhat(event.target.value);
                setFault(null);
              }}
            />
          </FieldFrame>
          <FieldFrame id={`${id}-when`} label={l.planWhen} required help={l.planHint} fault={faultAt('when')}>
            <DateField
              id={`${id}-when`}
              label={l.planWhen}
              withTime
              value={when}
              onChange={(next) => {
                setWhen(next);
                setFault(null);
              }}
            />
          </FieldFrame>
        </div>
      )}
    </Dialog>
  );
}
