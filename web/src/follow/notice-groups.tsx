// Entries under what they ask for.
import { cx } from '../ui/cx';
import { NoticeRow } from './notice-row';
import { groupsOf } from './notices';
import type { Notice } from './queries';
import { useFollowText } from './text';

export function NoticeGroups({
  notices,
  onWhy,
  onOpen,
  level: Heading = 'h2',
}: {
  notices: Notice[];
  onWhy: (notice: Notice) => void;
  onOpen?: () => void;
  level?: 'h2' | 'h3';
}) {
  const f = useFollowText();
  return groupsOf(notices, Date.now()).map((group) => (
    <section key={group.key} aria-label={f.groups[group.key]}>
      <Heading
        className={cx(
          'sticky top-0 z-10 bg-surface px-3 pt-3 pb-1 text-xs font-semibold',
          group.key === 'late' ? 'text-danger' : 'text-ink-2',
        )}
      >
        {f.groups[group.key]}
        <span className="ml-1 font-normal text-ink-3">{group.entries.length}</span>
      </Heading>
      <ul>
        {group.entries.map((entry) => (
          <NoticeRow key={entry.notice.id} entry={entry} onWhy={onWhy} onOpen={onOpen} />
        ))}
      </ul>
    </section>
  ));
}
