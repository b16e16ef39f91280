// Dates as they are typed: 明天, 下周三, 11-21, 月底, 3天后, next fri, tomorrow 3pm.
import { addDays, addMonths, type Day, dayParts, toDay, weekStart } from './time';

export type Typed = { day: Day; time: string | null };

const CHINESE_DIGITS: Record<string, number> = {
  零: 0,
  一: 1,
  二: 2,
  两: 2,
  三: 3,
  四: 4,
  五: 5,
  六: 6,
  七: 7,
  八: 8,
  九: 9,
  日: 7,
  天: 7,
  末: 6,
};
const ENGLISH_DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];
const ENGLISH_MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];

/** Chinese or Arabic number up to 99: 十二 → 12, 二十 → 20, 15 → 15. */
function number(text: string): number {
  if (/^\d+$/.test(text)) return Number(text);
  const [tens, ones] = text.split('十');
  if (ones === undefined) return CHINESE_DIGITS[text] ?? Number.NaN;
  return (tens ? (CHINESE_DIGITS[tens] ?? Number.NaN) : 1) * 10 + (ones ? (CHINESE_DIGITS[ones] ?? Number.NaN) : 0);
}

function validDay(year: number, month: number, date: number): Day | null {
  const day = toDay(year, month, date);
  const parts = dayParts(day);
  return parts.month === month && parts.date === date ? day : null;
}

const N = '([\\d一二两三四五六七八九十]+)';

type Rule = [RegExp, (match: RegExpMatchArray, today: Day) => Day | null];

const NAMED: Record<string, number> = {
  今天: 0,
  今日: 0,
  明天: 1,
  明日: 1,
  明: 1,
  后天: 2,
  大后天: 3,
  昨天: -1,
  昨日: -1,
  前天: -2,
  today: 0,
  tod: 0,
  tomorrow: 1,
  tmr: 1,
  tom: 1,
  yesterday: -1,
};

const RULES: Rule[] = [
  [/^(\d{4})[-./年](\d{1,2})[-./月](\d{1,2})[日号]?$/, (m) => validDay(+(m[1] ?? 0), +(m[2] ?? 0), +(m[3] ?? 0))],
  [/^(\d{4})(\d{2})(\d{2})$/, (m) => validDay(+(m[1] ?? 0), +(m[2] ?? 0), +(m[3] ?? 0))],
  [/^(\d{1,2})[-./月](\d{1,2})[日号]?$/, (m, today) => validDay(dayParts(today).year, +(m[1] ?? 0), +(m[2] ?? 0))],
  [new RegExp(`^${N}[日号]$`), (m, today) => dayOfMonth(number(m[1] ?? ''), today)],
  [
    /^(上|下下|下|本|这|这个|下个)?(?:周|星期|礼拜)([一二三四五六日天末1-7])$/,
    (m, today) => weekday(m[1] ?? '', number(m[2] ?? ''), today),
  ],
  [/^下周$/, (_, today) => addDays(weekStart(today), 7)],
  [/^周末$/, (_, today) => addDays(weekStart(today), 5)],
  [/^(?:本)?月底$/, (_, today) => monthEnd(today)],
  [/^下个?月底$/, (_, today) => monthEnd(addMonths(`${today.slice(0, 7)}-01`, 1))],
  [/^下个?月$/, (_, today) => addMonths(today, 1)],
  [
    new RegExp(`^下个?月${N}[日号]?$`),
    (m, today) => dayInMonth(addMonths(`${today.slice(0, 7)}-01`, 1), number(m[1] ?? '')),
  ],
  [/^年底$/, (_, today) => `${dayParts(today).year}-12-31`],
  [new RegExp(`^${N}[天日](?:之?后|以后)$`), (m, today) => addDays(today, number(m[1] ?? ''))],
  [new RegExp(`^${N}[天日](?:之?前|以前)$`), (m, today) => addDays(today, -number(m[1] ?? ''))],
  [new RegExp(`^${N}个?(?:周|星期|礼拜)(?:之?后|以后)$`), (m, today) => addDays(today, 7 * number(m[1] ?? ''))],
  [new RegExp(`^${N}个?月(?:之?后|以后)$`), (m, today) => addMonths(today, number(m[1] ?? ''))],
  [/^半个?月(?:之?后|以后)$/, (_, today) => addDays(today, 15)],
  [/^\+(\d+)d?$/, (m, today) => addDays(today, +(m[1] ?? 0))],
  [/^\+(\d+)w$/, (m, today) => addDays(today, 7 * +(m[1] ?? 0))],
  [/^in (\d+) days?$/, (m, today) => addDays(today, +(m[1] ?? 0))],
  [/^in (\d+) weeks?$/, (m, today) => addDays(today, 7 * +(m[1] ?? 0))],
  [/^next week$/, (_, today) => addDays(weekStart(today), 7)],
  [
    /^(?:(this|next) )?(mon|tue|wed|thu|fri|sat|sun)[a-z]*$/,
    (m, today) =>
      weekday(m[1] === 'next' ? '下' : m[1] === 'this' ? '本' : '', ENGLISH_DAYS.indexOf(m[2] ?? '') + 1, today),
  ],
  [/^([a-z]{3})[a-z]* (\d{1,2}),? (\d{4})$/, (m) => englishDay(m[1] ?? '', +(m[2] ?? 0), `${m[3]}-01-01`)],
  [/^([a-z]{3})[a-z]* (\d{1,2})$/, (m, today) => englishDay(m[1] ?? '', +(m[2] ?? 0), today)],
  [/^(\d{1,2}) ([a-z]{3})[a-z]*$/, (m, today) => englishDay(m[2] ?? '', +(m[1] ?? 0), today)],
];

function weekday(prefix: string, index: number, today: Day): Day | null {
  if (!(index >= 1 && index <= 7)) return null;
  const monday = weekStart(today);
  if (prefix.startsWith('下下')) return addDays(monday, 14 + index - 1);
  if (prefix.startsWith('下')) return addDays(monday, 7 + index - 1);
  if (prefix === '上') return addDays(monday, -7 + index - 1);
  const thisWeek = addDays(monday, index - 1);
  // A bare 周三 said on a Thursday means the coming one.
  return prefix === '' && thisWeek < today ? addDays(thisWeek, 7) : thisWeek;
}

function monthEnd(day: Day): Day {
  const { year, month } = dayParts(day);
  return addDays(addMonths(toDay(year, month, 1), 1), -1);
}

function dayInMonth(monthDay: Day, date: number): Day | null {
  const { year, month } = dayParts(monthDay);
  return validDay(year, month, date);
}

/** 21号 said on the 25th means next month's. */
function dayOfMonth(date: number, today: Day): Day | null {
  const here = dayInMonth(today, date);
  if (here && here >= today) return here;
  return dayInMonth(addMonths(`${today.slice(0, 7)}-01`, 1), date);
}

function englishDay(month: string, date: number, today: Day): Day | null {
  const index = ENGLISH_MONTHS.indexOf(month);
  return index < 0 ? null : validDay(dayParts(today).year, index + 1, date);
}

const TIME = new RegExp(
  `(?:(早上|上午|中午|下午|傍晚|晚上|晚)\\s*)?(?:(\\d{1,2}):(\\d{2})|${N}点(?:(半)|(一刻)|${N}分?)?|(?<![\\d-])(\\d{1,2})(?=\\s*[ap]m))\\s*([ap]m)?$`,
);
const PART_OF_DAY: Record<string, string> = {
  早上: '09:00',
  上午: '10:00',
  中午: '12:00',
  下午: '15:00',
  傍晚: '18:00',
  晚上: '20:00',
  晚: '20:00',
};

function splitTime(text: string): { rest: string; time: string | null } | null {
  const match = text.match(TIME);
  if (!match) {
    for (const [word, time] of Object.entries(PART_OF_DAY)) {
      if (text.endsWith(word)) return { rest: text.slice(0, -word.length).trim(), time };
    }
    return { rest: text, time: null };
  }
  const [whole, part, clockHour, clockMinute, spokenHour, half, quarter, spokenMinute, plainHour, meridiem] = match;
  let hour = clockHour ? Number(clockHour) : plainHour ? Number(plainHour) : number(spokenHour ?? '');
  const minute = clockMinute ? Number(clockMinute) : half ? 30 : quarter ? 15 : spokenMinute ? number(spokenMinute) : 0;
  const afternoon =
    meridiem === 'pm' ||
    part === '下午' ||
    part === '傍晚' ||
    part === '晚上' ||
    part === '晚' ||
    (part === '中午' && hour < 3);
  if (afternoon && hour < 12) hour += 12;
  if (meridiem === 'am' && hour === 12) hour = 0;
  if (!(hour >= 0 && hour <= 23 && minute >= 0 && minute <= 59)) return null;
  return {
    rest: text.slice(0, text.length - whole.length).trim(),
    time: `${String(hour).padStart(2, '0')}:${String(minute).padStart(2, '0')}`,
  };
}

function typedDay(text: string, today: Day): Day | null {
  const offset = NAMED[text];
  if (offset !== undefined) return addDays(today, offset);
  for (const [pattern, read] of RULES) {
    const match = text.match(pattern);
    if (match) return read(match, today);
  }
  return null;
}

/** Reads a typed date, perhaps with a time of day; `null` when it is none. */
export function parseTyped(input: string, today: Day): Typed | null {
  const text = input
    .normalize('NFKC')
    .toLowerCase()
    .replace(/\s+/g, ' ')
    .replace(/^next (?=week)/, 'next ')
    .trim();
  if (!text) return null;
  const whole = typedDay(text, today);
  if (whole) return { day: whole, time: null };
  const split = splitTime(text);
  if (!split?.time) return null;
  const day = split.rest === '' ? today : typedDay(split.rest, today);
  return day ? { day, time: split.time } : null;
}
