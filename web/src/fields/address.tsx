import { useLexicon } from '../api/dictionary';
import type { Address } from '../api/types';
import { useT } from '../i18n';
import type { EditProps, FieldKind, ViewProps } from './kind';
import { TreeName, TreePicker } from './tree';

function asAddress(value: unknown): Address {
  if (typeof value === 'string') return { detail: value };
  return (value as Address | null) ?? {};
}

function View({ value, compact, field }: ViewProps) {
  const address = asAddress(value);
  const tree = useRegionTree(field.tree);
  const text = address.text ?? address.detail;
  return (
    <span className={compact ? 'truncate' : 'break-words'}>
      {text || (address.region ? <TreeName tree={tree} value={address.region} /> : null)}
    </span>
  );
}

function useRegionTree(own: string | null | undefined): string {
  const { trees } = useLexicon().dictionary;
  return own ?? trees.find((name) => name.includes('region')) ?? 'region';
}

function Edit({ field, id, label, value, onChange, invalid, describedBy, disabled }: EditProps) {
  const t = useT();
  const address = asAddress(value);
  const tree = useRegionTree(field.tree);
  const change = (part: Address) => {
    const next = { region: address.region ?? null, detail: address.detail ?? null, ...part };
    onChange(next.region || next.detail ? next : null);
  };
  return (
    <div className="flex flex-col gap-2">
      <TreePicker
        tree={tree}
        id={id}
        label={`${label}: ${t.address.region}`}
        value={address.region ?? null}
        onChange={(region) => change({ region })}
        invalid={invalid}
        describedBy={describedBy}
        disabled={disabled}
      />
      <input
        className="control"
        aria-label={`${label}: ${t.address.detail}`}
        placeholder={t.address.detailHint}
        autoComplete="off"
        value={address.detail ?? ''}
        onChange={(event) => change({ detail: event.target.value || null })}
        disabled={disabled}
      />
    </div>
  );
}

export const address: FieldKind = {
  View,
  Edit,
  width: 200,
  wire: (value) => {
    const { region, detail } = asAddress(value);
    return region || detail ? { region: region ?? null, detail: detail ?? null } : null;
  },
};
