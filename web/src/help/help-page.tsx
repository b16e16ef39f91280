// The handbook: chapters beside the text, in the language of the page.
import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { BookOpen, ChevronLeft, ChevronRight, Lightbulb } from 'lucide-react';
import { useI18n } from '../i18n';
import { NotFound } from '../shell/not-found';
import { showTipsAgain } from '../tips/tip';
import { TIPS, useTipWords } from '../tips/words';
import { PageTitle, SkeletonRows, useTitle } from '../ui/bits';
import { Button } from '../ui/button';
import { cx } from '../ui/cx';
import { toast } from '../ui/toast';
import { useWide } from '../ui/use-media';
import { chaptersOf, titleOf } from './chapters';
import { Markdown } from './markdown';

export default function HelpPage() {
  const { t, language } = useI18n();
  const tipWords = useTipWords();
  const wide = useWide();
  const { chapter } = useParams({ strict: false });
  const chapters = chaptersOf(language);
  const { data } = useQuery({
    queryKey: ['handbook', language],
    queryFn: () => Promise.all(chapters.map(({ load }) => load())),
    staleTime: Number.POSITIVE_INFINITY,
  });
  // On a phone the table of contents is a page of its own.
  const slug = chapter ?? (wide ? chapters[0]?.slug : undefined);
  const at = chapters.findIndex((one) => one.slug === slug);
  const source = at >= 0 ? data?.[at] : undefined;
  useTitle(source ? titleOf(source) : t.help.title);
  if (chapter && at < 0) return <NotFound />;
  const contents = (
    <nav
      aria-label={t.help.contents}
      className="md:w-56 md:shrink-0 md:border-r border-line md:overflow-auto p-2 thin-bar"
    >
      <ol>
        {chapters.map((one, index) => (
          <li key={one.slug}>
            <Link
              to="/help/$chapter"
              params={{ chapter: one.slug }}
              aria-current={one.slug === slug ? 'page' : undefined}
              className={cx(
                'flex items-center gap-2 px-3 min-h-9 touch:min-h-12 rounded-md',
                one.slug === slug ? 'bg-brand-soft text-brand-ink font-medium' : 'text-ink-2 hover:bg-sunken',
              )}
            >
              <span className="flex-1">{data?.[index] ? titleOf(data[index]) : '…'}</span>
              {!wide && <ChevronRight size={16} aria-hidden className="text-ink-3" />}
            </Link>
          </li>
        ))}
      </ol>
      <Button
        variant="ghost"
        icon={Lightbulb}
        className="mt-3"
        onClick={() => {
          showTipsAgain(TIPS);
          toast(tipWords.shownAgain);
        }}
      >
        {tipWords.again}
      </Button>
    </nav>
  );
  if (!wide && !slug) {
    return (
      <div className="flex-1 min-h-0 overflow-auto">
        <PageTitle title={t.help.title} />
        {contents}
      </div>
    );
  }
  return (
    <div className="flex-1 min-h-0 flex flex-col">
      <div className="flex items-center gap-2 px-4 min-h-12 touch:min-h-14 shrink-0 border-b border-line text-ink-2">
        {wide ? (
          <BookOpen size={16} aria-hidden />
        ) : (
          <Link to="/help" aria-label={t.common.back} className="size-11 -ml-3 grid place-items-center">
            <ChevronLeft size={22} aria-hidden />
          </Link>
        )}
        {t.help.title}
      </div>
      <div className="flex-1 min-h-0 flex">
        {wide && contents}
        <article tabIndex={0} className="flex-1 min-w-0 overflow-auto px-4 md:px-10 py-6 thin-bar outline-none">
          <div className="max-w-2xl text-[14px] touch:text-[16px]">
            {source ? <Markdown source={source} /> : <SkeletonRows rows={5} />}
          </div>
        </article>
      </div>
    </div>
  );
}
