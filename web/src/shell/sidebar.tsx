import { Link, useMatchRoute, useNavigate } from '@tanstack/react-router';
import {
  BookOpen,
  BookText,
  Building2,
  ChartColumn,
  ChevronDown,
  CopyCheck,
  FileUp,
  Inbox,
  Keyboard,
  Languages,
  LogOut,
  type LucideIcon,
  Monitor,
  Moon,
  PenLine,
  ScrollText,
  Search,
  Settings,
  ShieldCheck,
  Sun,
  Trash2,
  UserCog,
  UserRoundCog,
} from 'lucide-react';
import { type ReactNode, useState } from 'react';
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
import { objectIcon } from './object-icon';
import { openLog, openOverlay } from './overlays';

const ITEM =
  'flex items-center gap-2 h-8 px-2 rounded-md text-ink-2 hover:bg-sunken hover:text-ink touch:h-11 [&.active]:bg-brand-soft [&.active]:text-brand-ink [&.active]:font-medium';

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
        <span className="font-semibold text-[15px] truncate" title={company.name}>
          {company.name || t.product}
        </span>
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
        <Group label={t.nav.tools}>
          {tools(t).map((tool) => (
            <ToolLink key={tool.to} {...tool} />
          ))}
        </Group>
        <AdminLinks />
      </nav>
      <UserMenu />
    </aside>
  );
}

function Group({ label, children }: { label: string; children: ReactNode }) {
  return (
    <>
      <div className="px-2 pt-3 pb-1 text-xs text-ink-3">{label}</div>
      {children}
    </>
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

type Tool = {
  to:
    | '/imports'
    | '/data/duplicates'
    | '/recycle'
    | '/help'
    | '/admin/users'
    | '/admin/departments'
    | '/admin/roles'
    | '/admin/dictionary'
    | '/admin/audit'
    | '/admin/settings';
  icon: LucideIcon;
  label: string;
};

export function tools(t: ReturnType<typeof useT>): Tool[] {
  return [
    { to: '/imports', icon: FileUp, label: t.nav.imports },
    { to: '/data/duplicates', icon: CopyCheck, label: t.desk.title },
    { to: '/recycle', icon: Trash2, label: t.nav.recycle },
    { to: '/help', icon: BookOpen, label: t.help.title },
  ];
}

export function useAdminTools(): Tool[] {
  const t = useT();
  const { admin } = useSession();
  const all: (Tool & { area: (typeof admin)[number] })[] = [
    { area: 'users', to: '/admin/users', icon: UserCog, label: t.nav.users },
    { area: 'users', to: '/admin/departments', icon: Building2, label: t.departments.title },
    { area: 'users', to: '/admin/roles', icon: ShieldCheck, label: t.nav.roles },
    { area: 'dictionary', to: '/admin/dictionary', icon: BookText, label: t.nav.dictionary },
    { area: 'audit', to: '/admin/audit', icon: ScrollText, label: t.nav.audit },
    { area: 'settings', to: '/admin/settings', icon: Settings, label: t.nav.settings },
  ];
  return all.filter((tool) => admin.includes(tool.area));
}

export function ToolLink({ to, icon: Icon, label }: Tool) {
  return (
    <Link to={to} className={ITEM}>
      <Icon size={16} aria-hidden />
      {label}
    </Link>
  );
}

function AdminLinks() {
  const t = useT();
  const links = useAdminTools();
  if (links.length === 0) return null;
  return (
    <Group label={t.nav.admin}>
      {links.map((tool) => (
        <ToolLink key={tool.to} {...tool} />
      ))}
    </Group>
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
