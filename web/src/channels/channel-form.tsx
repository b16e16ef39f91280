// One channel: its settings by kind, and secrets that go in and never come out.
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { api, Fault } from '../api/client';
import { queryRecords } from '../api/records';
import { useT } from '../i18n';
import { faultText } from '../session/fault-text';
import { FieldFrame } from '../ui/bits';
import { Button } from '../ui/button';
import { Dialog } from '../ui/dialog';
import { Select } from '../ui/select';
import { toast } from '../ui/toast';
import { type Channel, type ChannelKind, channelsQuery } from './queries';
import { useChannelText } from './text';

const SMS = ['sign_name', 'template', 'parameters', 'greeting_template', 'greeting_parameters', 'endpoint'];
const SETTINGS: Record<ChannelKind, string[]> = {
  email: ['host', 'port', 'security', 'username', 'from', 'from_name'],
  wecom: ['details'],
  dingtalk: ['details'],
  feishu: ['details'],
  aliyun_sms: ['access_key_id', ...SMS],
  tencent_sms: ['secret_id', 'app_id', 'region', ...SMS],
  push: ['contact'],
};
const SECRETS: Record<ChannelKind, string[]> = {
  email: ['password'],
  wecom: ['webhook'],
  dingtalk: ['webhook', 'secret'],
  feishu: ['webhook', 'secret'],
  aliyun_sms: ['access_key_secret'],
  tencent_sms: ['secret_key'],
  push: [],
};
const FRESH: Record<string, unknown> = {
  port: 465,
  security: 'tls',
  region: 'ap-guangzhou',
  parameters: ['name', 'count'],
  greeting_parameters: ['name'],
};
const ENDPOINT: Partial<Record<ChannelKind, string>> = {
  aliyun_sms: 'https://dysmsapi.aliyuncs.com',
  tencent_sms: 'https://sms.tencentcloudapi.com',
};
const KINDS = Object.keys(SETTINGS) as ChannelKind[];
const OPTIONAL = [
  'username',
  'from_name',
  'password',
  'secret',
  'parameters',
  'greeting_template',
  'greeting_parameters',
];
/** The usual port of each way to be safe (RFC 8314, RFC 6409). */
const PORTS: Record<string, string> = { tls: '465', starttls: '587', none: '25' };

function shown(value: unknown): string {
  return Array.isArray(value) ? value.join(', ') : value === undefined || value === null ? '' : String(value);
}

/** What was typed as the server wants it. */
function meant(name: string, text: string | boolean): unknown {
  if (typeof text === 'boolean') return text;
  if (name === 'port') return Number(text);
  if (name === 'parameters' || name === 'greeting_parameters')
    return text
      .split(/[,，]/)
      .map((word) => word.trim())
      .filter(Boolean);
  return text.trim();
}

export function ChannelForm({ channel, onClose }: { channel: Channel | null; onClose: () => void }) {
  const t = useT();
  const c = useChannelText();
  const client = useQueryClient();
  const [kind, setKind] = useState<ChannelKind>(channel?.kind ?? 'email');
  const [name, setName] = useState(channel?.name ?? '');
  const [active, setActive] = useState(channel?.active ?? true);
  const [department, setDepartment] = useState(channel?.department?.id ?? '');
  const [typed, setTyped] = useState<Record<string, string | boolean>>({});
  const [faults, setFaults] = useState<Record<string, string>>({});
  const [busy, setBusy] = useState(false);
  const { data: departments } = useQuery({
    queryKey: ['departments', 'names'],
    queryFn: ({ signal }) => queryRecords('department', { sort: ['name'], limit: 200 }, signal),
  });
  const value = (field: string): string | boolean =>
    typed[field] ??
    (field === 'details'
      ? channel?.settings.details === true
      : shown(channel ? channel.settings[field] : field === 'endpoint' ? ENDPOINT[kind] : FRESH[field]));
  const forgive = (field: string) => setFaults(({ [field]: _, ...rest }) => rest);
  const type = (field: string, text: string | boolean) => {
    const port = field === 'security' && Object.values(PORTS).includes(String(value('port')));
    setTyped({ ...typed, [field]: text, ...(port && { port: PORTS[String(text)] ?? '' }) });
    forgive(field);
  };
  const save = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    const settings = Object.fromEntries(SETTINGS[kind].map((field) => [field, meant(field, value(field))]));
    const secrets = Object.fromEntries(
      SECRETS[kind].filter((field) => typed[field]).map((field) => [field, typed[field]]),
    );
    const body = { name, active, department: department || null, settings, secrets };
    try {
      if (channel) await api.patch(`/channels/${channel.id}`, body);
      else await api.post('/channels', { kind, ...body });
      toast(channel ? c.saved : c.added);
      void client.invalidateQueries({ queryKey: channelsQuery.queryKey });
      onClose();
    } catch (cause) {
      const placed: Record<string, string> = {};
      if (cause instanceof Fault)
        for (const fault of cause.fields) placed[fault.field.split('.').at(-1) ?? ''] = fault.message;
      if (Object.keys(placed).length === 0) toast(faultText(cause, t), { tone: 'danger' });
      setFaults(placed);
    } finally {
      setBusy(false);
    }
  };
  const text = (field: string, secret: boolean) => (
    <FieldFrame
      key={field}
      id={`channel-${field}`}
      label={c.fields[field]}
      required={!OPTIONAL.includes(field) && !(secret && channel?.has_secrets)}
      fault={faults[field]}
      help={secret && channel?.has_secrets ? c.keepSecret : c.hints[field]}
    >
      <input
        id={`channel-${field}`}
        className="control"
        type={secret ? 'password' : field === 'port' ? 'number' : 'text'}
        autoComplete={secret ? 'new-password' : 'off'}
        value={secret ? String(typed[field] ?? '') : String(value(field))}
        aria-invalid={faults[field] !== undefined || undefined}
        aria-describedby={faults[field] ? `channel-${field}-fault` : undefined}
        onChange={(event) => type(field, event.target.value)}
      />
    </FieldFrame>
  );
  const setting = (field: string) => {
    if (field === 'details')
      return (
        <div key={field} className="flex flex-col gap-1">
          <label className="flex items-center gap-2 touch:h-11">
            <input
              type="checkbox"
              className="check"
              checked={value(field) === true}
              onChange={(event) => type(field, event.target.checked)}
            />
            {c.fields.details}
          </label>
          <p className="text-xs text-ink-3">{c.hints.details}</p>
        </div>
      );
    if (field === 'security')
      return (
        <FieldFrame key={field} id="channel-security" label={c.fields.security} fault={faults.security}>
          <Select
            id="channel-security"
            value={String(value(field)) as keyof typeof c.security}
            onChange={(next) => type(field, next)}
            options={(['tls', 'starttls', 'none'] as const).map((one) => ({ value: one, label: c.security[one] }))}
          />
        </FieldFrame>
      );
    return text(field, false);
  };
  return (
    <Dialog
      open
      onClose={onClose}
      title={channel ? channel.name : c.add}
      footer={
        <Button type="submit" form="channel-form" variant="primary" disabled={busy}>
          {t.common.save}
        </Button>
      }
    >
      <form id="channel-form" className="flex flex-col gap-4" onSubmit={(event) => void save(event)}>
        {!channel && (
          <FieldFrame id="channel-kind" label={c.kind} fault={faults.kind}>
            <Select
              id="channel-kind"
              value={kind}
              onChange={(next) => {
                setKind(next);
                setTyped({});
                setFaults({});
              }}
              options={KINDS.map((one) => ({ value: one, label: c.kinds[one] }))}
            />
          </FieldFrame>
        )}
        <FieldFrame id="channel-name" label={c.name} required fault={faults.name}>
          <input
            id="channel-name"
            className="control"
            value={name}
            maxLength={40}
            aria-invalid={faults.name !== undefined || undefined}
            onChange={(event) => {
              setName(event.target.value);
              forgive('name');
            }}
          />
        </FieldFrame>
        {SECRETS[kind][0] === 'webhook' && SECRETS[kind].map((field) => text(field, true))}
        {SETTINGS[kind].map(setting)}
        {SECRETS[kind][0] !== 'webhook' && SECRETS[kind].map((field) => text(field, true))}
        <FieldFrame id="channel-department" label={c.department} fault={faults.department}>
          <Select
            id="channel-department"
            value={department}
            onChange={setDepartment}
            options={[
              { value: '', label: c.everybody },
              ...(departments?.items ?? []).map((one) => ({ value: one.id, label: String(one.name) })),
            ]}
          />
        </FieldFrame>
        <label className="flex items-center gap-2 touch:h-11">
          <input
            type="checkbox"
            className="check"
            checked={active}
            onChange={(event) => setActive(event.target.checked)}
          />
          {c.active}
        </label>
      </form>
    </Dialog>
  );
}
