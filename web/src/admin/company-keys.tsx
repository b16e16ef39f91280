// Everybody's keys for programs: who administers people sees which programs come in, and ends what is no longer wanted.
import { useInfiniteQuery } from '@tanstack/react-query';
import { api } from '../api/client';
import type { KeyItem } from '../api/types';
import { useT } from '../i18n';
import { KeyList } from '../session/key-list';
import { Panel } from '../session/panel';
import { Button } from '../ui/button';
import { useAdminText } from './text';

type Page = { items: KeyItem[]; next_cursor: string | null };

export function CompanyKeys() {
  const t = useT();
  const a = useAdminText();
  const { data, error, hasNextPage, fetchNextPage } = useInfiniteQuery({
    queryKey: ['keys', 'company'],
    queryFn: ({ pageParam, signal }) =>
      api.get<Page>(`/keys/company${pageParam ? `?cursor=${encodeURIComponent(pageParam)}` : ''}`, signal),
    initialPageParam: '',
    getNextPageParam: (page) => page.next_cursor,
  });
  // Who administers the settings but not the people learns nothing here.
  if (error || !data) return null;
  return (
    <div className="px-4 pb-10 max-w-2xl">
      <Panel title={a.settings.keys} text={a.settings.keysText}>
        <KeyList items={data.pages.flatMap((page) => page.items)} empty={t.session.noKeys} />
        {hasNextPage && (
          <Button className="self-start" onClick={() => void fetchNextPage()}>
            {t.common.more}
          </Button>
        )}
      </Panel>
    </div>
  );
}
