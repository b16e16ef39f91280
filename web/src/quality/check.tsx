// The self-check: four questions as figures of this moment, how mature the data is, and whether complete records win more.
import { useQuery } from '@tanstack/react-query';
import { Check, Circle } from 'lucide-react';
import type { ObjectType } from '../api/types';
import { useFormat } from '../format/use-format';
import { useLabel, useT } from '../i18n';
import { faultText } from '../session/fault-text';
import { SkeletonRows } from '../ui/bits';
import { cx } from '../ui/cx';
import { Card } from './card';
import { checkQuery, type SelfCheck } from './care-queries';
import { useCareText } from './care-text';

export default function Check4({ object }: { object: ObjectType }) {
  const t = useT();
  const { data, error } = useQuery(checkQuery(object.name));
  if (error)
    return (
      <p role="alert" className="text-danger">
        {faultText(error, t)}
      </p>
    );
  if (!data) return <SkeletonRows rows={4} />;
  return (
    <div className="grid grid-cols-1 md:grid-cols-2 gap-4">
      <Questions check={data} />
      <Maturity check={data} />
      <Wins check={data} />
    </div>
  );
}

function Questions({ check }: { check: SelfCheck }) {
  const c = useCareText();
  const { number } = useFormat();
  const { agree, current, single, finding } = check;
  const rows = [
    [c.agree, c.agreeText(agree.percent, number(agree.groups_across))],
    [c.current, c.currentText(current.percent, number(current.stale))],
    [c.single, single.searched_at ? c.singleText(number(single.groups), number(single.records)) : c.singleUnknown],
    [c.finding, c.findingText(number(finding.milliseconds))],
  ];
  return (
    <Card title={c.questions} wide>
      <dl className="grid gap-x-8 gap-y-4 md:grid-cols-2">
        {rows.map(([question, answer]) => (
          <div key={question}>
            <dt className="text-ink-2">{question}</dt>
            <dd className="font-medium pt-0.5 tabular-nums">{answer}</dd>
          </div>
        ))}
      </dl>
    </Card>
  );
}

function Maturity({ check: { maturity } }: { check: SelfCheck }) {
  const c = useCareText();
  const label = useLabel();
  const next = maturity.levels[maturity.level];
  return (
    <Card title={c.maturity}>
      <p className="text-lg font-semibold">{c.level(maturity.level, label(maturity.name))}</p>
      <ol aria-hidden className="flex gap-1 py-3">
        {maturity.levels.map((level, index) => (
          <li
            key={level.name.en}
            className={cx('h-1.5 flex-1 rounded-full', index < maturity.level ? 'bg-brand' : 'bg-sunken')}
          />
        ))}
      </ol>
      {next ? (
        <>
          <h3 className="text-ink-2 pb-1">{c.lifts(label(next.name))}</h3>
          <ul className="flex flex-col gap-1">
            {next.conditions.map(({ label: name, met }) => (
              <li key={name.en} className={cx('flex items-center gap-2', met ? 'text-ink-3' : 'text-ink')}>
                {met ? (
                  <Check size={16} aria-hidden className="text-ok" />
                ) : (
                  <Circle size={16} aria-hidden className="text-warn" />
                )}
                <span className="flex-1">{label(name)}</span>
                <span className={cx('text-xs', met ? 'text-ok' : 'text-warn')}>{met ? c.met : c.unmet}</span>
              </li>
            ))}
          </ul>
        </>
      ) : (
        <p className="text-ok">{c.highest}</p>
      )}
    </Card>
  );
}

function Wins({ check: { wins } }: { check: SelfCheck }) {
  const c = useCareText();
  const { number } = useFormat();
  const sides = wins
    ? [
        { name: c.winsOf(wins.from_score), share: wins.complete },
        { name: c.losesOf(wins.from_score), share: wins.incomplete },
      ]
    : [];
  return (
    <Card title={c.wins}>
      {sides.length === 0 ? (
        <p className="text-ink-3">{c.noWins}</p>
      ) : (
        <dl className="flex flex-col gap-4">
          {sides.map(({ name, share }) => (
            <div key={name}>
              <dt className="text-ink-2">{name}</dt>
              <dd>
                {share.percent === null ? (
                  <span className="text-ink-3">{c.noWins}</span>
                ) : (
                  <>
                    <span className="flex items-center gap-3 pt-1">
                      <span aria-hidden className="h-3 flex-1 rounded-sm bg-sunken overflow-hidden">
                        <span
                          className="block h-full rounded-sm bg-brand opacity-80"
                          style={{ width: `${share.percent}%` }}
                        />
                      </span>
                      <span className="font-semibold tabular-nums">{c.percent(share.percent)}</span>
                    </span>
                    <span className="text-xs text-ink-3">
                      {c.winsText(number(share.won), number(share.won + share.lost))}
                    </span>
                  </>
                )}
              </dd>
            </div>
          ))}
        </dl>
      )}
    </Card>
  );
}
