// Everything that is wrong with a form, each with the name of its place, above the form.
import { Fault } from '../api/client';
import { useT, useWordsOf } from '../i18n';
import { faultText } from './fault-text';

/** `places`: what the page calls a place; the longest beginning of a fault's field counts. */
export function FaultBox({ cause, places }: { cause: unknown; places: Record<string, string> }) {
  const t = useT();
  const colon = useWordsOf('：', ': ');
  if (!cause) return null;
  const lines =
    cause instanceof Fault && cause.fields.length > 0
      ? cause.fields.map(({ field, message }) => {
          const place = Object.keys(places)
            .filter((one) => field === one || field.startsWith(`${one}.`))
            .sort((one, other) => other.length - one.length)[0];
          const name = place && places[place];
          return name ? name + colon + message : message;
        })
      : [faultText(cause, t)];
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
