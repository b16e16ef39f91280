// The monthly review: start and end of the month, what was done, what comes first next; as a page and as a workbook.
import { useQuery } from '@tanstack/react-query';
import { Download } from 'lucide-react';
import { useState } from 'react';
import { api, query } from '../api/client';
import type { ObjectType } from '../api/types';
import { useFormat } from '../format/use-format';
import { useLabel, useT } from '../i18n';
import { faultText } from '../session/fault-text';
import { SkeletonRows } from '../ui/bits';
import { Button } from '../ui/button';
import { cx } from '../ui/cx';
import { Select } from '../ui/select';
import { toast } from '../ui/toast';
import { Card } from './card';
import { type Review as Figures, reviewQuery } from './care-queries';
import { useCareText } from './care-text';
import type { Dimension } from './queries';
import { useQualityText } from './text';

const MONTHS = 12;

/** The company's month and the eleven before it, `2026-11`. */
function monthsUntil(today: string): string[] {
  const [year = 0, month = 1] = today.split('-').map(Number);
  return Array.from({ length: MONTHS }, (_, back) => {
    const at = year * 12 + month - 1 - back;
    return `${Math.floor(at / 12)}-${String((at % 12) + 1).padStart(2, '0')}`;
  });
}

export default function Review({ object }: { object: ObjectType }) {
  const t = useT();
  const c = useCareText();
  const format = useFormat();
  const months = monthsUntil(format.today());
  const [month, setMonth] = useState(months[0] ?? '');
  const { data, error } = useQuery(reviewQuery(object.name, month));
  return (
    <div className="flex flex-col gap-4">
      <div className="flex items-center gap-2">
        <Select
          label={c.reviewOf}
          className="w-44"
          value={month}
          onChange={setMonth}
          options={months.map((value) => {
            const [year = 0, number = 1] = value.split('-').map(Number);
            return { value, label: c.monthName(year, number) };
          })}
        />
        <Button
          icon={Download}
          onClick={() =>
            api
              .download(`/quality/${object.name}/review.xlsx${query({ month })}`, `${month}.xlsx`)
              .catch((cause: unknown) => toast(faultText(cause, t), { tone: 'danger' }))
          }
        >
          {c.export}
        </Button>
      </div>
      {error && (
        <p role="alert" className="text-danger">
          {faultText(error, t)}
        </p>
      )}
      {!data && !error && <SkeletonRows rows={4} />}
      {data && (
        <div className="grid grid-cols-1 md:grid-cols-2 gap-4">
          <Measures review={data} />
          <Work review={data} />
          <First review={data} />
        </div>
      )}
    </div>
  );
}

function Measures({ review }: { review: Figures }) {
  const t = useT();
  const c = useCareText();
  const q = useQualityText();
  if (review.records === null)
    return (
      <Card title={c.review}>
        <p className="text-ink-2">{c.noFigures}</p>
      </Card>
    );
  return (
    <Card title={c.review}>
      <table className="w-full">
        <thead>
          <tr className="text-xs text-ink-3 text-right">
            {[c.measure, c.start, c.end, c.change].map((title, index) => (
              <th key={title} scope="col" className={cx('font-normal pb-1', index === 0 && 'text-left')}>
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {review.measures.map(({ measure, start, end }) => {
            const change = start !== null && end !== null ? end - start : null;
            return (
              <tr key={measure} className="border-t border-line text-right tabular-nums">
                <th scope="row" className="text-left font-normal py-1.5">
                  {measure === 'score' ? c.total : q.dimension[measure as Dimension]}
                </th>
                <td>{start ?? t.common.empty}</td>
                <td className="font-semibold">{end ?? t.common.empty}</td>
                <td className={cx((change ?? 0) < 0 && 'text-danger', (change ?? 0) > 0 && 'text-ok')}>
                  {change === null ? t.common.empty : change > 0 ? `+${change}` : change}
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </Card>
  );
}

function Work({ review }: { review: Figures }) {
  const c = useCareText();
  const { number } = useFormat();
  return (
    <Card title={c.work}>
      <dl className="grid grid-cols-2 gap-y-3">
        {(['opened', 'closed', 'accepted', 'returned', 'merged'] as const).map((name) => (
          <div key={name}>
            <dt className="text-ink-3 text-xs">{c.did[name]}</dt>
            <dd className="text-lg font-semibold tabular-nums">{number(review.work[name])}</dd>
          </div>
        ))}
      </dl>
    </Card>
  );
}

function First({ review }: { review: Figures }) {
  const c = useCareText();
  const label = useLabel();
  const { number } = useFormat();
  const fields = review.fields.flatMap((field) => [
    { key: `missing:${field.field}`, name: c.missing(label(field.label)), count: field.missing },
    { key: `stale:${field.field}`, name: c.stale(label(field.label)), count: field.stale },
  ]);
  const rules = review.rules.map((rule) => ({
    key: `rule:${rule.name}`,
    name: c.breaks(label(rule.label)),
    count: rule.hits,
  }));
  const all = [...fields, ...rules].filter((one) => one.count > 0).sort((a, b) => b.count - a.count);
  return (
    <Card title={c.first} wide>
      {all.length === 0 ? (
        <p className="text-ok">{c.nothingFirst}</p>
      ) : (
        <ul className="grid md:grid-cols-2 gap-x-8">
          {all.slice(0, 10).map((one) => (
            <li key={one.key} className="border-t border-line py-1.5 flex gap-3">
              <span className="flex-1 min-w-0">{one.name}</span>
              <span className="tabular-nums text-ink-2">{c.count(number(one.count))}</span>
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}
