import { Paperclip } from 'lucide-react';
import type { FieldKind, ViewProps } from './kind';

type Attached = { id: string; name?: string | null; url?: string };

function View({ value }: ViewProps) {
  const files = (Array.isArray(value) ? value : [value]).map(
    (one): Attached => (typeof one === 'object' && one !== null ? (one as Attached) : { id: String(one) }),
  );
  return (
    <span className="inline-flex items-center gap-1 text-ink-2">
      <Paperclip size={14} aria-hidden />
      {files
        .map((one) => one.name)
        .filter(Boolean)
        .join('、') || files.length}
    </span>
  );
}

export const file: FieldKind = { View, width: 120 };
