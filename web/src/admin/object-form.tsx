import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, Fault } from '../api/client';
import type { ObjectType } from '../api/types';
import { useT } from '../i18n';
import { faultText } from '../session/fault-text';
import { FieldFrame } from '../ui/bits';
import { Button } from '../ui/button';
import { Sheet } from '../ui/dialog';
import { toast } from '../ui/toast';
import { NAME_PATTERN, nameFrom } from './definition-name';
import { useAdminText } from './text';

/** A new kind of record, with its title field; the others are added on its page. */
export function ObjectForm({ onClose, onAdded }: { onClose: () => void; onAdded: (name: string) => void }) {
  const t = useT();
  const a = useAdminText();
  const d = a.dictionary;
  const client = useQueryClient();
  const [values, setValues] = useState({ zh: '', en: '', name: '', title: '' });
  const [named, setNamed] = useState(false);
  const [faults, setFaults] = useState<Record<string, string>>({});
  const [busy, setBusy] = useState(false);
  const change = (part: Partial<typeof values>) => {
    const next = { ...values, ...part };
    if (!named && part.en !== undefined) next.name = nameFrom(part.en);
    setValues(next);
    setFaults({});
  };
  const save = async () => {
    const found: Record<string, string> = {};
    if (!values.zh.trim()) found.zh = t.form.required(d.labelZh);
    if (!values.en.trim()) found.en = t.form.required(d.labelEn);
    if (!NAME_PATTERN.test(values.name)) found.name = d.nameHint;
    if (Object.keys(found).length > 0) return setFaults(found);
    setBusy(true);
    const label = { zh: values.zh.trim(), en: values.en.trim() };
    const title = values.title.trim() || '名称';
    try {
      const object = await api.post<ObjectType>('/dictionary', {
        name: values.name,
        label,
        label_plural: label,
        layer: 'business',
        name_field: 'name',
        search: true,
        owner: 'me',
        fields: [
          {
            name: 'name',
            type: 'text',
            label: { zh: title, en: values.title.trim() || 'Name' },
            required: true,
            searchable: true,
            max_length: 200,
          },
        ],
        views: [
          {
            name: 'all',
            label: { zh: `全部${label.zh}`, en: `All ${label.en}` },
            kind: 'table',
            sort: ['-updated_at'],
            columns: ['name', 'owner', 'updated_at'],
          },
        ],
        layout: {
          short: ['name'],
          card: ['owner'],
          sections: [{ label: { zh: '基本信息', en: 'Basics' }, fields: ['name', 'owner'] }],
        },
      });
      await client.invalidateQueries({ queryKey: ['dictionary'] });
      toast(t.form.created(values.zh));
      onClose();
      onAdded(object.name);
    } catch (cause) {
      setBusy(false);
      const placed: Record<string, string> = {};
      if (cause instanceof Fault)
        for (const fault of cause.fields) placed[fault.field.startsWith('label') ? 'zh' : fault.field] = fault.message;
      if (!placed.name && !placed.zh) placed.general = faultText(cause, t);
      setFaults(placed);
    }
  };
  const input = (id: keyof typeof values, label: string, help?: string, required = true) => (
    <FieldFrame id={`object-${id}`} label={label} required={required} help={help} fault={faults[id]}>
      <input
        id={`object-${id}`}
        className="control"
        value={values[id]}
        maxLength={60}
        aria-invalid={faults[id] !== undefined || undefined}
        aria-describedby={faults[id] ? `object-${id}-fault` : help ? `object-${id}-help` : undefined}
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
      title={d.newObject}
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
        {input('zh', d.labelZh)}
        {input('en', d.labelEn)}
        {input('name', d.name, d.nameHint)}
        {input('title', d.nameFieldLabel, undefined, false)}
      </div>
    </Sheet>
  );
}
