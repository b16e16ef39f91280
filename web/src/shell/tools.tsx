// Everything beside the records: tools, and what an administrator looks after. Loaded after the first look.
import { Link } from '@tanstack/react-router';
import {
  AlarmClock,
  ArrowRightLeft,
  Bell,
  BookOpen,
  BookText,
  Building2,
  CalendarCog,
  CopyCheck,
  FileUp,
  Gift,
  type LucideIcon,
  Radar,
  Route,
  ScrollText,
  Send,
  Settings,
  ShieldCheck,
  Split,
  Trash2,
  UserCog,
  UsersRound,
  Waves,
} from 'lucide-react';
import { useObject } from '../api/dictionary';
import { useFollowNames } from '../follow/names';
import { useT } from '../i18n';
import { useSession } from '../session/session';
import { CUSTOMER_OBJECT } from './nav';
import { Group, ITEM } from './nav-item';

type Tool = {
  to:
    | '/pool'
    | '/imports'
    | '/data/duplicates'
    | '/journey'
    | '/recycle'
    | '/help'
    | '/leaks'
    | '/team'
    | '/notifications'
    | '/greetings'
    | '/admin/users'
    | '/admin/departments'
    | '/admin/roles'
    | '/admin/dictionary'
    | '/admin/audit'
    | '/admin/settings'
    | '/admin/reminders'
    | '/admin/assignment'
    | '/admin/handover'
    | '/admin/channels'
    | '/admin/calendar';
  icon: LucideIcon;
  label: string;
};

export function useTools(): Tool[] {
  const t = useT();
  const names = useFollowNames();
  const { leads } = useSession();
  const customer = useObject(CUSTOMER_OBJECT);
  const contact = useObject('contact');
  const all: (Tool | false)[] = [
    Boolean(customer) && { to: '/pool', icon: Waves, label: t.pool.title },
    Boolean(customer) && { to: '/leaks', icon: Radar, label: names.leaks },
    Boolean(leads) && { to: '/team', icon: UsersRound, label: names.team },
    { to: '/notifications', icon: Bell, label: names.notifications },
    Boolean(customer) && { to: '/journey', icon: Route, label: t.nav.journey },
    Boolean(contact) && { to: '/greetings', icon: Gift, label: names.greetings },
    { to: '/imports', icon: FileUp, label: t.nav.imports },
    { to: '/data/duplicates', icon: CopyCheck, label: t.desk.title },
    { to: '/recycle', icon: Trash2, label: t.nav.recycle },
    { to: '/help', icon: BookOpen, label: t.help.title },
  ];
  return all.filter((tool) => tool !== false);
}

export function useAdminTools(): Tool[] {
  const t = useT();
  const names = useFollowNames();
  const { admin } = useSession();
  const all: (Tool & { area: (typeof admin)[number] })[] = [
    { area: 'users', to: '/admin/users', icon: UserCog, label: t.nav.users },
    { area: 'users', to: '/admin/departments', icon: Building2, label: t.departments.title },
    { area: 'users', to: '/admin/roles', icon: ShieldCheck, label: t.nav.roles },
    { area: 'users', to: '/admin/handover', icon: ArrowRightLeft, label: t.pool.handover },
    { area: 'dictionary', to: '/admin/dictionary', icon: BookText, label: t.nav.dictionary },
    { area: 'audit', to: '/admin/audit', icon: ScrollText, label: t.nav.audit },
    { area: 'settings', to: '/admin/reminders', icon: AlarmClock, label: names.reminders },
    { area: 'settings', to: '/admin/calendar', icon: CalendarCog, label: names.calendar },
    { area: 'settings', to: '/admin/assignment', icon: Split, label: t.pool.assignment },
    { area: 'settings', to: '/admin/channels', icon: Send, label: names.channels },
    { area: 'settings', to: '/admin/settings', icon: Settings, label: t.nav.settings },
  ];
  return all.filter((tool) => admin.includes(tool.area));
}

function ToolLink({ to, icon: Icon, label }: Tool) {
  return (
    <Link to={to} className={ITEM}>
      <Icon size={16} aria-hidden />
      {label}
    </Link>
  );
}

export default function ToolGroups() {
  const t = useT();
  const groups: [string, Tool[]][] = [
    [t.nav.tools, useTools()],
    [t.nav.admin, useAdminTools()],
  ];
  return groups
    .filter(([, tools]) => tools.length > 0)
    .map(([label, tools]) => (
      <Group key={label} label={label}>
        {tools.map((tool) => (
          <ToolLink key={tool.to} {...tool} />
        ))}
      </Group>
    ));
}
