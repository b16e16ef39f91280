// Reading notifications, and being told again later.
import { type InfiniteData, useQueryClient } from '@tanstack/react-query';
import { api } from '../api/client';
import { useFormat } from '../format/use-format';
import { useT } from '../i18n';
import { faultText } from '../session/fault-text';
import { toast } from '../ui/toast';
import { NOTICES, type Notices } from './queries';
import { useFollowText } from './text';

type Held = Notices | InfiniteData<Notices>;

function mapped(held: Held | undefined, change: (page: Notices) => Notices): Held | undefined {
  if (!held) return held;
  return 'pages' in held ? { ...held, pages: held.pages.map(change) } : 'items' in held ? change(held) : held;
}

export function useNotices() {
  const t = useT();
  const f = useFollowText();
  const format = useFormat();
  const client = useQueryClient();
  const asked = () => void client.invalidateQueries({ queryKey: [NOTICES] });
  const failed = (cause: unknown) => {
    asked();
    toast(faultText(cause, t), { tone: 'danger' });
  };
  /** Shown as read at once; all of them without ids. */
  const read = (ids?: string[]) => {
    const now = new Date().toISOString();
    const those = ids && new Set(ids);
    client.setQueriesData<Held>({ queryKey: [NOTICES] }, (held) =>
      mapped(held, (page) => ({
        ...page,
        unread: Math.max(0, those ? page.unread - those.size : 0),
        items: page.items.map((item) =>
          item.read_at === null && (!those || those.has(item.id)) ? { ...item, read_at: now } : item,
        ),
      })),
    );
    return api.post('/notifications/read', ids ? { ids } : {}).then(asked, failed);
  };
  const snooze = (id: string, until: string) =>
    api.post(`/notifications/${id}/snooze`, { until }).then(() => {
      asked();
      toast(f.snoozed(format.moment(until)));
    }, failed);
  return { read: (ids?: string[]) => void read(ids), snooze: (id: string, until: string) => void snooze(id, until) };
}
