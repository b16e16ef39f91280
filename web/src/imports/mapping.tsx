// Which column goes where. Guessed by the server, corrected here; a preview shows the first rows as they will be.
import { ArrowRight, CircleAlert, Sparkles } from 'lucide-react';
import { useState } from 'react';
import { fieldOf, isEditable, useLexicon } from '../api/dictionary';
import type { Field, Import, ObjectType } from '../api/types';
import { useFormat } from '../format/use-format';
import { useLabel, useT } from '../i18n';
import { Button } from '../ui/button';
import { cx } from '../ui/cx';
import { Picker, type PickerItem } from '../ui/picker';
import { Select } from '../ui/select';
import { useImportText } from './text';

const HEADER_ROWS = 20;
const SURE = 0.85;

type Target = { value: string; label: string; field: Field };

/** Fields of the object, and of the objects that can come along in the same row (`contact.name`). */
export function useTargets(object: ObjectType): Target[] {
  const label = useLabel();
  const { find } = useLexicon();
  const usable = (field: Field) =>
    !field.retired &&
    (isEditable(field) || field.type === 'auto_number') &&
    field.type !== 'file' &&
    field.type !== 'image' &&
    field.type !== 'json';
  const own = object.fields.filter(usable).map((field) => ({ value: field.name, label: label(field.label), field }));
  const companions = object.related
    .map(({ object: name }) => find(name))
    .filter(
      (one): one is ObjectType =>
        one !== undefined && one.layer === 'basic' && one.name !== object.name && one.can.create,
    );
  const seen = new Set<string>();
  const theirs = companions.flatMap((one) => {
    if (seen.has(one.name)) return [];
    seen.add(one.name);
    return one.fields
      .filter((field) => usable(field) && !field.system && field.reference !== object.name)
      .map((field) => ({
        value: `${one.name}.${field.name}`,
        label: `${label(one.label)} · ${label(field.label)}`,
        field,
      }));
  });
  return [...own, ...theirs];
}

/** The label of a mapped path, wherever an import names one. */
export function usePathLabel(object: ObjectType): (path: string) => string {
  const label = useLabel();
  const { find } = useLexicon();
  return (path) => {
    const [first = '', second] = path.split('.');
    if (second === undefined) return label(fieldOf(object, first)?.label) || path;
    const other = find(first) ?? find(fieldOf(object, first)?.reference ?? '');
    const field = other ? fieldOf(other, second) : undefined;
    return other && field ? `${label(other.label)} · ${label(field.label)}` : path;
  };
}

export function Mapping({
  value,
  object,
  onChange,
  onCheck,
}: {
  value: Import;
  object: ObjectType;
  onChange: (changes: Record<string, unknown>) => Promise<void>;
  onCheck: () => Promise<void>;
}) {
  const i = useImportText();
  const label = useLabel();
  const format = useFormat();
  const targets = useTargets(object);
  const [busy, setBusy] = useState(false);
  const mapped = value.columns.filter((column) => column.field !== null);
  const used = new Set(mapped.map((column) => column.field));
  const missing = object.fields.filter(
    (field) =>
      field.required &&
      isEditable(field) &&
      (field.default === undefined || field.default === null) &&
      !used.has(field.name),
  );
  const items: PickerItem[] = targets.map((target) => ({
    value: target.value,
    label: target.label,
    hint: used.has(target.value) ? '✓' : null,
  }));
  const keys = targets.filter((target) => used.has(target.value) && !target.value.includes('.'));
  const unique = keys.filter((target) => target.field.unique);
  const choose = (column: number, field: string | null) =>
    onChange({
      mapping: value.columns.map((one) => ({
        column: one.index,
        // A field takes one column: choosing it here frees it there.
        field: one.index === column ? field : one.field === field ? null : one.field,
      })),
    });
  return (
    <div className="p-4 md:px-6 flex flex-col gap-6 pb-24 md:max-w-6xl">
      <section className="grid gap-3 grid-cols-2 md:grid-cols-4">
        <Labelled id="import-sheet" label={i.sheet}>
          <Select
            id="import-sheet"
            value={String(value.sheet)}
            onChange={(sheet) => void onChange({ sheet: Number(sheet) })}
            options={value.sheets.map((sheet) => ({
              value: String(sheet.index),
              label: [sheet.name, sheet.refusal ?? i.rows(format.fullNumber(sheet.rows)), sheet.hidden && i.hiddenSheet]
                .filter(Boolean)
                .join(' · '),
              disabled: Boolean(sheet.refusal),
            }))}
          />
        </Labelled>
        <Labelled id="import-header" label={i.headerRow}>
          <Select
            id="import-header"
            value={String(value.header_row)}
            onChange={(row) => void onChange({ header_row: Number(row) })}
            options={Array.from({ length: HEADER_ROWS }, (_, index) => ({
              value: String(index + 1),
              label: i.rowN(index + 1),
            }))}
          />
        </Labelled>
        <Labelled id="import-mode" label={i.mode}>
          <Select
            id="import-mode"
            value={value.mode}
            onChange={(mode) =>
              void onChange({
                mode,
                ...(mode !== 'create' && !value.key ? { key: (unique[0] ?? keys[0])?.value ?? null } : {}),
              })
            }
            options={(['create', 'update', 'upsert'] as const).map((mode) => ({
              value: mode,
              label: i.modes[mode],
            }))}
          />
        </Labelled>
        {value.mode === 'create' ? (
          <Labelled id="import-duplicate" label={i.duplicate}>
            <Select
              id="import-duplicate"
              value={value.on_duplicate}
              onChange={(choice) => void onChange({ on_duplicate: choice })}
              options={(['skip', 'create'] as const).map((choice) => ({
                value: choice,
                label: i.duplicates[choice],
              }))}
            />
          </Labelled>
        ) : (
          <Labelled id="import-key" label={i.key}>
            <Select
              id="import-key"
              value={value.key}
              onChange={(key) => void onChange({ key })}
              options={keys.map((target) => ({ value: target.value, label: target.label }))}
            />
          </Labelled>
        )}
        <p className="col-span-full text-xs text-ink-3 -mt-1">{i.modeHint[value.mode]}</p>
      </section>

      <section>
        <h2 className="font-semibold mb-2">{i.mapped(mapped.length, value.columns.length)}</h2>
        <ul className="rounded-lg border border-line divide-y divide-line">
          {value.columns.map((column) => {
            const target = targets.find((one) => one.value === column.field);
            const sure = (column.guess_confidence ?? 0) >= SURE;
            return (
              <li
                key={column.index}
                className="grid md:grid-cols-[minmax(0,1fr)_20px_minmax(0,16rem)_6rem] items-center gap-x-3 gap-y-1.5 px-3 py-2"
              >
                <div className="min-w-0">
                  <p className="font-medium truncate">{column.title || `${i.column} ${column.index + 1}`}</p>
                  <p className="text-xs text-ink-3 truncate">{column.samples.filter(Boolean).slice(0, 3).join('、')}</p>
                </div>
                <ArrowRight size={15} aria-hidden className="text-ink-3 max-md:hidden" />
                <Picker
                  label={`${column.title}: ${i.field}`}
                  items={items}
                  value={target ? { value: target.value, label: target.label } : null}
                  placeholder={i.ignore}
                  onChange={(item) => void choose(column.index, item?.value ?? null)}
                  clearable
                  searchable
                />
                <span
                  className={cx(
                    'text-xs inline-flex items-center gap-1 max-md:hidden',
                    !target ? 'text-ink-3' : sure ? 'text-ok' : 'text-warn',
                  )}
                >
                  {target && column.guess_confidence !== null && (
                    <>
                      {sure ? <Sparkles size={13} aria-hidden /> : <CircleAlert size={13} aria-hidden />}
                      {sure ? i.guess : i.unsure}
                    </>
                  )}
                </span>
              </li>
            );
          })}
        </ul>
      </section>

      <Preview value={value} object={object} />

      <div className="sticky bottom-0 -mx-4 md:-mx-6 px-4 md:px-6 py-3 bg-surface border-t border-line flex flex-wrap items-center gap-3">
        {missing.map((field) => (
          <span key={field.name} className="text-danger inline-flex items-center gap-1">
            <CircleAlert size={14} aria-hidden />
            {i.needsField(label(field.label))}
          </span>
        ))}
        <Button
          variant="primary"
          className="ml-auto max-md:flex-1"
          disabled={busy || mapped.length === 0 || (value.mode !== 'create' && !value.key)}
          onClick={() => {
            setBusy(true);
            void onCheck().finally(() => setBusy(false));
          }}
        >
          {i.check}
        </Button>
      </div>
    </div>
  );
}

function Labelled({ id, label, children }: { id: string; label: string; children: React.ReactNode }) {
  return (
    <div className="flex flex-col gap-1 min-w-0">
      <label htmlFor={id} className="text-ink-2">
        {label}
      </label>
      {children}
    </div>
  );
}

function Preview({ value, object }: { value: Import; object: ObjectType }) {
  const t = useT();
  const i = useImportText();
  const pathLabel = usePathLabel(object);
  const fields = value.columns.filter((column) => column.field !== null);
  if (value.preview.length === 0 || fields.length === 0) return null;
  return (
    <section>
      <h2 className="font-semibold">{i.preview}</h2>
      <p className="text-xs text-ink-3 mb-2">{i.previewHint}</p>
      <div
        className="overflow-auto rounded-lg border border-line thin-bar"
        tabIndex={0}
        role="region"
        aria-label={i.preview}
      >
        <table className="w-max min-w-full border-collapse">
          <thead>
            <tr className="text-xs text-ink-3 text-left">
              <th scope="col" className="px-3 h-8 font-medium">
                {i.rowHead}
              </th>
              {fields.map((column) => (
                <th key={column.index} scope="col" className="px-3 font-medium whitespace-nowrap">
                  {pathLabel(column.field ?? '')}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {value.preview.map((row) => (
              <tr key={row.row} className="border-t border-line align-top">
                <td className="px-3 py-1.5 text-ink-3">{row.row}</td>
                {fields.map((column) => {
                  const fault = row.faults.find((one) => one.column === column.index || one.field === column.field);
                  return (
                    <td key={column.index} className={cx('px-3 py-1.5 max-w-64', fault && 'bg-danger-soft')}>
                      <span className="block truncate">
                        {row.values[column.field ?? ''] || (fault ? '' : t.common.empty)}
                      </span>
                      {fault && <span className="block text-xs text-danger">{fault.message}</span>}
                    </td>
                  );
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}
