// How the scheduler stands, and the work it could not do.
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { CircleCheckBig, RotateCw, TriangleAlert } from 'lucide-react';
import { api } from '../api/client';
import { useLexicon } from '../api/dictionary';
import { RefText } from '../fields/lookup';
import { useFormat } from '../format/use-format';
import { useLabel, useT } from '../i18n';
import { faultText } from '../session/fault-text';
import { SkeletonRows } from '../ui/bits';
import { Button } from '../ui/button';
import { cx } from '../ui/cx';
import { toast } from '../ui/toast';
import { type DeadLetter, deadLettersQuery, schedulerQuery } from './rules';
import { useRulesText } from './rules-text';

/** Longer than this something holds the scheduler up. */
const LATE_SECONDS = 120;

export default function SchedulerState() {
  const t = useT();
  const r = useRulesText();
  const format = useFormat();
  const { data: state, error } = useQuery(schedulerQuery);
  const { data: dead } = useQuery(deadLettersQuery);
  if (error)
    return (
      <p role="alert" className="px-4 text-danger">
        {faultText(error, t)}
      </p>
    );
  if (!state || !dead) return <SkeletonRows rows={4} />;
  const behind = state.lag_seconds > LATE_SECONDS;
  const well = !behind && state.dead_letters === 0 && state.broken === 0;
  const tiles: [string, string, boolean][] = [
    [r.state.backlog, format.number(state.backlog), false],
    [r.state.lag, r.state.seconds(state.lag_seconds), behind],
    [r.state.dead, format.number(state.dead_letters), state.dead_letters > 0],
    [r.state.broken, format.number(state.broken), state.broken > 0],
  ];
  return (
    <div className="px-4 pb-10 flex flex-col gap-5 max-w-4xl">
      {(well || behind) && (
        <p className={cx('flex items-center gap-2', well ? 'text-ok' : 'text-warn')}>
          {well ? <CircleCheckBig size={16} aria-hidden /> : <TriangleAlert size={16} aria-hidden />}
          {well ? r.state.well : r.state.behind}
        </p>
      )}
      <dl className="grid grid-cols-2 md:grid-cols-4 gap-2">
        {tiles.map(([name, value, bad]) => (
          <div key={name} className="rounded-lg border border-line px-3 py-2">
            <dt className="text-ink-2">{name}</dt>
            <dd className={cx('text-[20px] leading-7 font-semibold tabular-nums', bad && 'text-danger')}>{value}</dd>
          </div>
        ))}
      </dl>
      <section aria-label={r.state.deadTitle} className="flex flex-col gap-1">
        <h2 className="font-semibold">{r.state.deadTitle}</h2>
        <p className="text-ink-2">{dead.items.some(ofRecord) ? r.state.deadText : r.state.deadNone}</p>
        <ul>
          {dead.items.filter(ofRecord).map((letter) => (
            <Letter key={letter.id} letter={letter} />
          ))}
        </ul>
      </section>
    </div>
  );
}

/** Messages that could not be delivered stand with their channels. */
const ofRecord = (letter: DeadLetter) => letter.object !== 'delivery';

function Letter({ letter }: { letter: DeadLetter }) {
  const t = useT();
  const r = useRulesText();
  const label = useLabel();
  const format = useFormat();
  const client = useQueryClient();
  const object = useLexicon().find(letter.object);
  const name = object ? label(object.label) : t.common.hidden;
  const retry = () =>
    api
      .post(`/dead-letters/${letter.id}/retry`)
      .then(
        () => toast(r.state.retried),
        (cause: unknown) => toast(faultText(cause, t), { tone: 'danger' }),
      )
      .finally(() => {
        void client.invalidateQueries({ queryKey: deadLettersQuery.queryKey });
        void client.invalidateQueries({ queryKey: schedulerQuery.queryKey });
      });
  return (
    <li className="flex items-center gap-3 py-2 border-b border-line">
      <div className="flex-1 min-w-0">
        <p className="flex flex-wrap items-center gap-x-2">
          <span className="text-ink-3">{name}</span>
          {object && letter.record_id && (
            <Link
              to="/o/$object/$id"
              params={{ object: object.name, id: letter.record_id }}
              className="text-brand-ink hover:underline min-h-6"
            >
              <RefText object={object.name} value={letter.record_id} />
            </Link>
          )}
          <span className="text-xs text-ink-3">
            {r.state.attempts(letter.attempts)} · {format.moment(letter.at)}
          </span>
        </p>
        <p className="text-xs text-ink-2 break-words">{letter.fault}</p>
      </div>
      <Button icon={RotateCw} aria-label={r.state.retryOf(name)} onClick={() => void retry()}>
        {r.state.retry}
      </Button>
    </li>
  );
}
