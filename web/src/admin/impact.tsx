// What a change of a field touches, asked of the server before it is made and told in words.
import { Link } from '@tanstack/react-router';
import { TriangleAlert } from 'lucide-react';
import type { Field, Label, ObjectType, Ref } from '../api/types';
import { useFormat } from '../format/use-format';
import { useLabel, useT } from '../i18n';
import { useFieldText } from './field-text';

export type FieldImpact = {
  records: number | null;
  filled: number | null;
  breaking: number | null;
  sample: Ref[];
  more: boolean;
  options: { value: string; records: number }[];
  used_by: { kind: 'view' | 'form' | 'formula' | 'rule' | 'rollup'; label: Label }[];
  saved_views: number;
  numbers: string[];
};

export function ImpactNote({ object, field, impact }: { object: ObjectType; field: Field; impact: FieldImpact }) {
  const t = useT();
  const f = useFieldText();
  const label = useLabel();
  const format = useFormat();
  const optionLabel = (value: string) => label(field.options?.find((one) => one.value === value)?.label) || value;
  const held = impact.options.filter((one) => one.records > 0);
  const heavy = (impact.breaking ?? 0) > 0 || held.length > 0;
  return (
    <section
      role="status"
      aria-label={f.impact}
      className={`rounded-md px-3 py-2 flex flex-col gap-1 ${heavy ? 'bg-warn-soft text-warn' : 'bg-sunken text-ink-2'}`}
    >
      <h3 className="font-semibold flex items-center gap-1.5">
        {heavy && <TriangleAlert size={15} aria-hidden />}
        {f.impact}
      </h3>
      {impact.records === null ? (
        <p>{f.unseen}</p>
      ) : (
        <p>
          {f.filled(format.number(impact.filled ?? 0), format.number(impact.records))}
          {impact.more && ` ${f.newest}`}
        </p>
      )}
      {(impact.breaking ?? 0) > 0 && (
        <p>
          {f.breaking(format.number(impact.breaking ?? 0))}{' '}
          {impact.sample.slice(0, 3).map((record, index) => (
            <span key={record.id}>
              {index > 0 && t.file.comma}
              <Link
                to="/o/$object/$id"
                params={{ object: object.name, id: record.id }}
                className="underline underline-offset-2"
              >
                {record.name || t.common.unnamed}
              </Link>
            </span>
          ))}
        </p>
      )}
      {held.map((one) => (
        <p key={one.value}>{f.heldOption(optionLabel(one.value), format.number(one.records))}</p>
      ))}
      {impact.used_by.length > 0 && (
        <p>
          {f.usedBy}
          {impact.used_by.map((use) => `${f.use[use.kind]} ${label(use.label)}`).join(t.file.comma)}
        </p>
      )}
      {impact.saved_views > 0 && <p>{f.savedViews(impact.saved_views)}</p>}
      {impact.numbers.length > 0 && <p>{f.numbers(impact.numbers.join(t.file.comma))}</p>}
    </section>
  );
}
