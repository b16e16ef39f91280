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

/** Enter and Space belong to a focused button or link, unless it stands in a row of the list, which they open. */
function pressesControl(key: string, target: EventTarget | null): boolean {
  if (key !== 'Enter' && key !== ' ') return false;
  return (
    target instanceof HTMLElement &&
    target.closest('button, a, [role="tab"], summary') !== null &&
    target.closest('[data-row]') === null
  );
}

function overlayOpen(): boolean {
  return document.querySelector('[role="dialog"], [role="alertdialog"], [role="menu"], [role="listbox"]') !== null;
}

type Layer = { handlers: Handlers; level: number };

const layers: Layer[] = [];
let pending: { key: string; at: number } | null = null;

function find(key: string): Handlers[string] | undefined {
  let best: Layer | undefined;
  for (const layer of layers) {
    if (layer.handlers[key] && (!best || layer.level >= best.level)) best = layer;
  }
  return best?.handlers[key];
}

function onKey(event: KeyboardEvent) {
  if (event.isComposing || event.defaultPrevented || event.keyCode === 229) return;
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  const run = (handler: Handlers[string] | undefined) => {
    if (!handler) return false;
    event.preventDefault();
    handler(event);
    return true;
  };
  if (event.ctrlKey || event.metaKey) {
    if (!event.altKey && !event.shiftKey) run(find(`mod+${key}`));
    return;
  }
  if (event.altKey || isTyping(event.target) || pressesControl(event.key, event.target) || overlayOpen()) return;
  const sequence = pending && Date.now() - pending.at < SEQUENCE_MS ? `${pending.key} ${key}` : null;
  pending = null;
  if ((sequence && run(find(sequence))) || run(find(key))) return;
  const begins = layers.some((layer) => Object.keys(layer.handlers).some((name) => name.startsWith(`${key} `)));
  if (begins) pending = { key, at: Date.now() };
}

/**
 * Keys: `c`, `/`, `?`, `g c` (one after the other), `mod+k` (Ctrl or ⌘; also while typing).
 * A page (level 1) goes before the frame around it (level 0).
 */
export function useHotkeys(handlers: Handlers, level: 0 | 1 = 1) {
  const layer = useRef<Layer>({ handlers, level });
  layer.current.handlers = handlers;
  useEffect(() => {
    const mine = layer.current;
    if (layers.length === 0) window.addEventListener('keydown', onKey);
    layers.push(mine);
    return () => {
      layers.splice(layers.indexOf(mine), 1);
      if (layers.length === 0) window.removeEventListener('keydown', onKey);
    };
  }, []);
}
