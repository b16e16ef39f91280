// Told as long as there is no network: what is seen is what was seen last. Its words stand here, out of every first visit.
import { CloudOff } from 'lucide-react';
import { useSyncExternalStore } from 'react';
import { useWordsOf } from '../i18n';

export const zh = { offline: '没有网络，显示上次看到的内容' };
export const en: typeof zh = { offline: 'No network: showing what was seen last' };

function subscribe(listener: () => void) {
  window.addEventListener('online', listener);
  window.addEventListener('offline', listener);
  return () => {
    window.removeEventListener('online', listener);
    window.removeEventListener('offline', listener);
  };
}

export function OfflineNotice() {
  const words = useWordsOf(zh, en);
  const online = useSyncExternalStore(subscribe, () => navigator.onLine);
  if (online) return null;
  return (
    <p
      role="status"
      className="fixed z-30 left-1/2 -translate-x-1/2 top-2 float-panel h-8 px-3 flex items-center gap-2 text-ink-2 text-xs"
    >
      <CloudOff size={14} aria-hidden />
      {words.offline}
    </p>
  );
}
