import { useState } from 'react';
import { api } from '../api/client';
import { useT } from '../i18n';
import { FieldFrame } from '../ui/bits';
import { Button } from '../ui/button';
import { CopyBox } from '../ui/copy-box';
import { Dialog } from '../ui/dialog';
import { toast } from '../ui/toast';
import { faultText } from './fault-text';
import { Panel } from './panel';
import { PasswordInput } from './password-input';
import { qrCode } from './qr';

type Step = { kind: 'scan'; secret: string; url: string } | { kind: 'recovery'; codes: string[] } | { kind: 'off' };

export function TwoStep({ onDone }: { onDone?: () => void }) {
  const t = useT();
  const [step, setStep] = useState<Step | null>(null);
  const [code, setCode] = useState('');
  const [password, setPassword] = useState('');
  const [fault, setFault] = useState<string | null>(null);
  const open = (next: Step | null) => {
    setStep(next);
    setCode('');
    setPassword('');
    setFault(null);
  };
  const begin = async () => {
    try {
      const secret = await api.post<{ secret: string; url: string }>('/session/totp');
      open({ kind: 'scan', ...secret });
    } catch (cause) {
      toast(faultText(cause, t), { tone: 'danger' });
    }
  };
  const confirm = async () => {
    try {
      const { recovery } = await api.post<{ recovery: string[] }>('/session/totp/confirm', { code: code.trim() });
      open({ kind: 'recovery', codes: recovery });
    } catch (cause) {
      setFault(faultText(cause, t));
    }
  };
  const turnOff = async () => {
    try {
      await api.delete('/session/totp', { password });
      open(null);
      toast(t.fault.saved);
    } catch (cause) {
      setFault(faultText(cause, t));
    }
  };
  return (
    <Panel
      title={t.session.twoStep}
      text={t.session.twoStepText}
      action={
        <div className="flex gap-2">
          <Button onClick={() => void begin()}>{t.session.turnOn}</Button>
          <Button variant="ghost" onClick={() => open({ kind: 'off' })}>
            {t.session.turnOff}
          </Button>
        </div>
      }
    >
      {step?.kind === 'scan' && (
        <Dialog
          open
          onClose={() => open(null)}
          title={t.session.twoStep}
          footer={
            <>
              <Button onClick={() => open(null)}>{t.common.cancel}</Button>
              <Button variant="primary" disabled={code.trim().length < 6} onClick={() => void confirm()}>
                {t.session.confirmCode}
              </Button>
            </>
          }
        >
          <div className="flex flex-col gap-4">
            <p className="text-ink-2">{t.session.scan}</p>
            <QrImage text={step.url} label={t.session.scan} />
            <CopyBox text={step.secret} />
            <a href={step.url} className="text-brand-ink hover:underline md:hidden min-h-11 flex items-center">
              {t.session.openInApp}
            </a>
            <FieldFrame id="totp-code" label={t.session.enterCode} fault={fault}>
              <input
                id="totp-code"
                className="control tracking-[0.3em] text-center"
                inputMode="numeric"
                autoComplete="one-time-code"
                maxLength={6}
                value={code}
                aria-invalid={fault !== null || undefined}
                aria-describedby={fault ? 'totp-code-fault' : undefined}
                onChange={(event) => {
                  setCode(event.target.value.normalize('NFKC').replace(/\D/g, ''));
                  setFault(null);
                }}
              />
            </FieldFrame>
          </div>
        </Dialog>
      )}
      {step?.kind === 'recovery' && (
        <Dialog
          open
          onClose={() => open(null)}
          title={t.session.recovery}
          footer={
            <Button
              variant="primary"
              onClick={() => {
                open(null);
                onDone?.();
              }}
            >
              {t.session.recoveryKept}
            </Button>
          }
        >
          <CopyBox text={step.codes.join('\n')} hint={t.session.recoveryText} />
        </Dialog>
      )}
      {step?.kind === 'off' && (
        <Dialog
          open
          onClose={() => open(null)}
          title={t.session.turnOff}
          footer={
            <>
              <Button onClick={() => open(null)}>{t.common.cancel}</Button>
              <Button variant="danger" disabled={password === ''} onClick={() => void turnOff()}>
                {t.session.turnOff}
              </Button>
            </>
          }
        >
          <FieldFrame id="totp-password" label={t.session.turnOffText} fault={fault}>
            <PasswordInput
              id="totp-password"
              autoComplete="current-password"
              value={password}
              onChange={(event) => {
                setPassword(event.target.value);
                setFault(null);
              }}
            />
          </FieldFrame>
        </Dialog>
      )}
    </Panel>
  );
}

function QrImage({ text, label }: { text: string; label: string }) {
  const rows = qrCode(text);
  if (!rows) return null;
  const path = rows.map((row, y) => row.map((dark, x) => (dark ? `M${x + 4} ${y + 4}h1v1h-1z` : '')).join('')).join('');
  const size = rows.length + 8;
  return (
    <svg
      role="img"
      aria-label={label}
      viewBox={`0 0 ${size} ${size}`}
      className="size-48 self-center rounded-md bg-white"
      shapeRendering="crispEdges"
    >
      <title>{label}</title>
      <path d={path} fill="#000" />
    </svg>
  );
}
