import type { Field, Option } from '../api/types';
import { useLabel } from '../i18n';
import { Chip } from '../ui/bits';
import { Picker, type PickerItem } from '../ui/picker';
import { type EditProps, type FieldKind, isEmpty, type ManyProps, type ViewProps } from './kind';

export function OptionChip({ option, value }: { option: Option | undefined; value: unknown }) {
  const label = useLabel();
  return <Chip color={option?.color}>{option ? label(option.label) : String(value)}</Chip>;
}

function View({ field, value }: ViewProps) {
  return <OptionChip option={field.options?.find((option) => option.value === value)} value={value} />;
}

/** Retired options can't be chosen any more, but one that is set still shows. */
export function useOptionItems(field: Field, keep: unknown[] = []): PickerItem[] {
  const label = useLabel();
  return (field.options ?? [])
    .filter((option) => !option.retired || keep.includes(option.value))
    .map((option) => ({
      value: option.value,
      label: label(option.label),
      node: <OptionChip option={option} value={option.value} />,
    }));
}

function Edit({ field, id, label, value, onChange, invalid, describedBy, autoFocus, disabled }: EditProps) {
  const items = useOptionItems(field, [value]);
  return (
    <Picker
      id={id}
      label={label}
      items={items}
      value={items.find((item) => item.value === value) ?? null}
      onChange={(item) => onChange(item?.value ?? null)}
      clearable={!field.required}
      invalid={invalid}
      describedBy={describedBy}
      disabled={disabled}
      defaultOpen={autoFocus}
    />
  );
}

export function OptionsMany({ field, value, onChange }: ManyProps) {
  const label = useLabel();
  const chosen = Array.isArray(value) ? value : isEmpty(value) ? [] : [value];
  const items = useOptionItems(field, chosen);
  return (
    <Picker
      multiple
      label={label(field.label)}
      items={items}
      value={items.filter((item) => chosen.includes(item.value))}
      onChange={(next) => onChange(next.map((item) => item.value))}
    />
  );
}

export const choice: FieldKind = { View, Edit, Many: OptionsMany, width: 112, instant: true };
