// Told while one types, with the owner: never a surprise at save.
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { OctagonAlert, TriangleAlert } from 'lucide-react';
import { useEffect, useState } from 'react';
import { findDuplicates, refName } from '../api/records';
import type { Candidate, ObjectType } from '../api/types';
import { useT } from '../i18n';
import { cx } from '../ui/cx';

const PAUSE_MS = 250;

/** Candidates for what stands in the form, asked once typing pauses. */
export function useDuplicates(object: ObjectType, fields: Record<string, unknown>, enabled: boolean): Candidate[] {
  const text = JSON.stringify(fields);
  const [asked, setAsked] = useState('{}');
  useEffect(() => {
    const timer = setTimeout(() => setAsked(text), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [text]);
  const { data } = useQuery({
    queryKey: ['duplicates', object.name, asked],
    queryFn: ({ signal }) => findDuplicates(object.name, JSON.parse(asked), undefined, signal),
    enabled: enabled && asked !== '{}',
    staleTime: 30_000,
    retry: false,
    placeholderData: (previous) => previous,
  });
  return enabled && asked !== '{}' ? (data?.candidates ?? []) : [];
}

export function DuplicatePanel({
  object,
  candidates,
  onLeave,
}: {
  object: ObjectType;
  candidates: Candidate[];
  onLeave: () => void;
}) {
  const t = useT();
  if (candidates.length === 0) return null;
  const blocked = candidates.some((candidate) => candidate.verdict === 'block');
  const Icon = blocked ? OctagonAlert : TriangleAlert;
  return (
    <div
      role="status"
      className={cx(
        'rounded-md p-2.5 flex gap-2 anim-appear',
        blocked ? 'bg-danger-soft text-danger' : 'bg-warn-soft text-warn',
      )}
    >
      <Icon size={16} aria-hidden className="shrink-0 mt-0.5" />
      <div className="min-w-0 flex-1">
        <p className="font-medium">{blocked ? t.form.duplicateBlock : t.form.duplicate}</p>
        <ul className="mt-1 flex flex-col gap-1.5">
          {candidates.slice(0, 4).map((candidate) => {
            const owner = typeof candidate.owner === 'string' ? candidate.owner : refName(candidate.owner);
            return (
              <li key={candidate.id} className="min-w-0">
                <span className="flex flex-wrap items-baseline gap-x-2">
                  {candidate.readable ? (
                    <Link
                      to="/o/$object/$id"
                      params={{ object: object.name, id: candidate.id }}
                      className="underline font-medium touch:py-2"
                      onClick={onLeave}
                    >
                      {candidate.name}
                    </Link>
                  ) : (
                    <span className="font-medium">{candidate.name}</span>
                  )}
                  <span>
                    {owner ? t.form.duplicateOwner(owner) : candidate.owner === null ? t.form.duplicateNoOwner : ''}
                  </span>
                </span>
                <span className="block text-xs">
                  {candidate.reasons.map((reason) => reason.text).join(' · ')}
                  {!candidate.readable && ` · ${t.form.unreadable}`}
                </span>
              </li>
            );
          })}
        </ul>
      </div>
    </div>
  );
}
