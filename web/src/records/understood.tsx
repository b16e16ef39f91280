// What the server reads from the sentence while one types: shown as chips, taken over unless corrected.
import { useQuery } from '@tanstack/react-query';
import { CalendarClock, Sparkles, UserRound, X } from 'lucide-react';
import { useEffect, useState } from 'react';
import { type Understood, understand } from '../api/records';
import type { Ref } from '../api/types';
import { useFormat } from '../format/use-format';
import { useT } from '../i18n';

const PAUSE_MS = 350;
/** Shorter texts say nothing yet. */
const LEAST = 4;

/** Asked once typing pauses; nothing while the server can't be reached. */
export function useUnderstood(text: string, about: { object: string; id: string } | null): Understood | null {
  const [asked, setAsked] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => setAsked(text), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [text]);
  const enabled = asked.trim().length >= LEAST;
  const { data } = useQuery({
    queryKey: ['understand', about?.object, about?.id, asked],
    queryFn: ({ signal }) => understand(asked, about, signal),
    enabled,
    staleTime: 60_000,
    retry: false,
    placeholderData: (previous) => previous,
  });
  return enabled ? (data ?? null) : null;
}

const CHIP =
  'inline-flex items-center gap-1.5 h-8 touch:h-11 rounded-md border border-brand bg-brand-soft text-brand-ink max-w-full';

export function UnderstoodChips({
  step,
  person,
  onEditStep,
  onDropStep,
  onDropPerson,
}: {
  step: { text: string; at: string } | null;
  person: Ref | null;
  onEditStep: () => void;
  onDropStep: () => void;
  onDropPerson: () => void;
}) {
  const t = useT();
  const format = useFormat();
  if (!step && !person) return null;
  return (
    <section aria-label={t.understood.title} className="flex flex-wrap items-center gap-1.5 anim-appear">
      <span className="flex items-center gap-1 text-xs text-ink-3">
        <Sparkles size={13} aria-hidden />
        {t.understood.title}
      </span>
      {step && (
        <span className={CHIP}>
          <button
            type="button"
            title={t.understood.edit}
            className="flex items-center gap-1.5 min-w-0 h-full pl-2 rounded-md"
            onClick={onEditStep}
          >
            <CalendarClock size={14} aria-hidden className="shrink-0" />
            <span className="font-medium whitespace-nowrap">{format.moment(step.at)}</span>
            <span className="truncate">{step.text}</span>
          </button>
          <Drop label={t.understood.none} onClick={onDropStep} />
        </span>
      )}
      {person && (
        <span className={CHIP}>
          <span className="flex items-center gap-1.5 min-w-0 pl-2">
            <UserRound size={14} aria-hidden className="shrink-0" />
            <span className="truncate">{person.name}</span>
          </span>
          <Drop label={t.understood.dropPerson(person.name ?? '')} onClick={onDropPerson} />
        </span>
      )}
    </section>
  );
}

function Drop({ label, onClick }: { label: string; onClick: () => void }) {
  return (
    <button
      type="button"
      aria-label={label}
      title={label}
      className="size-8 touch:size-11 grid place-items-center shrink-0 rounded-md hover:bg-surface"
      onClick={onClick}
    >
      <X size={13} aria-hidden />
    </button>
  );
}
