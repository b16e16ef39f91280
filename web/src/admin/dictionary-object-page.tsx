// One kind of record: its fields with all their properties; administrators add, change and retire them here.
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import {
  ChevronLeft,
  Eye,
  LayoutList,
  MoreHorizontal,
  Pencil,
  Plus,
  RotateCcw,
  ShieldCheck,
  Trash2,
} from 'lucide-react';
import { useState } from 'react';
import { api } from '../api/client';
import { useLexicon, useObject, valueType } from '../api/dictionary';
import type { Field, ObjectType } from '../api/types';
import { useLabel, useT } from '../i18n';
import { faultText } from '../session/fault-text';
import { useMay } from '../session/session';
import { NotFound } from '../shell/not-found';
import { Chip, useTitle } from '../ui/bits';
import { Button, buttonClass, IconButton } from '../ui/button';
import { Dialog } from '../ui/dialog';
import { Menu, MenuItem } from '../ui/menu';
import { toast } from '../ui/toast';
import { ChecksSheet } from './checks-sheet';
import { FieldForm } from './field-form';
import { type FieldImpact, ImpactNote } from './impact';
import { useAdminText } from './text';
import { ViewsDialog } from './views-dialog';

/** A form that demands more is left half filled or filled with anything. */
const MOST_DEMANDED = 5;

export default function DictionaryObjectPage() {
  const { object: name } = useParams({ from: '/admin/dictionary/$object' });
  const object = useObject(name);
  if (!object) return <NotFound />;
  return <ObjectView key={name} object={object} />;
}

function ObjectView({ object }: { object: ObjectType }) {
  const t = useT();
  const a = useAdminText();
  const d = a.dictionary;
  const label = useLabel();
  const client = useQueryClient();
  const may = useMay('dictionary');
  const [text, setText] = useState('');
  const [system, setSystem] = useState(false);
  const [form, setForm] = useState<Field | 'new' | null>(null);
  const [retiring, setRetiring] = useState<Field | null>(null);
  const [open, setOpen] = useState<'views' | 'checks' | null>(null);
  useTitle(`${label(object.label)} · ${d.title}`);
  const names = new Map(object.fields.map((field) => [field.name, label(field.label)]));
  const demanded = (object.demanded ?? []).map((name) => names.get(name) ?? name);
  const needle = text.trim().toLowerCase();
  const matches = (field: Field) =>
    `${field.label.zh} ${field.label.en} ${field.name} ${a.types[field.type]}`.toLowerCase().includes(needle);
  const fields = object.fields.filter((field) => !field.retired && matches(field) && (system || !field.system));
  const retired = [...(object.retired_fields ?? []), ...object.fields.filter((field) => field.retired)].filter(matches);
  const act = async (call: () => Promise<unknown>) => {
    try {
      await call();
      await client.invalidateQueries({ queryKey: ['dictionary'] });
    } catch (cause) {
      toast(faultText(cause, t), { tone: 'danger' });
    }
  };
  const row = (field: Field) => (
    <FieldRow
      key={field.name}
      field={field}
      may={may && !field.system}
      onEdit={() => setForm(field)}
      onRetire={() => setRetiring(field)}
      onRestore={() => void act(() => api.post(`/dictionary/${object.name}/fields/${field.name}/restore`))}
    />
  );
  return (
    <div className="flex-1 min-h-0 flex flex-col">
      <header className="shrink-0 px-4 pt-3 pb-3 flex flex-wrap items-end gap-3">
        <div className="min-w-0 flex-1 max-md:basis-full">
          <Link to="/admin/dictionary" className="flex items-center gap-0.5 text-xs text-ink-3 hover:text-ink min-h-6">
            <ChevronLeft size={13} aria-hidden />
            {d.title}
          </Link>
          <h1 className="text-[15px] font-semibold">
            {label(object.label)} <span className="font-normal text-ink-3">{d.fields(fields.length)}</span>
          </h1>
          {object.help && <p className="text-ink-3 max-md:hidden">{label(object.help)}</p>}
        </div>
        <label className="flex items-center gap-1.5 text-ink-2 h-8 touch:h-11">
          <input
            type="checkbox"
            className="check"
            checked={system}
            onChange={(event) => setSystem(event.target.checked)}
          />
          {d.showSystem}
        </label>
        <input
          aria-label={d.filterFields}
          placeholder={d.filterFields}
          className="control w-40!"
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
        {demanded.length > MOST_DEMANDED && (
          <p role="status" className="basis-full order-last rounded-md bg-warn-soft text-warn px-3 py-2">
            {d.demanding(demanded.length, MOST_DEMANDED, demanded.join(t.file.comma))}
          </p>
        )}
        {may && (
          <Link to="/admin/dictionary/$object/layout" params={{ object: object.name }} className={buttonClass()}>
            <LayoutList size={15} aria-hidden />
            {d.layout}
          </Link>
        )}
        {may && (
          <Button icon={Eye} onClick={() => setOpen('views')}>
            {a.views.open}
          </Button>
        )}
        {may && (
          <Button icon={ShieldCheck} onClick={() => setOpen('checks')}>
            {a.checks.open}
          </Button>
        )}
        {may && (
          <Button variant="primary" icon={Plus} onClick={() => setForm('new')}>
            {d.addField}
          </Button>
        )}
      </header>
      <div
        className="flex-1 min-h-0 overflow-auto border-t border-line thin-bar"
        tabIndex={0}
        role="region"
        aria-label={d.field}
      >
        <table className="w-full min-w-[720px] border-separate border-spacing-0">
          <thead className="sticky top-0 bg-surface z-10">
            <tr className="text-xs text-ink-3 text-left [&>th]:h-9 [&>th]:px-3 [&>th]:font-medium [&>th]:border-b [&>th]:border-line">
              <th scope="col">{d.field}</th>
              <th scope="col">{d.type}</th>
              <th scope="col">{d.properties}</th>
              <th scope="col">{d.level}</th>
              <th scope="col">{d.owner}</th>
              <th scope="col">{d.freshness}</th>
              <th scope="col">
                <span className="sr-only">{t.record.actions}</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {fields.map(row)}
            {retired.length > 0 && (
              <tr>
                <th
                  scope="rowgroup"
                  colSpan={7}
                  className="text-left text-xs font-semibold text-ink-3 px-3 pt-5 pb-1 border-b border-line"
                >
                  {d.retired_}
                </th>
              </tr>
            )}
            {retired.map(row)}
          </tbody>
        </table>
      </div>
      {open === 'views' && <ViewsDialog object={object} onClose={() => setOpen(null)} />}
      {open === 'checks' && <ChecksSheet object={object} onClose={() => setOpen(null)} />}
      {form && <FieldForm object={object} field={form === 'new' ? null : form} onClose={() => setForm(null)} />}
      {retiring && <Retire object={object} field={retiring} onClose={() => setRetiring(null)} onRetire={act} />}
    </div>
  );
}

/** Ends a field once it is seen what that touches. */
function Retire({
  object,
  field,
  onClose,
  onRetire,
}: {
  object: ObjectType;
  field: Field;
  onClose: () => void;
  onRetire: (call: () => Promise<unknown>) => Promise<void>;
}) {
  const t = useT();
  const d = useAdminText().dictionary;
  const label = useLabel();
  const path = `/dictionary/${object.name}/fields/${field.name}`;
  const { data: impact } = useQuery({
    queryKey: ['dictionary', 'impact', object.name, field.name],
    queryFn: () => api.post<FieldImpact>(`${path}/preview`, { retired: true }),
    staleTime: 0,
  });
  return (
    <Dialog
      open
      onClose={onClose}
      title={d.retireAsk(label(field.label))}
      className="md:w-[440px]!"
      footer={
        <>
          <Button onClick={onClose}>{t.common.cancel}</Button>
          <Button
            variant="danger"
            disabled={!impact}
            onClick={() => void onRetire(() => api.delete(path)).then(onClose)}
          >
            {d.retire}
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-3">
        <p className="text-ink-2">{d.retireText}</p>
        {impact && <ImpactNote object={object} field={field} impact={impact} />}
      </div>
    </Dialog>
  );
}

const LEVEL_COLOUR = { general: 'gray', business: 'blue', sensitive: 'amber', core: 'red' } as const;

function FieldRow({
  field,
  may,
  onEdit,
  onRetire,
  onRestore,
}: {
  field: Field;
  may: boolean;
  onEdit: () => void;
  onRetire: () => void;
  onRestore: () => void;
}) {
  const t = useT();
  const a = useAdminText();
  const d = a.dictionary;
  const label = useLabel();
  const { find } = useLexicon();
  const yields = valueType(field);
  const properties = [
    field.required && d.required,
    field.unique && d.unique,
    field.searchable && d.searchable,
    field.options && d.options_(field.options.filter((option) => !option.retired).length),
    field.reference && `→ ${label(find(field.reference)?.label) || field.reference}`,
    (field.type === 'text' || field.type === 'long_text') && field.max_length && `≤ ${field.max_length}`,
  ].filter(Boolean);
  return (
    <tr className="[&>td]:px-3 [&>td]:py-2 [&>td]:border-b [&>td]:border-line [&>td]:align-top hover:bg-[color-mix(in_srgb,var(--sunken)_60%,var(--surface))]">
      <td className="min-w-48 max-w-80">
        <span className={`flex flex-wrap items-center gap-1.5 font-medium ${field.retired ? 'text-ink-3' : ''}`}>
          {label(field.label)}
          {field.custom && <Chip color="purple">{d.custom}</Chip>}
          {field.retired && <Chip>{d.retired}</Chip>}
        </span>
        <span className="block text-xs text-ink-3">{field.name}</span>
        {field.help && <span className="block text-xs text-ink-3">{label(field.help)}</span>}
      </td>
      <td className="whitespace-nowrap">
        {a.types[field.type]}
        {yields !== field.type && <span className="text-ink-3"> · {a.types[yields]}</span>}
      </td>
      <td className="text-ink-2 min-w-32">{properties.join(' · ')}</td>
      <td>
        <Chip color={LEVEL_COLOUR[field.level]}>{a.roles.level[field.level]}</Chip>
      </td>
      <td className="text-ink-2 whitespace-nowrap">{[field.owner, field.steward].filter(Boolean).join(' / ')}</td>
      <td className="text-ink-2 whitespace-nowrap">{field.freshness_days ? d.days(field.freshness_days) : ''}</td>
      <td className="text-right">
        {may && (
          <Menu
            trigger={
              <IconButton icon={MoreHorizontal} size="sm" label={`${t.record.actions}: ${label(field.label)}`} />
            }
          >
            {field.retired ? (
              <MenuItem icon={RotateCcw} onClick={onRestore}>
                {d.restore}
              </MenuItem>
            ) : (
              <>
                <MenuItem icon={Pencil} onClick={onEdit}>
                  {t.common.edit}
                </MenuItem>
                <MenuItem icon={Trash2} danger onClick={onRetire}>
                  {d.retire}
                </MenuItem>
              </>
            )}
          </Menu>
        )}
      </td>
    </tr>
  );
}
