// Turning on what this browser shows while the page is closed, and off what others of one's own do.
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { X } from 'lucide-react';
import { useState } from 'react';
import { Fault } from '../api/client';
import { useT } from '../i18n';
import { readAgent } from '../session/agent';
import { faultText } from '../session/fault-text';
import { useSession } from '../session/session';
import { Button, IconButton } from '../ui/button';
import { toast } from '../ui/toast';
import { allowPush, canPush, type PushDevice, pushQuery, stopPush } from './push';
import { reachQuery } from './queries';
import { useChannelText } from './text';

export function ThisBrowser() {
  const t = useT();
  const c = useChannelText();
  const { user } = useSession();
  const client = useQueryClient();
  const { data } = useQuery(pushQuery);
  const [busy, setBusy] = useState(false);
  const [denied, setDenied] = useState(canPush() && Notification.permission === 'denied');
  if (!data?.key) return null;
  const { key, devices } = data;
  const here = devices.find((device) => device.current);
  const others = devices.filter((device) => !device.current);
  const refresh = () =>
    Promise.all([pushQuery, reachQuery].map(({ queryKey }) => client.invalidateQueries({ queryKey })));
  const act = async (work: () => Promise<string | null>) => {
    setBusy(true);
    try {
      const said = await work();
      await refresh();
      if (said) toast(said);
    } catch (cause) {
      toast(cause instanceof Fault ? faultText(cause, t) : c.browser.failed, { tone: 'danger' });
    } finally {
      setBusy(false);
    }
  };
  const allow = () =>
    act(async () => {
      const allowed = await allowPush(key, user.id);
      setDenied(allowed === null);
      return allowed && c.browser.allowed;
    });
  const stop = (device: PushDevice) =>
    act(async () => {
      await stopPush(device);
      return c.browser.stopped;
    });
  const hint = canPush() ? (denied ? c.browser.denied : c.browser.text) : c.browser.unsupported;
  return (
    <div className="rounded-md bg-sunken p-3 flex flex-col gap-2">
      <div className="flex items-center gap-3">
        <div className="flex-1 min-w-0">
          <p className="font-medium">{c.browser.title}</p>
          <p className="text-xs text-ink-2">{hint}</p>
        </div>
        {here ? (
          <Button disabled={busy} onClick={() => void stop(here)}>
            {c.browser.stop}
          </Button>
        ) : (
          <Button disabled={busy || denied || !canPush()} onClick={() => void allow()}>
            {c.browser.allow}
          </Button>
        )}
      </div>
      {others.length > 0 && (
        <ul aria-label={c.browser.others} className="text-xs text-ink-2">
          {others.map((device) => {
            const agent = readAgent(device.agent);
            const name = agent ? `${agent.browser} · ${agent.system}` : c.browser.unknown;
            return (
              <li key={device.id} className="flex items-center gap-2">
                <span className="flex-1 truncate">{name}</span>
                <IconButton
                  icon={X}
                  size="sm"
                  label={c.browser.stopOther(name)}
                  disabled={busy}
                  onClick={() => void stop(device)}
                />
              </li>
            );
          })}
        </ul>
      )}
    </div>
  );
}
