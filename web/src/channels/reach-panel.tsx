// How a person wants to be reached, on their own account page.
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { api } from '../api/client';
import { useT } from '../i18n';
import { faultText } from '../session/fault-text';
import { Panel } from '../session/panel';
import { Segments } from '../ui/bits';
import { Button, buttonClass } from '../ui/button';
import { toast } from '../ui/toast';
import { type Occasion, type Reach, reachQuery, type Way } from './queries';
import { useChannelText } from './text';
import { ThisBrowser } from './this-browser';

const OCCASIONS: Occasion[] = ['own', 'urgent', 'team', 'digest', 'alert'];
const WAYS: Way[] = ['browser', 'email', 'robot', 'sms'];

export function ReachPanel() {
  const c = useChannelText();
  const { data } = useQuery(reachQuery);
  return (
    <Panel
      title={c.reach}
      text={c.reachText}
      action={
        <Link to="/greetings" className={buttonClass()}>
          {c.greetings}
        </Link>
      }
    >
      {data && <Form stored={data} />}
    </Panel>
  );
}

function Form({ stored }: { stored: Reach }) {
  const t = useT();
  const c = useChannelText();
  const client = useQueryClient();
  const [reach, setReach] = useState(stored);
  const [busy, setBusy] = useState(false);
  const change = (part: Partial<Reach>) => setReach({ ...reach, ...part });
  const toggle = (occasion: Occasion, way: Way) => {
    const ways = reach[occasion];
    change({ [occasion]: ways.includes(way) ? ways.filter((one) => one !== way) : [...ways, way] });
  };
  const save = async () => {
    setBusy(true);
    try {
      const { ways: _, company: __, ...wishes } = reach;
      client.setQueryData(reachQuery.queryKey, await api.put<Reach>('/reach', wishes));
      toast(c.reachSaved);
    } catch (cause) {
      toast(faultText(cause, t), { tone: 'danger' });
    } finally {
      setBusy(false);
    }
  };
  const missing = (way: Way) =>
    stored.ways[way].channel === null
      ? c.noChannel
      : stored.ways[way].has_address
        ? null
        : way === 'browser'
          ? c.noBrowser
          : c.noAddress;
  return (
    <div className="flex flex-col gap-4">
      {stored.ways.browser.channel !== null && <ThisBrowser />}
      <table className="w-full text-left">
        <thead>
          <tr className="text-ink-2">
            <td />
            {WAYS.map((way) => (
              <th key={way} scope="col" className="font-normal px-1 pb-1 text-center align-top break-keep">
                {c.ways[way]}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {OCCASIONS.map((occasion) => (
            <tr key={occasion} className="border-t border-line">
              <th scope="row" className="font-normal py-2 pr-2">
                {c.occasions[occasion]}
              </th>
              {WAYS.map((way) => (
                <td key={way} className="text-center touch:h-11">
                  <input
                    type="checkbox"
                    className="check"
                    aria-label={`${c.occasions[occasion]} · ${c.ways[way]}`}
                    checked={reach[occasion].includes(way)}
                    onChange={() => toggle(occasion, way)}
                  />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {WAYS.some(missing) && (
        <ul className="text-xs text-ink-3">
          {WAYS.map(
            (way) =>
              missing(way) && (
                <li key={way}>
                  {c.ways[way]}: {missing(way)}
                </li>
              ),
          )}
        </ul>
      )}
      <div className="flex flex-wrap items-center gap-3">
        <span className="w-28 text-ink-2">{c.quiet}</span>
        <Segments
          label={c.quiet}
          value={reach.quiet ? 'own' : 'company'}
          onChange={(value) => change({ quiet: value === 'own' ? reach.company.quiet : null })}
          options={[
            { value: 'company', label: `${c.company} ${reach.company.quiet.from}–${reach.company.quiet.to}` },
            { value: 'own', label: c.own },
          ]}
        />
        {reach.quiet && (
          <span className="flex flex-wrap items-center gap-2">
            {(['from', 'to'] as const).map((end) => (
              <input
                key={end}
                type="time"
                className="control w-28!"
                aria-label={`${c.quiet} ${c[end]}`}
                value={reach.quiet?.[end]}
                onChange={(event) =>
                  event.target.value && reach.quiet && change({ quiet: { ...reach.quiet, [end]: event.target.value } })
                }
              />
            ))}
            <label className="flex items-center gap-2">
              <input
                type="checkbox"
                className="check"
                checked={reach.quiet.free_days}
                onChange={(event) =>
                  reach.quiet && change({ quiet: { ...reach.quiet, free_days: event.target.checked } })
                }
              />
              {c.freeDays}
            </label>
          </span>
        )}
      </div>
      <div className="flex flex-wrap items-center gap-3">
        <label htmlFor="digest-at" className="w-28 text-ink-2">
          {c.digestAt}
        </label>
        <input
          id="digest-at"
          type="time"
          className="control w-28!"
          max="12:00"
          value={reach.digest_at ?? reach.company.digest_at}
          onChange={(event) => change({ digest_at: event.target.value || null })}
        />
      </div>
      <div className="flex flex-wrap items-center gap-3">
        <label htmlFor="daily-limit" className="w-28 text-ink-2">
          {c.limit}
        </label>
        <input
          id="daily-limit"
          type="number"
          min={1}
          max={200}
          className="control w-28!"
          value={reach.daily_limit ?? reach.company.daily_limit}
          onChange={(event) => change({ daily_limit: event.target.value ? Number(event.target.value) : null })}
        />
        <span className="text-xs text-ink-3">{c.limitHelp}</span>
      </div>
      <Button className="self-start" disabled={busy} onClick={() => void save()}>
        {t.common.save}
      </Button>
    </div>
  );
}
