// The company's logo: chosen from the device, shown at once in the shell and before signing in.
import { ImageUp, Trash2 } from 'lucide-react';
import { useRef, useState } from 'react';
import { api, Fault } from '../api/client';
import { useT, useWordsOf } from '../i18n';
import { faultText } from '../session/fault-text';
import { Mark } from '../session/frame';
import { loadSession, useSession } from '../session/session';
import { Button } from '../ui/button';
import { FileInput } from '../ui/file-input';

export const zh = {
  logo: '公司标志',
  hint: 'PNG、JPEG 或 WebP，方形最好，不超过 256 KB；登录页和侧边栏都会显示。',
  choose: '选择图片',
  remove: '去掉标志',
};

export const en: typeof zh = {
  logo: 'Company logo',
  hint: 'PNG, JPEG or WebP, square is best, 256 kB at most; shown at sign-in and in the side bar.',
  choose: 'Choose a picture',
  remove: 'Remove logo',
};

export function LogoField() {
  const t = useT();
  const words = useWordsOf(zh, en);
  const { company } = useSession();
  const [fault, setFault] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  const run = async (call: () => Promise<unknown>) => {
    setBusy(true);
    setFault(null);
    try {
      await call();
      await loadSession();
    } catch (cause) {
      setFault((cause instanceof Fault && cause.fields[0]?.message) || faultText(cause, t));
    } finally {
      setBusy(false);
    }
  };
  const send = (file: File) => {
    const form = new FormData();
    form.append('file', file);
    return run(() => api.put('/company/logo', form));
  };
  return (
    <div className="flex items-center gap-3">
      <span className="size-14 shrink-0 grid place-items-center rounded-lg border border-line bg-surface overflow-hidden">
        <Mark size={44} />
      </span>
      <div className="min-w-0 flex flex-col gap-1.5">
        <span className="flex flex-wrap gap-2">
          <FileInput
            ref={input}
            label={words.logo}
            accept="image/png,image/jpeg,image/webp"
            onFiles={([file]) => {
              if (file) void send(file);
            }}
          />
          <Button icon={ImageUp} disabled={busy} onClick={() => input.current?.click()}>
            {words.choose}
          </Button>
          {company.logo && (
            <Button icon={Trash2} disabled={busy} onClick={() => void run(() => api.delete('/company/logo'))}>
              {words.remove}
            </Button>
          )}
        </span>
        {fault ? (
          <p role="alert" className="text-xs text-danger">
            {fault}
          </p>
        ) : (
          <p className="text-xs text-ink-3">{words.hint}</p>
        )}
      </div>
    </div>
  );
}
