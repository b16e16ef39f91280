import { Picker } from '../ui/picker';
import { OptionChip, OptionsMany, useOptionItems } from './choice';
import type { EditProps, FieldKind, ViewProps } from './kind';

function View({ field, value, compact }: ViewProps) {
  const values = Array.isArray(value) ? value : [];
  return (
    <span className={compact ? 'flex gap-1 overflow-hidden' : 'flex flex-wrap gap-1'}>
      {values.map((one) => (
        <OptionChip key={String(one)} option={field.options?.find((option) => option.value === one)} value={one} />
      ))}
    </span>
  );
}

function Edit({ field, id, label, value, onChange, invalid, describedBy, autoFocus, disabled }: EditProps) {
  const chosen: unknown[] = Array.isArray(value) ? value : [];
  const items = useOptionItems(field, chosen);
  return (
    <Picker
      multiple
      id={id}
      label={label}
      items={items}
      value={items.filter((item) => chosen.includes(item.value))}
      onChange={(next) => onChange(next.map((item) => item.value))}
      clearable
      invalid={invalid}
      describedBy={describedBy}
      disabled={disabled}
      defaultOpen={autoFocus}
    />
  );
}

export const multi_choice: FieldKind = { View, Edit, Many: OptionsMany, width: 180 };
