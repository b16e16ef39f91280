import { createRecord, expect, fresh, test } from './support';

test.use({ login: 'admin' });

test('a layout for a stage is arranged by keyboard and menu, told whom it touches, and used at once', async ({
  page,
}) => {
  await page.goto('/admin/dictionary/campaign/layout');
  await page.getByRole('button', { name: '新增布局' }).click();
  await page.getByLabel('布局名称 (中文)').fill('收尾');
  await page.getByLabel('布局名称 (English)').fill('Wrap up');
  await page.getByRole('combobox', { name: '什么时候用' }).or(page.locator('#layout-when')).first().click();
  await page.getByRole('option', { name: '状态' }).click();
  await page.getByRole('checkbox', { name: '已结束' }).check();

  const first = page.getByRole('region').or(page.locator('section')).filter({ hasText: '新建时先填' }).first();
  const grips = first.getByRole('button', { name: /^移动/ });
  const names = () => grips.evaluateAll((all) => all.map((one) => one.getAttribute('aria-label')));
  const before = await names();
  await grips.first().focus();
  await page.keyboard.press('Alt+ArrowDown');
  await expect.poll(names).toEqual([before[1], before[0], ...before.slice(2)]);
  await page
    .getByRole('button', { name: '更多操作: 预算' })
    .or(page.getByRole('button', { name: /: 预算$/ }))
    .first()
    .click();
  await page.getByRole('menuitem', { name: '移到“不显示”' }).click();
  await expect(page.getByRole('status').filter({ hasText: '预算已移到“不显示”' })).toHaveCount(1);

  await page.getByRole('button', { name: '保存' }).click();
  const dialog = page.getByRole('dialog', { name: '保存布局？' });
  await expect(dialog).toContainText('新布局“收尾”');
  await expect(dialog).toContainText(/位同事会看到/);
  await expect(dialog).toContainText('不再显示: 预算');
  await dialog.getByRole('button', { name: '保存' }).click();
  await expect(page.getByText('布局已保存')).toBeVisible();

  // What is over is shown by it; what is still going on isn't.
  const ended = await createRecord(page, 'campaign', { name: fresh('收尾活动'), status: 'done', budget: 5000 });
  const going = await createRecord(page, 'campaign', { name: fresh('进行中的活动'), status: 'planned', budget: 6000 });
  await page.goto(`/o/campaign/${going}`);
  await expect(page.getByRole('button', { name: '预算', exact: true })).toBeVisible();
  await page.goto(`/o/campaign/${ended}`);
  await expect(page.getByRole('button', { name: '名称', exact: false }).first()).toBeVisible();
  await expect(page.getByRole('button', { name: '预算', exact: true })).toHaveCount(0);

  await page.goto('/admin/dictionary/campaign/layout');
  await page.getByRole('tab', { name: '收尾' }).click();
  await page.getByRole('button', { name: '删除这个布局' }).click();
  await page.getByRole('button', { name: '保存' }).click();
  await page.getByRole('dialog').getByRole('button', { name: '保存' }).click();
  await expect(page.getByText('布局已保存')).toBeVisible();
});

test('a change of a field tells what it touches before it is made', async ({ page }) => {
  await page.goto('/admin/dictionary/customer');
  await page.getByRole('button', { name: /: 简称$/ }).click();
  await page.getByRole('menuitem', { name: '编辑' }).click();
  const sheet = page.getByRole('dialog');
  await sheet.getByRole('checkbox', { name: '必填' }).check();
  await sheet.getByRole('button', { name: '保存' }).click();
  await expect(sheet.getByRole('status', { name: '保存后的影响' })).toContainText(/条不再符合要求/);
  await sheet.getByRole('button', { name: '取消' }).click();
});

test('an administrator looks as a salesperson, changes nothing, and the log knows', async ({ page }) => {
  await page.goto('/admin/users');
  const { csrf } = await (await page.request.get('/api/v1/session')).json();
  const sales = await (await page.request.get('/api/v1/records/user?limit=50')).json();
  const target = sales.items.find((one: { login: string }) => one.login === 'sales1');
  await page.getByRole('button', { name: `${target.name}的更多操作` }).click();
  await page.getByRole('menuitem', { name: '以此人身份查看' }).click();
  const bar = page.getByRole('complementary', { name: new RegExp(`以${target.name}的身份查看`) });
  await expect(bar).toBeVisible();
  try {
    await page.goto('/o/customer');
    await expect(page.locator('[data-row="0"]')).toBeVisible();
    await expect(page.getByRole('button', { name: '新建客户' })).toHaveCount(0);
    await expect(bar).toBeVisible();
    const refused = await page.request.post('/api/v1/records/customer', {
      data: { name: '不应存在的公司' },
      headers: { 'X-CSRF-Token': csrf },
    });
    expect(refused.status()).toBe(403);
  } finally {
    await page.request.delete('/api/v1/session/see-as', { headers: { 'X-CSRF-Token': csrf } });
  }
  await page.goto('/admin/users');
  await expect(bar).toHaveCount(0);
  const audit = await (await page.request.get(`/api/v1/audit?object=user&record=${target.id}&op=see_as`)).json();
  expect(audit.items.length).toBeGreaterThan(0);
});
