// Enter belongs to what was typed: pressed before the answer to it is there, it waits, and doesn't choose of the answer before.
import { type KeyboardEvent, useEffect, useRef } from 'react';

/** For the element around a search box and its results; `settled` says that the results shown are those of the text. */
export function usePatientEnter(settled: boolean) {
  const waiting = useRef<EventTarget | null>(null);
  useEffect(() => {
    if (!settled || !waiting.current) return;
    // Whatever marks the first result has done so by the next frame.
    const frame = requestAnimationFrame(() => {
      const input = waiting.current;
      waiting.current = null;
      input?.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true, cancelable: true }));
    });
    return () => cancelAnimationFrame(frame);
  }, [settled]);
  return (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing || event.keyCode === 229) return;
    const waits = event.key === 'Enter' && !settled;
    // Any other key is a change of mind.
    waiting.current = waits ? event.target : null;
    if (!waits) return;
    event.preventDefault();
    event.stopPropagation();
  };
}
