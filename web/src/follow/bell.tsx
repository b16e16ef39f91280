// The bell: how much is unread, and the latest of it in a panel. On a phone it leads to the page of all.
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Bell as Icon } from 'lucide-react';
import { lazy, Suspense, useState } from 'react';
import { cx } from '../ui/cx';
import { Popover } from '../ui/popover';
import { bellQuery, type Notice } from './queries';
import { useFollowText } from './text';

const Panel = lazy(() => import('./bell-panel'));
const WhySheet = lazy(() => import('./why-sheet'));

const MOST = 99;

function Badge({ count }: { count: number }) {
  if (count === 0) return null;
  return (
    <span
      aria-hidden
      className="absolute -top-0.5 -right-0.5 touch:top-1 touch:right-1 min-w-4 h-4 px-1 rounded-full bg-brand text-white text-[11px] leading-4 font-semibold text-center tabular-nums"
    >
      {count > MOST ? '99+' : count}
    </span>
  );
}

const ROUND =
  'relative grid place-items-center size-8 touch:size-11 rounded-md text-ink-2 hover:bg-sunken hover:text-ink data-popup-open:bg-sunken shrink-0';

export default function Bell({ phone }: { phone?: boolean }) {
  const f = useFollowText();
  const { data } = useQuery(bellQuery);
  const [open, setOpen] = useState(false);
  const [why, setWhy] = useState<Notice | null>(null);
  const unread = data?.unread ?? 0;
  const label = f.unread(unread);
  if (phone) {
    return (
      <Link to="/notifications" aria-label={label} className={ROUND}>
        <Icon size={22} aria-hidden />
        <Badge count={unread} />
      </Link>
    );
  }
  return (
    <>
      <Popover
        open={open}
        onOpenChange={setOpen}
        label={f.panel}
        className="w-[26rem] p-0 overflow-hidden flex flex-col max-h-[min(40rem,80vh)]"
        trigger={
          <button type="button" aria-label={label} title={label} className={cx(ROUND)}>
            <Icon size={17} aria-hidden />
            <Badge count={unread} />
          </button>
        }
      >
        <Suspense fallback={<div className="h-40" />}>
          <Panel
            onWhy={(notice) => {
              setOpen(false);
              setWhy(notice);
            }}
            onClose={() => setOpen(false)}
          />
        </Suspense>
      </Popover>
      {why && (
        <Suspense fallback={null}>
          <WhySheet notice={why} onClose={() => setWhy(null)} />
        </Suspense>
      )}
    </>
  );
}
