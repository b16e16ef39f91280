import { Link, useMatchRoute, useNavigate } from '@tanstack/react-router';
import {
  ChartColumn,
  ChevronDown,
  Inbox,
  Keyboard,
  Languages,
  LogOut,
  Monitor,
  Moon,
  PenLine,
  Search,
  Sun,
  UserRoundCog,
} from 'lucide-react';
import { lazy, Suspense, useState } from 'react';
import type { ObjectType } from '../api/types';
import { useLabel, useT } from '../i18n';
import { Mark } from '../session/frame';
import { asTheme, chooseTheme, useTheme } from '../session/preferences';
import { signOut, updateSession, useSession } from '../session/session';
import { useLanguageChoice } from '../session/use-language';
import { Avatar } from '../ui/bits';
import { cx } from '../ui/cx';
import { Menu, MenuGroup, MenuItem, MenuRadio, MenuSeparator } from '../ui/menu';
import { useNavigation } from './nav';
import { Group, ITEM } from './nav-item';
import { objectIcon } from './object-icon';
import { openLog, openOverlay } from './overlays';

// What needs icons and words of its own comes after the first look.
const ToolGroups = lazy(() => import('./tools'));
const Bell = lazy(() => import('../follow/bell'));

export function Sidebar() {
  const t = useT();
  const matches = useMatchRoute();
  const { company } = useSession();
  const { main, rest } = useNavigation();
  const [open, setOpen] = useState(false);
  return (
    <aside className="w-[208px] shrink-0 flex flex-col p-2 gap-2 min-h-0">
      <div className="flex items-center gap-2 px-2 h-9 mt-0.5">
        <Mark size={24} />
        <span className="flex-1 font-semibold text-[15px] truncate" title={company.name}>
          {company.name || t.product}
        </span>
        <Suspense fallback={null}>
          <Bell />
        </Suspense>
      </div>
      <div className="flex flex-col gap-1">
        <button
          type="button"
          className="flex items-center gap-2 h-8 touch:h-11 px-2 rounded-md border border-line bg-surface text-ink-3 hover:border-line-strong"
          onClick={() => openOverlay({ kind: 'palette' })}
        >
          <Search size={15} aria-hidden />
          {t.nav.searchOrJump}
          <kbd className="ml-auto text-xs font-sans">Ctrl K</kbd>
        </button>
        <button
          type="button"
          className="flex items-center gap-2 h-8 touch:h-11 px-2 rounded-md border border-line bg-surface text-ink hover:bg-sunken font-medium"
          onClick={() => openLog()}
        >
          <PenLine size={15} aria-hidden className="text-brand-ink" />
          {t.log.title}
          <kbd className="ml-auto text-xs font-sans font-normal text-ink-3">L</kbd>
        </button>
      </div>
      <nav
        aria-label={t.nav.main}
        className="flex-1 min-h-0 overflow-y-auto overflow-x-hidden flex flex-col gap-px no-bar"
      >
        <Link to="/" activeOptions={{ exact: true }} className={ITEM}>
          <Inbox size={16} aria-hidden />
          {t.nav.home}
        </Link>
        {/* The duplicate desk lies below it, but has a place of its own further down. */}
        <Link to="/data" activeOptions={{ exact: Boolean(matches({ to: '/data/duplicates' })) }} className={ITEM}>
          <ChartColumn size={16} aria-hidden />
          {t.nav.data}
        </Link>
        <Group label={t.nav.business}>
          {main.map((object) => (
            <ObjectLink key={object.name} object={object} />
          ))}
          {rest.length > 0 && (
            <button type="button" className={cx(ITEM, 'w-full')} aria-expanded={open} onClick={() => setOpen(!open)}>
              <ChevronDown size={16} aria-hidden className={cx('transition-transform', !open && '-rotate-90')} />
              {open ? t.nav.collapse : t.nav.moreObjects}
            </button>
          )}
          {open && rest.map((object) => <ObjectLink key={object.name} object={object} />)}
        </Group>
        <Suspense fallback={null}>
          <ToolGroups />
        </Suspense>
      </nav>
      <UserMenu />
    </aside>
  );
}

export function ObjectLink({ object }: { object: ObjectType }) {
  const label = useLabel();
  const Icon = objectIcon(object.icon);
  return (
    <Link
      to="/o/$object"
      params={{ object: object.name }}
      search={{}}
      activeOptions={{ includeSearch: false }}
      className={ITEM}
    >
      <Icon size={16} aria-hidden className="shrink-0" />
      <span className="truncate">{label(object.label_plural)}</span>
    </Link>
  );
}

function UserMenu() {
  const t = useT();
  const { user } = useSession();
  const theme = useTheme();
  const navigate = useNavigate();
  const { language, choose } = useLanguageChoice();
  return (
    <Menu
      side="top"
      align="start"
      className="w-52"
      trigger={
        <button
          type="button"
          className="flex items-center gap-2 h-10 touch:h-12 px-2 rounded-md hover:bg-sunken text-left data-popup-open:bg-sunken"
        >
          <Avatar name={user.name} size="md" />
          <span className="min-w-0 flex-1">
            <span className="block truncate font-medium leading-tight">{user.name}</span>
            {user.department?.name && (
              <span className="block truncate text-xs text-ink-3 leading-tight">{user.department.name}</span>
            )}
          </span>
        </button>
      }
    >
      <MenuItem icon={UserRoundCog} onClick={() => void navigate({ to: '/account' })}>
        {t.session.account}
      </MenuItem>
      <MenuItem icon={Keyboard} kbd="?" onClick={() => openOverlay({ kind: 'keyboard' })}>
        {t.nav.shortcuts}
      </MenuItem>
      <MenuSeparator />
      <MenuGroup label={t.session.theme}>
        <MenuRadio
          value={theme}
          onChange={(next) => {
            chooseTheme(next);
            void updateSession({ theme: asTheme(next) });
          }}
          options={[
            { value: 'light', label: t.session.themes.light, icon: Sun },
            { value: 'dark', label: t.session.themes.dark, icon: Moon },
            { value: 'auto', label: t.session.themes.auto, icon: Monitor },
          ]}
        />
      </MenuGroup>
      <MenuGroup label={t.session.language}>
        <MenuRadio
          value={language}
          onChange={(next) => void choose(next)}
          options={[
            { value: 'zh', label: '简体中文', icon: Languages },
            { value: 'en', label: 'English', icon: Languages },
          ]}
        />
      </MenuGroup>
      <MenuSeparator />
      <MenuItem icon={LogOut} onClick={() => void signOut()}>
        {t.session.signOut}
      </MenuItem>
    </Menu>
  );
}
