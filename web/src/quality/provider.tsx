// The provider of company data: where it is asked, what of its answers goes where, and a trial with one company.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Play, Plus, X } from 'lucide-react';
import { useState } from 'react';
import { api, Fault } from '../api/client';
import { useLexicon } from '../api/dictionary';
import type { Field } from '../api/types';
import { useFormat } from '../format/use-format';
import { useLabel, useT } from '../i18n';
import { faultText } from '../session/fault-text';
import { FieldFrame, SkeletonRows } from '../ui/bits';
import { Button, IconButton } from '../ui/button';
import { Select } from '../ui/select';
import { toast } from '../ui/toast';
import { Card } from './card';
import { CLEANING, type Provider, providerQuery, type Trial } from './cleaning-queries';
import { useCleaningText } from './cleaning-text';

/** Types that a value out of an answer fits. */
const FILLED = new Set([
  'text',
  'long_text',
  'integer',
  'decimal',
  'money',
  'percent',
  'boolean',
  'date',
  'choice',
  'tree',
  'phone',
  'email',
  'url',
  'address',
  'credit_code',
]);
const COMPANIES = { field: 'kind', op: 'eq', value: 'company' };

export default function ProviderCard() {
  const t = useT();
  const w = useCleaningText();
  const { data, error } = useQuery(providerQuery);
  return (
    <Card title={w.provider} note={data && w.today(String(data.asked_today))} wide>
      <p className="text-ink-2 pb-3 max-w-3xl">{w.providerHint}</p>
      {error ? (
        <p role="alert" className="text-danger">
          {faultText(error, t)}
        </p>
      ) : !data ? (
        <SkeletonRows rows={4} />
      ) : (
        <>
          <Settings key={JSON.stringify(data)} provider={data} />
          {data.url !== '' && <TryIt provider={data} />}
        </>
      )}
    </Card>
  );
}

type Row = { id: number; path: string; field: string };

function Settings({ provider }: { provider: Provider }) {
  const t = useT();
  const w = useCleaningText();
  const client = useQueryClient();
  const { objects } = useLexicon();
  const object = objects.find((one) => one.name === provider.object);
  const [draft, setDraft] = useState(provider);
  const [rows, setRows] = useState<Row[]>(() => provider.mapping.map((one, id) => ({ id, ...one })));
  const [secret, setSecret] = useState<string | null>('');
  const [faults, setFaults] = useState<Record<string, string>>({});
  const save = useMutation({
    mutationFn: () => {
      const { has_secret: _, asked_today: __, places: ___, ...settings } = draft;
      const mapping = rows.map(({ path, field }) => ({ path, field }));
      return api.put<Provider>('/enrichment/provider', { ...settings, mapping, ...(secret === '' ? {} : { secret }) });
    },
    onSuccess: (next) => {
      setFaults({});
      client.setQueryData(providerQuery.queryKey, next);
      void client.invalidateQueries({ queryKey: [CLEANING] });
      toast(w.saved);
    },
    onError: (cause) => {
      setFaults(cause instanceof Fault ? Object.fromEntries(cause.fields.map((one) => [one.field, one.message])) : {});
      toast(faultText(cause, t), { tone: 'danger' });
    },
  });
  const text = (name: 'name' | 'url' | 'header', label: string, help?: string) => (
    <FieldFrame id={`provider-${name}`} label={label} help={help} fault={faults[name]} className="md:col-span-2">
      <input
        id={`provider-${name}`}
        className="control w-full"
        value={draft[name]}
        onChange={(event) => setDraft({ ...draft, [name]: event.target.value })}
      />
    </FieldFrame>
  );
  const number = (name: 'quota' | 'cache_days' | 'timeout_seconds', label: string) => (
    <FieldFrame id={`provider-${name}`} label={label} fault={faults[name]} className="md:col-span-2">
      <input
        id={`provider-${name}`}
        className="control w-full"
        inputMode="numeric"
        value={draft[name]}
        onChange={(event) => setDraft({ ...draft, [name]: Number(event.target.value.replace(/\D/g, '').slice(0, 7)) })}
      />
    </FieldFrame>
  );
  return (
    <form
      className="flex flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate();
      }}
    >
      <Tick checked={draft.active} onChange={(active) => setDraft({ ...draft, active })} label={w.active} />
      <div className="grid gap-3 md:grid-cols-6">
        {text('name', w.name, w.nameHint)}
        <FieldFrame id="provider-url" label={w.url} help={w.urlHint} fault={faults.url} className="md:col-span-4">
          <input
            id="provider-url"
            className="control w-full"
            placeholder="https://data.example.com/company?name={name}"
            value={draft.url}
            onChange={(event) => setDraft({ ...draft, url: event.target.value })}
          />
        </FieldFrame>
        {text('header', w.header)}
        <FieldFrame
          id="provider-secret"
          label={w.secret}
          help={provider.has_secret && secret !== null ? w.secretKept : w.secretNone}
          fault={faults.secret}
          className="md:col-span-4"
        >
          <span className="flex gap-2">
            <input
              id="provider-secret"
              type="password"
              autoComplete="off"
              className="control flex-1 min-w-0"
              value={secret ?? ''}
              onChange={(event) => setSecret(event.target.value)}
            />
            {provider.has_secret && secret !== null && (
              <Button onClick={() => setSecret(null)}>{w.removeSecret}</Button>
            )}
          </span>
        </FieldFrame>
        {number('quota', w.quota)}
        {number('cache_days', w.cacheDays)}
        {number('timeout_seconds', w.timeout)}
      </div>
      {object?.fields.some((field) => field.name === COMPANIES.field) && (
        <Tick
          checked={draft.filter !== null}
          onChange={(only) => setDraft({ ...draft, filter: only ? COMPANIES : null })}
          label={w.companiesOnly}
        />
      )}
      <Mapping rows={rows} onRows={setRows} faults={faults} fields={object?.fields.filter(fits) ?? []} />
      <Button type="submit" variant="primary" className="self-start" disabled={save.isPending}>
        {t.common.save}
      </Button>
    </form>
  );
}

function fits(field: Field): boolean {
  return FILLED.has(field.type) && !field.read_only;
}

function Tick({ label, checked, onChange }: { label: string; checked: boolean; onChange: (to: boolean) => void }) {
  return (
    <label className="flex items-center gap-2 touch:min-h-11 w-fit">
      <input type="checkbox" className="check" checked={checked} onChange={(event) => onChange(event.target.checked)} />
      {label}
    </label>
  );
}

type MappingProps = { rows: Row[]; onRows: (rows: Row[]) => void; faults: Record<string, string>; fields: Field[] };

function Mapping({ rows, onRows, faults, fields }: MappingProps) {
  const w = useCleaningText();
  const label = useLabel();
  const change = (id: number, part: Partial<Row>) =>
    onRows(rows.map((row) => (row.id === id ? { ...row, ...part } : row)));
  const add = () =>
    onRows([...rows, { id: 1 + Math.max(0, ...rows.map((row) => row.id)), path: '', field: fields[0]?.name ?? '' }]);
  return (
    <fieldset className="flex flex-col gap-2">
      <legend className="text-ink-2 pb-1">{w.mapping}</legend>
      {faults.mapping && <p className="text-danger text-xs">{faults.mapping}</p>}
      {rows.map((row, place) => (
        <div key={row.id} className="flex flex-wrap items-start gap-2">
          <FieldFrame
            id={`path-${row.id}`}
            label={<span className="sr-only">{w.path}</span>}
            fault={faults[`mapping.${place}.path`]}
            className="flex-1 min-w-40"
          >
            <input
              id={`path-${row.id}`}
              className="control w-full"
              placeholder="data.industry"
              value={row.path}
              onChange={(event) => change(row.id, { path: event.target.value })}
            />
          </FieldFrame>
          <FieldFrame
            id={`field-${row.id}`}
            label={<span className="sr-only">{w.field}</span>}
            fault={faults[`mapping.${place}.field`]}
            className="flex-1 min-w-40"
          >
            <Select
              id={`field-${row.id}`}
              className="w-full"
              value={row.field}
              onChange={(field) => change(row.id, { field })}
              options={fields.map((field) => ({ value: field.name, label: label(field.label) }))}
            />
          </FieldFrame>
          <IconButton
            icon={X}
            label={w.removeRow(row.path)}
            onClick={() => onRows(rows.filter((one) => one.id !== row.id))}
          />
        </div>
      ))}
      <Button size="sm" icon={Plus} className="self-start" onClick={add}>
        {w.addRow}
      </Button>
    </fieldset>
  );
}

function TryIt({ provider }: { provider: Provider }) {
  const t = useT();
  const w = useCleaningText();
  const label = useLabel();
  const { fullNumber } = useFormat();
  const client = useQueryClient();
  const [values, setValues] = useState<Record<string, string>>({});
  const attempt = useMutation({
    mutationFn: () => api.post<Trial>('/enrichment/provider/trial', { values }),
    onSuccess: () => client.invalidateQueries({ queryKey: providerQuery.queryKey }),
    onError: (cause) => toast(faultText(cause, t), { tone: 'danger' }),
  });
  const trial = attempt.data;
  const complete = Object.keys(provider.places).every((name) => values[name]?.trim());
  return (
    <section className="border-t border-line mt-4 pt-4 flex flex-col gap-3" aria-label={w.trial}>
      <h3 className="font-semibold">{w.trial}</h3>
      <p className="text-xs text-ink-3">{w.trialHint}</p>
      <form
        className="flex flex-wrap items-end gap-2"
        onSubmit={(event) => {
          event.preventDefault();
          attempt.mutate();
        }}
      >
        {Object.entries(provider.places).map(([name, place]) => (
          <FieldFrame key={name} id={`try-${name}`} label={label(place) || name} className="flex-1 min-w-48">
            <input
              id={`try-${name}`}
              className="control w-full"
              value={values[name] ?? ''}
              onChange={(event) => setValues({ ...values, [name]: event.target.value })}
            />
          </FieldFrame>
        ))}
        <Button type="submit" icon={Play} disabled={attempt.isPending || !complete}>
          {attempt.isPending ? w.trying : w.tryIt}
        </Button>
      </form>
      {trial && (
        <div role="status">
          <p className={trial.outcome === 'found' ? 'text-ok' : 'text-warn'}>
            {label(trial.message)}
            <span className="text-ink-3 text-xs ml-2">{w.took(fullNumber(trial.milliseconds), !trial.asked)}</span>
          </p>
          <ul>
            {trial.fields.map((field) => (
              <li key={field.path} className="border-t border-line py-1.5 flex flex-wrap gap-x-3">
                <span className="w-40 shrink-0">{label(field.label)}</span>
                <span className="text-ink-3 break-all">{field.answered ?? w.notThere}</span>
                {field.value !== null && <span>{`${w.fills} ${field.value}`}</span>}
                {field.fault && <span className="text-danger">{label(field.fault)}</span>}
              </li>
            ))}
          </ul>
        </div>
      )}
    </section>
  );
}
