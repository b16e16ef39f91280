// Above the fold: stage, owner, what is next and since when nothing happened, amounts, a call and a follow-up in one tap.
import { CalendarClock, CalendarPlus, History, type LucideIcon, MapPin, PenLine, Phone } from 'lucide-react';
import type { Field, ObjectType, Rec } from '../api/types';
import { isEmpty, valueKind } from '../fields';
import { daysBetween } from '../format/time';
import { useFormat } from '../format/use-format';
import { useHomeText } from '../home/home-text';
import { useLabel, useT } from '../i18n';
import { type LogTarget, openLog } from '../shell/overlays';
import { Button, buttonClass } from '../ui/button';
import { cx } from '../ui/cx';
import { InlineField } from './inline-edit';
import { phoneOf } from './name';
import { type Moment, summaryOf } from './summary';

type Props = {
  object: ObjectType;
  record: Rec;
  target: LogTarget;
  /** A phone, or the preview beside a list. */
  narrow?: boolean;
  className?: string;
};

export function Facts({ object, record, target, narrow, className }: Props) {
  const label = useLabel();
  const { marks, moments, facts } = summaryOf(object);
  const shownMarks = marks.filter((field) => !isEmpty(record[field.name]) || !narrow);
  return (
    <div className={cx('flex flex-col gap-3', className)}>
      {shownMarks.length > 0 && (
        <dl className="flex flex-wrap items-center gap-x-4 gap-y-0.5">
          {shownMarks.map((field) => (
            <div key={field.name} className="flex items-center gap-1.5 min-w-0">
              <dt className={cx('text-ink-3 shrink-0', narrow && 'sr-only')}>{label(field.label)}</dt>
              <dd className="min-w-0 wrap-anywhere">
                <InlineField object={object} record={record} field={field} />
              </dd>
            </div>
          ))}
        </dl>
      )}
      <div className={cx('grid gap-2', narrow ? '' : 'md:flex md:flex-wrap md:items-stretch')}>
        {moments.map((moment) => (
          <MomentCard key={moment.at.name} moment={moment} record={record} target={target} narrow={narrow} />
        ))}
        {facts.length > 0 && (
          <dl
            className={cx(
              'grid gap-x-4 gap-y-2',
              narrow ? 'grid-cols-2' : 'grid-cols-2 md:flex md:gap-x-8 md:px-4 md:items-center',
            )}
          >
            {facts.map((field) => (
              <Fact key={field.name} object={object} record={record} field={field} />
            ))}
          </dl>
        )}
      </div>
    </div>
  );
}

function Fact({ object, record, field }: { object: ObjectType; record: Rec; field: Field }) {
  const label = useLabel();
  const strong = !isEmpty(record[field.name]) && valueKind(field).alignEnd;
  return (
    <div className="min-w-0">
      <dt className="text-xs text-ink-3 truncate">{label(field.label)}</dt>
      <dd className={cx('min-w-0', strong && 'font-semibold text-[15px] touch:text-[17px]')}>
        <InlineField object={object} record={record} field={field} />
      </dd>
    </div>
  );
}

/** When and what; red when its day has passed, and a way to plan where nothing is. */
function MomentCard({
  moment: { at, text, ahead },
  record,
  target,
  narrow,
}: {
  moment: Moment;
  record: Rec;
  target: LogTarget;
  narrow?: boolean;
}) {
  const t = useT();
  const homeWords = useHomeText();
  const label = useLabel();
  const format = useFormat();
  const iso = record[at.name];
  const said = text ? record[text.name] : null;
  const moment = typeof iso === 'string' ? iso : null;
  const days = moment ? daysBetween(format.today(), format.wallClock(moment).day) : 0;
  const late = ahead && moment !== null && days < 0;
  const title = label(ahead && text ? text.label : at.label);
  const Icon: LucideIcon = ahead ? CalendarClock : History;
  const distance = ahead
    ? late
      ? homeWords.daysLate(-days)
      : t.around.inDays(days)
    : days < -30
      ? t.around.quietFor(-days)
      : t.around.ago(Math.max(0, -days));
  return (
    <section
      aria-label={title}
      className={cx(
        'rounded-lg px-3 py-2 min-w-0 flex flex-col gap-0.5',
        narrow ? '' : 'md:w-72',
        late ? 'bg-danger-soft' : 'bg-sunken',
      )}
    >
      <div className="flex items-center gap-1.5 text-xs text-ink-2">
        <Icon size={13} aria-hidden className={late ? 'text-danger' : 'text-ink-3'} />
        <span className="truncate">{title}</span>
        {moment && (
          <span className={cx('ml-auto whitespace-nowrap', late ? 'text-danger font-medium' : 'text-ink-2')}>
            {distance}
          </span>
        )}
      </div>
      {moment ? (
        <div className="flex items-baseline gap-2 min-w-0">
          {!isEmpty(said) && <p className={cx('min-w-0 truncate', ahead && 'font-medium')}>{String(said)}</p>}
          <time
            dateTime={moment}
            title={format.fullMoment(moment)}
            className={cx('whitespace-nowrap text-ink-2', !isEmpty(said) && 'ml-auto')}
          >
            {format.moment(moment)}
          </time>
        </div>
      ) : (
        <div className="flex items-center gap-2">
          <p className="text-ink-2">{ahead ? t.around.nothingPlanned : t.around.neverYet}</p>
          {ahead && target && (
            <Button size="sm" icon={CalendarPlus} className="ml-auto" onClick={() => openLog(target)}>
              {t.around.plan}
            </Button>
          )}
        </div>
      )}
    </section>
  );
}

/** On a phone: what one does most, under the thumb. */
export function QuickActions({ object, record, target, address, className }: Props & { address: string | null }) {
  const t = useT();
  const phone = phoneOf(object, record);
  if (!phone && !target && !address) return null;
  return (
    <div role="group" aria-label={t.around.actions} className={cx('flex gap-2', className)}>
      {phone && (
        <a href={`tel:${phone}`} className={cx(buttonClass('default'), 'flex-1')}>
          <Phone size={16} aria-hidden />
          {t.around.call}
        </a>
      )}
      {target && (
        <Button variant="primary" icon={PenLine} className="flex-1" onClick={() => openLog(target)}>
          {t.log.title}
        </Button>
      )}
      {address && (
        <a
          href={`https://uri.amap.com/search?keyword=${encodeURIComponent(address)}`}
          target="_blank"
          rel="noopener noreferrer"
          className={cx(buttonClass('default'), !phone && !target && 'flex-1')}
        >
          <MapPin size={16} aria-hidden />
          <span className={phone && target ? 'sr-only' : ''}>{t.around.map}</span>
        </a>
      )}
    </div>
  );
}
