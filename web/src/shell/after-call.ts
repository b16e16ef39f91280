// After a call one comes back to the page: its outcome is written down in one tap.
import { useEffect } from 'react';
import { useT } from '../i18n';
import { toast } from '../ui/toast';
import { logContext } from './log-context';
import { type LogTarget, openLog } from './overlays';

/** Shorter than this nobody talked. */
const SHORTEST_MS = 5_000;
const RECORD_LINK = /^\/o\/([^/]+)\/([^/?#]+)/;

/** Whom the call was about: the record one looks at, or the row that the number stands in. */
function calledFrom(link: Element): LogTarget {
  const row = link.closest('li')?.querySelector<HTMLAnchorElement>('a[href^="/o/"]');
  const [, object, id] = row?.getAttribute('href')?.match(RECORD_LINK) ?? [];
  const name = row?.innerText.split('\n')[0];
  return logContext() ?? (object && id && name ? { object, record: { id, name } } : null);
}

export function useAfterCall() {
  const t = useT();
  useEffect(() => {
    let call: { at: number; target: LogTarget } | null = null;
    const onClick = (event: MouseEvent) => {
      const link = (event.target as Element).closest?.('a[href^="tel:"]');
      if (link) call = { at: Date.now(), target: calledFrom(link) };
    };
    const onBack = () => {
      if (document.visibilityState !== 'visible' || !call) return;
      const { at, target } = call;
      call = null;
      if (Date.now() - at < SHORTEST_MS) return;
      toast(t.understood.afterCall, {
        tone: 'info',
        action: { label: t.log.title, run: () => openLog(target, { kind: 'call' }) },
      });
    };
    document.addEventListener('click', onClick, true);
    document.addEventListener('visibilitychange', onBack);
    return () => {
      document.removeEventListener('click', onClick, true);
      document.removeEventListener('visibilitychange', onBack);
    };
  }, [t]);
}
