// Which field a new condition is on: the object's own, and those of what it points at.
import { Plus } from 'lucide-react';
import type { ReactElement } from 'react';
import { fieldsThrough, useLexicon } from '../api/dictionary';
import type { Field, ObjectType } from '../api/types';
import { useLabel, useT } from '../i18n';
import { Button } from '../ui/button';
import { Picker } from '../ui/picker';
import { operatorsOf } from './filter';

export function AddCondition({
  object,
  onAdd,
  trigger,
}: {
  object: ObjectType;
  onAdd: (field: Field) => void;
  trigger?: ReactElement;
}) {
  const t = useT();
  const label = useLabel();
  const { find } = useLexicon();
  const fields = [...object.fields, ...fieldsThrough(object, find)].filter(
    (field) => field.filterable && operatorsOf(field).length > 0,
  );
  return (
    <Picker
      label={trigger ? t.list.filter : t.list.addFilter}
      items={fields.map((field) => ({ value: field.name, label: label(field.label) }))}
      value={null}
      onChange={(item) => {
        const field = fields.find((one) => one.name === item?.value);
        if (field) onAdd(field);
      }}
      searchable
      trigger={
        trigger ?? (
          <Button variant="ghost" size="sm" icon={Plus}>
            {t.list.addFilter}
          </Button>
        )
      }
    />
  );
}
