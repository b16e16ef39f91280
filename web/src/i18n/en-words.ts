/** The plural's ending. */
export const s = (n: number) => (n === 1 ? '' : 's');

const NAMED_DAY = /^(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec|Mon|Tue|Wed|Thu|Fri|Sat|Sun)\b/;

/** A label inside a sentence: its first letter small, unless it is an abbreviation or names a month or a weekday. */
export const low = (text: string) =>
  /^[A-Z][a-z]/.test(text) && !NAMED_DAY.test(text) ? text.charAt(0).toLowerCase() + text.slice(1) : text;
