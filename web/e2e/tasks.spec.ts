import { createRecord, expect, expectAccessible, expectNoSidewaysScroll, fresh, test } from './support';

test('how a task repeats is chosen in its form', async ({ page }) => {
  const title = fresh('每周例会');
  await page.goto('/o/task');
  await page.getByRole('button', { name: '新建任务' }).click();
  const form = page.getByRole('dialog', { name: '新建任务' });
  await form.getByRole('textbox', { name: '任务', exact: true }).fill(title);
  await form.getByLabel('重复', { exact: true }).click();
  await page.getByRole('option', { name: '每周', exact: true }).click();
  await form.getByRole('button', { name: '周三' }).click();
  await expectAccessible(page);
  await form.getByRole('button', { name: /^保存(?!并)/ }).click();
  await page.getByRole('button', { name: '打开', exact: true }).last().click();
  await expect(page.getByRole('heading', { level: 1, name: title })).toBeVisible();
  await expect(page.getByText('每周三').first()).toBeVisible();
});

test('how a task repeats is shown in words', async ({ page }) => {
  const title = fresh('月度对账');
  const id = await createRecord(page, 'task', {
    title,
    due_at: '2030-11-20T02:00:00Z',
    recurrence: 'FREQ=MONTHLY;BYMONTHDAY=20;COUNT=3',
  });
  await createRecord(page, 'task', { title: fresh('打印对账单'), parent: id });
  for (const width of [1440, 390]) {
    await page.setViewportSize({ width, height: 900 });
    await page.goto(`/o/task/${id}`);
    // On a phone the fields stand behind a tab.
    if (width > 768) await expect(page.getByText('每月 20 日，共 3 次').first()).toBeVisible();
    await expect(page.getByRole('tab', { name: /子任务/ })).toBeVisible();
    await expectAccessible(page);
    await expectNoSidewaysScroll(page);
  }
});

test('a calendar link is made, shown once and ended', async ({ page }) => {
  await page.goto('/account');
  const section = page.getByRole('heading', { name: '日历订阅' }).locator('xpath=ancestor::section');
  await section.getByRole('button', { name: '生成链接' }).click();
  const made = page.getByRole('dialog', { name: '日历链接' });
  const link = await made.getByText(/\/calendar\/hk_[^ ]+\.ics/).innerText();
  await expectAccessible(page);
  await made.getByRole('button', { name: '完成' }).click();
  const feed = await page.request.get(link.trim());
  expect(feed.headers()['content-type']).toContain('text/calendar');
  await section.getByRole('button', { name: '停用' }).first().click();
  await page.getByRole('dialog').getByRole('button', { name: '停用' }).click();
  await expect.poll(async () => (await page.request.get(link.trim())).status()).toBe(404);
});
