import { createRootRoute, createRoute, createRouter, lazyRouteComponent, redirect } from '@tanstack/react-router';
import type { Filter } from '../api/types';
import { Crashed } from './boundary';
import { Layout } from './layout';
import { NotFound } from './not-found';

/** The state of a list, so that a link shows what its sender saw. */
export type ListSearch = {
  view?: string;
  q?: string;
  filter?: Filter | null;
  sort?: string;
  cols?: string;
  peek?: string;
  /** Shown as, where that is not the view's own way. */
  as?: 'table' | 'board' | 'calendar';
  /** A board's columns and lanes. */
  group?: string;
  lane?: string;
  /** A calendar's field, day and span. */
  date?: string;
  day?: string;
  span?: 'day' | 'week' | 'month' | 'agenda';
  team?: string;
  tab?: string;
};

function oneOf<T extends string>(value: unknown, allowed: T[]): T | undefined {
  return allowed.find((one) => one === value);
}

function listSearch(raw: Record<string, unknown>): ListSearch {
  const text = (key: string) =>
    typeof raw[key] === 'string' || typeof raw[key] === 'number' ? String(raw[key]) : undefined;
  return {
    view: text('view'),
    q: text('q'),
    filter: raw.filter === null ? null : typeof raw.filter === 'object' ? (raw.filter as Filter) : undefined,
    sort: text('sort'),
    cols: text('cols'),
    peek: text('peek'),
    as: oneOf(raw.as, ['table', 'board', 'calendar']),
    group: text('group'),
    lane: text('lane'),
    date: text('date'),
    day: text('day'),
    span: oneOf(raw.span, ['day', 'week', 'month', 'agenda']),
    team: text('team'),
  };
}

export type LeakSearch = { reason?: string; owner?: string; department?: string; tier?: string; days?: string };

function leakSearch(raw: Record<string, unknown>): LeakSearch {
  const text = (key: string) => (raw[key] === undefined ? undefined : String(raw[key]));
  return {
    reason: text('reason'),
    owner: text('owner'),
    department: text('department'),
    tier: text('tier'),
    days: text('days'),
  };
}

const root = createRootRoute({ component: Layout, notFoundComponent: NotFound });

const home = createRoute({
  getParentRoute: () => root,
  path: '/',
  validateSearch: (raw: Record<string, unknown>): { log?: number } => (raw.log ? { log: 1 } : {}),
  component: lazyRouteComponent(() => import('../home/home-page')),
});
const list = createRoute({
  getParentRoute: () => root,
  path: '/o/$object',
  validateSearch: listSearch,
  component: lazyRouteComponent(() => import('../records/list-page')),
});
const record = createRoute({
  getParentRoute: () => root,
  path: '/o/$object/$id',
  component: lazyRouteComponent(() => import('../records/record-page')),
});
const data = createRoute({
  getParentRoute: () => root,
  path: '/data',
  component: lazyRouteComponent(() => import('../home/data-page')),
});
const duplicates = createRoute({
  getParentRoute: () => root,
  path: '/data/duplicates',
  component: lazyRouteComponent(() => import('../desk/duplicates-page')),
});
const quality = createRoute({
  getParentRoute: () => root,
  path: '/data/quality',
  component: lazyRouteComponent(() => import('../quality/quality-page')),
});
const pool = createRoute({
  getParentRoute: () => root,
  path: '/pool',
  component: lazyRouteComponent(() => import('../pool/pool-page')),
});
const poolSettings = createRoute({
  getParentRoute: () => root,
  path: '/pool/settings',
  component: lazyRouteComponent(() => import('../pool/settings-page')),
});
const stages = createRoute({
  getParentRoute: () => root,
  path: '/journey',
  component: lazyRouteComponent(() => import('../journey/stages-page')),
});
const plans = createRoute({
  getParentRoute: () => root,
  path: '/journey/plans',
  component: lazyRouteComponent(() => import('../journey/plans-page')),
});
const tiers = createRoute({
  getParentRoute: () => root,
  path: '/journey/tiers',
  component: lazyRouteComponent(() => import('../journey/tiers-page')),
});
const imports = createRoute({
  getParentRoute: () => root,
  path: '/imports',
  validateSearch: (raw: Record<string, unknown>): { object?: string } =>
    typeof raw.object === 'string' ? { object: raw.object } : {},
  component: lazyRouteComponent(() => import('../imports/imports-page')),
});
const importOne = createRoute({
  getParentRoute: () => root,
  path: '/imports/$id',
  component: lazyRouteComponent(() => import('../imports/import-page')),
});
const recycle = createRoute({
  getParentRoute: () => root,
  path: '/recycle',
  validateSearch: (raw: Record<string, unknown>): { object?: string } =>
    typeof raw.object === 'string' ? { object: raw.object } : {},
  component: lazyRouteComponent(() => import('../admin/recycle-page')),
});
const account = createRoute({
  getParentRoute: () => root,
  path: '/account',
  component: lazyRouteComponent(() => import('../session/account-page')),
});
const users = createRoute({
  getParentRoute: () => root,
  path: '/admin/users',
  component: lazyRouteComponent(() => import('../admin/users-page')),
});
const departments = createRoute({
  getParentRoute: () => root,
  path: '/admin/departments',
  component: lazyRouteComponent(() => import('../admin/departments-page')),
});
const roles = createRoute({
  getParentRoute: () => root,
  path: '/admin/roles',
  component: lazyRouteComponent(() => import('../admin/roles-page')),
});
const role = createRoute({
  getParentRoute: () => root,
  path: '/admin/roles/$id',
  component: lazyRouteComponent(() => import('../admin/role-page')),
});
const dictionary = createRoute({
  getParentRoute: () => root,
  path: '/admin/dictionary',
  component: lazyRouteComponent(() => import('../admin/dictionary-page')),
});
const dictionaryObject = createRoute({
  getParentRoute: () => root,
  path: '/admin/dictionary/$object',
  component: lazyRouteComponent(() => import('../admin/dictionary-object-page')),
});
const layouts = createRoute({
  getParentRoute: () => root,
  path: '/admin/dictionary/$object/layout',
  component: lazyRouteComponent(() => import('../admin/layout-page')),
});
const audit = createRoute({
  getParentRoute: () => root,
  path: '/admin/audit',
  component: lazyRouteComponent(() => import('../admin/audit-page')),
});
const settings = createRoute({
  getParentRoute: () => root,
  path: '/admin/settings',
  component: lazyRouteComponent(() => import('../admin/settings-page')),
});
const assignment = createRoute({
  getParentRoute: () => root,
  path: '/admin/assignment',
  component: lazyRouteComponent(() => import('../assignment/rules-page')),
});
const handover = createRoute({
  getParentRoute: () => root,
  path: '/admin/handover',
  component: lazyRouteComponent(() => import('../handover/handover-page')),
});
const greetings = createRoute({
  getParentRoute: () => root,
  path: '/greetings',
  component: lazyRouteComponent(() => import('../channels/greetings-page')),
});
const channels = createRoute({
  getParentRoute: () => root,
  path: '/admin/channels',
  component: lazyRouteComponent(() => import('../channels/channels-page')),
});
const help = createRoute({
  getParentRoute: () => root,
  path: '/help',
  component: lazyRouteComponent(() => import('../help/help-page')),
});
const helpChapter = createRoute({
  getParentRoute: () => root,
  path: '/help/$chapter',
  component: lazyRouteComponent(() => import('../help/help-page')),
});
const notifications = createRoute({
  getParentRoute: () => root,
  path: '/notifications',
  component: lazyRouteComponent(() => import('../follow/notifications-page')),
});
const leaks = createRoute({
  getParentRoute: () => root,
  path: '/leaks',
  validateSearch: leakSearch,
  component: lazyRouteComponent(() => import('../follow/leaks-page')),
});
const team = createRoute({
  getParentRoute: () => root,
  path: '/team',
  component: lazyRouteComponent(() => import('../follow/team-page')),
});
const reminders = createRoute({
  getParentRoute: () => root,
  path: '/admin/reminders',
  component: lazyRouteComponent(() => import('../follow/rules-page')),
});
const calendar = createRoute({
  getParentRoute: () => root,
  path: '/admin/calendar',
  component: lazyRouteComponent(() => import('../follow/calendar-page')),
});
const welcome = createRoute({
  getParentRoute: () => root,
  path: '/welcome',
  component: lazyRouteComponent(() => import('../welcome/welcome-page')),
});
const customers = createRoute({
  getParentRoute: () => root,
  path: '/customers',
  beforeLoad: () => {
    throw redirect({ to: '/o/$object', params: { object: 'customer' } });
  },
});

export const router = createRouter({
  routeTree: root.addChildren([
    home,
    list,
    record,
    data,
    duplicates,
    quality,
    pool,
    poolSettings,
    stages,
    plans,
    tiers,
    imports,
    importOne,
    recycle,
    account,
    users,
    departments,
    roles,
    role,
    dictionary,
    dictionaryObject,
    layouts,
    audit,
    settings,
    notifications,
    leaks,
    team,
    reminders,
    calendar,
    assignment,
    handover,
    channels,
    greetings,
    welcome,
    help,
    helpChapter,
    customers,
  ]),
  defaultPreload: 'intent',
  defaultErrorComponent: Crashed,
  scrollRestoration: false,
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
