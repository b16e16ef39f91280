// Language and colours of this device, kept where boot.js finds them before the first paint.
import { useSyncExternalStore } from 'react';
import type { Language, Theme } from '../api/types';

const listeners = new Set<() => void>();

/** What this device keeps under a key. */
export function recall(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

export function remember(key: string, value: string | null) {
  try {
    if (value === null) localStorage.removeItem(key);
    else localStorage.setItem(key, value);
  } catch {
    // Storage may be closed; the choice then lasts as long as the page.
  }
}

export function storedLanguage(): Language {
  const stored = recall('huike.language');
  if (stored === 'zh' || stored === 'en') return stored;
  return document.documentElement.lang.startsWith('en') ? 'en' : 'zh';
}

let theme: Theme = asTheme(recall('huike.theme'));

export function asTheme(value: string | null | undefined): Theme {
  return value === 'light' || value === 'dark' ? value : 'auto';
}

function apply() {
  const dark = theme === 'dark' || (theme === 'auto' && matchMedia('(prefers-color-scheme: dark)').matches);
  document.documentElement.classList.toggle('dark', dark);
  document.querySelector('meta[name="theme-color"]')?.setAttribute('content', dark ? '#0e1116' : '#f6f7f9');
}

export function chooseTheme(next: Theme) {
  theme = next;
  remember('huike.theme', next);
  apply();
  for (const listener of listeners) listener();
}

export function watchSystemTheme() {
  apply();
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', apply);
}

export function useTheme(): Theme {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => theme,
  );
}

export function applyLanguage(language: Language) {
  remember('huike.language', language);
  document.documentElement.lang = language === 'en' ? 'en' : 'zh-CN';
}
