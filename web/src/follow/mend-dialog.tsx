// One click that ends a leak: an owner, or a next step, for one customer or for many.
import { useQueryClient } from '@tanstack/react-query';
import { useId, useState } from 'react';
import { batch, invalidateRecord } from '../api/records';
import type { Ref } from '../api/types';
import { LookupPicker } from '../fields/lookup';
import { addDays } from '../format/time';
import type { Typed } from '../format/typed-date';
import { useFormat } from '../format/use-format';
import { useT } from '../i18n';
import { faultText } from '../session/fault-text';
import { CUSTOMER_OBJECT, TASK_OBJECT } from '../shell/nav';
import { FieldFrame } from '../ui/bits';
import { Button } from '../ui/button';
import { Dialog } from '../ui/dialog';
import { DateField } from '../ui/lazy-date-field';
import { toast } from '../ui/toast';
import { useLeakText } from './leaks-text';
import { promisesChanged } from './queries';

export type Mend = 'assign' | 'plan';
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
  const format = useFormat();
  const client = useQueryClient();
  const id = useId();
  const [owner, setOwner] = useState<Ref | null>(null);
  const [what, setWhat] = useState(l.planDefault);
  const [when, setWhen] = useState<Typed | string | null>({ day: addDays(format.today(), 1), time: '10:00' });
  const [fault, setFault] = useState<{ at: 'owner' | 'what' | 'when'; text: string } | null>(null);
  const [busy, setBusy] = useState(false);
  const first = customers[0]?.name ?? '';

  const save = async () => {
    const at = when && typeof when === 'object' ? format.instant(when.day, when.time ?? '10:00') : null;
    if (mend === 'assign' && !owner) return setFault({ at: 'owner', text: l.needUser });
    if (mend === 'plan' && what.trim() === '') return setFault({ at: 'what', text: l.needWhat });
    if (mend === 'plan' && (!at || Date.parse(at) <= Date.now())) return setFault({ at: 'when', text: l.needWhen });
    setBusy(true);
    try {
      const results =
        mend === 'assign'
          ? await batch(
              CUSTOMER_OBJECT,
              customers.map((one) => ({ op: 'update', id: one.id, fields: { owner: owner?.id } })),
            )
          : await batch(
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
            );
      const failed = results.filter((result) => result.status >= 400).length;
      const done = results.length - failed;
      if (done > 0) toast(mend === 'assign' ? l.assigned(done) : l.planned(done));
      if (failed > 0) toast(l.failed(failed), { tone: 'danger' });
      invalidateRecord(client, CUSTOMER_OBJECT);
      invalidateRecord(client, TASK_OBJECT);
      promisesChanged(client);
      onDone();
    } catch (cause) {
      setBusy(false);
      toast(faultText(cause, t), { tone: 'danger' });
    }
  };
  const faultAt = (at: 'owner' | 'what' | 'when') => (fault?.at === at ? fault.text : null);
  return (
    <Dialog
      open
      onClose={onClose}
      title={mend === 'assign' ? l.assignTitle(customers.length, first) : l.planTitle(customers.length, first)}
      footer={
        <>
          <Button onClick={onClose}>{t.common.cancel}</Button>
          <Button variant="primary" disabled={busy} onClick={() => void save()}>
            {mend === 'assign' ? l.assign : l.plan}
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
