// Who else is at this record now, told by the event stream; and that oneself is here.
import { useEffect, useState } from 'react';
import { Avatar } from '../ui/bits';
import { cx } from '../ui/cx';
import { calling, doingAt, onDoing } from './doing';
import { PRESENCE_EVENT } from './event';
import { bePresent, type Here } from './queries';
import { usePresenceText } from './text';

const AGAIN_MS = 25_000;

export default function PresentHere({ object, id, className }: { object: string; id: string; className?: string }) {
  const w = usePresenceText();
  const [others, setOthers] = useState<Here[]>([]);
  useEffect(() => {
    let gone = false;
    const say = () => {
      if (document.visibilityState === 'hidden') return;
      bePresent(object, id, doingAt(object, id))
        .then((items) => !gone && setOthers(items))
        // Without an answer nobody is shown; the next one asks again.
        .catch(() => !gone && setOthers([]));
    };
    const stirred = (event: Event) => {
      const { object: at, id: record } = (event as CustomEvent<{ object: string; id: string }>).detail;
      if (at === object && record === id) say();
    };
    const followed = (event: MouseEvent) => {
      if (event.target instanceof Element && event.target.closest('a[href^="tel:"]')) calling(object, id);
    };
    say();
    const timer = setInterval(say, AGAIN_MS);
    const off = onDoing(say);
    window.addEventListener(PRESENCE_EVENT, stirred);
    document.addEventListener('visibilitychange', say);
    document.addEventListener('click', followed);
    return () => {
      gone = true;
      clearInterval(timer);
      off();
      window.removeEventListener(PRESENCE_EVENT, stirred);
      document.removeEventListener('visibilitychange', say);
      document.removeEventListener('click', followed);
      bePresent(object, id, 'left').catch(() => undefined);
    };
  }, [object, id]);
  if (others.length === 0) return null;
  return (
    <ul aria-label={w.here} aria-live="polite" className={cx('flex flex-wrap gap-x-3 gap-y-1', className)}>
      {others.map((one) => (
        <li key={one.user.id} className="inline-flex items-center gap-1.5 text-ink-2">
          <Avatar name={one.user.name ?? '?'} />
          {one.user.name} {w.doing[one.doing]}
        </li>
      ))}
    </ul>
  );
}
