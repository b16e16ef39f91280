// The handbook stands in the repository (docs/handbook), one file a chapter, the same chapters in both languages.
import type { Language } from '../api/types';

const files = import.meta.glob<string>('../../../docs/handbook/*/*.md', { query: '?raw', import: 'default' });

export type Chapter = { slug: string; load: () => Promise<string> };

/** In the order of their numbers. */
export function chaptersOf(language: Language): Chapter[] {
  return Object.entries(files)
    .filter(([path]) => path.includes(`/handbook/${language}/`))
    .sort(([a], [b]) => a.localeCompare(b))
    .map(([path, load]) => ({ slug: path.replace(/^.*\/\d+-|\.md$/g, ''), load }));
}

/** A chapter's title: its first line. */
export function titleOf(source: string): string {
  return source.match(/^#\s+(.*)$/m)?.[1] ?? '';
}
