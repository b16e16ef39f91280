import { expect, expectAccessible, expectNoSidewaysScroll, test } from './support';

test.use({ login: 'admin' });

const PAGES = [
  '/',
  '/o/customer',
  '/o/opportunity?view=board',
  '/o/opportunity?view=board&lane=owner',
  '/o/task?view=calendar&span=month&team=all',
  '/o/task?view=calendar&span=week&team=all',
  '/o/task?view=calendar&span=agenda',
  '/data',
  '/data/quality',
  '/data/duplicates',
  '/imports',
  '/recycle',
  '/account',
  '/admin/users',
  '/admin/departments',
  '/admin/roles',
  '/admin/dictionary',
  '/admin/dictionary/customer',
  '/admin/audit',
  '/admin/settings',
  '/admin/reminders',
  '/admin/calendar',
  '/notifications',
  '/leaks',
  '/team',
  '/admin/dictionary/customer/layout',
  '/welcome',
  '/help',
  '/help/access',
];

for (const colorScheme of ['light', 'dark'] as const) {
  test(`no page has a fault that axe can find (${colorScheme})`, async ({ page }) => {
    test.setTimeout(180_000);
    await page.emulateMedia({ colorScheme });
    for (const path of PAGES) {
      await test.step(path, async () => {
        await page.goto(path);
        await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
        await page.waitForLoadState('networkidle').catch(() => undefined);
        await expectAccessible(page);
        await expectNoSidewaysScroll(page);
      });
    }
  });
}
