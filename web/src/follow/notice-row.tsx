// One entry of the bell: what it asks for, and what can be done about it at once.
import { Link } from '@tanstack/react-router';
import {
  AtSign,
  Bell,
  Check,
  CircleHelp,
  Clock3,
  Gauge,
  Gift,
  MailOpen,
  Radar,
  ShieldAlert,
  Sunrise,
  TriangleAlert,
  Unplug,
} from 'lucide-react';
import { daysBetween } from '../format/time';
import { useFormat } from '../format/use-format';
import { Chip } from '../ui/bits';
import { IconButton } from '../ui/button';
import { cx } from '../ui/cx';
import type { Entry } from './notices';
import type { Notice, NoticeKind } from './queries';
import { SnoozeMenu } from './snooze-menu';
import { useFollowText } from './text';
import { useNotices } from './use-notices';
import { usePromise } from './use-promise';

const ICONS = {
  reminder: Clock3,
  escalation: TriangleAlert,
  digest: Sunrise,
  alert: ShieldAlert,
  mention: AtSign,
  stage_warning: Clock3,
  quality: Gauge,
  leaks: Radar,
  greeting: Gift,
  channel: Unplug,
  pool_warning: Clock3,
  pool_recycled: Bell,
  assignment: Bell,
  handover: Bell,
} satisfies Record<NoticeKind, unknown>;
/** Where one is dealt with that is about no single record, or not on its page. */
const PLACES = {
  digest: '/',
  leaks: '/leaks',
  quality: '/data/quality',
  greeting: '/greetings',
  channel: '/admin/channels',
  pool_warning: '/pool',
  pool_recycled: '/pool',
} as const satisfies Partial<Record<NoticeKind, string>>;

/** When it is due, in words that say at once whether it is late. */
export function useDueText() {
  const f = useFollowText();
  const format = useFormat();
  return (notice: Pick<Notice, 'due_at' | 'state'>): { text: string; late: boolean } | null => {
    if (!notice.due_at) return null;
    if (notice.state && notice.state !== 'open' && notice.state !== 'late')
      return { text: f.states[notice.state], late: false };
    const { day, time } = format.wallClock(notice.due_at);
    const days = daysBetween(day, format.today());
    if (days > 0) return { text: f.lateBy(days), late: true };
    if (Date.parse(notice.due_at) < Date.now()) return { text: f.lateToday, late: true };
    return { text: days === 0 ? f.dueToday(time) : f.dueAt(format.moment(notice.due_at)), late: false };
  };
}

export function noticeTitle(notice: Notice, f: ReturnType<typeof useFollowText>): string {
  if (notice.kind === 'digest') return f.digest;
  if (notice.kind === 'alert') return f.alert;
  if (notice.kind === 'leaks') return f.leaks;
  return notice.title || notice.record?.name || f.kindOf[notice.kind];
}

export function NoticeRow({
  entry: { notice, times, unread },
  onWhy,
  onOpen,
}: {
  entry: Entry;
  onWhy: (notice: Notice) => void;
  /** The panel closes when something is opened from it. */
  onOpen?: () => void;
}) {
  const f = useFollowText();
  const format = useFormat();
  const promise = usePromise();
  const notices = useNotices();
  const due = useDueText()(notice);
  const title = noticeTitle(notice, f);
  const Icon = ICONS[notice.kind] ?? Bell;
  const isNew = unread.length > 0;
  const plain = !['reminder', 'escalation', 'mention'].includes(notice.kind);
  const place = notice.kind in PLACES ? PLACES[notice.kind as keyof typeof PLACES] : undefined;
  const opened = () => {
    if (isNew) notices.read(unread);
    onOpen?.();
  };
  const said = (
    <>
      <span className={cx('line-clamp-2', isNew ? 'font-semibold' : 'text-ink-2')}>{title}</span>
      <span className="flex flex-wrap items-center gap-x-1.5 text-xs text-ink-3">
        {plain ? (
          <span className="text-ink-2">{notice.text}</span>
        ) : (
          <>
            {notice.record?.name && notice.record.name !== title && (
              <span className="text-ink-2 truncate max-w-full">{notice.record.name}</span>
            )}
            {due && <span className={due.late ? 'text-danger font-medium' : ''}>{due.text}</span>}
            {notice.kind === 'escalation' && notice.owner?.name && <span>{f.ownerIs(notice.owner.name)}</span>}
            {times > 1 && <span>{f.times(times)}</span>}
            {!notice.live && <Chip>{f.held}</Chip>}
          </>
        )}
      </span>
    </>
  );
  const body = 'flex-1 min-w-0 flex flex-col gap-0.5 py-2 rounded-md text-left';
  return (
    <li className="flex items-start gap-2 px-3 border-b border-line last:border-b-0">
      <span className="relative mt-2.5 shrink-0">
        <Icon
          size={16}
          aria-hidden
          className={due?.late || notice.kind === 'alert' || notice.kind === 'channel' ? 'text-danger' : 'text-ink-3'}
        />
        {isNew && (
          <span
            className="absolute -top-1 -right-1 size-2 rounded-full bg-brand"
            aria-label={f.onlyUnread}
            role="img"
          />
        )}
      </span>
      <div className="flex-1 min-w-0 flex flex-col">
        <div className="flex items-start gap-2">
          {place ? (
            <Link to={place} className={cx(body, 'hover:text-brand-ink')} onClick={opened}>
              {said}
            </Link>
          ) : notice.object && notice.record ? (
            <Link
              to="/o/$object/$id"
              params={{ object: notice.object, id: notice.record.id }}
              className={cx(body, 'hover:text-brand-ink')}
              onClick={opened}
            >
              {said}
            </Link>
          ) : (
            <div className={body}>{said}</div>
          )}
          <time dateTime={notice.at} title={format.fullMoment(notice.at)} className="pt-2 text-xs text-ink-3 shrink-0">
            {format.moment(notice.at)}
          </time>
        </div>
        <div className="flex items-center gap-0.5 -ml-1.5 pb-1.5">
          {notice.obligation && notice.can.includes('done') && (
            <IconButton
              icon={Check}
              size="sm"
              label={f.done(title)}
              onClick={() =>
                void promise
                  .done({ id: notice.obligation ?? '', title, task: null, due_at: notice.due_at })
                  .then((saved) => saved && isNew && notices.read(unread))
              }
            />
          )}
          <SnoozeMenu
            title={title}
            label={f.later(title)}
            trigger={<IconButton icon={Clock3} size="sm" label={f.later(title)} />}
            onSnooze={(until) => notices.snooze(notice.id, until)}
          />
          <IconButton icon={CircleHelp} size="sm" label={f.why(title)} onClick={() => onWhy(notice)} />
          {isNew && (
            <IconButton icon={MailOpen} size="sm" label={f.markRead(title)} onClick={() => notices.read(unread)} />
          )}
        </div>
      </div>
    </li>
  );
}
