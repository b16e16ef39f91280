// When nobody is disturbed, when the digest comes, and how much a person is told at once.
import { type FormEvent, useState } from 'react';
import { fieldOf, useObject } from '../api/dictionary';
import { useLabel, useT } from '../i18n';
import { FieldFrame } from '../ui/bits';
import { Button } from '../ui/button';
import { type Calendar, useCalendarChange } from './calendar-page';
import { useCalendarText } from './calendar-text';
import { readTime } from './days';

export function QuietSection({ calendar }: { calendar: Calendar }) {
  const t = useT();
  const c = useCalendarText();
  const label = useLabel();
  const change = useCalendarChange();
  const [from, setFrom] = useState(calendar.quiet.from);
  const [to, setTo] = useState(calendar.quiet.to);
  const [free, setFree] = useState(calendar.quiet.free_days);
  const [digest, setDigest] = useState(calendar.digest_at);
  const [limit, setLimit] = useState(String(calendar.daily_limit));
  const [tierLimits, setTierLimits] = useState<Record<string, string>>(
    Object.fromEntries(Object.entries(calendar.tier_limits).map(([tier, most]) => [tier, String(most)])),
  );
  const [busy, setBusy] = useState(false);
  const customer = useObject('customer');
  const tiers = (customer && fieldOf(customer, 'tier')?.options?.filter((option) => !option.retired)) ?? [];
  const times = { from: readTime(from), to: readTime(to), digest: readTime(digest) };
  const most = Number(limit);
  const limited = Number.isInteger(most) && most >= 1 && most <= 200;
  const wrongTier = (tier: string) => {
    const text = tierLimits[tier]?.trim() ?? '';
    return text !== '' && !(/^\d+$/.test(text) && Number(text) <= 200);
  };
  const limitedTiers = tiers.filter((tier) => tierLimits[tier.value]?.trim());
  const save = async (event: FormEvent) => {
    event.preventDefault();
    if (!times.from || !times.to || !times.digest || !limited || tiers.some((tier) => wrongTier(tier.value))) return;
    setBusy(true);
    await change({
      quiet: { from: times.from, to: times.to, free_days: free },
      digest_at: times.digest,
      daily_limit: most,
      // Whoever does not see the tiers leaves their limits as they are.
      ...(tiers.length > 0 && {
        tier_limits: Object.fromEntries(limitedTiers.map((tier) => [tier.value, Number(tierLimits[tier.value])])),
      }),
    });
    setBusy(false);
  };
  const time = (id: string, label: string, value: string, set: (text: string) => void, read: string | null) => (
    <FieldFrame id={id} label={label} fault={read === null ? c.timeWrong : null}>
      <input
        id={id}
        className="control w-28!"
        value={value}
        inputMode="numeric"
        aria-invalid={read === null || undefined}
        aria-describedby={read === null ? `${id}-fault` : undefined}
        onChange={(event) => set(event.target.value)}
      />
    </FieldFrame>
  );
  return (
    <form noValidate className="flex flex-col gap-5 max-w-md" onSubmit={(event) => void save(event)}>
      <div className="flex flex-col gap-2">
        <div className="flex gap-4">
          {time('quiet-from', c.quietFrom, from, setFrom, times.from)}
          {time('quiet-to', c.quietTo, to, setTo, times.to)}
        </div>
        <label className="flex items-center gap-2 touch:h-11">
          <input type="checkbox" className="check" checked={free} onChange={(event) => setFree(event.target.checked)} />
          {c.freeDays}
        </label>
        <p className="text-xs text-ink-3">{c.quietHint}</p>
      </div>
      <div>
        {time('digest-at', c.digestAt, digest, setDigest, times.digest)}
        <p className="text-xs text-ink-3 pt-1">{c.digestHint}</p>
      </div>
      <FieldFrame id="daily-limit" label={c.dailyLimit} help={c.dailyHint} fault={limited ? null : c.limitWrong}>
        <input
          id="daily-limit"
          type="number"
          min={1}
          max={200}
          className="control w-28!"
          value={limit}
          aria-invalid={!limited || undefined}
          aria-describedby={limited ? 'daily-limit-help' : 'daily-limit-fault'}
          onChange={(event) => setLimit(event.target.value)}
        />
      </FieldFrame>
      {tiers.length > 0 && (
        <fieldset className="flex flex-col gap-2">
          <legend className="text-ink-2 pb-2">{c.tierLimits}</legend>
          {tiers.map((tier) => (
            <div key={tier.value} className="flex flex-wrap items-center gap-3">
              <label htmlFor={`tier-limit-${tier.value}`} className="w-16 truncate">
                {label(tier.label)}
              </label>
              <input
                id={`tier-limit-${tier.value}`}
                inputMode="numeric"
                className="control w-28!"
                placeholder={c.unlimited}
                aria-label={c.tierLimitOf(label(tier.label))}
                value={tierLimits[tier.value] ?? ''}
                aria-invalid={wrongTier(tier.value) || undefined}
                aria-describedby={wrongTier(tier.value) ? `tier-limit-${tier.value}-fault` : 'tier-limits-help'}
                onChange={(event) => setTierLimits({ ...tierLimits, [tier.value]: event.target.value })}
              />
              {wrongTier(tier.value) && (
                <span id={`tier-limit-${tier.value}-fault`} role="alert" className="text-xs text-danger">
                  {c.tierLimitWrong}
                </span>
              )}
            </div>
          ))}
          <p id="tier-limits-help" className="text-xs text-ink-3">
            {c.tierLimitsHint}
          </p>
        </fieldset>
      )}
      <Button type="submit" variant="primary" disabled={busy} className="self-start">
        {t.common.save}
      </Button>
    </form>
  );
}
