import { type FormEvent, useState } from 'react';
import { api, Fault } from '../api/client';
import type { FieldFault } from '../api/types';
import { useT } from '../i18n';
import { FieldFrame } from '../ui/bits';
import { Button } from '../ui/button';
import { toast } from '../ui/toast';
import { faultText } from './fault-text';
import { Panel } from './panel';
import { PasswordInput } from './password-input';

/** Folded behind a button on the account page; open at once where it must be done. */
export function ChangePassword({ required = false, onDone }: { required?: boolean; onDone?: () => void }) {
  const t = useT();
  const [open, setOpen] = useState(required);
  const [current, setCurrent] = useState('');
  const [next, setNext] = useState('');
  const [again, setAgain] = useState('');
  const [faults, setFaults] = useState<FieldFault[]>([]);
  const [busy, setBusy] = useState(false);
  const faultOf = (name: string) => faults.find((fault) => fault.field === name)?.message;
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (next !== again) return setFaults([{ field: 'again', code: 'differs', message: t.session.passwordsDiffer }]);
    setBusy(true);
    setFaults([]);
    try {
      await api.post('/session/password', { current, new: next });
      toast(t.session.passwordChanged);
      setOpen(false);
      setCurrent('');
      setNext('');
      setAgain('');
      onDone?.();
    } catch (cause) {
      const fields = cause instanceof Fault ? cause.fields : [];
      setFaults(fields.length > 0 ? fields : [{ field: 'current', code: 'failed', message: faultText(cause, t) }]);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Panel
      title={t.session.changePassword}
      action={!open && <Button onClick={() => setOpen(true)}>{t.session.changePassword}</Button>}
    >
      {open && (
        <form noValidate className="flex flex-col gap-3 max-w-sm" onSubmit={(event) => void submit(event)}>
          <FieldFrame id="current" label={t.session.currentPassword} fault={faultOf('current')}>
            <PasswordInput
              id="current"
              autoComplete="current-password"
              value={current}
              onChange={(event) => setCurrent(event.target.value)}
            />
          </FieldFrame>
          <FieldFrame id="new" label={t.session.newPassword} help={t.session.passwordHint} fault={faultOf('new')}>
            <PasswordInput
              id="new"
              autoComplete="new-password"
              value={next}
              onChange={(event) => setNext(event.target.value)}
            />
          </FieldFrame>
          <FieldFrame id="again" label={t.session.repeatPassword} fault={faultOf('again')}>
            <PasswordInput
              id="again"
              autoComplete="new-password"
              value={again}
              onChange={(event) => setAgain(event.target.value)}
            />
          </FieldFrame>
          <div className="flex gap-2">
            <Button type="submit" variant="primary" disabled={busy}>
              {t.common.save}
            </Button>
            {!required && <Button onClick={() => setOpen(false)}>{t.common.cancel}</Button>}
          </div>
        </form>
      )}
    </Panel>
  );
}
