import { LogIn } from 'lucide-react';
import { type FormEvent, useEffect, useRef, useState } from 'react';
import { api, Fault } from '../api/client';
import type { Session } from '../api/types';
import { useT } from '../i18n';
import { FieldFrame } from '../ui/bits';
import { Button } from '../ui/button';
import { faultText } from './fault-text';
import { SessionFrame } from './frame';
import { PasswordInput } from './password-input';
import { adopt, useCompany } from './session';

export default function SignIn() {
  const t = useT();
  const company = useCompany();
  const [login, setLogin] = useState('');
  const [password, setPassword] = useState('');
  const [code, setCode] = useState('');
  const [askCode, setAskCode] = useState(false);
  const [fault, setFault] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const first = useRef<HTMLInputElement>(null);
  const codeInput = useRef<HTMLInputElement>(null);

  useEffect(() => {
    document.title = `${t.session.signIn} · ${t.product}`;
    first.current?.focus();
  }, [t]);
  useEffect(() => {
    if (askCode) codeInput.current?.focus();
  }, [askCode]);

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (!login.trim() || !password) return setFault(t.session.needBoth);
    setBusy(true);
    setFault(null);
    try {
      adopt(
        await api.post<Session>('/session', {
          login: login.trim(),
          password,
          ...(askCode ? { code: code.trim() } : {}),
        }),
      );
    } catch (cause) {
      setBusy(false);
      if (cause instanceof Fault && cause.code === 'code_required' && !askCode) {
        setAskCode(true);
        return;
      }
      setFault(faultText(cause, t));
    }
  };

  return (
    <SessionFrame title={company.name || t.product} text={company.name ? t.product : t.tagline}>
      <form noValidate onSubmit={(event) => void submit(event)} className="flex flex-col gap-4">
        <FieldFrame id="login" label={t.session.login}>
          <input
            ref={first}
            id="login"
            name="username"
            className="control"
            autoComplete="username"
            autoCapitalize="none"
            spellCheck={false}
            aria-required
            value={login}
            onChange={(event) => setLogin(event.target.value)}
          />
        </FieldFrame>
        <FieldFrame id="password" label={t.session.password}>
          <PasswordInput
            id="password"
            name="password"
            autoComplete="current-password"
            aria-required
            value={password}
            onChange={(event) => setPassword(event.target.value)}
          />
        </FieldFrame>
        {askCode && (
          <FieldFrame id="code" label={t.session.code} help={t.session.codeHint}>
            <input
              ref={codeInput}
              id="code"
              className="control tracking-widest"
              autoComplete="one-time-code"
              inputMode="text"
              aria-required
              value={code}
              onChange={(event) => setCode(event.target.value)}
            />
          </FieldFrame>
        )}
        {fault && (
          <p role="alert" className="rounded-md bg-danger-soft text-danger px-3 py-2">
            {fault}
          </p>
        )}
        <Button type="submit" variant="primary" icon={LogIn} disabled={busy} className="h-10! touch:h-12!">
          {busy ? t.session.signingIn : t.session.signIn}
        </Button>
      </form>
    </SessionFrame>
  );
}
