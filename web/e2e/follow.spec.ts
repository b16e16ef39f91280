// Promises and reminders: the bell, the day's columns, the leak radar, and what an administrator says about reminding.
import { createRecord, expect, expectAccessible, expectNoSidewaysScroll, fresh, laterToday, test } from './support';

/** A customer of one's own with a task for later today, once the promise is there. */
async function promised(page: import('@playwright/test').Page, title: string) {
  await page.goto('/');
  const customer = await createRecord(page, 'customer', { name: fresh('催办试验有限公司') });
  const due = await laterToday(5);
  await createRecord(page, 'task', { title, customer, due_at: due });
  await expect
    .poll(
      async () => {
        const answer = await page.request.get(`/api/v1/records/customer/${customer}/obligations`);
        const { items } = (await answer.json()) as { items: { title: string }[] };
        return items.some((item) => item.title === title);
      },
      { timeout: 20_000 },
    )
    .toBe(true);
  return customer;
}

test('what is due today is done in one tap on home, taken back, and put off', async ({ page }) => {
  const title = fresh('催办');
  await promised(page, title);
  await page.reload();
  await page.getByRole('button', { name: /今天$/ }).click();
  const row = page.locator('[data-agenda]').filter({ hasText: title });
  await expect(row).toBeVisible();
  await row.getByRole('button', { name: `完成: ${title}` }).click();
  await expect(row).toHaveCount(0);
  // What is done asks what comes next; that can wait.
  await page
    .getByRole('dialog', { name: /^写跟进/ })
    .getByRole('button', { name: '关闭' })
    .click();
  await page.getByRole('button', { name: '撤销' }).click();
  await expect(row).toBeVisible();
  await row.getByRole('button', { name: `推迟: ${title}` }).click();
  await expect(page.getByRole('menuitem', { name: /^明天/ })).toBeVisible();
  await page.getByRole('menuitem', { name: /^选时间/ }).click();
  const asked = page.getByRole('dialog', { name: `推迟“${title}”` });
  await asked.getByRole('textbox').fill('明天 16:00');
  await expectAccessible(page);
  await asked.getByRole('button', { name: '推迟', exact: true }).click();
  await expect(page.getByText(/^已推迟到明天 16:00/)).toBeVisible();
});

test('the bell says what is unread, why it came, and leads to all of it', async ({ page }) => {
  await page.goto('/');
  const bell = page.getByRole('button', { name: /^通知/ });
  await bell.click();
  const panel = page.getByRole('region', { name: '通知', exact: true });
  await expect(panel.or(page.getByText('没有通知')).first()).toBeVisible();
  // What lies half under the panel is no target until it closes.
  await expectAccessible(page, '[role="dialog"]');
  await page.getByRole('link', { name: '全部通知' }).click();
  await expect(page).toHaveURL(/\/notifications$/);
  await expect(page.getByRole('heading', { level: 1, name: '通知' })).toBeVisible();
  const why = page.getByRole('button', { name: /^为什么收到：/ }).first();
  await expect(why.or(page.getByText('没有通知')).first()).toBeVisible();
  if (await why.isVisible()) {
    await why.click();
    const sheet = page.getByRole('dialog', { name: '为什么收到' });
    await expect(sheet.getByRole('listitem').first()).toBeVisible();
    await expectAccessible(page);
  }
});

test('a record tells who will be reminded when', async ({ page }) => {
  const title = fresh('梯级');
  const customer = await promised(page, title);
  await page.goto(`/o/customer/${customer}`);
  await page.getByRole('tab', { name: '承诺与提醒' }).click();
  const panel = page.getByRole('tabpanel');
  await expect(panel.locator('[data-agenda]').filter({ hasText: title })).toBeVisible();
  await expect(panel.getByRole('region', { name: '接下来提醒' })).toBeVisible();
  await expect(panel.getByRole('region', { name: '提醒过谁' })).toBeVisible();
  await expectAccessible(page);
});

test.describe('for whoever looks after the company', () => {
  test.use({ login: 'admin' });

  test('a customer without a next step is on the radar and is mended there', async ({ page }) => {
    await page.goto('/');
    const name = fresh('漏斗试验有限公司');
    // Nothing is planned of itself for a customer of this stage.
    await createRecord(page, 'customer', { name, stage: 'potential' });
    const { user } = await (await page.request.get('/api/v1/session')).json();
    await page.goto(`/leaks?reason=no_next_step&owner=${user.id}`);
    await expect(page.getByRole('button', { name: /没有下一步/, pressed: true })).toBeVisible();
    await expect(page.getByText(/^夜间检查/).first()).toBeVisible();
    const row = page.locator('li').filter({ hasText: name });
    await expect(async () => {
      await page.reload();
      await expect(row).toBeVisible({ timeout: 5_000 });
    }).toPass({ timeout: 40_000 });
    await row.getByRole('button', { name: `安排下一步：${name}` }).click();
    const dialog = page.getByRole('dialog', { name: `安排“${name}”的下一步` });
    await expectAccessible(page);
    await dialog.getByRole('button', { name: '安排下一步' }).click();
    await expect(page.getByText('已给 1 位客户安排下一步')).toBeVisible();
    await expect(row).toHaveCount(0, { timeout: 20_000 });
  });

  test('a rule is written as a sentence, tried on the past, turned off and deleted', async ({ page }) => {
    const name = fresh('试验规则');
    await page.goto('/admin/reminders');
    await page.getByRole('button', { name: '新建规则' }).click();
    const sheet = page.getByRole('dialog', { name: '新建提醒规则' });
    await sheet.getByLabel('名称', { exact: true }).fill(name);
    await sheet.getByRole('button', { name: '再加一步' }).click();
    await sheet.getByRole('button', { name: '试运行' }).click();
    await expect(sheet.getByText(/近 30 天会触发 \d+ 次，人均每个工作日/)).toBeVisible({ timeout: 30_000 });
    await expectAccessible(page);
    await sheet.getByRole('radio', { name: '只进每天早上的汇总' }).check();
    await sheet.getByRole('button', { name: '保存' }).click();
    const heavy = page.getByRole('dialog', { name: '这条规则会提醒很多次' });
    await expect(heavy.or(page.getByText(`已保存“${name}”`))).toBeVisible({ timeout: 30_000 });
    if (await heavy.isVisible()) await heavy.getByRole('button', { name: '仍然启用' }).click();
    await expect(page.getByText(`已保存“${name}”`)).toBeVisible();
    const row = page.locator('li').filter({ hasText: name });
    await expect(row).toContainText('客户 3 个工作日没联系');
    await expect(row).toContainText('只进汇总');
    await row.getByRole('checkbox').uncheck();
    await expect(row).toContainText('已停用');
    await row.getByRole('button', { name: `删除规则：${name}` }).click();
    await page.getByRole('dialog').getByRole('button', { name: '删除' }).click();
    await expect(row).toHaveCount(0);
    for (const tab of ['被忽略的提醒', '运行情况']) {
      await page.getByRole('radio', { name: tab }).click();
      await expectAccessible(page);
    }
  });

  test('holidays are pasted as a notice says them, and taken back', async ({ page }) => {
    await page.goto('/admin/calendar');
    await expect(page.getByLabel('周一').first()).toHaveValue('09:00-12:00 13:30-18:00');
    await expectAccessible(page);
    await page.getByRole('radio', { name: '节假日' }).click();
    const year = new Date().getFullYear() + 4;
    for (let step = 0; step < 4; step++) await page.getByRole('button', { name: '下一年' }).click();
    await expect(page.getByText(`${year} 年的节假日还没有录入`)).toBeVisible();
    await page.getByRole('button', { name: '批量录入' }).click();
    const dialog = page.getByRole('dialog', { name: '粘贴或导入节假日' });
    await dialog.getByLabel('内容').fill(`${year}-01-01 至 ${year}-01-03 元旦 放假`);
    await expect(dialog.getByText('看懂 3 天')).toBeVisible();
    await expectAccessible(page);
    await dialog.getByRole('button', { name: '录入 3 天' }).click();
    const row = page.locator('li').filter({ hasText: '元旦' });
    await expect(row).toContainText('01-01');
    await row.getByRole('button', { name: /^去掉元旦/ }).click();
    await expect(row).toHaveCount(0);
    for (const section of ['请假', '免打扰与汇总']) {
      await page.getByRole('radio', { name: section }).click();
      await expectAccessible(page);
    }
  });

  test("of a day's reminders only so many are about customers of a tier", async ({ page }) => {
    await page.goto('/admin/calendar');
    await page.getByRole('radio', { name: '免打扰与汇总' }).click();
    const most = page.getByRole('textbox', { name: 'C 类，每人每天' });
    await expect(most).toHaveValue('10');
    await most.fill('300');
    await expect(page.getByRole('alert').filter({ hasText: '应为 0 到 200，或留空' })).toBeVisible();
    await expectAccessible(page);
    await most.fill('0');
    await page.getByRole('textbox', { name: 'B 类，每人每天' }).fill('8');
    await page.getByRole('button', { name: '保存' }).click();
    await expect(page.getByText('已保存，今后的提醒按新的时间计算')).toBeVisible();
    await page.reload();
    await page.getByRole('radio', { name: '免打扰与汇总' }).click();
    await expect(most).toHaveValue('0');
    await page.getByRole('textbox', { name: 'B 类，每人每天' }).fill('');
    await most.fill('10');
    await page.getByRole('button', { name: '保存' }).click();
    await expect(page.getByText('已保存，今后的提醒按新的时间计算')).toBeVisible();
    await page.reload();
    await page.getByRole('radio', { name: '免打扰与汇总' }).click();
    await expect(most).toHaveValue('10');
    await expect(page.getByRole('textbox', { name: 'B 类，每人每天' })).toHaveValue('');
  });
});

test.describe('for a manager', () => {
  test.use({ storageState: { cookies: [], origins: [] } });

  test('the team is looked at person by person', async ({ page }) => {
    await page.goto('/');
    await page.getByLabel('登录名').fill('manager');
    await page.getByLabel('密码', { exact: true }).fill('huike-demo');
    await page.getByRole('button', { name: '登录', exact: true }).click();
    await page.getByRole('link', { name: '团队跟进' }).click();
    await expect(page.getByRole('heading', { level: 1, name: '团队跟进' })).toBeVisible();
    const person = page.getByRole('button', { name: /的待办/ }).first();
    await person.click();
    await expect(person).toHaveAttribute('aria-expanded', 'true');
    await expectAccessible(page);
    await expectNoSidewaysScroll(page);
  });
});
