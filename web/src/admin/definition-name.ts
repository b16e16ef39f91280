// Internal names offered for a label: English words as they are, Chinese left to the person (its pinyin is the server's).

export const NAME_PATTERN = /^[a-z][a-z0-9_]{0,39}$/;

export function nameFrom(english: string): string {
  return english
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^[^a-z]+|_+$/g, '')
    .slice(0, 40);
}

/** A value no other option has. */
export function freshValue(taken: string[]): string {
  for (let index = taken.length + 1; ; index++) {
    const value = `option_${index}`;
    if (!taken.includes(value)) return value;
  }
}
