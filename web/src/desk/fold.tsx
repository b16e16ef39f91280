// A part of a page that stays folded until somebody wants it, and the saving of what is set in it.
import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { LucideIcon } from 'lucide-react';
import type { ReactNode } from 'react';
import { api } from '../api/client';
import type { ObjectType } from '../api/types';
import { useT } from '../i18n';
import { faultText } from '../session/fault-text';
import { toast } from '../ui/toast';

export function Fold({
  icon: Icon,
  title,
  summary,
  children,
}: {
  icon: LucideIcon;
  title: string;
  summary: string;
  children: ReactNode;
}) {
  return (
    <details className="rounded-lg border border-line">
      <summary className="p-3 cursor-pointer flex flex-wrap items-center gap-2">
        <Icon size={18} aria-hidden className="text-ink-3" />
        <span className="font-medium">{title}</span>
        <span className="text-ink-3">{summary}</span>
      </summary>
      {children}
    </details>
  );
}

/** Saves a part of the object's definition; `done` once it holds. */
export function useDefinition(object: ObjectType, saved: string, done: () => void) {
  const t = useT();
  const client = useQueryClient();
  return useMutation({
    mutationFn: (part: object) => api.patch(`/dictionary/${object.name}`, part),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ['dictionary'] });
      done();
      toast(saved);
    },
    onError: (cause) => toast(faultText(cause, t), { tone: 'danger' }),
  });
}
