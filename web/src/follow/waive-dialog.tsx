// 不再需要: a promise is let go with its reason.
import { useId, useState } from 'react';
import { useT } from '../i18n';
import { FieldFrame } from '../ui/bits';
import { Button } from '../ui/button';
import { Dialog } from '../ui/dialog';
import { useFollowText } from './text';

export default function WaiveDialog({
  title,
  onClose,
  onWaive,
}: {
  title: string;
  onClose: () => void;
  onWaive: (reason: string) => Promise<boolean>;
}) {
  const t = useT();
  const f = useFollowText();
  const id = useId();
  const [reason, setReason] = useState('');
  const [fault, setFault] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const save = async () => {
    if (reason.trim() === '') return setFault(t.form.required(f.waiveReason));
    setBusy(true);
    if (await onWaive(reason.trim())) onClose();
    else setBusy(false);
  };
  return (
    <Dialog
      open
      onClose={onClose}
      title={f.waiveOf(title)}
      footer={
        <>
          <Button onClick={onClose}>{t.common.cancel}</Button>
          <Button variant="primary" disabled={busy} onClick={() => void save()}>
            {f.waive}
          </Button>
        </>
      }
    >
      <FieldFrame id={id} label={f.waiveReason} required help={f.waiveHint} fault={fault}>
        <textarea
          id={id}
          rows={3}
          maxLength={500}
          className="control control-area"
          value={reason}
          aria-invalid={fault !== null || undefined}
          aria-describedby={fault ? `${id}-fault` : `${id}-help`}
          onChange={(event) => {
            setReason(event.target.value);
            setFault(null);
          }}
        />
      </FieldFrame>
    </Dialog>
  );
}
