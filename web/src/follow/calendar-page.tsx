// The company's working time: weekly hours, holidays with make-up days, leave, quiet hours.
import { queryOptions, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '../api/client';
import { useT } from '../i18n';
import { faultText } from '../session/fault-text';
import { useSession } from '../session/session';
import { NotFound } from '../shell/not-found';
import { PageRegion, PageTitle, Segments, SkeletonRows, useTitle } from '../ui/bits';
import { toast } from '../ui/toast';
import { useCalendarText } from './calendar-text';
import type { Span } from './days';
import { HolidaySection } from './holidays';
import { HoursSection } from './hours';
import { LeaveSection } from './leave';
import { useFollowNames } from './names';
import { QuietSection } from './quiet';

export type Week = Span[][];
export type Calendar = {
  timezone: string;
  week: Week;
  departments: Record<string, Week>;
  quiet: { from: string; to: string; free_days: boolean };
  digest_at: string;
  daily_limit: number;
  tier_limits: Record<string, number>;
  shipped_years: number[];
};

export const calendarQuery = queryOptions({
  queryKey: ['calendar'],
  queryFn: ({ signal }) => api.get<Calendar>('/calendar', signal),
});

/** Stores some of the settings; what the server refuses is told. */
export function useCalendarChange() {
  const t = useT();
  const c = useCalendarText();
  const client = useQueryClient();
  return async (part: Partial<Calendar>): Promise<boolean> => {
    try {
      client.setQueryData(calendarQuery.queryKey, await api.put<Calendar>('/calendar', part));
      toast(c.saved);
      return true;
    } catch (cause) {
      toast(faultText(cause, t), { tone: 'danger' });
      return false;
    }
  };
}

const SECTIONS = ['hours', 'days', 'leave', 'quiet'] as const;

export default function CalendarPage() {
  const t = useT();
  const c = useCalendarText();
  const names = useFollowNames();
  const { admin } = useSession();
  const [section, setSection] = useState<(typeof SECTIONS)[number]>('hours');
  const { data, error } = useQuery(calendarQuery);
  useTitle(names.calendar);
  if (!admin.includes('settings')) return <NotFound />;
  return (
    <PageRegion label={names.calendar}>
      <PageTitle title={names.calendar} />
      <p className="px-4 -mt-1 pb-3 text-ink-2">{c.intro}</p>
      <div className="px-4 pb-4 overflow-x-auto no-bar">
        <Segments
          label={names.calendar}
          value={section}
          onChange={setSection}
          options={SECTIONS.map((value) => ({ value, label: c.sections[value] }))}
        />
      </div>
      <div className="px-4 pb-10">
        {error ? (
          <p role="alert" className="text-danger">
            {faultText(error, t)}
          </p>
        ) : !data ? (
          <SkeletonRows rows={5} />
        ) : section === 'hours' ? (
          <HoursSection calendar={data} />
        ) : section === 'days' ? (
          <HolidaySection />
        ) : section === 'leave' ? (
          <LeaveSection />
        ) : (
          <QuietSection calendar={data} />
        )}
      </div>
    </PageRegion>
  );
}
