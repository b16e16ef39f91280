// 今日待办: what is late, due today, due this week, and who has no next step. Done or put off in one tap.
import { Link, useNavigate } from '@tanstack/react-router';
import { CircleCheckBig, FileUp, Inbox, PenLine, Plus, SearchX } from 'lucide-react';
import { lazy, Suspense, useState } from 'react';
import { useObject } from '../api/dictionary';
import type { ObjectType } from '../api/types';
import Bell from '../follow/bell';
import { useFollowText } from '../follow/text';
import { useFormat } from '../format/use-format';
import { useT } from '../i18n';
import { faultText } from '../session/fault-text';
import { useSession } from '../session/session';
import { CUSTOMER_OBJECT } from '../shell/nav';
import { openCreate, openLog, openOverlay } from '../shell/overlays';
import { Tip } from '../tips/tip';
import { Avatar, Empty, SkeletonRows, useTitle } from '../ui/bits';
import { Button, buttonClass } from '../ui/button';
import { cx } from '../ui/cx';
import { useWide } from '../ui/use-media';
import { type Column, useAgenda } from './agenda';
import { useHomeText } from './home-text';
import { MyMonth } from './month';
import { useRowKeys } from './row-keys';
import { PromiseRow, UnplannedRow } from './rows';

const PriorityList = lazy(() => import('./priority').catch(() => ({ default: (): null => null })));

const SECTIONS: { key: Column; tone: string }[] = [
  { key: 'late', tone: 'text-danger' },
  { key: 'today', tone: 'text-ink' },
  { key: 'week', tone: 'text-ink' },
  { key: 'none', tone: 'text-ink' },
];

export default function HomePage() {
  const t = useT();
  const homeWords = useHomeText();
  const f = useFollowText();
  const format = useFormat();
  const wide = useWide();
  const { user } = useSession();
  const customer = useObject(CUSTOMER_OBJECT);
  const agenda = useAgenda();
  const { counts } = agenda;
  const [only, setOnly] = useState<Column | null>(null);
  useTitle(t.nav.home);
  useRowKeys();

  const words: Record<Column, { label: string; empty: string }> = {
    late: { label: homeWords.overdue, empty: homeWords.emptyOverdue },
    today: { label: homeWords.today, empty: homeWords.emptyToday },
    week: { label: homeWords.week, empty: homeWords.emptyWeek },
    none: { label: homeWords.noPlan, empty: homeWords.emptyNoPlan },
  };
  const nothing = counts !== undefined && SECTIONS.every(({ key }) => counts[key] === 0);
  const shown = SECTIONS.filter(({ key }) => (only ? key === only : (counts?.[key] ?? 0) > 0 || key === 'today'));
  return (
    <div className="flex-1 min-h-0 flex flex-col">
      <header className="shrink-0 px-4 md:px-6 pt-4 pb-3 flex items-center gap-3 max-md:gap-1">
        <div className="flex-1 min-w-0">
          <h1 className="text-lg font-semibold">{greeting(user.name, homeWords)}</h1>
          <p className="text-ink-2">
            {counts
              ? homeWords.summary(
                  counts.today,
                  format.number(counts.late),
                  format.number(counts.today),
                  counts.late > 0,
                )
              : '\u00a0'}
          </p>
        </div>
        {wide ? (
          <Button variant="primary" icon={PenLine} kbd="L" onClick={() => openLog()}>
            {t.log.title}
          </Button>
        ) : (
          <>
            <Bell phone />
            <button
              type="button"
              aria-label={t.nav.menu}
              className="size-11 grid place-items-center"
              onClick={() => openOverlay({ kind: 'menu' })}
            >
              <Avatar name={user.name} size="lg" />
            </button>
          </>
        )}
      </header>
      <Tip of="home" />
      <div
        role="group"
        aria-label={homeWords.title}
        className="shrink-0 grid grid-cols-4 gap-2 px-4 md:px-6 pb-4 md:max-w-3xl"
      >
        {SECTIONS.map(({ key, tone }) => {
          const count = counts?.[key] ?? 0;
          return (
            <button
              key={key}
              type="button"
              aria-pressed={only === key}
              onClick={() => setOnly(only === key ? null : key)}
              className={cx(
                'flex flex-col items-start rounded-lg border px-2 md:px-3 py-2 text-left min-w-0',
                only === key ? 'border-brand bg-brand-soft' : 'border-line hover:border-line-strong',
              )}
            >
              <span className={cx('text-[20px] leading-7 font-semibold', count > 0 ? tone : 'text-ink-3')}>
                {counts ? format.number(count) : '\u00a0'}
              </span>
              <span className="text-ink-2 max-w-full truncate max-md:text-[13px]">{words[key].label}</span>
            </button>
          );
        })}
      </div>
      {wide && <MyMonth />}
      <div className="flex-1 min-h-0 overflow-auto border-t border-line thin-bar pb-6">
        <Suspense fallback={null}>
          <PriorityList />
        </Suspense>
        {agenda.loading ? (
          <SkeletonRows rows={8} />
        ) : agenda.error ? (
          <Empty icon={SearchX} title={faultText(agenda.error, t)}>
            <Button onClick={agenda.retry}>{t.common.retry}</Button>
          </Empty>
        ) : nothing ? (
          <FirstSteps customer={customer} />
        ) : (
          shown.map(({ key, tone }) => {
            const { items, count } = agenda.column(key);
            const { label, empty } = words[key];
            return (
              <section key={key} aria-label={label}>
                <h2 className={cx('sticky top-0 z-10 bg-surface px-4 md:px-6 pt-4 pb-1.5 font-semibold', tone)}>
                  {label}
                  <span className="ml-1.5 font-normal text-ink-3">{count}</span>
                </h2>
                {count === 0 ? (
                  <p className="px-4 md:px-6 py-3 text-ink-3 flex items-center gap-2">
                    <CircleCheckBig size={16} aria-hidden className="text-ok" />
                    {empty}
                  </p>
                ) : (
                  <ul>
                    {items.map((item) =>
                      item.id === null || item.kind === 'none' ? (
                        <UnplannedRow key={item.record.id} item={item} />
                      ) : (
                        <PromiseRow key={item.id} item={{ ...item, id: item.id }} />
                      ),
                    )}
                  </ul>
                )}
                {count > items.length && items.length > 0 && (
                  <p className="flex items-center gap-3 px-4 md:px-6 py-2 text-xs text-ink-3">
                    {f.moreIn(count - items.length)}
                    {agenda.more && (
                      <Button size="sm" aria-label={f.showMore(label)} onClick={agenda.more}>
                        {t.common.more}
                      </Button>
                    )}
                  </p>
                )}
              </section>
            );
          })
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

function greeting(name: string, homeWords: ReturnType<typeof useHomeText>): string {
  const hour = new Date().getHours();
  const { parts } = homeWords;
  const part = hour < 11 ? parts.morning : hour < 13 ? parts.noon : hour < 18 ? parts.afternoon : parts.evening;
  return homeWords.greeting(name, part);
}

function FirstSteps({ customer }: { customer: ObjectType | undefined }) {
  const t = useT();
  const homeWords = useHomeText();
  const navigate = useNavigate();
  return (
    <>
      <Empty icon={Inbox} title={homeWords.allDone} text={homeWords.allDoneText} />
      {customer?.can.create && (
        <section className="mx-4 md:mx-auto md:max-w-xl rounded-xl border border-line p-5 flex flex-col gap-2">
          <h2 className="text-base font-semibold">{homeWords.firstTitle}</h2>
          <p className="text-ink-2">{homeWords.firstText}</p>
          <div className="flex flex-wrap gap-2 mt-2">
            {customer.can.import && (
              <Button
                variant="primary"
                icon={FileUp}
                onClick={() => void navigate({ to: '/imports', search: { object: CUSTOMER_OBJECT } })}
              >
                {homeWords.firstAction}
              </Button>
            )}
            <Button icon={Plus} onClick={() => openCreate(CUSTOMER_OBJECT)}>
              {homeWords.firstCreate}
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
