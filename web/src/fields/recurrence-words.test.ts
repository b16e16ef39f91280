import { expect, test } from 'vitest';
import { words } from './recurrence-words';

test('a rule is said as the server says it', () => {
  for (const [rule, zh, en] of [
    ['FREQ=DAILY', '每天', 'every day'],
    ['FREQ=WEEKLY;BYDAY=MO,WE', '每周一、周三', 'every week on Monday, Wednesday'],
    ['FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR', '每周一至周五', 'every Monday to Friday'],
    ['FREQ=WEEKLY;INTERVAL=2;BYDAY=FR', '每 2 周的周五', 'every 2 weeks on Friday'],
    ['FREQ=MONTHLY;BYMONTHDAY=15;COUNT=3', '每月 15 日，共 3 次', 'every month on day 15, 3 times'],
    ['FREQ=MONTHLY;BYDAY=1MO', '每月的第 1 个周一', 'every month on Monday no. 1'],
    ['FREQ=YEARLY;UNTIL=20301231', '每年，到 2030-12-31', 'every year, until 2030-12-31'],
  ] as const) {
    expect(words(rule, 'zh')).toBe(zh);
    expect(words(rule, 'en')).toBe(en);
  }
});
