import { type FormEvent, useState } from 'react';
import { api, Fault } from '../api/client';
import type { FieldFault, Session } from '../api/types';
import { useI18n } from '../i18n';
import { FieldFrame, useTitle } from '../ui/bits';
import { Button } from '../ui/button';
import { faultText } from './fault-text';
import { SessionFrame } from './frame';
import { PasswordInput } from './password-input';
import { adopt } from './session';

/** The first visit: there is no user yet, and no default password ever. */
export default function Setup() {
  const { t, language } = useI18n();
  const [values, setValues] = useState({ company: '', name: '', login: '', password: '' });
  const [faults, setFaults] = useState<FieldFault[]>([]);
  const [general, setGeneral] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);

  useTitle(t.session.setupTitle);

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setFaults([]);
    setGeneral(null);
    try {
      const session = await api.post<Session>('/setup', { ...values, login: values.login.trim(), language });
      // The first steps come next; each of them may be left for later.
      window.history.replaceState(null, '', '/welcome');
      adopt(session);
    } catch (cause) {
      setBusy(false);
      const fields = cause instanceof Fault ? cause.fields.filter((fault) => fault.field in values) : [];
      setFaults(fields);
      if (fields.length === 0) setGeneral(faultText(cause, t));
    }
  };
  const bind = (name: keyof typeof values) => ({
    id: name,
    name,
    'aria-required': true,
    value: values[name],
    'aria-invalid': faults.some((fault) => fault.field === name) || undefined,
    'aria-describedby': faults.some((fault) => fault.field === name) ? `${name}-fault` : undefined,
    onChange: (event: { target: { value: string } }) => setValues({ ...values, [name]: event.target.value }),
  });
  const faultOf = (name: string) => faults.find((fault) => fault.field === name)?.message;

  return (
    <SessionFrame title={t.session.setupTitle} text={t.session.setupText}>
      <form noValidate onSubmit={(event) => void submit(event)} className="flex flex-col gap-4">
        <FieldFrame id="company" label={t.session.company} fault={faultOf('company')}>
          <input {...bind('company')} className="control" autoComplete="organization" />
        </FieldFrame>
        <FieldFrame id="name" label={t.session.yourName} fault={faultOf('name')}>
          <input {...bind('name')} className="control" autoComplete="name" />
        </FieldFrame>
        <FieldFrame id="login" label={t.session.login} fault={faultOf('login')}>
          <input
            {...bind('login')}
            className="control"
            autoComplete="username"
            autoCapitalize="none"
            spellCheck={false}
          />
        </FieldFrame>
        <FieldFrame
          id="password"
          label={t.session.newPassword}
          help={t.session.passwordHint}
          fault={faultOf('password')}
        >
          <PasswordInput {...bind('password')} autoComplete="new-password" />
        </FieldFrame>
        {general && (
          <p role="alert" className="rounded-md bg-danger-soft text-danger px-3 py-2">
            {general}
          </p>
        )}
        <Button type="submit" variant="primary" disabled={busy} className="h-10! touch:h-12!">
          {t.session.start}
        </Button>
      </form>
    </SessionFrame>
  );
}
