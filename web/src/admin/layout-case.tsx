// For whom and when a layout is used.
import { ArrowLeft, ArrowRight, Trash2 } from 'lucide-react';
import type { ObjectType, Rec } from '../api/types';
import { useLabel } from '../i18n';
import { Chip, FieldFrame } from '../ui/bits';
import { Button } from '../ui/button';
import { Select } from '../ui/select';
import type { Case } from './layout-page';
import { useLayoutText } from './layout-text';

const ALWAYS = '';

export function LayoutCaseSettings({
  object,
  value,
  roles,
  onChange,
  onRemove,
  onMove,
}: {
  object: ObjectType;
  value: Case;
  roles: Rec[];
  onChange: (part: Partial<Case>) => void;
  onRemove: () => void;
  onMove: (by: -1 | 1) => void;
}) {
  const l = useLayoutText();
  const label = useLabel();
  const choices = object.fields.filter((field) => field.type === 'choice' && !field.retired);
  const choice = choices.find((field) => field.name === value.when?.field);
  const toggled = (list: string[], one: string) =>
    list.includes(one) ? list.filter((each) => each !== one) : [...list, one];
  return (
    <section className="rounded-lg border border-line p-3 flex flex-col gap-3">
      <div className="grid gap-3 sm:grid-cols-2">
        {(['zh', 'en'] as const).map((language) => (
          <FieldFrame
            key={language}
            id={`layout-${language}`}
            label={`${l.name} (${language === 'zh' ? '中文' : 'English'})`}
            required
          >
            <input
              id={`layout-${language}`}
              className="control"
              value={value.label[language]}
              onChange={(event) => onChange({ label: { ...value.label, [language]: event.target.value } })}
            />
          </FieldFrame>
        ))}
      </div>
      <fieldset className="flex flex-wrap items-center gap-x-4 gap-y-1">
        <legend className="float-left text-ink-2 pr-3">{l.who}</legend>
        {roles.map((role) => (
          <label key={role.id} className="flex items-center gap-1.5 touch:h-11">
            <input
              type="checkbox"
              className="check"
              checked={value.roles.includes(role.id)}
              onChange={() => onChange({ roles: toggled(value.roles, role.id) })}
            />
            {String(role.name)}
          </label>
        ))}
        {value.roles.length === 0 && <Chip>{l.everybody}</Chip>}
      </fieldset>
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
        <span className="flex items-center gap-2">
          <label htmlFor="layout-when" className="text-ink-2">
            {l.when}
          </label>
          <Select
            id="layout-when"
            className="w-44!"
            value={value.when?.field ?? ALWAYS}
            onChange={(field) => onChange({ when: field === ALWAYS ? null : { field, values: [] } })}
            options={[
              { value: ALWAYS, label: l.always },
              ...choices.map((field) => ({ value: field.name, label: label(field.label) })),
            ]}
          />
        </span>
        {choice && value.when && (
          <fieldset className="flex flex-wrap items-center gap-x-4 gap-y-1">
            <legend className="sr-only">{l.values}</legend>
            {choice.options
              ?.filter((option) => !option.retired)
              .map((option) => (
                <label key={option.value} className="flex items-center gap-1.5 touch:h-11">
                  <input
                    type="checkbox"
                    className="check"
                    checked={value.when?.values.includes(option.value)}
                    onChange={() =>
                      value.when &&
                      onChange({ when: { ...value.when, values: toggled(value.when.values, option.value) } })
                    }
                  />
                  {label(option.label)}
                </label>
              ))}
          </fieldset>
        )}
      </div>
      <footer className="flex flex-wrap items-center gap-2">
        <p className="text-xs text-ink-3 flex-1 min-w-40">{l.first}</p>
        <Button size="sm" icon={ArrowLeft} onClick={() => onMove(-1)}>
          {l.earlier}
        </Button>
        <Button size="sm" icon={ArrowRight} onClick={() => onMove(1)}>
          {l.later}
        </Button>
        <Button size="sm" icon={Trash2} onClick={onRemove}>
          {l.removeCase}
        </Button>
      </footer>
    </section>
  );
}
