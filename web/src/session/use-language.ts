import { createContext, use } from 'react';
import type { Language } from '../api/types';

export const LanguageContext = createContext<{ language: Language; choose: (language: Language) => Promise<void> }>({
  language: 'zh',
  choose: async () => {},
});

export function useLanguageChoice() {
  return use(LanguageContext);
}
