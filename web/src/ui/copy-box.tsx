import { Check, Copy } from 'lucide-react';
import { useState } from 'react';
import { useT } from '../i18n';
import { Button } from './button';

/** A secret shown once, with a button that copies it. */
export function CopyBox({ text, hint }: { text: string; hint?: string }) {
  const t = useT();
  const [copied, setCopied] = useState(false);
  return (
    <div className="flex flex-col gap-2">
      {hint && <p className="text-warn">{hint}</p>}
      <div className="flex items-center gap-2">
        <code className="flex-1 min-w-0 break-all rounded-md bg-sunken px-3 py-2 font-mono select-all">{text}</code>
        <Button
          icon={copied ? Check : Copy}
          onClick={() =>
            void navigator.clipboard.writeText(text).then(
              () => setCopied(true),
              () => setCopied(false),
            )
          }
        >
          {copied ? t.common.copied : t.common.copy}
        </Button>
      </div>
    </div>
  );
}
