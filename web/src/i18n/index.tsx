// Two languages, one shape: zh.ts is the type, en.ts must satisfy it, so that no text can be missing in either.
import { createContext, type ReactNode, use } from 'react';
import type { Label, Language } from '../api/types';
import type { Messages } from './zh';

type I18n = { language: Language; t: Messages };

const I18nContext = createContext<I18n | null>(null);

export async function loadMessages(language: Language): Promise<Messages> {
  return language === 'en' ? (await import('./en')).en : (await import('./zh')).zh;
}

export function I18nProvider({ value, children }: { value: I18n; children: ReactNode }) {
  return <I18nContext value={value}>{children}</I18nContext>;
}

export function useI18n(): I18n {
  const value = use(I18nContext);
  if (!value) throw new Error('useI18n outside I18nProvider');
  return value;
}

export function useT(): Messages {
  return useI18n().t;
}

/** The words of a part of the page that brings its own, loaded with it. */
export function useWordsOf<W>(zh: W, en: W): W {
  return useI18n().language === 'en' ? en : zh;
}

/** Chooses the caller's side of a label; an empty side falls back to the other. */
export function labelIn(language: Language, label: Label | string | null | undefined): string {
  if (!label) return '';
  if (typeof label === 'string') return label;
  return label[language] || label.zh || label.en;
}

export function useLabel(): (label: Label | string | null | undefined) => string {
  const { language } = useI18n();
  return (label) => labelIn(language, label);
}
