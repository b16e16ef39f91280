// What a plan would have done, in a sentence and with examples.
import { Link } from '@tanstack/react-router';
import { useFormat } from '../format/use-format';
import { useT } from '../i18n';
import { CUSTOMER_OBJECT } from '../shell/nav';
import type { PlanTrial } from './queries';
import { useJourneyText } from './text';

export function Trial({ trial }: { trial: PlanTrial }) {
  const t = useT();
  const j = useJourneyText();
  const format = useFormat();
  return (
    <div role="status" className="rounded-md bg-sunken px-3 py-2 flex flex-col gap-1">
      <p className="font-medium">{trial.text}</p>
      <p className="text-ink-2">{j.fits(format.fullNumber(trial.matching))}</p>
      {trial.examples.length > 0 && (
        <p className="text-ink-2 flex flex-wrap gap-x-2">
          {j.examples}
          {trial.examples.map((one) => (
            <Link
              key={one.id}
              to="/o/$object/$id"
              params={{ object: CUSTOMER_OBJECT, id: one.id }}
              className="inline-flex items-center min-h-6 touch:min-h-11 text-brand-ink hover:underline"
            >
              {one.name ?? t.common.hidden}
            </Link>
          ))}
        </p>
      )}
      {trial.vacant.length > 0 && <p className="text-warn">{j.vacant(trial.vacant.join(j.comma))}</p>}
    </div>
  );
}
