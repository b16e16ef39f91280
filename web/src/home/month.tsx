// My month in four numbers, each leading to the records behind it. What the company doesn't have isn't shown.
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { fieldOf, type Lexicon, useLexicon } from '../api/dictionary';
import { aggregate } from '../api/records';
import type { Filter, Leaf } from '../api/types';
import { useFormat } from '../format/use-format';
import { useT } from '../i18n';
import { CUSTOMER_OBJECT, LOG_OBJECT } from '../shell/nav';

type Measure = {
  key: 'followUps' | 'newCustomers' | 'won' | 'received';
  object: string;
  /** The day or moment that must lie in this month. */
  when: string;
  where?: Leaf;
  /** Summed; counted without. */
  sum?: string;
};

const MEASURES: Measure[] = [
  { key: 'followUps', object: LOG_OBJECT, when: 'occurred_at' },
  { key: 'newCustomers', object: CUSTOMER_OBJECT, when: 'created_at' },
  {
    key: 'won',
    object: 'opportunity',
    when: 'closed_on',
    where: { field: 'stage', op: 'eq', value: 'won' },
    sum: 'amount',
  },
  {
    key: 'received',
    object: 'payment',
    when: 'received_on',
    where: { field: 'status', op: 'eq', value: 'received' },
    sum: 'amount',
  },
];

function filterOf({ when, where }: Measure): Filter {
  const all: Filter[] = [
    { field: 'owner', op: 'eq', value: 'me' },
    { field: when, op: 'within', value: { this: 'month' } },
  ];
  return { all: where ? [...all, where] : all };
}

/** Those whose fields are there and open to the caller. */
export function measuresOf({ find }: Lexicon): Measure[] {
  return MEASURES.filter((measure) => {
    const object = find(measure.object);
    const needed = ['owner', measure.when, measure.where?.field, measure.sum].filter((name) => name !== undefined);
    return object && needed.every((name) => fieldOf(object, name)?.access !== undefined);
  });
}

export function MyMonth() {
  const t = useT();
  const format = useFormat();
  const measures = measuresOf(useLexicon());
  const { data } = useQuery({
    queryKey: ['home', 'month', format.today().slice(0, 7), measures.map((measure) => measure.key).join()],
    queryFn: () =>
      Promise.all(
        measures.map((measure) =>
          aggregate(measure.object, {
            filter: filterOf(measure),
            groups: [],
            measures: [measure.sum ? { kind: 'sum', field: measure.sum } : { kind: 'count' }],
          }).then(
            (answer) => answer.rows[0]?.values[0] ?? 0,
            // One number that can't be had must not take the others with it.
            () => null,
          ),
        ),
      ),
    enabled: measures.length > 0,
    staleTime: 60_000,
  });
  if (measures.length === 0) return null;
  return (
    <section aria-label={t.month.title} className="shrink-0 px-4 md:px-6 pb-4 md:max-w-3xl">
      <h2 className="text-xs font-semibold text-ink-3 pb-1">{t.month.title}</h2>
      <dl className="grid grid-cols-2 md:grid-cols-4 gap-x-4 gap-y-1">
        {measures.map((measure, index) => {
          const value = data?.[index];
          return (
            <div key={measure.key} className="min-w-0 flex md:flex-col justify-between md:justify-start gap-x-2">
              <dt className="text-ink-2 truncate touch:py-2.5">{t.month[measure.key]}</dt>
              <dd className="font-semibold text-[15px] touch:text-[17px]">
                {value === undefined ? (
                  <span aria-hidden className="skeleton inline-block h-4 w-10" />
                ) : value === null ? (
                  t.common.empty
                ) : (
                  <Link
                    to="/o/$object"
                    params={{ object: measure.object }}
                    search={{ filter: filterOf(measure) }}
                    className="hover:text-brand-ink hover:underline inline-flex md:flex items-center min-h-6 min-w-6 touch:min-h-11"
                  >
                    {measure.sum ? format.money(value) : format.number(value)}
                  </Link>
                )}
              </dd>
            </div>
          );
        })}
      </dl>
    </section>
  );
}
