// Weekly hours, of the company and of departments that have their own.
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Building2, RotateCcw } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { queryRecords } from '../api/records';
import type { Ref } from '../api/types';
import { LookupPicker, RefText } from '../fields/lookup';
import { zoneName } from '../format/names';
import { useI18n, useT } from '../i18n';
import { FieldFrame } from '../ui/bits';
import { Button, IconButton } from '../ui/button';
import { type Calendar, useCalendarChange, type Week } from './calendar-page';
import { useCalendarText } from './calendar-text';
import { hoursText, readHours } from './days';

export function HoursSection({ calendar }: { calendar: Calendar }) {
  const c = useCalendarText();
  const { language } = useI18n();
  const change = useCalendarChange();
  const [adding, setAdding] = useState<Ref | null>(null);
  const own = Object.entries(calendar.departments);
  const { data: names } = useQuery({
    queryKey: ['list', 'department', 'calendar'],
    queryFn: ({ signal }) => queryRecords('department', { fields: ['name'], limit: 200 }, signal),
  });
  const nameOf = (id: string) => String(names?.items.find((one) => one.id === id)?.name ?? '');
  const without = (id: string) => Object.fromEntries(own.filter(([key]) => key !== id));
  return (
    <div className="flex flex-col gap-8">
      <dl className="flex gap-2 items-baseline">
        <dt className="text-ink-3">{c.timezone}</dt>
        <dd>
          {zoneName(calendar.timezone, language)}{' '}
          <Link
            to="/admin/settings"
            className="text-brand-ink hover:underline inline-block touch:min-h-11 touch:leading-[44px]"
          >
            {c.timezoneHint}
          </Link>
        </dd>
      </dl>
      <WeekForm
        key={JSON.stringify(calendar.week)}
        title={c.company}
        week={calendar.week}
        onSave={(week) => change({ week })}
      />
      <section className="flex flex-col gap-4">
        <h2 className="font-semibold">{c.ownHours}</h2>
        {own.map(([id, week]) => (
          <div key={`${id} ${JSON.stringify(week)}`} className="flex items-start gap-2">
            <WeekForm
              title={nameOf(id) || <RefText object="department" value={id} />}
              week={week}
              onSave={(next) => change({ departments: { ...calendar.departments, [id]: next } })}
            />
            <IconButton
              icon={RotateCcw}
              label={c.removeDepartment(nameOf(id))}
              onClick={() => void change({ departments: without(id) })}
            />
          </div>
        ))}
        <div className="flex flex-wrap items-end gap-2">
          <FieldFrame id="own-hours" label={c.department} className="w-64">
            <LookupPicker
              object="department"
              id="own-hours"
              label={c.department}
              value={adding}
              onChange={(next) => setAdding(next)}
            />
          </FieldFrame>
          <Button
            icon={Building2}
            disabled={!adding || adding.id in calendar.departments}
            onClick={() => {
              if (!adding) return;
              void change({ departments: { ...calendar.departments, [adding.id]: calendar.week } });
              setAdding(null);
            }}
          >
            {c.addDepartment}
          </Button>
        </div>
      </section>
    </div>
  );
}

function WeekForm({ title, week, onSave }: { title: ReactNode; week: Week; onSave: (week: Week) => Promise<boolean> }) {
  const t = useT();
  const c = useCalendarText();
  const [texts, setTexts] = useState(() => week.map(hoursText));
  const [busy, setBusy] = useState(false);
  const read = texts.map(readHours);
  const spans = read.flatMap((day) => (day === null ? [] : [day]));
  const complete = spans.length === texts.length;
  const nothing = complete && spans.every((day) => day.length === 0);
  const changed = texts.some((text, index) => text !== hoursText(week[index] ?? []));
  const set = (index: number, text: string) => setTexts(texts.map((one, place) => (place === index ? text : one)));
  const save = async () => {
    setBusy(true);
    await onSave(spans);
    setBusy(false);
  };
  const name = typeof title === 'string' ? title : '';
  return (
    <section className="flex flex-col gap-2 w-full max-w-md" aria-label={name || undefined}>
      <h2 className="font-semibold">{title}</h2>
      {texts.map((text, index) => {
        const day = c.weekdays[index] ?? '';
        const wrong = read[index] === null;
        const id = `hours-${name}-${index}`;
        return (
          <div key={day} className="grid grid-cols-[5.5rem_minmax(0,1fr)] items-center gap-x-2">
            <label htmlFor={id} className="text-ink-2">
              {day}
            </label>
            <input
              id={id}
              className="control"
              value={text}
              placeholder={c.off}
              aria-invalid={wrong || undefined}
              aria-describedby={wrong ? `${id}-fault` : undefined}
              onChange={(event) => set(index, event.target.value)}
            />
            {wrong && (
              <p id={`${id}-fault`} className="col-start-2 text-xs text-danger">
                {c.hoursWrong}
              </p>
            )}
          </div>
        );
      })}
      <p className={nothing ? 'text-xs text-danger' : 'text-xs text-ink-3'}>{nothing ? c.needHours : c.hoursHint}</p>
      <div className="flex flex-wrap gap-2">
        <Button
          variant="primary"
          disabled={!changed || !complete || nothing || busy}
          onClick={() => void save()}
          aria-label={name ? `${t.common.save}: ${name}` : undefined}
        >
          {t.common.save}
        </Button>
        <Button
          variant="ghost"
          onClick={() => setTexts(texts.map((text, index) => (index > 0 && index < 5 ? (texts[0] ?? text) : text)))}
        >
          {c.copyMonday}
        </Button>
      </div>
    </section>
  );
}
