import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { BellOff } from 'lucide-react';
import { useT } from '../i18n';
import { faultText } from '../session/fault-text';
import { Empty, SkeletonRows } from '../ui/bits';
import { Button } from '../ui/button';
import { NoticeGroups } from './notice-groups';
import { bellQuery, type Notice } from './queries';
import { useFollowText } from './text';
import { useNotices } from './use-notices';

export default function BellPanel({ onWhy, onClose }: { onWhy: (notice: Notice) => void; onClose: () => void }) {
  const t = useT();
  const f = useFollowText();
  const notices = useNotices();
  const { data, error } = useQuery(bellQuery);
  return (
    <>
      <div className="flex items-center gap-2 h-11 pl-3 pr-2 border-b border-line shrink-0">
        <h2 className="font-semibold flex-1">{f.panel}</h2>
        {data && data.unread > 0 && (
          <Button size="sm" variant="ghost" onClick={() => notices.read()}>
            {f.readAll}
          </Button>
        )}
      </div>
      <div className="flex-1 min-h-0 overflow-auto thin-bar" tabIndex={0} role="region" aria-label={f.panel}>
        {error ? (
          <p role="alert" className="p-4 text-danger">
            {faultText(error, t)}
          </p>
        ) : !data ? (
          <SkeletonRows rows={4} />
        ) : data.items.length === 0 ? (
          <Empty icon={BellOff} title={f.none} text={f.noneText} />
        ) : (
          <NoticeGroups notices={data.items} onWhy={onWhy} onOpen={onClose} level="h3" />
        )}
      </div>
      <Link
        to="/notifications"
        onClick={onClose}
        className="h-10 grid place-items-center border-t border-line text-brand-ink hover:bg-sunken shrink-0"
      >
        {f.viewAll}
      </Link>
    </>
  );
}
