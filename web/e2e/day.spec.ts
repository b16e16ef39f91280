// A day of each of three people, in one go.
import { anyRecord, createRecord, expect, fresh, laterToday, signIn, stateOf, test } from './support';

test.describe('a salesperson', () => {
  test.use({ storageState: stateOf('sales1') });

  test('finds, calls, writes down, moves a deal and goes home with nothing open', async ({ page }) => {
    const name = fresh('一日试验有限公司');
    const customer = await createRecord(page, 'customer', { name });
    const subject = fresh('今日拜访');
    const due = await laterToday(10);
    await createRecord(page, 'task', { title: subject, customer, due_at: due });

    // In the morning: what is due.
    const done = page.getByRole('button', { name: `完成: ${subject}` });
    await expect(async () => {
      await page.goto('/');
      await expect(done).toBeVisible({ timeout: 3_000 });
    }).toPass({ timeout: 30_000 });

    // On the way: the customer by the beginning of the name, then what was said.
    await page.keyboard.press('Control+k');
    await page.getByPlaceholder(/支持拼音首字母/).fill(name);
    await page.getByRole('option').filter({ hasText: name }).first().click();
    await expect(page.getByRole('heading', { level: 1, name })).toBeVisible();
    await page.keyboard.press('l');
    const sheet = page.getByRole('dialog', { name: `写跟进 · ${name}` });
    await sheet.getByLabel('聊了什么').fill('样品已确认，后天上午10点送合同');
    await expect(sheet.getByRole('region', { name: '从这句话看出' })).toContainText('10:00');
    await sheet.getByRole('button', { name: /^保存跟进/ }).click();
    await expect(page.getByText(/跟进已保存/)).toBeVisible();
    await expect(page.getByRole('tabpanel')).toContainText('样品已确认');

    // In the office: a deal for it, and a stage further.
    const deal = fresh('一日商机');
    await createRecord(page, 'opportunity', { name: deal, customer, amount: '125000' });
    await page.getByRole('tab', { name: /商机/ }).click();
    await expect(page.getByRole('tabpanel')).toContainText(deal);

    // In the evening: done.
    await page.goto('/');
    await done.click();
    await expect(done).toHaveCount(0);
  });
});

test.describe('a manager', () => {
  test.use({ storageState: { cookies: [], origins: [] } });

  test('sees who is behind, what leaks, and the board of all', async ({ page }) => {
    await signIn(page, 'manager');
    await page.getByRole('link', { name: '团队跟进' }).click();
    await expect(page.getByRole('heading', { level: 1, name: '团队跟进' })).toBeVisible();
    await expect(page.getByRole('button', { name: /的待办/ }).first()).toBeVisible();
    await page.goto('/leaks');
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
    await page.goto('/o/opportunity');
    await expect(page.locator('[data-row="0"]').or(page.locator('[data-card]').first()).first()).toBeVisible();
    await page.goto('/o/customer');
    await expect(page.locator('[data-row="0"]')).toBeVisible();
  });
});

test.describe('an administrator', () => {
  test.use({ storageState: stateOf('admin') });

  test('looks at people, rights, fields and the log, and revokes a key that nobody needs', async ({ page }) => {
    await page.goto('/admin/users');
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
    await page.goto('/admin/roles');
    await expect(page.getByRole('link', { name: /销售/ }).first()).toBeVisible();
    await page.goto('/admin/dictionary/customer');
    await expect(page.getByRole('button', { name: '添加字段' })).toBeVisible();

    // Somebody's program: made beside the page, ended on it.
    const purpose = fresh('报表程序');
    const { csrf } = await (await page.request.get('/api/v1/session')).json();
    const made = await page.request.post('/api/v1/keys', {
      data: { name: purpose, scopes: ['read'] },
      headers: { 'X-CSRF-Token': csrf },
    });
    const { key } = await made.json();
    const asked = () =>
      page.request.get('/api/v1/records/customer?limit=1', { headers: { Authorization: `Bearer ${key}` } });
    expect((await asked()).status()).toBe(200);
    await page.goto('/admin/settings');
    const row = page.getByRole('listitem').filter({ hasText: purpose });
    await expect(row).toContainText('只读');
    await row.getByRole('button', { name: '作废' }).click();
    await page.getByRole('dialog').getByRole('button', { name: '作废' }).click();
    await expect(row).toHaveCount(0);
    await page.goto('/admin/audit');
    await expect(page.getByRole('main').getByRole('listitem').first()).toBeVisible();
    expect(await anyRecord(page, 'customer')).toBeTruthy();
  });
});
