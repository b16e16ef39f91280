// 今日优先: whom to turn to first, and why.
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Phone, Sparkles } from 'lucide-react';
import { api } from '../api/client';
import { useObject } from '../api/dictionary';
import type { Rec } from '../api/types';
import { useI18n, useT, useWordsOf } from '../i18n';
import { phoneOf, recordName } from '../records/name';
import { CUSTOMER_OBJECT } from '../shell/nav';
import { useWide } from '../ui/use-media';

type Priority = { customer: Rec; points: number; reasons: string[]; due_at: string | null };

const SHOWN = 5;
/** A phone shows what is late as well, without scrolling. */
const SHOWN_ON_PHONE = 3;
const WORDS = {
  zh: { title: '今日优先', hint: '按价值、紧迫和多久没有联系排序', call: (name: string) => `呼叫${name}` },
  en: {
    title: 'First today',
    hint: 'By value, urgency and time since the last contact',
    call: (name: string) => `Call ${name}`,
  },
};

export default function PriorityList() {
  const t = useT();
  const { language } = useI18n();
  const words = useWordsOf(WORDS.zh, WORDS.en);
  const wide = useWide();
  const object = useObject(CUSTOMER_OBJECT);
  const { data } = useQuery({
    queryKey: ['home', 'priorities', language],
    queryFn: ({ signal }) =>
      api.get<{ items: Priority[] }>(`/priorities?limit=${SHOWN}`, signal).then((answer) => answer.items),
    enabled: object !== undefined,
    staleTime: 60_000,
    retry: false,
  });
  if (!object || !data || data.length === 0) return null;
  return (
    <section aria-labelledby="priority-title" className="rounded-lg border border-line bg-surface mx-4 md:mx-6 mt-3">
      <h2 id="priority-title" className="flex flex-wrap items-center gap-x-2 px-3 pt-2.5 font-semibold">
        <Sparkles size={15} aria-hidden className="text-brand-ink" />
        {words.title}
        <span className="font-normal text-xs text-ink-3">{words.hint}</span>
      </h2>
      <ol className="flex flex-col divide-y divide-line">
        {data.slice(0, wide ? SHOWN : SHOWN_ON_PHONE).map((one, index) => {
          const name = recordName(object, one.customer, t.common.unnamed);
          const phone = phoneOf(object, one.customer);
          return (
            <li key={one.customer.id} className="flex items-center hover:bg-sunken">
              <Link
                to="/o/$object/$id"
                params={{ object: object.name, id: one.customer.id }}
                className="flex-1 min-w-0 flex items-center gap-3 px-3 py-2 touch:min-h-14"
              >
                <span className="w-4 text-center text-ink-3 tabular-nums">{index + 1}</span>
                <span className="min-w-0 flex flex-wrap items-baseline gap-x-2">
                  <span className="font-medium truncate max-w-full">{name}</span>
                  <span className="text-ink-2 max-md:text-[13px]">{one.reasons.join(' · ')}</span>
                </span>
              </Link>
              {phone && (
                <a
                  href={`tel:${phone}`}
                  aria-label={words.call(name)}
                  className="size-8 touch:size-11 mr-2 shrink-0 grid place-items-center rounded-full text-brand-ink hover:bg-brand-soft"
                >
                  <Phone size={15} aria-hidden />
                </a>
              )}
            </li>
          );
        })}
      </ol>
    </section>
  );
}
