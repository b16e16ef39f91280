// Tasks in one's own calendar: an address to subscribe to, and what a calendar program asks for to read and write.
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { CalendarDays } from 'lucide-react';
import { useState } from 'react';
import { api } from '../api/client';
import type { KeyItem } from '../api/types';
import { useFormat } from '../format/use-format';
import { useT, useWordsOf } from '../i18n';
import { Button } from '../ui/button';
import { CopyBox } from '../ui/copy-box';
import { Confirm, Dialog } from '../ui/dialog';
import { toast } from '../ui/toast';
import { faultText } from './fault-text';
import { Panel } from './panel';
import { useSession } from './session';

const TEXT = {
  zh: {
    title: '日历订阅',
    text: '把我的任务放进手机或电脑自带的日历：订阅链接只能查看；用 CalDAV 账号还能在日历里新建、修改、完成任务。',
    make: '生成链接',
    none: '还没有日历链接',
    name: '日历',
    since: '创建于',
    used: '上次使用',
    until: '有效期至',
    end: '停用',
    endAsk: '停用这个日历链接？',
    endText: '用它的日历不再更新，也不能再写入。',
    made: '日历链接',
    feed: '订阅链接（只读）',
    dav: 'CalDAV 账号（可读写）',
    server: '服务器',
    login: '用户名',
    password: '密码',
    once: '链接和密码只显示这一次。有了它就能看到您的任务，请不要转发。',
  },
  en: {
    title: 'Calendar',
    text: 'Your tasks in the calendar of your phone or computer: the link is for reading; with the CalDAV account tasks can be made, changed and finished there too.',
    make: 'Make a link',
    none: 'No calendar link yet',
    name: 'Calendar',
    since: 'made',
    used: 'last used',
    until: 'valid until',
    end: 'End it',
    endAsk: 'End this calendar link?',
    endText: 'Calendars that use it are no longer updated and can’t write any more.',
    made: 'Calendar link',
    feed: 'Link to subscribe to (read only)',
    dav: 'CalDAV account (read and write)',
    server: 'Server',
    login: 'User name',
    password: 'Password',
    once: 'Link and password are shown this once. Whoever has them sees your tasks: don’t pass them on.',
  },
};
const YEAR_MS = 365 * 86_400_000;

export function CalendarPanel() {
  const t = useT();
  const c = useWordsOf(TEXT.zh, TEXT.en);
  const format = useFormat();
  const client = useQueryClient();
  const { user } = useSession();
  const [key, setKey] = useState<string | null>(null);
  const [ending, setEnding] = useState<KeyItem | null>(null);
  const { data } = useQuery({
    queryKey: ['keys'],
    queryFn: ({ signal }) => api.get<{ items: KeyItem[] }>('/keys', signal),
  });
  const items = (data?.items ?? []).filter((item) => item.scopes.includes('calendar'));
  const renew = () => void client.invalidateQueries({ queryKey: ['keys'] });
  const make = async () => {
    try {
      const body = { name: c.name, scopes: ['calendar'], expires_at: new Date(Date.now() + YEAR_MS).toISOString() };
      setKey((await api.post<{ key: string }>('/keys', body)).key);
      renew();
    } catch (cause) {
      toast(faultText(cause, t), { tone: 'danger' });
    }
  };
  return (
    <Panel
      title={c.title}
      text={c.text}
      action={
        <Button icon={CalendarDays} onClick={() => void make()}>
          {c.make}
        </Button>
      }
    >
      {items.length === 0 ? (
        <p className="text-ink-3">{c.none}</p>
      ) : (
        <ul className="flex flex-col divide-y divide-line">
          {items.map((item) => (
            <li key={item.id} className="flex items-center gap-3 py-2">
              <CalendarDays size={18} aria-hidden className="text-ink-3 shrink-0" />
              <p className="flex-1 min-w-0">
                {item.name}
                <span className="block text-xs text-ink-3">
                  {[
                    `${c.since} ${format.moment(item.created_at)}`,
                    item.last_used_at && `${c.used} ${format.moment(item.last_used_at)}`,
                    item.expires_at && `${c.until} ${format.day(item.expires_at.slice(0, 10))}`,
                  ]
                    .filter(Boolean)
                    .join(' · ')}
                </span>
              </p>
              <Button size="sm" variant="danger" onClick={() => setEnding(item)}>
                {c.end}
              </Button>
            </li>
          ))}
        </ul>
      )}
      {key && (
        <Dialog
          open
          onClose={() => setKey(null)}
          title={c.made}
          footer={
            <Button variant="primary" onClick={() => setKey(null)}>
              {t.common.done}
            </Button>
          }
        >
          <div className="flex flex-col gap-4">
            <h3 className="font-semibold">{c.feed}</h3>
            <CopyBox text={`${location.origin}/calendar/${key}.ics`} hint={c.once} />
            <h3 className="font-semibold">{c.dav}</h3>
            <p>
              {c.server}: {location.origin}/dav/ · {c.login}: {user.login}
            </p>
            <CopyBox text={key} hint={c.password} />
          </div>
        </Dialog>
      )}
      <Confirm
        open={ending !== null}
        onClose={() => setEnding(null)}
        title={c.endAsk}
        text={c.endText}
        action={c.end}
        danger
        onConfirm={async () => {
          if (!ending) return;
          await api
            .delete(`/keys/${ending.id}`)
            .catch((cause: unknown) => toast(faultText(cause, t), { tone: 'danger' }));
          renew();
        }}
      />
    </Panel>
  );
}
