// What the layout will look like: the form and the page in miniature, by the same rules as the real ones.
import { ChevronDown } from 'lucide-react';
import { useState } from 'react';
import { fieldsOf, isEditable } from '../api/dictionary';
import type { Field, ObjectType } from '../api/types';
import { isEmpty } from '../fields';
import { useLabel } from '../i18n';
import { sectionsOf } from '../records/layout';
import { Segments } from '../ui/bits';
import type { Draft } from './layout-model';
import { useLayoutText } from './layout-text';

export function LayoutPreview({ object, draft }: { object: ObjectType; draft: Draft }) {
  const l = useLayoutText();
  const label = useLabel();
  const [what, setWhat] = useState<'form' | 'page'>('form');
  const editable = (field: Field) => isEditable(field);
  const first = fieldsOf(object, draft.short).filter(editable);
  const forced = object.fields.filter(
    (field) => field.required && editable(field) && !first.includes(field) && isEmpty(field.default),
  );
  const shown = [...first, ...forced];
  const sections = sectionsOf(object, draft);
  return (
    <aside
      aria-label={l.preview}
      className="md:w-[340px] shrink-0 md:border-l max-md:border-t border-line md:overflow-auto thin-bar p-4 flex flex-col gap-3"
    >
      <Segments
        label={l.preview}
        value={what}
        onChange={setWhat}
        options={[
          { value: 'form', label: l.previewForm },
          { value: 'page', label: l.previewPage },
        ]}
      />
      <div className="rounded-lg border border-line shadow-[0_1px_3px_rgb(0_0_0/0.06)] p-3 flex flex-col gap-3">
        {what === 'form' ? (
          <>
            {shown.map((field) => (
              <div key={field.name} className="flex flex-col gap-1">
                <span className="text-ink-2">
                  {label(field.label)}
                  {field.required && <span className="text-danger ml-0.5">*</span>}
                </span>
                <span
                  className={`rounded-md border border-line bg-sunken ${field.type === 'long_text' ? 'h-14' : 'h-8'}`}
                />
              </div>
            ))}
            <span className="flex items-center gap-1 text-ink-3">
              <ChevronDown size={14} aria-hidden className="-rotate-90" />
              {l.more}
            </span>
          </>
        ) : (
          sections.map((section, place) => (
            <section key={place}>
              {section.label && <h3 className="text-xs font-semibold text-ink-3 mb-1">{label(section.label)}</h3>}
              {section.fields.map((field) => (
                <p key={field.name} className="grid grid-cols-[7rem_1fr] gap-2 py-0.5 items-center">
                  <span className="text-ink-3 truncate">{label(field.label)}</span>
                  <span className="h-2.5 w-3/5 rounded bg-sunken" />
                </p>
              ))}
            </section>
          ))
        )}
      </div>
    </aside>
  );
}
