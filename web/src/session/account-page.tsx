// One's own account: profile, password, two-step sign-in, devices, keys for programs.
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Laptop, Plus, Smartphone } from 'lucide-react';
import { lazy, Suspense, useState } from 'react';
import { api } from '../api/client';
import type { KeyItem, SessionItem } from '../api/types';
import { ReachPanel } from '../channels/reach-panel';
import { useFormat } from '../format/use-format';
import { useT } from '../i18n';
import { Avatar, Chip, PageTitle, useTitle } from '../ui/bits';
import { Button } from '../ui/button';
import { toast } from '../ui/toast';
import { readAgent } from './agent';
import { CalendarPanel } from './calendar-panel';
import { ChangePassword } from './change-password';
import { faultText } from './fault-text';
import { KeyList } from './key-list';
import { NewKey } from './new-key';
import { Panel } from './panel';
import { useSession } from './session';
import { TwoStep } from './two-step';

const Leave = lazy(() => import('../follow/leave').then((module) => ({ default: module.LeavePanel })));

export default function AccountPage() {
  const t = useT();
  const { user } = useSession();
  useTitle(t.session.account);
  return (
    <div className="flex-1 min-h-0 overflow-auto thin-bar">
      <PageTitle title={t.session.account} />
      <div className="px-4 pb-10 flex flex-col gap-4 md:max-w-3xl">
        <section className="flex items-center gap-3 pb-2">
          <Avatar name={user.name} size="lg" />
          <div>
            <p className="font-semibold text-base">{user.name}</p>
            <p className="text-ink-3">
              {[user.login, user.department?.name, ...user.roles.map((role) => role.name)].filter(Boolean).join(' · ')}
            </p>
          </div>
        </section>
        <ChangePassword />
        <Suspense fallback={null}>
          <Leave />
        </Suspense>
        <TwoStep />
        <ReachPanel />
        <CalendarPanel />
        <Devices />
        <Keys />
      </div>
    </div>
  );
}

function Devices() {
  const t = useT();
  const format = useFormat();
  const client = useQueryClient();
  const { data } = useQuery({
    queryKey: ['sessions'],
    queryFn: ({ signal }) => api.get<{ items: SessionItem[] }>('/sessions', signal),
  });
  const end = async (id: string) => {
    try {
      await api.delete(`/sessions/${id}`);
      toast(t.session.ended);
    } catch (cause) {
      toast(faultText(cause, t), { tone: 'danger' });
    }
    void client.invalidateQueries({ queryKey: ['sessions'] });
  };
  return (
    <Panel title={t.session.sessions}>
      <ul className="flex flex-col divide-y divide-line">
        {(data?.items ?? []).map((item) => {
          const agent = readAgent(item.agent);
          const Icon = agent && /iOS|Android|Harmony/.test(agent.system) ? Smartphone : Laptop;
          return (
            <li key={item.id} className="flex items-center gap-3 py-2">
              <Icon size={18} aria-hidden className="text-ink-3 shrink-0" />
              <div className="flex-1 min-w-0">
                <p className="flex items-center gap-2">
                  <span className="truncate">
                    {agent
                      ? agent.system
                        ? t.session.browserOn(agent.browser, agent.system)
                        : agent.browser
                      : t.session.unknownDevice}
                  </span>
                  {item.current && <Chip color="green">{t.session.thisDevice}</Chip>}
                </p>
                <p className="text-xs text-ink-3">
                  {[item.ip, `${t.session.seen} ${format.moment(item.seen_at)}`].filter(Boolean).join(' · ')}
                </p>
              </div>
              {!item.current && (
                <Button size="sm" onClick={() => void end(item.id)}>
                  {t.session.end}
                </Button>
              )}
            </li>
          );
        })}
      </ul>
    </Panel>
  );
}

function Keys() {
  const t = useT();
  const [making, setMaking] = useState(false);
  const { data } = useQuery({
    queryKey: ['keys'],
    queryFn: ({ signal }) => api.get<{ items: KeyItem[] }>('/keys', signal),
  });
  const items = (data?.items ?? []).filter((item) => !item.scopes.includes('calendar'));
  return (
    <Panel
      title={t.session.keys}
      text={t.session.keysText}
      action={
        <Button icon={Plus} onClick={() => setMaking(true)}>
          {t.session.newKey}
        </Button>
      }
    >
      <KeyList items={items} empty={t.session.noKeys} />
      {making && <NewKey onClose={() => setMaking(false)} />}
    </Panel>
  );
}
