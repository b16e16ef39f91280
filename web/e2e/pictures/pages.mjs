// What is worth looking at. `bring` brings the page into the state of the picture.
const press = (name) => (page) => page.getByRole('button', { name }).first().click();

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
  { name: 'log', path: '/', bring: press(/^(写跟进|Log)/) },
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
  ...[
    ['remedy', /^(整改|Mending)/],
    ['acceptance', /^(待验收|To accept)/],
    ['cleaning', /^(清洗|Cleaning)/],
    ['check', /^(自检|Self-check)/],
    ['review', /^(月报|Review)/],
    ['roles', /^(角色|Roles)/],
  ].map(([name, label]) => ({
    name: `quality-${name}`,
    path: '/data/quality',
    login: 'admin',
    bring: async (page) => {
      await page.getByRole('radio', { name: label }).click();
      await page.waitForLoadState('networkidle').catch(() => undefined);
      await page.waitForTimeout(1_500);
    },
  })),
  {
    name: 'quality-rules',
    path: '/data/quality',
    login: 'admin',
    bring: async (page) => {
      await page.getByRole('button', { name: /编辑规则|Edit rules/ }).click();
      await page.getByRole('dialog').waitFor();
    },
  },
  { name: 'duplicates', path: '/data/duplicates', login: 'steward' },
  {
    name: 'duplicates-rules',
    path: '/data/duplicates',
    login: 'admin',
    bring: async (page) => {
      for (const name of [/^(录入时发现重复|A duplicate while entering)$/, /^(合并时保留哪个值|Which value stays)/])
        await page.getByText(name).first().click();
    },
  },
  {
    name: 'duplicates-compare',
    path: '/data/duplicates',
    login: 'steward',
    bring: async (page) => {
      await page.getByRole('radio', { name: /^(很可能|Likely)/ }).click();
      await page.getByRole('main').locator('button[aria-expanded="false"]').first().click();
    },
  },
  {
    name: 'create-twin',
    path: '/o/customer',
    bring: async (page, { language }) => {
      await page.waitForLoadState('networkidle').catch(() => undefined);
      await page.keyboard.press('c');
      const sheet = page.getByRole('dialog');
      await sheet
        .getByLabel(language === 'en' ? 'Name' : '客户名称')
        .first()
        .fill('杭州仪表');
      await page.waitForTimeout(900);
    },
  },
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
