// A new field, or another label, help or list of options for one that is there.
import { useQueryClient } from '@tanstack/react-query';
import { Plus, X } from 'lucide-react';
import { useState } from 'react';
import { api, Fault } from '../api/client';
import { useLexicon } from '../api/dictionary';
import type { Field, FieldType, Level, ObjectType, Option } from '../api/types';
import { useLabel, useT } from '../i18n';
import { faultText } from '../session/fault-text';
import { FieldFrame } from '../ui/bits';
import { Button, IconButton } from '../ui/button';
import { Sheet } from '../ui/dialog';
import { Picker } from '../ui/picker';
import { Select } from '../ui/select';
import { toast } from '../ui/toast';
import { freshValue, NAME_PATTERN, nameFrom } from './definition-name';
import { LEVELS } from './permissions';
import { useAdminText } from './text';

/** Types a person may give a field; the computed ones but the formula need more than a form. */
const TYPES: FieldType[] = [
  'text',
  'long_text',
  'choice',
  'multi_choice',
  'integer',
  'decimal',
  'money',
  'percent',
  'date',
  'datetime',
  'boolean',
  'phone',
  'email',
  'url',
  'lookup',
  'user',
  'department',
  'tree',
  'address',
  'duration',
  'rating',
  'location',
  'credit_code',
  'id_card',
  'file',
  'image',
  'formula',
  'json',
];
const RESULTS: FieldType[] = ['decimal', 'integer', 'money', 'percent', 'text', 'boolean', 'date', 'datetime'];
const COLOURS = ['blue', 'green', 'amber', 'red', 'purple', 'cyan', 'gray', 'orange'];

type Values = {
  zh: string;
  en: string;
  name: string;
  type: FieldType;
  helpZh: string;
  helpEn: string;
  required: boolean;
  unique: boolean;
  searchable: boolean;
  level: Level;
  options: Option[];
  reference: string | null;
  tree: string | null;
  formula: string;
  result: FieldType;
  scale: string;
};

function startOf(field: Field | null): Values {
  return {
    zh: field?.label.zh ?? '',
    en: field?.label.en ?? '',
    name: field?.name ?? '',
    type: field?.type ?? 'text',
    helpZh: field?.help?.zh ?? '',
    helpEn: field?.help?.en ?? '',
    required: field?.required ?? false,
    unique: field?.unique ?? false,
    searchable: field?.searchable ?? false,
    level: field?.level ?? 'general',
    options: field?.options ?? [],
    reference: field?.reference ?? null,
    tree: field?.tree ?? null,
    formula: field?.formula ?? '',
    result: field?.value_type ?? 'decimal',
    scale: field?.scale ? String(field.scale) : '2',
  };
}

function definitionOf(values: Values, isNew: boolean): Record<string, unknown> {
  const { type } = values;
  const help =
    values.helpZh.trim() || values.helpEn.trim()
      ? { zh: values.helpZh.trim() || values.helpEn.trim(), en: values.helpEn.trim() || values.helpZh.trim() }
      : null;
  return {
    ...(isNew ? { name: values.name, type } : {}),
    label: { zh: values.zh.trim(), en: values.en.trim() },
    ...(help ? { help } : isNew ? {} : { help: null }),
    required: values.required,
    unique: values.unique,
    searchable: values.searchable,
    level: values.level,
    ...(type === 'choice' || type === 'multi_choice' ? { options: values.options } : {}),
    ...(isNew && type === 'lookup' ? { reference: values.reference, on_delete: 'clear' } : {}),
    ...(isNew && type === 'tree' ? { tree: values.tree } : {}),
    ...(type === 'formula' ? { formula: values.formula, ...(isNew ? { result: values.result } : {}) } : {}),
    ...(isNew && (type === 'decimal' || (type === 'formula' && values.result === 'decimal'))
      ? { scale: Number(values.scale) }
      : {}),
  };
}

export function FieldForm({
  object,
  field,
  onClose,
}: {
  object: ObjectType;
  field: Field | null;
  onClose: () => void;
}) {
  const t = useT();
  const a = useAdminText();
  const d = a.dictionary;
  const label = useLabel();
  const client = useQueryClient();
  const isNew = field === null;
  const [values, setValues] = useState(() => startOf(field));
  const [named, setNamed] = useState(!isNew);
  const [faults, setFaults] = useState<Record<string, string>>({});
  const [busy, setBusy] = useState(false);
  const change = (part: Partial<Values>) => {
    const next = { ...values, ...part };
    if (!named && part.en !== undefined) next.name = nameFrom(part.en);
    setValues(next);
    setFaults({});
  };
  const check = (): Record<string, string> => {
    const found: Record<string, string> = {};
    if (!values.zh.trim()) found.zh = t.form.required(d.labelZh);
    if (!values.en.trim()) found.en = t.form.required(d.labelEn);
    if (isNew && !NAME_PATTERN.test(values.name)) found.name = d.nameHint;
    const needsOptions = values.type === 'choice' || values.type === 'multi_choice';
    if (needsOptions && !values.options.some((option) => option.label.zh.trim()))
      found.options = t.form.required(d.options);
    if (isNew && values.type === 'lookup' && !values.reference) found.reference = t.form.mustChoose(d.reference);
    if (isNew && values.type === 'tree' && !values.tree) found.tree = t.form.mustChoose(d.tree);
    if (values.type === 'formula' && !values.formula.trim()) found.formula = t.form.required(d.formula);
    return found;
  };
  const save = async () => {
    const found = check();
    if (Object.keys(found).length > 0) return setFaults(found);
    setBusy(true);
    try {
      const definition = definitionOf(
        {
          ...values,
          options: values.options
            .filter((option) => option.label.zh.trim())
            .map((option) => ({ ...option, label: { zh: option.label.zh, en: option.label.en || option.label.zh } })),
        },
        isNew,
      );
      if (isNew) await api.post(`/dictionary/${object.name}/fields`, definition);
      else await api.patch(`/dictionary/${object.name}/fields/${field.name}`, definition);
      await client.invalidateQueries({ queryKey: ['dictionary'] });
      toast(isNew ? d.added(label({ zh: values.zh, en: values.en })) : d.saved);
      onClose();
    } catch (cause) {
      setBusy(false);
      setFaults(placeFaults(cause, faultText(cause, t)));
    }
  };
  const text = (
    id: 'zh' | 'en' | 'name' | 'helpZh' | 'helpEn' | 'formula',
    caption: string,
    options: { required?: boolean; help?: string; disabled?: boolean } = {},
  ) => (
    <FieldFrame id={`field-${id}`} label={caption} required={options.required} help={options.help} fault={faults[id]}>
      <input
        id={`field-${id}`}
        className="control"
        value={values[id]}
        disabled={options.disabled}
        aria-invalid={faults[id] !== undefined || undefined}
        aria-describedby={faults[id] ? `field-${id}-fault` : options.help ? `field-${id}-help` : undefined}
        onChange={(event) => {
          if (id === 'name') setNamed(true);
          change({ [id]: event.target.value });
        }}
      />
    </FieldFrame>
  );
  return (
    <Sheet
      open
      onClose={onClose}
      title={isNew ? d.addField : `${t.common.edit} · ${label(field.label)}`}
      footer={
        <>
          <Button variant="primary" disabled={busy} className="max-md:flex-1" onClick={() => void save()}>
            {t.common.save}
          </Button>
          <Button onClick={onClose}>{t.common.cancel}</Button>
        </>
      }
    >
      <div className="p-4 flex flex-col gap-4">
        {faults.general && (
          <p role="alert" className="rounded-md bg-danger-soft text-danger px-3 py-2">
            {faults.general}
          </p>
        )}
        <div className="grid grid-cols-2 gap-3">
          {text('zh', d.labelZh, { required: true })}
          {text('en', d.labelEn, { required: true })}
        </div>
        {isNew && text('name', d.name, { required: true, help: d.nameHint })}
        <FieldFrame id="field-type" label={d.type_} required={isNew} help={d.onlyCustomType}>
          <Picker
            id="field-type"
            label={d.type_}
            items={TYPES.map((type) => ({ value: type, label: a.types[type] }))}
            value={{ value: values.type, label: a.types[values.type] }}
            onChange={(item) =>
              item &&
              change({
                type: item.value as FieldType,
                options: values.options.length > 0 ? values.options : [newOption([])],
              })
            }
            disabled={!isNew}
            searchable
          />
        </FieldFrame>
        <TypeSettings
          values={values}
          change={change}
          faults={faults}
          isNew={isNew}
          formula={text('formula', d.formula, { required: true })}
        />
        <div className="grid grid-cols-2 gap-3">
          {text('helpZh', `${d.help} (中文)`)}
          {text('helpEn', `${d.help} (English)`)}
        </div>
        <FieldFrame id="field-level" label={d.level} help={a.roles.levelHint[values.level]}>
          <Select
            id="field-level"
            value={values.level}
            onChange={(level) => change({ level })}
            options={LEVELS.map((level) => ({ value: level, label: a.roles.level[level] }))}
          />
        </FieldFrame>
        <div className="flex flex-wrap gap-x-6 gap-y-2">
          {(['required', 'unique', 'searchable'] as const).map((flag) => (
            <label key={flag} className="flex items-center gap-2 touch:h-11">
              <input
                type="checkbox"
                className="check"
                checked={values[flag]}
                onChange={(event) => change({ [flag]: event.target.checked })}
              />
              {d[flag]}
            </label>
          ))}
        </div>
      </div>
    </Sheet>
  );
}

function placeFaults(cause: unknown, general: string): Record<string, string> {
  const placed: Record<string, string> = {};
  const rest: string[] = [];
  for (const fault of cause instanceof Fault ? cause.fields : []) {
    const path = fault.field.split('.').at(-1) ?? '';
    if (
      path === 'zh' ||
      path === 'en' ||
      path === 'name' ||
      path === 'formula' ||
      path === 'reference' ||
      path === 'tree'
    )
      placed[path] = fault.message;
    else if (fault.field.includes('option')) placed.options = fault.message;
    else rest.push(fault.message);
  }
  if (rest.length > 0) placed.general = rest.join('；');
  if (Object.keys(placed).length === 0) placed.general = general;
  return placed;
}

function newOption(existing: Option[]): Option {
  return {
    value: freshValue(existing.map((option) => option.value)),
    label: { zh: '', en: '' },
    color: COLOURS[existing.length % COLOURS.length],
  };
}

function TypeSettings({
  values,
  change,
  faults,
  isNew,
  formula,
}: {
  values: Values;
  change: (part: Partial<Values>) => void;
  faults: Record<string, string>;
  isNew: boolean;
  formula: React.ReactNode;
}) {
  const t = useT();
  const a = useAdminText();
  const d = a.dictionary;
  const label = useLabel();
  const { objects, dictionary } = useLexicon();
  const { type } = values;
  if (type === 'choice' || type === 'multi_choice')
    return <Options values={values} change={change} fault={faults.options} />;
  if (type === 'lookup' && isNew) {
    return (
      <FieldFrame id="field-reference" label={d.reference} required fault={faults.reference}>
        <Picker
          id="field-reference"
          label={d.reference}
          items={objects.map((object) => ({ value: object.name, label: label(object.label) }))}
          value={
            values.reference
              ? {
                  value: values.reference,
                  label: label(objects.find((object) => object.name === values.reference)?.label),
                }
              : null
          }
          onChange={(item) => change({ reference: item?.value ?? null })}
        />
      </FieldFrame>
    );
  }
  if (type === 'tree' && isNew) {
    return (
      <FieldFrame id="field-tree" label={d.tree} required fault={faults.tree}>
        <Select
          id="field-tree"
          value={values.tree}
          onChange={(tree) => change({ tree })}
          options={dictionary.trees.map((tree) => ({
            value: tree,
            label: tree === 'region' ? t.address.region : tree === 'industry' ? 'GB/T 4754' : tree,
          }))}
        />
      </FieldFrame>
    );
  }
  if (type === 'formula') {
    return (
      <>
        {formula}
        {isNew && (
          <FieldFrame id="field-result" label={d.resultType}>
            <Select
              id="field-result"
              value={values.result}
              onChange={(result) => change({ result })}
              options={RESULTS.map((result) => ({ value: result, label: a.types[result] }))}
            />
          </FieldFrame>
        )}
      </>
    );
  }
  if (type === 'decimal' && isNew) {
    return (
      <FieldFrame id="field-scale" label={d.scale}>
        <Select
          id="field-scale"
          value={values.scale}
          onChange={(scale) => change({ scale })}
          options={['1', '2', '3', '4', '6'].map((scale) => ({ value: scale, label: scale }))}
        />
      </FieldFrame>
    );
  }
  return null;
}

function Options({
  values,
  change,
  fault,
}: {
  values: Values;
  change: (part: Partial<Values>) => void;
  fault?: string;
}) {
  const t = useT();
  const a = useAdminText();
  const d = a.dictionary;
  const { options } = values;
  const set = (index: number, part: Partial<Option>) =>
    change({ options: options.map((option, place) => (place === index ? { ...option, ...part } : option)) });
  return (
    <fieldset className="flex flex-col gap-2">
      <legend className="text-ink-2 pb-1">{d.options}</legend>
      {options.map((option, index) => (
        <div key={option.value} className="grid grid-cols-[1fr_1fr_auto] gap-2">
          <input
            className="control"
            aria-label={`${d.labelZh} ${index + 1}`}
            placeholder={d.labelZh}
            value={option.label.zh}
            onChange={(event) => set(index, { label: { ...option.label, zh: event.target.value } })}
          />
          <input
            className="control"
            aria-label={`${d.labelEn} ${index + 1}`}
            placeholder={d.labelEn}
            value={option.label.en}
            onChange={(event) => set(index, { label: { ...option.label, en: event.target.value } })}
          />
          <IconButton
            icon={X}
            label={`${t.common.remove} ${index + 1}`}
            onClick={() => change({ options: options.filter((_, place) => place !== index) })}
          />
        </div>
      ))}
      {fault && <p className="text-xs text-danger">{fault}</p>}
      <Button
        size="sm"
        icon={Plus}
        className="self-start"
        onClick={() => change({ options: [...options, newOption(options)] })}
      >
        {d.addOption}
      </Button>
    </fieldset>
  );
}
