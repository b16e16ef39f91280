// One row of the day: a promise, or a customer for whom nothing is planned.
import { Link } from '@tanstack/react-router';
import { CalendarPlus, CircleCheckBig, MessageCircle, PenLine, Sunrise, X } from 'lucide-react';
import { lazy, Suspense, useState } from 'react';
import type { Obligation } from '../follow/queries';
import { SnoozeMenu } from '../follow/snooze-menu';
import { useFollowText } from '../follow/text';
import { usePromise } from '../follow/use-promise';
import { addDays, daysBetween } from '../format/time';
import { useFormat } from '../format/use-format';
import { useT } from '../i18n';
import { CUSTOMER_OBJECT } from '../shell/nav';
import { openLog } from '../shell/overlays';
import { Button, IconButton } from '../ui/button';
import { cx } from '../ui/cx';
import { useHomeText } from './home-text';

const WaiveDialog = lazy(() => import('../follow/waive-dialog'));

export const ROW =
  'outline-none focus-visible:bg-brand-soft focus:bg-brand-soft flex items-center gap-2 px-4 md:px-6 min-h-11 touch:min-h-[68px] border-b border-line hover:bg-[color-mix(in_srgb,var(--sunken)_60%,var(--surface))]';

/** The hour of a day off is no hour to come back at. */
const DAY_END = '18:00';

export function PromiseRow({
  item,
  here,
}: {
  item: Obligation & { id: string };
  /** On the page of the record itself: whose it is matters, not what it is about. */
  here?: boolean;
}) {
  const t = useT();
  const homeWords = useHomeText();
  const f = useFollowText();
  const format = useFormat();
  const promise = usePromise();
  const [waiving, setWaiving] = useState(false);
  const today = format.today();
  const due = String(item.due_at);
  const { day, time } = format.wallClock(due);
  const days = daysBetween(day, today);
  const late = Date.parse(due) < Date.now();
  const name = item.record.name ?? '';
  const title = item.title || name || t.common.unnamed;
  // A title that a rule made ends with the name that stands beside it.
  const shown = item.kind === 'contact' && name && title.endsWith(name) ? (item.rule?.name ?? title) : title;
  const log = item.object === CUSTOMER_OBJECT ? { object: item.object, record: { id: item.record.id, name } } : null;
  const dueText =
    days > 0
      ? homeWords.daysLate(days)
      : late
        ? f.lateToday
        : item.all_day
          ? format.day(day)
          : days === 0
            ? time
            : format.moment(due);
  const hour = item.all_day ? DAY_END : time;
  const acted = { id: item.id, title, task: item.task, due_at: item.due_at };
  const done = async () => {
    const saved = await promise.done(acted);
    // Always a next step: what is done asks what comes next.
    if (saved && log && item.kind !== 'date') openLog(log, { about: title });
  };
  return (
    <li className={ROW} data-agenda tabIndex={-1}>
      {item.can.includes('done') ? (
        <button
          type="button"
          data-press="done"
          aria-label={`${homeWords.done}: ${title}`}
          title={homeWords.done}
          className="group/done size-8 touch:size-11 -ml-1.5 grid place-items-center shrink-0 rounded-full"
          onClick={() => void done()}
        >
          <span className="size-4.5 rounded-full border-[1.5px] border-line-strong grid place-items-center group-hover/done:border-ok group-hover/done:bg-ok-soft">
            <CircleCheckBig size={12} aria-hidden className="text-ok opacity-0 group-hover/done:opacity-100" />
          </span>
        </button>
      ) : (
        <span
          aria-hidden
          title={f.contactHint}
          className="size-8 touch:size-11 -ml-1.5 grid place-items-center shrink-0"
        >
          <MessageCircle size={15} className="text-ink-3" />
        </span>
      )}
      <div className="flex-1 min-w-0 flex flex-col md:flex-row md:items-center md:gap-3">
        <span className="font-medium truncate md:w-64 md:shrink-0">{shown}</span>
        <span className="flex items-center gap-2 min-w-0">
          <span
            aria-hidden
            className={cx('md:hidden text-xs whitespace-nowrap shrink-0', late ? 'text-danger' : 'text-ink-3')}
          >
            {dueText}
          </span>
          {name && !here && (
            <Link
              to="/o/$object/$id"
              params={{ object: item.object, id: item.record.id }}
              data-press="open"
              className="text-ink-2 hover:text-brand-ink hover:underline truncate max-md:py-1"
            >
              {name}
            </Link>
          )}
          {here && item.owner?.name && <span className="text-xs text-ink-3 shrink-0">{item.owner.name}</span>}
        </span>
      </div>
      <time
        dateTime={due}
        title={format.fullMoment(due)}
        className={cx('max-md:sr-only whitespace-nowrap text-right shrink-0', late ? 'text-danger' : 'text-ink-3')}
      >
        {dueText}
      </time>
      {item.can.includes('snooze') && (
        <>
          <IconButton
            icon={Sunrise}
            data-press="tomorrow"
            className="max-md:hidden"
            label={`${t.month.tomorrow}: ${title}`}
            onClick={() => void promise.snooze(acted, format.instant(addDays(today, 1), hour))}
          />
          <SnoozeMenu
            title={title}
            label={`${homeWords.snooze}: ${title}`}
            time={hour}
            onSnooze={(until) => void promise.snooze(acted, until)}
          />
        </>
      )}
      {item.kind === 'date' && item.can.includes('waive') && (
        <IconButton icon={X} label={`${f.waive}: ${title}`} onClick={() => setWaiving(true)} />
      )}
      {log && (
        <IconButton
          icon={PenLine}
          label={t.list.logFor(name)}
          className={item.kind === 'contact' ? undefined : 'max-md:hidden'}
          data-press="log"
          onClick={() => openLog(log, item.kind === 'contact' ? undefined : { about: title })}
        />
      )}
      {waiving && (
        <Suspense fallback={null}>
          <WaiveDialog
            title={title}
            onClose={() => setWaiving(false)}
            onWaive={(reason) => promise.waive(acted, reason)}
          />
        </Suspense>
      )}
    </li>
  );
}

export function UnplannedRow({ item }: { item: Obligation }) {
  const t = useT();
  const homeWords = useHomeText();
  const format = useFormat();
  const name = item.record.name ?? t.common.unnamed;
  return (
    <li className={ROW} data-agenda tabIndex={-1}>
      <div className="flex-1 min-w-0 flex flex-col md:flex-row md:items-center gap-x-3 gap-y-0.5">
        <Link
          to="/o/$object/$id"
          params={{ object: item.object, id: item.record.id }}
          data-press="open"
          className="font-medium truncate hover:text-brand-ink hover:underline md:w-64 md:shrink-0"
        >
          {name}
        </Link>
        <span className="text-ink-3 truncate">
          {item.last_contact_at ? homeWords.lastContact(format.moment(item.last_contact_at)) : homeWords.neverContacted}
        </span>
      </div>
      <Button
        size="sm"
        icon={CalendarPlus}
        data-press="log"
        onClick={() => openLog({ object: item.object, record: { id: item.record.id, name } })}
        aria-label={`${homeWords.plan}: ${name}`}
      >
        <span className="max-md:hidden">{homeWords.plan}</span>
      </Button>
    </li>
  );
}
