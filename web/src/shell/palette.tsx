// Ctrl-K: find any record by two characters or by pinyin initials, go anywhere, begin anything.
import { Dialog } from '@base-ui/react/dialog';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { Command } from 'cmdk';
import {
  ChartColumn,
  CornerDownLeft,
  FileUp,
  Inbox,
  type LucideIcon,
  PenLine,
  Plus,
  Search,
  ShieldCheck,
} from 'lucide-react';
import { type ReactNode, useEffect, useMemo, useState } from 'react';
import { api, query } from '../api/client';
import { fieldOf, useLexicon } from '../api/dictionary';
import type { SearchItem } from '../api/types';
import { useLabel, useT } from '../i18n';
import { usePatientEnter } from '../ui/patient-enter';
import { useNavigation } from './nav';
import { objectIcon } from './object-icon';
import { openCreate, openLog } from './overlays';
import { usePaletteText } from './palette-text';
import { recents } from './recent';
import { useAdminTools, useTools } from './tools';
import { takeTypedAhead } from './typed-ahead';

const PAUSE_MS = 80;

/** The pages' own names spelled in letters; those of objects come with the dictionary. */
const SPELLED: Record<string, string> = {
  '/': 'jinridaiban jrdb daiban',
  '/data': 'shuju sj',
  '/data/quality': 'shujuzhiliang sjzl zhiliang',
  '/data/duplicates': 'chachong cc chongfu',
  '/pool': 'gonghai gh lingqu',
  '/imports': 'daoru dr',
  '/recycle': 'huishouzhan hsz',
  '/help': 'shouce sc bangzhu bz',
  '/admin/users': 'yuangongzhanghao ygzh',
  '/admin/departments': 'bumen bm',
  '/admin/roles': 'jueseyuquanxian jsyqx quanxian qx',
  '/admin/dictionary': 'shujuzidian sjzd zidian zd',
  '/admin/handover': 'gongzuojiaojie gzjj jiaojie jj',
  '/admin/assignment': 'fenpeiguize fpgz fenpei',
  '/admin/audit': 'caozuorizhi czrz rizhi',
  '/admin/settings': 'gongsishezhi gssz shezhi',
};

export default function Palette({ onClose }: { onClose: () => void }) {
  const t = useT();
  const paletteWords = usePaletteText();
  const label = useLabel();
  const navigate = useNavigate();
  const { find } = useLexicon();
  const { main, rest } = useNavigation();
  const tools = useTools();
  const admin = useAdminTools();
  const [text, setText] = useState(takeTypedAhead);
  const [asked, setAsked] = useState('');
  useEffect(() => {
    const timer = setTimeout(() => setAsked(text.trim()), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [text]);
  const { data, isFetching, isPlaceholderData } = useQuery({
    queryKey: ['search', asked],
    queryFn: ({ signal }) => api.get<{ items: SearchItem[] }>(`/search${query({ q: asked, limit: 20 })}`, signal),
    enabled: asked !== '',
    staleTime: 10_000,
    placeholderData: (previous) => previous,
  });
  const found = asked === '' ? [] : (data?.items ?? []);
  const settled = asked === text.trim() && !(isFetching && (data === undefined || isPlaceholderData));
  const waitWithEnter = usePatientEnter(settled);
  const recent = useMemo(() => recents().slice(0, 6), []);
  const go = (run: () => unknown) => () => {
    onClose();
    run();
  };
  const openRecord = (object: string, id: string) =>
    go(() => navigate({ to: '/o/$object/$id', params: { object, id } }));
  // Pages answer to both of their names.
  const matches = (...captions: (string | undefined)[]) =>
    text.trim() === '' || captions.some((caption) => caption?.toLowerCase().includes(text.trim().toLowerCase()));
  const everyPage: {
    key: string;
    caption: string;
    also?: (string | undefined)[];
    icon: LucideIcon;
    run: () => void;
  }[] = [
    { key: 'home', caption: t.nav.home, also: [SPELLED['/']], icon: Inbox, run: go(() => navigate({ to: '/' })) },
    {
      key: 'data',
      caption: t.nav.data,
      also: [SPELLED['/data']],
      icon: ChartColumn,
      run: go(() => navigate({ to: '/data' })),
    },
    {
      key: 'quality',
      caption: t.quality.title,
      also: [SPELLED['/data/quality']],
      icon: ShieldCheck,
      run: go(() => navigate({ to: '/data/quality' })),
    },
    ...[...main, ...rest].map((object) => ({
      key: object.name,
      caption: label(object.label_plural),
      also: [object.label_plural.en, object.label_plural.zh, object.name, object.pinyin ?? ''],
      icon: objectIcon(object.icon),
      run: go(() => navigate({ to: '/o/$object', params: { object: object.name }, search: {} })),
    })),
    ...[...tools, ...admin].map((tool) => ({
      key: tool.to,
      caption: tool.label,
      also: [SPELLED[tool.to] ?? ''],
      icon: tool.icon,
      run: go(() => navigate({ to: tool.to })),
    })),
  ];
  const pages = everyPage.filter((page) => matches(page.caption, ...(page.also ?? [])));
  const actions: { key: string; caption: string; icon: LucideIcon; run: () => void; kbd?: string }[] = [
    { key: 'log', caption: t.log.title, icon: PenLine, run: () => openLog(), kbd: 'L' },
    ...main
      .filter((object) => object.can.create)
      .slice(0, 5)
      .map((object, index) => ({
        key: `new-${object.name}`,
        caption: paletteWords.createNamed(label(object.label)),
        icon: Plus,
        run: () => openCreate(object.name),
        kbd: index === 0 ? 'C' : undefined,
      })),
    { key: 'import', caption: t.import.new, icon: FileUp, run: go(() => navigate({ to: '/imports' })) },
  ].filter((action) => matches(action.caption));

  return (
    <Dialog.Root open onOpenChange={(open) => !open && onClose()}>
      <Dialog.Portal>
        <Dialog.Backdrop className="fixed inset-0 z-40 bg-shade anim-appear" />
        <Dialog.Popup
          aria-label={t.nav.searchOrJump}
          className="fixed z-50 inset-x-0 top-0 md:inset-x-auto md:left-1/2 md:top-[10vh] md:-translate-x-1/2 w-full md:w-[620px] max-h-dvh md:max-h-[70vh] flex flex-col bg-surface md:rounded-xl shadow-float outline-none overflow-hidden"
        >
          <Command
            shouldFilter={false}
            loop
            label={t.nav.searchOrJump}
            className="flex flex-col min-h-0"
            onKeyDownCapture={waitWithEnter}
            onKeyDown={(event) => {
              // Enter that ends a pinyin composition must not open anything.
              if (event.nativeEvent.isComposing || event.keyCode === 229) event.stopPropagation();
            }}
          >
            <div className="flex items-center gap-2 px-4 border-b border-line">
              <Search size={17} aria-hidden className="text-ink-3 shrink-0" />
              <Command.Input
                value={text}
                onValueChange={setText}
                placeholder={paletteWords.placeholder}
                className="flex-1 h-12 touch:h-14 bg-transparent outline-none text-base touch:text-[16px] min-w-0"
              />
              <kbd className="max-md:hidden text-xs text-ink-3 font-sans">Esc</kbd>
              <button type="button" className="md:hidden h-11 px-2 text-brand-ink" onClick={onClose}>
                {t.common.cancel}
              </button>
            </div>
            <Command.List className="flex-1 min-h-0 overflow-auto p-1.5 thin-bar [&_[cmdk-group-heading]]:px-2 [&_[cmdk-group-heading]]:pt-2 [&_[cmdk-group-heading]]:pb-1 [&_[cmdk-group-heading]]:text-xs [&_[cmdk-group-heading]]:text-ink-3">
              {found.map((item) => {
                const object = find(item.object);
                const field = object && item.matched ? fieldOf(object, item.matched.field) : undefined;
                const elsewhere =
                  field && object && field.name !== object.name_field && item.matched
                    ? paletteWords.matched(label(field.label), item.matched.text)
                    : null;
                return (
                  <Row
                    key={`${item.object}/${item.id}`}
                    value={`${item.object}/${item.id}`}
                    icon={objectIcon(object?.icon)}
                    onSelect={openRecord(item.object, item.id)}
                    hint={object ? label(object.label) : undefined}
                  >
                    <span className="truncate">{item.title}</span>
                    <span className="text-ink-3 text-xs truncate">{elsewhere ?? item.subtitle}</span>
                  </Row>
                );
              })}
              {asked !== '' && found.length === 0 && !isFetching && (
                <p className="px-2 py-3 text-ink-3">{paletteWords.nothing(asked)}</p>
              )}
              {asked === '' && recent.length > 0 && (
                <Command.Group heading={paletteWords.recent}>
                  {recent.map((entry) => (
                    <Row
                      key={entry.id}
                      value={`recent-${entry.object}-${entry.id}`}
                      icon={objectIcon(find(entry.object)?.icon)}
                      onSelect={openRecord(entry.object, entry.id)}
                    >
                      <span className="truncate">{entry.name}</span>
                    </Row>
                  ))}
                </Command.Group>
              )}
              {actions.length > 0 && (
                <Command.Group heading={paletteWords.actions}>
                  {actions.map((action) => (
                    <Row key={action.key} value={action.key} icon={action.icon} onSelect={action.run} hint={action.kbd}>
                      {action.caption}
                    </Row>
                  ))}
                </Command.Group>
              )}
              {pages.length > 0 && (
                <Command.Group heading={paletteWords.go}>
                  {pages.map((page) => (
                    <Row key={page.key} value={`go-${page.key}`} icon={page.icon} onSelect={page.run}>
                      {page.caption}
                    </Row>
                  ))}
                </Command.Group>
              )}
            </Command.List>
            <p className="px-4 py-2 border-t border-line text-xs text-ink-3">{paletteWords.hint}</p>
          </Command>
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

function Row({
  value,
  icon: Icon,
  onSelect,
  hint,
  children,
}: {
  value: string;
  icon: LucideIcon;
  onSelect: () => void;
  hint?: string;
  children: ReactNode;
}) {
  return (
    <Command.Item
      value={value}
      onSelect={onSelect}
      className="group flex items-center gap-2.5 h-9 touch:h-12 px-2 rounded-md data-[selected=true]:bg-sunken cursor-default"
    >
      <Icon size={16} aria-hidden className="text-ink-3 shrink-0" />
      <span className="flex-1 min-w-0 flex items-baseline gap-2">{children}</span>
      {hint && <span className="text-xs text-ink-3 shrink-0">{hint}</span>}
      <CornerDownLeft
        size={13}
        aria-hidden
        className="text-ink-3 shrink-0 hidden group-data-[selected=true]:block touch:hidden!"
      />
    </Command.Item>
  );
}
