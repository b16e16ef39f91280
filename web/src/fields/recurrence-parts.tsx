// Choosing how something repeats: how often, on which weekdays, until when.
import { useState } from 'react';
import { useI18n } from '../i18n';
import { cx } from '../ui/cx';
import { Select } from '../ui/select';
import type { EditProps } from './kind';
import { partsOf, WORKDAYS, words } from './recurrence-words';

const TEXT = {
  zh: {
    never: '不重复',
    daily: '每天',
    workdays: '每周一至周五',
    weekly: '每周',
    monthly: '每月',
    yearly: '每年',
    rule: '自定义规则',
    every: '每',
    units: { WEEKLY: '周', DAILY: '天', MONTHLY: '个月', YEARLY: '年' } as Record<string, string>,
    days: ['一', '二', '三', '四', '五', '六', '日'],
    day: (word: string) => `周${word}`,
    times: '次数（不填则一直重复）',
  },
  en: {
    never: 'Does not repeat',
    daily: 'Every day',
    workdays: 'Every Monday to Friday',
    weekly: 'Every week',
    monthly: 'Every month',
    yearly: 'Every year',
    rule: 'A rule of your own',
    every: 'Every',
    units: { WEEKLY: 'weeks', DAILY: 'days', MONTHLY: 'months', YEARLY: 'years' } as Record<string, string>,
    days: ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'],
    day: (word: string) => word,
    times: 'Times (empty: for ever)',
  },
};
const CODES = ['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU'];
type Way = 'never' | 'daily' | 'workdays' | 'weekly' | 'monthly' | 'yearly' | 'rule';
const FREQ: Partial<Record<Way, string>> = { daily: 'DAILY', weekly: 'WEEKLY', monthly: 'MONTHLY', yearly: 'YEARLY' };

export function Words({ rule }: { rule: string }) {
  const { language } = useI18n();
  return <span className="truncate">{words(rule, language)}</span>;
}

/** Which of the offered ways a rule is. */
function wayOf(rule: string): Way {
  if (!rule) return 'never';
  if (rule === WORKDAYS) return 'workdays';
  const { FREQ: frequency, INTERVAL: _, COUNT: __, BYDAY: days, ...rest } = partsOf(rule);
  const found = (Object.keys(FREQ) as Way[]).find((way) => FREQ[way] === frequency);
  if (!found || Object.keys(rest).length > 0) return 'rule';
  return days && (found !== 'weekly' || /\d/.test(days)) ? 'rule' : found;
}

function written(frequency: string, parts: Record<string, string>): string {
  const rest = ['INTERVAL', 'BYDAY', 'COUNT'].filter((name) => parts[name]).map((name) => `${name}=${parts[name]}`);
  return [`FREQ=${frequency}`, ...rest].join(';');
}

export function RecurrencePicker({ id, label, value, onChange, invalid, describedBy, disabled }: EditProps) {
  const { language } = useI18n();
  const t = language === 'en' ? TEXT.en : TEXT.zh;
  const rule = typeof value === 'string' ? value : '';
  const [free, setFree] = useState(wayOf(rule) === 'rule');
  const way: Way = free ? 'rule' : wayOf(rule);
  const parts = partsOf(rule);
  const frequency = FREQ[way];
  const choose = (next: Way) => {
    setFree(next === 'rule');
    if (next === 'never') onChange(null);
    else if (next === 'workdays') onChange(WORKDAYS);
    else if (FREQ[next]) onChange(written(FREQ[next], {}));
  };
  const change = (name: string, text: string) => {
    if (frequency) onChange(written(frequency, { ...parts, [name]: text }));
  };
  const days = parts.BYDAY?.split(',') ?? [];
  return (
    <div className="flex flex-col gap-2">
      <Select
        id={id}
        label={label}
        value={way}
        disabled={disabled}
        invalid={invalid}
        describedBy={describedBy}
        onChange={choose}
        options={(['never', 'daily', 'workdays', 'weekly', 'monthly', 'yearly', 'rule'] as const).map((one) => ({
          value: one,
          label: t[one],
        }))}
      />
      {way === 'rule' && (
        <input
          className="control font-mono"
          aria-label={t.rule}
          placeholder="FREQ=MONTHLY;BYDAY=1MO"
          value={rule}
          onChange={(event) => onChange(event.target.value)}
        />
      )}
      {frequency && (
        <div className="flex flex-wrap items-center gap-2 text-ink-2">
          <label className="flex items-center gap-1">
            {t.every}
            <input
              type="number"
              min={1}
              max={99}
              className="control w-16!"
              value={parts.INTERVAL ?? '1'}
              onChange={(event) => change('INTERVAL', event.target.value === '1' ? '' : event.target.value)}
            />
            {t.units[frequency]}
          </label>
          <input
            type="number"
            min={1}
            className="control w-44!"
            aria-label={t.times}
            placeholder={t.times}
            value={parts.COUNT ?? ''}
            onChange={(event) => change('COUNT', event.target.value)}
          />
        </div>
      )}
      {way === 'weekly' && (
        <div className="flex flex-wrap gap-1">
          {CODES.map((code, at) => (
            <button
              key={code}
              type="button"
              aria-pressed={days.includes(code)}
              aria-label={t.day(t.days[at] ?? code)}
              className={cx(
                'h-8 touch:h-11 min-w-8 touch:min-w-11 px-1 rounded-md border',
                days.includes(code)
                  ? 'border-brand bg-brand-soft text-brand-ink font-medium'
                  : 'border-control text-ink-2',
              )}
              onClick={() => {
                const next = days.includes(code) ? days.filter((day) => day !== code) : [...days, code];
                change('BYDAY', CODES.filter((day) => next.includes(day)).join(','));
              }}
            >
              {t.days[at]}
            </button>
          ))}
        </div>
      )}
    </div>
  );
}
