// 为什么收到: the rule, its step, the due date, and who else heard of it.
import { useQuery } from '@tanstack/react-query';
import { useFormat } from '../format/use-format';
import { useT } from '../i18n';
import { faultText } from '../session/fault-text';
import { Avatar, SkeletonRows } from '../ui/bits';
import { Sheet } from '../ui/dialog';
import { noticeTitle } from './notice-row';
import { type Notice, whyQuery } from './queries';
import { useFollowText } from './text';

export default function WhySheet({ notice, onClose }: { notice: Notice; onClose: () => void }) {
  const t = useT();
  const f = useFollowText();
  const format = useFormat();
  const { data, error } = useQuery(whyQuery(notice.id));
  return (
    <Sheet open onClose={onClose} title={f.whyTitle}>
      <div className="p-4 flex flex-col gap-5">
        <div>
          <p className="font-semibold">{noticeTitle(notice, f)}</p>
          {notice.record?.name && <p className="text-ink-2">{notice.record.name}</p>}
          {notice.due_at && <p className="text-ink-3">{f.dueAt(format.fullMoment(notice.due_at))}</p>}
        </div>
        {error ? (
          <p role="alert" className="text-danger">
            {faultText(error, t)}
          </p>
        ) : !data ? (
          <SkeletonRows rows={3} />
        ) : (
          <>
            <ul className="flex flex-col gap-1.5">
              {data.reasons.map((reason) => (
                <li key={reason} className="rounded-md bg-sunken px-3 py-2">
                  {reason}
                </li>
              ))}
            </ul>
            {data.heard.length > 0 && (
              <section>
                <h2 className="text-xs font-semibold text-ink-3 pb-1">{f.whyHeard}</h2>
                <ul>
                  {data.heard.map((one) => (
                    <li
                      key={`${one.user.id} ${one.at}`}
                      className="flex items-center gap-2 min-h-9 border-b border-line last:border-b-0"
                    >
                      <Avatar name={one.user.name ?? '?'} />
                      <span className="flex-1 min-w-0 truncate">{one.user.name ?? t.common.hidden}</span>
                      <span className="text-xs text-ink-3">{f.kindOf[one.kind]}</span>
                      <span className="text-xs text-ink-3">{one.read ? f.whyRead : f.whyUnread}</span>
                      <time dateTime={one.at} className="text-ink-2 whitespace-nowrap">
                        {format.moment(one.at)}
                      </time>
                    </li>
                  ))}
                </ul>
              </section>
            )}
          </>
        )}
      </div>
    </Sheet>
  );
}
