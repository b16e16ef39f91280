// All fields of a record by the sections of its layout; empty ones stay folded until asked for.
import { lazy, Suspense, useState } from 'react';
import { fieldOf } from '../api/dictionary';
import type { Field, ObjectType, Rec } from '../api/types';
import { isEmpty } from '../fields';
import { RefText } from '../fields/lookup';
import { useFormat } from '../format/use-format';
import { useLabel, useT } from '../i18n';
import { RecordQuality } from '../quality/record-quality';
import { Button } from '../ui/button';
import { cx } from '../ui/cx';
import { InlineField, mayEdit } from './inline-edit';
import { layoutFor, sectionsOf } from './layout';
import { useRecordText } from './record-text';

const FieldSheet = lazy(() => import('./field-sheet'));

export function Details({ object, record, columns = 1 }: { object: ObjectType; record: Rec; columns?: 1 | 2 }) {
  const t = useT();
  const r = useRecordText();
  const label = useLabel();
  const [all, setAll] = useState(false);
  const [asked, setAsked] = useState<Field | null>(null);
  const sections = sectionsOf(object, layoutFor(object, record));
  // Computed fields without a value say nothing; fields to fill in are offered once asked for.
  const hides = (field: Field) => isEmpty(record[field.name]) && !field.required;
  const hidden = sections.flatMap((section) => section.fields).filter(hides);
  const fillable = hidden.filter((field) => mayEdit(object, record, field)).length;
  return (
    <div className="flex flex-col gap-5">
      <RecordQuality object={object} record={record} />
      {sections.map((section, index) => {
        const fields = section.fields.filter((field) => !hides(field) || (all && mayEdit(object, record, field)));
        if (fields.length === 0) return null;
        return (
          <section key={index}>
            {section.label && <h2 className="text-xs font-semibold text-ink-3 mb-1">{label(section.label)}</h2>}
            <dl className={cx('grid gap-x-8', columns === 2 ? 'md:grid-cols-2' : '')}>
              {fields.map((field) => (
                <div key={field.name} className="grid grid-cols-[7.5rem_minmax(0,1fr)] items-start gap-2 min-w-0">
                  <dt className="min-w-0">
                    <button
                      type="button"
                      title={[field.help && label(field.help), r.past.fieldHint(label(field.label))]
                        .filter(Boolean)
                        .join('\n')}
                      className="max-w-full text-left text-ink-3 hover:text-ink hover:underline py-1 touch:min-h-11 truncate"
                      onClick={() => setAsked(field)}
                    >
                      {label(field.label)}
                    </button>
                  </dt>
                  <dd className="min-w-0 wrap-anywhere">
                    <InlineField object={object} record={record} field={field} />
                  </dd>
                </div>
              ))}
            </dl>
          </section>
        );
      })}
      {fillable > 0 && (
        <Button variant="ghost" size="sm" className="self-start -ml-2" onClick={() => setAll(!all)}>
          {all ? t.record.hideEmpty : t.record.showEmpty(fillable)}
        </Button>
      )}
      <Provenance object={object} record={record} />
      <Suspense fallback={null}>
        {asked && <FieldSheet object={object} record={record} field={asked} onClose={() => setAsked(null)} />}
      </Suspense>
    </div>
  );
}

function Provenance({ object, record }: { object: ObjectType; record: Rec }) {
  const t = useT();
  const format = useFormat();
  const lines = (['created', 'updated'] as const).map((what) => {
    const at = record[`${what}_at`];
    const by = record[`${what}_by`];
    if (typeof at !== 'string' || !fieldOf(object, `${what}_at`)) return null;
    const when = format.moment(at);
    const text = what === 'created' ? t.record.createdBy('\u0000', when) : t.record.updatedBy('\u0000', when);
    const [before, after] = text.split('\u0000');
    return (
      <p key={what}>
        {before}
        {by ? <RefText object="user" value={by} /> : t.admin.audit.system}
        {after}
      </p>
    );
  });
  return <div className="text-xs text-ink-3 border-t border-line pt-3">{lines}</div>;
}
