// The line below a table: what the columns add up to over the whole list, not only over what is loaded.
import { useQuery } from '@tanstack/react-query';
import { valueType } from '../api/dictionary';
import { aggregate, keys } from '../api/records';
import type { Field, ObjectType, Query } from '../api/types';
import { FieldView } from '../fields';
import { useFormat } from '../format/use-format';
import { useT } from '../i18n';
import { cx } from '../ui/cx';

const SUMMED = ['money', 'integer', 'decimal', 'duration'];
/** One measure is the count; the server takes ten. */
const MOST = 9;

export function TotalsRow({
  object,
  fields,
  query,
  template,
  pinned,
}: {
  object: ObjectType;
  fields: Field[];
  query: Query;
  template: string;
  pinned: (index: number) => React.CSSProperties | undefined;
}) {
  const t = useT();
  const format = useFormat();
  const summed = fields.filter((field) => field.filterable && SUMMED.includes(valueType(field))).slice(0, MOST);
  const names = summed.map((field) => field.name);
  const { data } = useQuery({
    queryKey: [...keys.lists(object.name), 'sums', JSON.stringify([query.filter, names])],
    queryFn: () =>
      aggregate(object.name, {
        filter: query.filter ?? undefined,
        groups: [],
        measures: [{ kind: 'count' }, ...names.map((field) => ({ kind: 'sum', field }))],
      }).then(({ rows }) => rows[0]?.values ?? []),
    staleTime: 60_000,
  });
  const sumOf = (field: Field) => data?.[names.indexOf(field.name) + 1];
  return (
    <div
      role="row"
      className="grid sticky bottom-0 z-20 h-9 bg-sunken border-t border-line font-medium"
      style={{ gridTemplateColumns: template }}
    >
      <div role="cell" className="sticky left-0 z-10 bg-inherit" />
      {fields.map((field, index) => (
        <div
          key={field.name}
          role="cell"
          className={cx('flex items-center px-2 min-w-0 bg-inherit', index > 0 && 'justify-end text-right')}
          style={pinned(index)}
        >
          {index === 0 ? (
            <span className="truncate">{data ? t.list2.totals(format.fullNumber(Number(data[0] ?? 0))) : '…'}</span>
          ) : names.includes(field.name) && sumOf(field) !== null && sumOf(field) !== undefined ? (
            <span className="truncate" title={format.fullNumber(Number(sumOf(field)))}>
              <FieldView field={{ ...field, type: valueType(field) }} value={sumOf(field)} compact />
            </span>
          ) : null}
        </div>
      ))}
      <div role="cell" aria-hidden />
    </div>
  );
}
