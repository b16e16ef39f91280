// Everything that is wrong with a form, each with the name of its place, above the form.
import { Fault } from '../api/client';
import { useT, useWordsOf } from '../i18n';
import { faultText } from './fault-text';

type Props = {
  cause: unknown;
  /** What the page calls a place; the longest beginning of a fault's field counts. */
  places?: Record<string, string>;
  /** What stands before a fault of this field, where there are no `places`. */
  before?: (field: string) => string;
  /** Said when somebody else has changed it meanwhile. */
  stale?: string;
};

export function FaultBox({ cause, places = {}, before, stale }: Props) {
  const t = useT();
  const colon = useWordsOf('：', ': ');
  if (!cause) return null;
  const placed = (field: string) => {
    const place = Object.keys(places)
      .filter((one) => field === one || field.startsWith(`${one}.`))
      .sort((one, other) => other.length - one.length)[0];
    const name = place && places[place];
    return name ? name + colon : '';
  };
  const whole = cause instanceof Fault && cause.code === 'stale' && stale ? stale : faultText(cause, t);
  const lines =
    cause instanceof Fault && cause.fields.length > 0
      ? cause.fields.map(({ field, message }) => (before ?? placed)(field) + message)
      : [whole];
  return (
    <div role="alert" className="rounded-md bg-danger-soft text-danger px-3 py-2">
      <ul className="flex flex-col gap-0.5">
        {[...new Set(lines)].map((line) => (
          <li key={line}>{line}</li>
        ))}
      </ul>
    </div>
  );
}
