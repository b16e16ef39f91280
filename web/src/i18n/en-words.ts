/** The plural's ending. */
export const s = (n: number) => (n === 1 ? '' : 's');

/** A label inside a sentence: its first letter small, unless it is an abbreviation. */
export const low = (text: string) => (/^[A-Z][a-z]/.test(text) ? text.charAt(0).toLowerCase() + text.slice(1) : text);
