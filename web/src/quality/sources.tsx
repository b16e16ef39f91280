// Which values of a record nobody entered, and where they come from.
import { useQuery } from '@tanstack/react-query';
import { useFormat } from '../format/use-format';
import { useLabel } from '../i18n';
import { sourcesQuery } from './cleaning-queries';
import { useCleaningText } from './cleaning-text';

export default function Sources({ object, record }: { object: string; record: string }) {
  const w = useCleaningText();
  const label = useLabel();
  const format = useFormat();
  const { data } = useQuery(sourcesQuery(object, record));
  if (!data || data.fields.length === 0) return null;
  return (
    <details className="text-ink-2">
      <summary className="cursor-pointer touch:min-h-11 touch:content-center">
        {`${w.filledIn} ${format.number(data.fields.length)}`}
      </summary>
      <ul className="text-xs pt-1">
        {data.fields.map((field) => (
          <li key={field.field} className="break-words">
            {w.mark(label(field.label), w.source(field.source), format.moment(field.at))}
          </li>
        ))}
      </ul>
    </details>
  );
}
