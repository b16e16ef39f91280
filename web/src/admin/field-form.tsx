// A new field, or another label, help or list of options for one that is there.
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, Fault } from '../api/client';
import { useLexicon } from '../api/dictionary';
import type { Field, FieldType, Level, ObjectType, Option } from '../api/types';
import { useLabel, useT } from '../i18n';
import { faultText } from '../session/fault-text';
import { FieldFrame } from '../ui/bits';
import { Button } from '../ui/button';
import { Sheet } from '../ui/dialog';
import { Picker } from '../ui/picker';
import { Select } from '../ui/select';
import { toast } from '../ui/toast';
import { NAME_PATTERN, nameFrom } from './definition-name';
import { newOption, Options } from './field-options';
import { useFieldText } from './field-text';
import { type FieldImpact, ImpactNote } from './impact';
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
  'recurrence',
  'location',
  'credit_code',
  'id_card',
  'file',
  'image',
  'auto_number',
  'formula',
  'json',
];
const RESULTS: FieldType[] = ['decimal', 'integer', 'money', 'percent', 'text', 'boolean', 'date', 'datetime'];

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
  format: string;
  min: string;
  max: string;
  minLength: string;
  maxLength: string;
  pattern: string;
};

const shown = (value: number | null | undefined) => (value === null || value === undefined ? '' : String(value));
const NUMBERS = new Set<FieldType>(['integer', 'decimal', 'money', 'percent', 'rating', 'duration']);
const TEXTS = new Set<FieldType>(['text', 'long_text']);
const LIMITS = ['min', 'max', 'minLength', 'maxLength'] as const;

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
    format: field?.format ?? '{seq:5}',
    min: shown(field?.min),
    max: shown(field?.max),
    minLength: shown(field?.min_length),
    maxLength: shown(field?.max_length),
    pattern: field?.pattern ?? '',
  };
}

/** What limits a value, by type; an empty one ends the limit. */
function limitsOf(values: Values): Record<string, unknown> {
  const number = (text: string) => (text.trim() === '' ? null : Number(text));
  if (NUMBERS.has(values.type)) return { min: number(values.min), max: number(values.max) };
  if (!TEXTS.has(values.type)) return {};
  const pattern = values.type === 'text' ? { pattern: values.pattern.trim() || null } : {};
  return { min_length: number(values.minLength), max_length: number(values.maxLength), ...pattern };
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
    ...limitsOf(values),
    ...(type === 'auto_number' ? { format: values.format.trim() } : {}),
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
  const f = useFieldText();
  const label = useLabel();
  const client = useQueryClient();
  const isNew = field === null;
  const [values, setValues] = useState(() => startOf(field));
  const [named, setNamed] = useState(!isNew);
  const [faults, setFaults] = useState<Record<string, string>>({});
  const [busy, setBusy] = useState(false);
  const [impact, setImpact] = useState<FieldImpact | null>(null);
  const change = (part: Partial<Values>) => {
    const next = { ...values, ...part };
    if (!named && part.en !== undefined) next.name = nameFrom(part.en);
    setValues(next);
    setFaults({});
    setImpact(null);
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
    for (const limit of LIMITS) if (Number.isNaN(Number(values[limit]))) found[limit] = f.number;
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
      if (field && !impact) {
        // What it touches is told before it is made.
        setImpact(await api.post<FieldImpact>(`/dictionary/${object.name}/fields/${field.name}/preview`, definition));
        setBusy(false);
        return;
      }
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
    id: 'zh' | 'en' | 'name' | 'helpZh' | 'helpEn' | 'formula' | 'format' | 'pattern' | (typeof LIMITS)[number],
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
            {impact ? f.confirm : t.common.save}
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
          stored={field?.options ?? []}
          formula={text('formula', d.formula, { required: true })}
        />
        {values.type === 'auto_number' && text('format', f.format, { required: true, help: f.formatHint })}
        {NUMBERS.has(values.type) && (
          <div className="grid grid-cols-2 gap-3">
            {text('min', f.min)}
            {text('max', f.max)}
          </div>
        )}
        {TEXTS.has(values.type) && (
          <div className="grid grid-cols-2 gap-3">
            {text('minLength', f.minLength)}
            {text('maxLength', f.maxLength)}
          </div>
        )}
        {values.type === 'text' && text('pattern', f.pattern)}
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
        {impact && field && (
          <ImpactNote object={object} field={{ ...field, options: values.options }} impact={impact} />
        )}
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
      path === 'format' ||
      path === 'pattern' ||
      path === 'min' ||
      path === 'max' ||
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

function TypeSettings({
  values,
  change,
  faults,
  isNew,
  stored,
  formula,
}: {
  values: Values;
  change: (part: Partial<Values>) => void;
  faults: Record<string, string>;
  isNew: boolean;
  /** What records may already say. */
  stored: Option[];
  formula: React.ReactNode;
}) {
  const t = useT();
  const a = useAdminText();
  const d = a.dictionary;
  const label = useLabel();
  const { objects, dictionary } = useLexicon();
  const { type } = values;
  if (type === 'choice' || type === 'multi_choice')
    return (
      <Options
        options={values.options}
        stored={stored}
        single={type === 'choice'}
        fault={faults.options}
        onChange={(options) => change({ options })}
      />
    );
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
