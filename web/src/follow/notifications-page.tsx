// Every notification one got, newest first.
import { useInfiniteQuery } from '@tanstack/react-query';
import { BellOff } from 'lucide-react';
import { lazy, Suspense, useState } from 'react';
import { useT } from '../i18n';
import { faultText } from '../session/fault-text';
import { Empty, PageTitle, Segments, SkeletonRows, useTitle } from '../ui/bits';
import { Button } from '../ui/button';
import { useFollowNames } from './names';
import { NoticeGroups } from './notice-groups';
import { type Notice, noticesQuery } from './queries';
import { useFollowText } from './text';
import { useNotices } from './use-notices';

const WhySheet = lazy(() => import('./why-sheet'));

export default function NotificationsPage() {
  const t = useT();
  const f = useFollowText();
  const names = useFollowNames();
  const notices = useNotices();
  const [which, setWhich] = useState<'all' | 'unread'>('all');
  const [why, setWhy] = useState<Notice | null>(null);
  const { data, error, isPending, hasNextPage, isFetchingNextPage, fetchNextPage } = useInfiniteQuery(
    noticesQuery(which === 'unread'),
  );
  useTitle(names.notifications);
  const items = data?.pages.flatMap((page) => page.items) ?? [];
  const unread = data?.pages[0]?.unread ?? 0;
  return (
    <div className="flex-1 min-h-0 flex flex-col">
      <PageTitle title={names.notifications} count={unread > 0 ? (unread > 99 ? '99+' : unread) : undefined}>
        {unread > 0 && <Button onClick={() => notices.read()}>{f.readAll}</Button>}
      </PageTitle>
      <div className="px-4 pb-3">
        <Segments
          label={names.notifications}
          value={which}
          onChange={setWhich}
          options={[
            { value: 'all', label: f.all },
            { value: 'unread', label: f.onlyUnread },
          ]}
        />
      </div>
      <div
        className="flex-1 min-h-0 overflow-auto border-t border-line thin-bar focus-visible:-outline-offset-2"
        tabIndex={0}
        role="region"
        aria-label={names.notifications}
      >
        <div className="md:max-w-3xl md:px-1">
          {error ? (
            <p role="alert" className="p-4 text-danger">
              {faultText(error, t)}
            </p>
          ) : isPending ? (
            <SkeletonRows rows={8} />
          ) : items.length === 0 ? (
            <Empty icon={BellOff} title={which === 'unread' ? f.noneUnread : f.none} text={f.noneText} />
          ) : (
            <NoticeGroups notices={items} onWhy={setWhy} />
          )}
          {hasNextPage && (
            <div className="p-4">
              <Button disabled={isFetchingNextPage} onClick={() => void fetchNextPage()}>
                {f.more}
              </Button>
            </div>
          )}
        </div>
      </div>
      {why && (
        <Suspense fallback={null}>
          <WhySheet notice={why} onClose={() => setWhy(null)} />
        </Suspense>
      )}
    </div>
  );
}
