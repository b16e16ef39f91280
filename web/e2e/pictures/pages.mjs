// What is worth looking at. `bring` brings the page into the state of the picture.
const press = (name) => (page) => page.getByRole('button', { name }).click();

export const PAGES = [
  { name: 'home', path: '/' },
  { name: 'list', path: '/o/customer' },
  {
    name: 'list-filtered',
    path: `/o/customer?filter=${encodeURIComponent(
      JSON.stringify({
        all: [
          { field: 'owner', op: 'eq', value: 'me' },
          { field: 'next_step_at', op: 'within', value: { this: 'week' } },
        ],
      }),
    )}`,
  },
  {
    name: 'record',
    path: '/o/customer?view=mine',
    bring: async (page) => {
      const first = page.locator('[data-row="0"] button').first().or(page.locator('li a').first());
      await first.waitFor();
      const wide = (await page.locator('[data-row="0"]').count()) > 0;
      if (wide) await page.locator('[data-row="0"]').dblclick();
      else await page.locator('li a').first().click();
      await page.waitForURL(/\/o\/customer\/\w+/);
      await page.waitForLoadState('networkidle').catch(() => undefined);
    },
  },
  { name: 'contacts', path: '/o/contact' },
  { name: 'board', path: '/o/opportunity?view=board', login: 'manager' },
  { name: 'board-lanes', path: '/o/opportunity?view=board&lane=owner', login: 'manager' },
  { name: 'tasks-board', path: '/o/task?view=board', login: 'manager' },
  { name: 'calendar', path: '/o/task?view=calendar&span=month&team=all', login: 'manager' },
  { name: 'calendar-week', path: '/o/task?view=calendar&span=week&team=all', login: 'manager' },
  { name: 'calendar-agenda', path: '/o/task?view=calendar&span=agenda' },
  { name: 'log', path: '/', bring: press(/写跟进|Log/) },
  { name: 'data', path: '/data', login: 'manager' },
  { name: 'imports', path: '/imports' },
  { name: 'recycle', path: '/recycle', login: 'admin' },
  { name: 'account', path: '/account' },
  { name: 'users', path: '/admin/users', login: 'admin' },
  { name: 'departments', path: '/admin/departments', login: 'admin' },
  { name: 'roles', path: '/admin/roles', login: 'admin' },
  { name: 'dictionary', path: '/admin/dictionary', login: 'admin' },
  { name: 'dictionary-object', path: '/admin/dictionary/customer', login: 'admin' },
  { name: 'audit', path: '/admin/audit', login: 'admin' },
  { name: 'settings', path: '/admin/settings', login: 'admin' },
  { name: 'notifications', path: '/notifications' },
  {
    name: 'bell',
    path: '/',
    bring: async (page, { width }) => {
      if (width <= 390) return;
      await page.getByRole('button', { name: /^(通知|Notifications)/ }).click();
      await page.getByRole('link', { name: /^(全部通知|All notifications)/ }).waitFor();
    },
  },
  { name: 'leaks', path: '/leaks', login: 'manager' },
  { name: 'team', path: '/team', login: 'manager' },
  { name: 'reminders', path: '/admin/reminders', login: 'admin' },
  { name: 'working-calendar', path: '/admin/calendar', login: 'admin' },
  { name: 'welcome', path: '/welcome', login: 'admin' },
  { name: 'help', path: '/help' },
  { name: 'pool', path: '/pool' },
  { name: 'pools', path: '/pool/settings', login: 'admin' },
  { name: 'stages', path: '/journey', login: 'admin' },
  { name: 'plans', path: '/journey/plans', login: 'admin' },
  { name: 'tiers', path: '/journey/tiers', login: 'admin' },
  { name: 'assignment', path: '/admin/assignment', login: 'admin' },
  { name: 'handover', path: '/admin/handover', login: 'admin' },
  { name: 'channels', path: '/admin/channels', login: 'admin' },
  { name: 'greetings', path: '/greetings', login: 'manager' },
  { name: 'quality', path: '/data/quality', login: 'steward' },
  { name: 'duplicates', path: '/data/duplicates', login: 'steward' },
  {
    name: 'role',
    path: '/admin/roles',
    login: 'admin',
    bring: (page) =>
      page
        .getByRole('link')
        .filter({ hasText: /销售|Sales/ })
        .first()
        .click(),
  },
  { name: 'layout', path: '/admin/dictionary/customer/layout', login: 'admin' },
  { name: 'create', path: '/o/customer', bring: (page) => page.keyboard.press('c') },
  {
    name: 'palette',
    path: '/',
    bring: async (page) => {
      await page.keyboard.press('Control+k');
      await page.keyboard.type('hz');
      await page.waitForTimeout(400);
    },
  },
  { name: 'contracts', path: '/o/contract', login: 'finance' },
  { name: 'tickets', path: '/o/ticket', login: 'service' },
];
