// When nobody is disturbed, when the digest comes, and how much a person is told at once.
import { type FormEvent, useState } from 'react';
import { useT } from '../i18n';
import { FieldFrame } from '../ui/bits';
import { Button } from '../ui/button';
import { type Calendar, useCalendarChange } from './calendar-page';
import { useCalendarText } from './calendar-text';
import { readTime } from './days';

export function QuietSection({ calendar }: { calendar: Calendar }) {
  const t = useT();
  const c = useCalendarText();
  const change = useCalendarChange();
  const [from, setFrom] = useState(calendar.quiet.from);
  const [to, setTo] = useState(calendar.quiet.to);
  const [free, setFree] = useState(calendar.quiet.free_days);
  const [digest, setDigest] = useState(calendar.digest_at);
  const [limit, setLimit] = useState(String(calendar.daily_limit));
  const [busy, setBusy] = useState(false);
  const times = { from: readTime(from), to: readTime(to), digest: readTime(digest) };
  const most = Number(limit);
  const limited = Number.isInteger(most) && most >= 1 && most <= 200;
  const save = async (event: FormEvent) => {
    event.preventDefault();
    if (!times.from || !times.to || !times.digest || !limited) return;
    setBusy(true);
    await change({
      quiet: { from: times.from, to: times.to, free_days: free },
      digest_at: times.digest,
      daily_limit: most,
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
    <form className="flex flex-col gap-5 max-w-md" onSubmit={(event) => void save(event)}>
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
      <Button type="submit" variant="primary" disabled={busy} className="self-start">
        {t.common.save}
      </Button>
    </form>
  );
}
