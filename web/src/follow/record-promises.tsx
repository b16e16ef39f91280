// On a record: what was promised about it, who will be reminded when, and who was.
import { queryOptions, useQuery } from '@tanstack/react-query';
import { BellRing, ChevronDown } from 'lucide-react';
import { useState } from 'react';
import { api } from '../api/client';
import type { ObjectType, Ref } from '../api/types';
import { useFormat } from '../format/use-format';
import { PromiseRow } from '../home/rows';
import { useT } from '../i18n';
import { Avatar, Empty, SkeletonRows } from '../ui/bits';
import { cx } from '../ui/cx';
import type { Notice, Obligation } from './queries';
import { useFollowText } from './text';

type Level = 'owner' | 'collaborator' | 'manager' | 'director';
type Reminders = {
  ahead: { obligation: string; title: string; due_at: string; at: string; to: Level; people: Ref[] }[];
  told: {
    user: Ref;
    at: string;
    kind: Notice['kind'];
    title: string;
    due_at: string | null;
    live: boolean;
    read_at: string | null;
  }[];
};

export function recordPromisesQuery(object: string, id: string) {
  return queryOptions({
    queryKey: ['record-promises', object, id, 'promises'],
    queryFn: ({ signal }) => api.get<{ items: Obligation[] }>(`/records/${object}/${id}/obligations`, signal),
  });
}

function remindersQuery(object: string, id: string) {
  return queryOptions({
    queryKey: ['record-promises', object, id, 'reminders'],
    queryFn: ({ signal }) => api.get<Reminders>(`/records/${object}/${id}/reminders`, signal),
  });
}

export default function RecordPromises({ object, id }: { object: ObjectType; id: string }) {
  const t = useT();
  const f = useFollowText();
  const format = useFormat();
  const promises = useQuery(recordPromisesQuery(object.name, id));
  const reminders = useQuery(remindersQuery(object.name, id));
  const [past, setPast] = useState(false);
  if (promises.isPending || reminders.isPending) return <SkeletonRows rows={4} />;
  const items = promises.data?.items ?? [];
  const open = items.filter((item) => !item.closed_at);
  const closed = items.filter((item) => item.closed_at);
  const { ahead, told } = reminders.data ?? { ahead: [], told: [] };
  if (items.length === 0 && told.length === 0)
    return <Empty icon={BellRing} title={f.record.none} text={f.record.noneText} />;
  return (
    <div className="flex flex-col gap-6 pb-8">
      {open.length === 0 ? (
        <p className="px-4 md:px-6 pt-4 text-ink-2">{f.record.none}</p>
      ) : (
        <ul>
          {open.map((item) => item.id !== null && <PromiseRow key={item.id} item={{ ...item, id: item.id }} here />)}
        </ul>
      )}
      <section aria-label={f.record.ahead} className="px-4 md:px-6">
        <h2 className="text-xs font-semibold text-ink-3 pb-1">{f.record.ahead}</h2>
        {ahead.length === 0 ? (
          <p className="text-ink-2">{f.record.noAhead}</p>
        ) : (
          <ol className="flex flex-col">
            {ahead.map((step) => (
              <li
                key={`${step.obligation} ${step.at} ${step.to}`}
                className="flex flex-wrap items-center gap-x-3 min-h-8 touch:min-h-10 border-b border-line last:border-b-0"
              >
                <time dateTime={step.at} title={format.fullMoment(step.at)} className="w-28 shrink-0 text-ink-2">
                  {format.moment(step.at)}
                </time>
                <span className="flex-1 min-w-0">
                  {f.levels[step.to]}
                  <span className="text-ink-3">
                    {' · '}
                    {step.people.length > 0
                      ? step.people.map((one) => one.name ?? t.common.hidden).join(', ')
                      : f.record.nobody}
                  </span>
                </span>
                <span className="text-ink-3 truncate max-w-64 max-md:w-full">{step.title}</span>
              </li>
            ))}
          </ol>
        )}
      </section>
      <section aria-label={f.record.told} className="px-4 md:px-6">
        <h2 className="text-xs font-semibold text-ink-3 pb-1">{f.record.told}</h2>
        {told.length === 0 ? (
          <p className="text-ink-2">{f.record.noTold}</p>
        ) : (
          <ul className="flex flex-col">
            {told.map((one) => (
              <li
                key={`${one.user.id} ${one.at} ${one.title}`}
                className="flex flex-wrap items-center gap-x-3 min-h-8 touch:min-h-10 border-b border-line last:border-b-0"
              >
                <time dateTime={one.at} title={format.fullMoment(one.at)} className="w-28 shrink-0 text-ink-2">
                  {format.moment(one.at)}
                </time>
                <span className="flex-1 min-w-0 flex items-center gap-1.5">
                  <Avatar name={one.user.name ?? '?'} />
                  {one.user.name ?? t.common.hidden}
                  <span className="text-xs text-ink-3">
                    {f.kindOf[one.kind]} · {one.live ? (one.read_at ? f.whyRead : f.whyUnread) : f.held}
                  </span>
                </span>
                <span className="text-ink-3 truncate max-w-64 max-md:w-full">{one.title}</span>
              </li>
            ))}
          </ul>
        )}
      </section>
      {closed.length > 0 && (
        <section className="px-4 md:px-6">
          <button
            type="button"
            aria-expanded={past}
            className="flex items-center gap-1 min-h-8 touch:min-h-11 text-xs font-semibold text-ink-3 hover:text-ink"
            onClick={() => setPast(!past)}
          >
            <ChevronDown size={14} aria-hidden className={cx('transition-transform', !past && '-rotate-90')} />
            {f.record.past(closed.length)}
          </button>
          {past && (
            <ul className="flex flex-col">
              {closed.map((item) => (
                <li key={item.id} className="flex items-center gap-3 min-h-8 border-b border-line last:border-b-0">
                  <span className="flex-1 min-w-0 truncate">{item.title}</span>
                  <span className="text-ink-3">{f.states[item.state]}</span>
                  {item.closed_at && (
                    <time dateTime={item.closed_at} className="text-ink-2 whitespace-nowrap">
                      {format.moment(item.closed_at)}
                    </time>
                  )}
                </li>
              ))}
            </ul>
          )}
        </section>
      )}
    </div>
  );
}
