// Keys for people who don't leave the keyboard. Nothing fires while an input method composes or a field has the focus.
import { useEffect, useRef } from 'react';

type Handlers = Record<string, (event: KeyboardEvent) => void>;

const SEQUENCE_MS = 900;

export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName)
    ? !(target instanceof HTMLInputElement && /^(checkbox|radio)$/.test(target.type))
    : false;
}

function overlayOpen(): boolean {
  return document.querySelector('[role="dialog"], [role="alertdialog"], [role="menu"], [role="listbox"]') !== null;
}

/** Keys: `c`, `/`, `?`, `g c` (one after the other), `mod+k` (Ctrl or ⌘; also while typing). */
export function useHotkeys(handlers: Handlers) {
  const latest = useRef(handlers);
  latest.current = handlers;
  useEffect(() => {
    let pending: { key: string; at: number } | null = null;
    const onKey = (event: KeyboardEvent) => {
      if (event.isComposing || event.defaultPrevented || event.keyCode === 229) return;
      const modified = event.ctrlKey || event.metaKey;
      const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
      if (modified) {
        const handler = latest.current[`mod+${key}`];
        if (handler && !event.altKey && !event.shiftKey) {
          event.preventDefault();
          handler(event);
        }
        return;
      }
      if (event.altKey || isTyping(event.target) || overlayOpen()) return;
      const sequence = pending && Date.now() - pending.at < SEQUENCE_MS ? `${pending.key} ${key}` : null;
      pending = null;
      const handler = (sequence ? latest.current[sequence] : undefined) ?? latest.current[key];
      if (handler) {
        event.preventDefault();
        handler(event);
        return;
      }
      if (Object.keys(latest.current).some((name) => name.startsWith(`${key} `))) pending = { key, at: Date.now() };
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, []);
}
