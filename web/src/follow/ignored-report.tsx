// Which reminders nobody heeds, by rule and person, with proposals that are accepted by one click.
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { AlarmClockOff, ChevronDown, Lightbulb } from 'lucide-react';
import { useState } from 'react';
import { api } from '../api/client';
import { useFormat } from '../format/use-format';
import { useLabel, useT } from '../i18n';
import { faultText } from '../session/fault-text';
import { Avatar, Empty, SkeletonRows } from '../ui/bits';
import { Button } from '../ui/button';
import { cx } from '../ui/cx';
import { Select } from '../ui/select';
import { toast } from '../ui/toast';
import { type Definition, type Proposal, type Report, type Rule, reportQuery, rulesQuery } from './rules';
import { useRulesText } from './rules-text';

const DAYS = [7, 30, 90];
const WITHIN = [1, 3, 7];

type Item = Report['items'][number];
const percentOf = ({ ignored, told }: { ignored: number; told: number }) =>
  told === 0 ? 0 : Math.round((ignored / told) * 100);

export default function IgnoredReport() {
  const t = useT();
  const r = useRulesText();
  const [days, setDays] = useState(30);
  const [within, setWithin] = useState(3);
  const { data, error } = useQuery(reportQuery(days, within));
  return (
    <div className="px-4 pb-10 flex flex-col gap-4 max-w-4xl">
      <p className="text-ink-2">{r.report.intro(days, within)}</p>
      <div className="flex flex-wrap gap-2">
        <Select
          label={r.report.days}
          className="w-36!"
          value={String(days)}
          onChange={(value) => setDays(Number(value))}
          options={DAYS.map((value) => ({ value: String(value), label: r.report.lastDays(value) }))}
        />
        <Select
          label={r.report.within}
          className="w-36!"
          value={String(within)}
          onChange={(value) => setWithin(Number(value))}
          options={WITHIN.map((value) => ({ value: String(value), label: r.report.withinDays(value) }))}
        />
      </div>
      {error ? (
        <p role="alert" className="text-danger">
          {faultText(error, t)}
        </p>
      ) : !data ? (
        <SkeletonRows rows={4} />
      ) : data.items.length === 0 ? (
        <Empty icon={AlarmClockOff} title={r.report.none} />
      ) : (
        <>
          <ul className="flex flex-col border-t border-line">
            {data.items.map((item) => (
              <RuleFigures key={item.rule.id} item={item} />
            ))}
          </ul>
          <section aria-label={r.report.people}>
            <h2 className="font-semibold pb-1">{r.report.people}</h2>
            <Heeded people={data.people} />
          </section>
        </>
      )}
    </div>
  );
}

function Bar({ percent }: { percent: number }) {
  return (
    <span aria-hidden className="block h-2 rounded-sm bg-sunken overflow-hidden w-40 max-md:w-full">
      <span
        className={cx('block h-full rounded-sm', percent >= 50 ? 'bg-danger' : percent >= 25 ? 'bg-warn' : 'bg-ok')}
        style={{ width: `${percent}%` }}
      />
    </span>
  );
}

function RuleFigures({ item }: { item: Item }) {
  const t = useT();
  const r = useRulesText();
  const format = useFormat();
  const label = useLabel();
  const client = useQueryClient();
  const [open, setOpen] = useState(false);
  const percent = percentOf(item);
  const patch = async (change: Partial<Definition>) => {
    const saved = await api.patch<Rule>(`/reminder-rules/${item.rule.id}`, { ...change, confirmed: true });
    void client.invalidateQueries({ queryKey: rulesQuery.queryKey });
    return saved;
  };
  const accept = async (proposal: Proposal) => {
    try {
      const rules = await client.ensureQueryData(rulesQuery);
      const before = rules.items.find((one) => one.id === item.rule.id);
      const saved = await patch(proposal.change);
      const keys = Object.keys(proposal.change) as (keyof Definition)[];
      toast(r.report.accepted(label(saved.name)), {
        action: before && {
          label: t.common.undo,
          run: () =>
            void patch(Object.fromEntries(keys.map((key) => [key, before[key]]))).catch((cause: unknown) =>
              toast(faultText(cause, t), { tone: 'danger' }),
            ),
        },
      });
    } catch (cause) {
      toast(faultText(cause, t), { tone: 'danger' });
    }
  };
  return (
    <li className="py-3 border-b border-line flex flex-col gap-2">
      <div className="flex flex-wrap items-center gap-x-4 gap-y-1">
        <button
          type="button"
          aria-expanded={open}
          className="flex items-center gap-1 flex-1 min-w-48 text-left font-medium min-h-8 touch:min-h-11 hover:text-brand-ink"
          onClick={() => setOpen(!open)}
        >
          <ChevronDown size={14} aria-hidden className={cx('text-ink-3 transition-transform', !open && '-rotate-90')} />
          {item.rule.name}
        </button>
        <Bar percent={percent} />
        <span className="tabular-nums text-ink-2">
          {r.report.ignored(percent)} · {r.report.told(format.number(item.told))} ·{' '}
          {r.report.acted(format.number(item.acted))}
        </span>
      </div>
      {item.proposals.length > 0 ? (
        <ul className="flex flex-col gap-1" aria-label={r.report.proposals}>
          {item.proposals.map((proposal) => (
            <li key={proposal.kind} className="flex items-center gap-2 rounded-md bg-brand-soft pl-3 pr-1 py-1">
              <Lightbulb size={15} aria-hidden className="text-brand-ink shrink-0" />
              <span className="flex-1">{proposal.text}</span>
              <Button size="sm" aria-label={r.report.acceptOf(proposal.text)} onClick={() => void accept(proposal)}>
                {r.report.accept}
              </Button>
            </li>
          ))}
        </ul>
      ) : (
        percent < 50 && <p className="text-xs text-ink-3">{r.report.heeded}</p>
      )}
      {open && (
        <section aria-label={r.report.ofRule(item.rule.name)}>
          <Heeded people={item.people} />
        </section>
      )}
    </li>
  );
}

function Heeded({ people }: { people: Item['people'] }) {
  const t = useT();
  const r = useRulesText();
  return (
    <ul className="grid md:grid-cols-2 gap-x-8">
      {people.map((one) => (
        <li key={one.user.id} className="flex items-center gap-2 min-h-9 border-b border-line">
          <Avatar name={one.user.name ?? '?'} />
          <span className="flex-1 min-w-0 truncate">{one.user.name ?? t.common.hidden}</span>
          <span className="text-ink-2 tabular-nums">{r.report.ignored(percentOf(one))}</span>
          <span className="text-xs text-ink-3 tabular-nums w-16 text-right">
            {one.ignored} / {one.told}
          </span>
        </li>
      ))}
    </ul>
  );
}
