// A new version of the page: told once, taken over when its user wants. The server's page names its script by content, so
// another name is another version.
import { useEffect } from 'react';
import { useT } from '../i18n';
import { toast } from '../ui/toast';

/** Looking at most this often, and only when one comes back to the page. */
const PAUSE_MS = 5 * 60_000;
const SCRIPT = /assets\/index-[\w-]+\.js/;

export function scriptOf(html: string): string | null {
  return html.match(SCRIPT)?.[0] ?? null;
}

export function useUpdatePrompt() {
  const t = useT();
  useEffect(() => {
    const running = [...document.scripts].map((script) => scriptOf(script.src)).find(Boolean);
    let asked = 0;
    let told = false;
    const look = async () => {
      if (!running || told || document.visibilityState !== 'visible' || Date.now() - asked < PAUSE_MS) return;
      asked = Date.now();
      const html = await fetch('/', { cache: 'no-cache' })
        .then((answer) => (answer.ok ? answer.text() : ''))
        .catch(() => '');
      const served = scriptOf(html);
      if (!served || served === running) return;
      told = true;
      toast(t.update.ready, {
        tone: 'info',
        stays: true,
        action: { label: t.update.now, run: () => location.reload() },
      });
    };
    document.addEventListener('visibilitychange', look);
    return () => document.removeEventListener('visibilitychange', look);
  }, [t]);
}
