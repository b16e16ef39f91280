// 今日待办: what is late, due today, due this week, and who has no next step. Done or moved in one tap.
import { useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { CalendarPlus, CircleCheckBig, Clock3, FileUp, Inbox, PenLine, Plus, SearchX, Sunrise } from 'lucide-react';
import { type ReactNode, useEffect, useState } from 'react';
import { invalidateRecord, patchRecord, refId, refName } from '../api/records';
import type { ObjectType, Page, Rec, Ref } from '../api/types';
import { FieldView, isEmpty } from '../fields';
import { addDays, type Day, daysBetween, weekStart } from '../format/time';
import { useFormat } from '../format/use-format';
import { useT } from '../i18n';
import { faultText } from '../session/fault-text';
import { useSession } from '../session/session';
import { CUSTOMER_OBJECT } from '../shell/nav';
import { openCreate, openLog, openOverlay } from '../shell/overlays';
import { Avatar, Empty, SkeletonRows } from '../ui/bits';
import { Button, buttonClass, IconButton } from '../ui/button';
import { cx } from '../ui/cx';
import { Menu, MenuItem } from '../ui/menu';
import { toast } from '../ui/toast';
import { useWide } from '../ui/use-media';
import { useAgenda } from './agenda';
import { MyMonth } from './month';
import { useRowKeys } from './row-keys';

type Section = 'overdue' | 'today' | 'week' | 'noPlan';

export default function HomePage() {
  const t = useT();
  const wide = useWide();
  const { user } = useSession();
  const agenda = useAgenda();
  const { buckets } = agenda;
  const [only, setOnly] = useState<Section | null>(null);
  useEffect(() => {
    document.title = `${t.nav.home} · ${t.product}`;
  }, [t]);

  const sections: { key: Section; label: string; count: number; tone: string; empty: string; body: ReactNode }[] = [
    section('overdue', t.home.overdue, buckets.overdue, 'text-danger', t.home.emptyOverdue),
    section('today', t.home.today, buckets.today, 'text-ink', t.home.emptyToday),
    section('week', t.home.week, buckets.week, 'text-ink', t.home.emptyWeek),
    {
      key: 'noPlan',
      label: t.home.noPlan,
      count: agenda.unplannedCount,
      tone: 'text-ink',
      empty: t.home.emptyNoPlan,
      body:
        agenda.customer &&
        agenda.unplanned.map((record) => (
          <UnplannedRow key={record.id} object={agenda.customer as ObjectType} record={record} />
        )),
    },
  ];
  function section(key: Section, label: string, tasks: Rec[], tone: string, empty: string) {
    return {
      key,
      label,
      count: tasks.length,
      tone,
      empty,
      body:
        agenda.task && tasks.map((task) => <TaskRow key={task.id} object={agenda.task as ObjectType} task={task} />),
    };
  }
  useRowKeys();
  const nothing = sections.every((one) => one.count === 0);
  const shown = sections.filter((one) => (only ? one.key === only : one.count > 0 || one.key === 'today'));
  return (
    <div className="flex-1 min-h-0 flex flex-col">
      <header className="shrink-0 px-4 md:px-6 pt-4 pb-3 flex items-center gap-3">
        <div className="flex-1 min-w-0">
          <h1 className="text-lg font-semibold">{greeting(user.name, t)}</h1>
          <p className="text-ink-2">
            {agenda.loading ? '\u00a0' : t.home.summary(buckets.overdue.length, buckets.today.length)}
          </p>
        </div>
        {wide ? (
          <Button variant="primary" icon={PenLine} kbd="L" onClick={() => openLog()}>
            {t.log.title}
          </Button>
        ) : (
          <button
            type="button"
            aria-label={t.nav.menu}
            className="size-11 grid place-items-center"
            onClick={() => openOverlay({ kind: 'menu' })}
          >
            <Avatar name={user.name} size="lg" />
          </button>
        )}
      </header>
      <div
        role="group"
        aria-label={t.home.title}
        className="shrink-0 grid grid-cols-4 gap-2 px-4 md:px-6 pb-4 md:max-w-3xl"
      >
        {sections.map((one) => (
          <button
            key={one.key}
            type="button"
            aria-pressed={only === one.key}
            onClick={() => setOnly(only === one.key ? null : one.key)}
            className={cx(
              'flex flex-col items-start rounded-lg border px-2 md:px-3 py-2 text-left min-w-0',
              only === one.key ? 'border-brand bg-brand-soft' : 'border-line hover:border-line-strong',
            )}
          >
            <span className={cx('text-[20px] leading-7 font-semibold', one.count > 0 ? one.tone : 'text-ink-3')}>
              {one.count}
            </span>
            <span className="text-ink-2 max-w-full truncate max-md:text-[13px]">{one.label}</span>
          </button>
        ))}
      </div>
      {wide && <MyMonth />}
      <div className="flex-1 min-h-0 overflow-auto border-t border-line thin-bar pb-6">
        {agenda.loading ? (
          <SkeletonRows rows={8} />
        ) : agenda.error ? (
          <Empty icon={SearchX} title={faultText(agenda.error, t)}>
            <Button onClick={agenda.retry}>{t.common.retry}</Button>
          </Empty>
        ) : nothing ? (
          <FirstSteps customer={agenda.customer} />
        ) : (
          shown.map((one) => (
            <section key={one.key} aria-label={one.label}>
              <h2 className={cx('sticky top-0 z-10 bg-surface px-4 md:px-6 pt-4 pb-1.5 font-semibold', one.tone)}>
                {one.label}
                <span className="ml-1.5 font-normal text-ink-3">{one.count}</span>
              </h2>
              {one.count === 0 ? (
                <p className="px-4 md:px-6 py-3 text-ink-3 flex items-center gap-2">
                  <CircleCheckBig size={16} aria-hidden className="text-ok" />
                  {one.empty}
                </p>
              ) : (
                <ul>{one.body}</ul>
              )}
            </section>
          ))
        )}
        {!wide && !agenda.loading && (
          <div className="pt-6">
            <MyMonth />
          </div>
        )}
        {wide && !nothing && <p className="px-6 pt-4 text-xs text-ink-3">{t.month.keys}</p>}
      </div>
    </div>
  );
}

function greeting(name: string, t: ReturnType<typeof useT>): string {
  const hour = new Date().getHours();
  const { parts } = t.home;
  const part = hour < 11 ? parts.morning : hour < 13 ? parts.noon : hour < 18 ? parts.afternoon : parts.evening;
  return t.home.greeting(name, part);
}

const ROW =
  'outline-none focus-visible:bg-brand-soft focus:bg-brand-soft flex items-center gap-2 px-4 md:px-6 min-h-11 touch:min-h-[68px] border-b border-line hover:bg-[color-mix(in_srgb,var(--sunken)_60%,var(--surface))]';

/** What a task belongs to: its customer first, else whatever it names. */
function aboutOf(task: Rec): { object: string; ref: Ref } | null {
  for (const object of [CUSTOMER_OBJECT, 'opportunity', 'contact']) {
    const id = refId(task[object]);
    const name = refName(task[object]);
    if (id && name) return { object, ref: { id, name } };
  }
  return null;
}

function useTaskChange(object: ObjectType) {
  const client = useQueryClient();
  const t = useT();
  const drop = (id: string) =>
    client.setQueriesData<Page<Rec>>(
      { queryKey: ['home', 'tasks'] },
      (page) => page && { ...page, items: page.items.filter((item) => item.id !== id) },
    );
  const after = () => {
    invalidateRecord(client, object.name);
    invalidateRecord(client, CUSTOMER_OBJECT);
  };
  /** Takes the task off the list at once; one tap brings it back. */
  return async (task: Rec, fields: Record<string, unknown>, before: Record<string, unknown>, text: string) => {
    drop(task.id);
    try {
      await patchRecord(object.name, task.id, fields);
      after();
      toast(text, {
        action: {
          label: t.common.undo,
          run: () =>
            void patchRecord(object.name, task.id, before).then(after, (cause: unknown) =>
              toast(faultText(cause, t), { tone: 'danger' }),
            ),
        },
      });
      return true;
    } catch (cause) {
      after();
      toast(faultText(cause, t), { tone: 'danger' });
      return false;
    }
  };
}

function TaskRow({ object, task }: { object: ObjectType; task: Rec }) {
  const t = useT();
  const format = useFormat();
  const change = useTaskChange(object);
  const today = format.today();
  const due = String(task.due_at);
  const { day, time } = format.wallClock(due);
  const late = daysBetween(day, today);
  const title = String(task.title ?? t.common.unnamed);
  const about = aboutOf(task);
  const dueText = late > 0 ? t.home.daysLate(late) : late === 0 ? time : format.moment(due);
  const done = async () => {
    const saved = await change(task, { status: 'done' }, { status: 'open' }, t.home.markedDone(title));
    // Always a next step: what is done asks what comes next.
    if (saved && about?.object === CUSTOMER_OBJECT)
      openLog({ object: about.object, record: about.ref }, { about: title });
  };
  const snooze = (to: Day) => {
    const next = format.instant(to, time);
    void change(task, { due_at: next }, { due_at: due }, t.home.snoozed(format.day(to)));
  };
  const days: [string, Day][] = [
    [t.log.tomorrow, addDays(today, 1)],
    [t.log.inThreeDays, addDays(today, 3)],
    [t.log.nextWeek, addDays(weekStart(today), 7)],
  ];
  return (
    <li className={ROW} data-agenda tabIndex={-1}>
      <button
        type="button"
        data-press="done"
        aria-label={`${t.home.done}: ${title}`}
        title={t.home.done}
        className="group/done size-8 touch:size-11 -ml-1.5 grid place-items-center shrink-0 rounded-full"
        onClick={() => void done()}
      >
        <span className="size-4.5 rounded-full border-[1.5px] border-line-strong grid place-items-center group-hover/done:border-ok group-hover/done:bg-ok-soft">
          <CircleCheckBig size={12} aria-hidden className="text-ok opacity-0 group-hover/done:opacity-100" />
        </span>
      </button>
      <div className="flex-1 min-w-0 flex flex-col md:flex-row md:items-center md:gap-3">
        <span className="font-medium truncate md:w-64 md:shrink-0">{title}</span>
        <span className="flex items-center gap-2 min-w-0">
          <span
            aria-hidden
            className={cx('md:hidden text-xs whitespace-nowrap shrink-0', late > 0 ? 'text-danger' : 'text-ink-3')}
          >
            {dueText}
          </span>
          {about && (
            <Link
              to="/o/$object/$id"
              params={{ object: about.object, id: about.ref.id }}
              data-press="open"
              className="text-ink-2 hover:text-brand-ink hover:underline truncate max-md:py-1"
            >
              {about.ref.name}
            </Link>
          )}
        </span>
      </div>
      <time
        dateTime={due}
        title={format.fullMoment(due)}
        className={cx('max-md:sr-only whitespace-nowrap text-right shrink-0', late > 0 ? 'text-danger' : 'text-ink-3')}
      >
        {dueText}
      </time>
      <IconButton
        icon={Sunrise}
        data-press="tomorrow"
        label={`${t.month.tomorrow}: ${title}`}
        onClick={() => snooze(addDays(today, 1))}
      />
      <Menu trigger={<IconButton icon={Clock3} label={`${t.home.snooze}: ${title}`} />}>
        {days.map(([text, to]) => (
          <MenuItem key={text} onClick={() => snooze(to)} kbd={format.day(to)}>
            {text}
          </MenuItem>
        ))}
      </Menu>
      {about?.object === CUSTOMER_OBJECT && (
        <IconButton
          icon={PenLine}
          label={t.list.logFor(about.ref.name ?? '')}
          className="max-md:hidden"
          data-press="log"
          onClick={() => openLog({ object: about.object, record: about.ref }, { about: title })}
        />
      )}
    </li>
  );
}

function UnplannedRow({ object, record }: { object: ObjectType; record: Rec }) {
  const t = useT();
  const format = useFormat();
  const name = String(record[object.name_field] ?? t.common.unnamed);
  const stage = object.fields.find((field) => field.name === 'stage');
  const last = record.last_contact_at;
  return (
    <li className={ROW} data-agenda tabIndex={-1}>
      <div className="flex-1 min-w-0 flex flex-col md:flex-row md:items-center gap-x-3 gap-y-0.5">
        <Link
          to="/o/$object/$id"
          params={{ object: object.name, id: record.id }}
          data-press="open"
          className="font-medium truncate hover:text-brand-ink hover:underline md:w-64 md:shrink-0"
        >
          {name}
        </Link>
        <span className="flex items-center gap-2 text-ink-3 min-w-0">
          {stage && !isEmpty(record.stage) && <FieldView field={stage} value={record.stage} record={record} compact />}
          <span className="truncate">
            {typeof last === 'string' ? t.home.lastContact(format.moment(last)) : t.home.neverContacted}
          </span>
        </span>
      </div>
      {typeof record.open_amount === 'number' && record.open_amount > 0 && (
        <span className="text-ink-2 max-md:hidden">{format.money(record.open_amount)}</span>
      )}
      <Button
        size="sm"
        icon={CalendarPlus}
        data-press="log"
        onClick={() => openLog({ object: object.name, record: { id: record.id, name } })}
        aria-label={`${t.home.plan}: ${name}`}
      >
        <span className="max-md:hidden">{t.home.plan}</span>
      </Button>
    </li>
  );
}

function FirstSteps({ customer }: { customer: ObjectType | undefined }) {
  const t = useT();
  const navigate = useNavigate();
  return (
    <>
      <Empty icon={Inbox} title={t.home.allDone} text={t.home.allDoneText} />
      {customer?.can.create && (
        <section className="mx-4 md:mx-auto md:max-w-xl rounded-xl border border-line p-5 flex flex-col gap-2">
          <h2 className="text-base font-semibold">{t.home.firstTitle}</h2>
          <p className="text-ink-2">{t.home.firstText}</p>
          <div className="flex flex-wrap gap-2 mt-2">
            {customer.can.import && (
              <Button
                variant="primary"
                icon={FileUp}
                onClick={() => void navigate({ to: '/imports', search: { object: CUSTOMER_OBJECT } })}
              >
                {t.home.firstAction}
              </Button>
            )}
            <Button icon={Plus} onClick={() => openCreate(CUSTOMER_OBJECT)}>
              {t.home.firstCreate}
            </Button>
            <Link to="/welcome" className={buttonClass('ghost')}>
              {t.session.setupTitle}
            </Link>
          </div>
        </section>
      )}
    </>
  );
}
