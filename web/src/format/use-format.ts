import { useMemo } from 'react';
import { useI18n } from '../i18n';
import { useSession } from '../session/session';
import { compact, full, moneyCompact, moneyFull } from './number';
import { type Day, formatDay, formatFullMoment, formatMinutes, formatMoment, instantOf, wallClock } from './time';

export type Format = ReturnType<typeof useFormat>;

/** Numbers, money and dates in the caller's language and the company's zone and currency. */
export function useFormat() {
  const { language } = useI18n();
  const { company } = useSession();
  return useMemo(() => {
    const zone = company.timezone || 'Asia/Shanghai';
    const currency = company.currency || 'CNY';
    const today = () => wallClock(new Date(), zone).day;
    return {
      language,
      zone,
      today,
      number: (value: number) => compact(value, language),
      fullNumber: (value: number, scale?: number | null) => full(value, scale),
      money: (value: number) => moneyCompact(value, currency, language),
      fullMoney: (value: number) => moneyFull(value, currency),
      day: (day: Day) => formatDay(day.slice(0, 10), today(), language),
      moment: (iso: string) => formatMoment(new Date(iso), new Date(), zone, language),
      fullMoment: (iso: string) => formatFullMoment(new Date(iso), zone, language),
      minutes: (value: number) => formatMinutes(value, language),
      /** The company's day of a date or a moment. */
      dayOf: (value: string): Day => (value.length === 10 ? value : wallClock(new Date(value), zone).day),
      wallClock: (iso: string) => wallClock(new Date(iso), zone),
      instant: (day: Day, time: string) => instantOf(day, time, zone).toISOString(),
      /** Instants at which a company day begins. */
      dayStart: (day: Day) => instantOf(day, '00:00', zone).toISOString(),
    };
  }, [language, company.timezone, company.currency]);
}
