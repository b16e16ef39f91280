import { useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useMemo, useState } from 'react';
import { api, Fault } from '../api/client';
import { currencyName, zoneName } from '../format/names';
import { useI18n } from '../i18n';
import { faultText } from '../session/fault-text';
import { loadSession } from '../session/session';
import { FieldFrame, PageTitle, SkeletonRows, useTitle } from '../ui/bits';
import { Button } from '../ui/button';
import { Picker } from '../ui/picker';
import { Select } from '../ui/select';
import { toast } from '../ui/toast';
import { CompanyKeys } from './company-keys';
import { LogoField } from './logo';
import { useAdminText } from './text';

type Settings = { name: string; timezone: string; currency: string; require_totp: boolean; session_hours: number };

const CURRENCIES = ['CNY', 'HKD', 'USD', 'EUR', 'GBP', 'JPY', 'SGD', 'TWD'];
const HOURS = [8, 12, 24, 72, 168, 336, 720];

export default function SettingsPage() {
  const a = useAdminText();
  const { data } = useQuery({
    queryKey: ['settings'],
    queryFn: ({ signal }) => api.get<Settings>('/settings', signal),
  });
  useTitle(a.settings.title);
  return (
    <div className="flex-1 min-h-0 overflow-auto thin-bar">
      <PageTitle title={a.settings.title} />
      {data ? <SettingsForm stored={data} /> : <SkeletonRows rows={4} />}
      {data && <CompanyKeys />}
    </div>
  );
}

function zones(): string[] {
  return typeof Intl.supportedValuesOf === 'function' ? Intl.supportedValuesOf('timeZone') : ['Asia/Shanghai'];
}

function SettingsForm({ stored }: { stored: Settings }) {
  const { t, language } = useI18n();
  const named = useMemo(() => zones().map((zone) => ({ value: zone, label: zoneName(zone, language) })), [language]);
  const a = useAdminText();
  const s = a.settings;
  const client = useQueryClient();
  const [values, setValues] = useState(stored);
  const [faults, setFaults] = useState<Record<string, string>>({});
  const [busy, setBusy] = useState(false);
  const change = (part: Partial<Settings>) => {
    setValues({ ...values, ...part });
    setFaults({});
  };
  const save = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    try {
      client.setQueryData(['settings'], await api.put<Settings>('/settings', values));
      await loadSession();
      toast(s.saved);
    } catch (cause) {
      const placed: Record<string, string> = {};
      if (cause instanceof Fault) for (const fault of cause.fields) placed[fault.field] = fault.message;
      if (Object.keys(placed).length === 0) toast(faultText(cause, t), { tone: 'danger' });
      setFaults(placed);
    } finally {
      setBusy(false);
    }
  };
  const hours = HOURS.includes(values.session_hours) ? HOURS : [...HOURS, values.session_hours].sort((a, b) => a - b);
  return (
    <form className="px-4 pb-10 flex flex-col gap-5 max-w-md" onSubmit={(event) => void save(event)}>
      <h2 className="font-semibold -mb-2">{s.company}</h2>
      <FieldFrame id="name" label={s.companyName} required fault={faults.name}>
        <input
          id="name"
          className="control"
          value={values.name}
          maxLength={100}
          aria-invalid={faults.name !== undefined || undefined}
          aria-describedby={faults.name ? 'name-fault' : undefined}
          onChange={(event) => change({ name: event.target.value })}
        />
      </FieldFrame>
      <LogoField />
      <FieldFrame id="timezone" label={s.timezone} fault={faults.timezone}>
        <Picker
          id="timezone"
          label={s.timezone}
          items={named}
          value={{ value: values.timezone, label: zoneName(values.timezone, language) }}
          onChange={(item) => item && change({ timezone: item.value })}
        />
      </FieldFrame>
      <FieldFrame id="currency" label={s.currency} fault={faults.currency}>
        <Select
          id="currency"
          value={values.currency}
          onChange={(currency) => change({ currency })}
          options={[...new Set([...CURRENCIES, values.currency])].map((currency) => ({
            value: currency,
            label: currencyName(currency, language),
          }))}
        />
      </FieldFrame>
      <h2 className="font-semibold -mb-2 pt-2">{s.signIn}</h2>
      <label className="flex items-center gap-2 touch:h-11">
        <input
          type="checkbox"
          className="check"
          checked={values.require_totp}
          onChange={(event) => change({ require_totp: event.target.checked })}
        />
        {s.requireTotp}
      </label>
      <FieldFrame id="session_hours" label={s.sessionHours} fault={faults.session_hours}>
        <Select
          id="session_hours"
          value={String(values.session_hours)}
          onChange={(value) => change({ session_hours: Number(value) })}
          options={hours.map((hour) => ({ value: String(hour), label: s.hours(hour) }))}
        />
      </FieldFrame>
      <Button type="submit" variant="primary" disabled={busy} className="self-start">
        {t.common.save}
      </Button>
    </form>
  );
}
