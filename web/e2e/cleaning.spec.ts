// Bulk cleaning from looking to undoing, one's own weights of the comparison, and the warning of a form that asks for too much.
import { createRecord, expect, expectAccessible, expectNoSidewaysScroll, fresh, test } from './support';

test.use({ login: 'admin' });

test('what would be cleaned is seen first, then written, and undone', async ({ page }) => {
  test.setTimeout(120_000);
  const tag = fresh('洁净');
  const record = await createRecord(page, 'customer', { name: `上海 ${tag} 贸易(集团)有限公司` });
  const read = async () => (await (await page.request.get(`/api/v1/records/customer/${record}`)).json()).name;
  await page.goto('/data/quality');
  await page.getByRole('radio', { name: '清洗' }).click();
  await expectAccessible(page);
  await page.getByRole('checkbox', { name: /从关联资料补充/ }).uncheck();
  await page.getByRole('button', { name: '开始查找' }).click();
  const write = page.getByRole('button', { name: /^写入 [\d,.万]+ 处$/ });
  await expect(write).toBeVisible({ timeout: 60_000 });
  expect(await read()).toContain('(集团)');
  await page.getByRole('button', { name: '查看：统一写法 · 客户名称' }).click();
  const row = page.getByRole('listitem').filter({ hasText: tag }).last();
  const more = page.getByRole('button', { name: '加载更多' });
  while ((await row.count()) === 0 && (await more.count()) > 0) await more.click();
  await expect(row).toContainText(`上海${tag} 贸易（集团）有限公司`);
  await expectAccessible(page);
  await page.setViewportSize({ width: 390, height: 844 });
  await expectNoSidewaysScroll(page);
  await page.setViewportSize({ width: 1440, height: 900 });
  await write.click();
  await expect.poll(read, { timeout: 60_000 }).toBe(`上海${tag} 贸易（集团）有限公司`);
  await page.getByRole('button', { name: '撤销这次清洗' }).click({ timeout: 60_000 });
  await page.getByRole('dialog').getByRole('button', { name: '撤销这次清洗' }).click();
  await expect.poll(read, { timeout: 60_000 }).toContain('(集团)');
});

test('a cleaning is narrowed to a field and to some records', async ({ page }) => {
  const tag = fresh('收窄');
  await createRecord(page, 'customer', { name: `上海 ${tag} 贸易(集团)有限公司` });
  await page.goto('/data/quality');
  await page.getByRole('radio', { name: '清洗' }).click();
  const fields = page.getByRole('group', { name: '要处理的字段' });
  const boxes = fields.getByRole('checkbox');
  await expect(boxes.first()).toBeVisible();
  const begin = page.getByRole('button', { name: '开始查找' });
  for (const box of await boxes.all()) await box.uncheck();
  await expect(page.getByText('请至少选一个字段')).toBeVisible();
  await expect(begin).toBeDisabled();
  await fields.getByRole('checkbox', { name: '客户名称' }).check();
  const only = page.getByRole('region', { name: '只处理符合条件的' });
  await only.getByRole('combobox', { name: '添加条件' }).click();
  await page.getByRole('option', { name: '客户名称', exact: true }).click();
  await page.getByRole('dialog', { name: '客户名称' }).getByRole('textbox').fill(tag);
  await page.keyboard.press('Escape');
  await expect(only).toContainText(tag);
  await begin.click();
  await expect(page.getByRole('button', { name: '写入 1 处' })).toBeVisible({ timeout: 60_000 });
  await expect(page.getByText('字段：客户名称')).toBeVisible();
  await expect(page.getByText(/只处理符合条件的.*客户名称/)).toContainText(tag);
  await page.getByRole('button', { name: '放弃' }).click();
  await expect(page.getByText('已停止').first()).toBeVisible();
});

test('a provider is set up and its faults stand beside their fields', async ({ page }) => {
  await page.goto('/data/quality');
  await page.getByRole('radio', { name: '清洗' }).click();
  await page.getByLabel('来源名称').fill('示例企业信息');
  await page.getByLabel('查询地址').fill('http://data.example.com/company?name={name}');
  // What an earlier run has left behind.
  const rows = page.getByRole('button', { name: /^去掉 / });
  await expect(page.getByRole('button', { name: '添加一项' })).toBeVisible();
  while ((await rows.count()) > 0) await rows.first().click();
  await page.getByRole('button', { name: '添加一项' }).click();
  await page.getByLabel('回答里的位置').fill('data.short_name');
  await page.getByRole('button', { name: '保存' }).click();
  await expect(page.locator('#provider-url-fault')).toContainText('应为 https:// 开头的地址');
  await page.getByLabel('查询地址').fill('http://127.0.0.1:9/company?name={name}');
  await page.getByRole('button', { name: '保存' }).click();
  await expect(page.getByText('已保存')).toBeVisible();
  const trial = page.getByRole('region', { name: '用一家单位试查' });
  await trial.getByLabel('客户名称').fill('无锡太湖纺织有限公司');
  await trial.getByRole('button', { name: '试查' }).click();
  await expect(trial.getByRole('status')).toContainText('服务连接不上');
  await expectAccessible(page);
});

test('one’s own weights are shown with their effect before they count', async ({ page }) => {
  test.setTimeout(120_000);
  await page.goto('/data/duplicates');
  await page.getByText('判重标准', { exact: true }).click();
  await page.getByRole('button', { name: '按现有资料试算' }).click();
  const effect = page.getByRole('region', { name: /^启用后的影响/ });
  await expect(effect).toBeVisible({ timeout: 90_000 });
  await expect(effect.getByRole('row', { name: /确定重复/ })).toContainText(/\d/);
  await expectAccessible(page);
  await effect.getByRole('button', { name: '启用' }).click();
  await expect(page.getByText(/正在使用本公司标准/)).toBeVisible();
  await page.getByRole('button', { name: '恢复出厂标准' }).click();
  await expect(page.getByText('正在使用出厂标准')).toBeVisible();
});

test('a form that asks for more than five fields first is warned of', async ({ page }) => {
  await page.goto('/admin/dictionary/campaign/layout');
  const first = page.locator('section').filter({ hasText: '新建时先填' }).first();
  const grips = first.getByRole('button', { name: /^移动/ });
  await expect(grips.first()).toBeVisible();
  const warning = page.getByText(/超过 5 项，录入会变慢/);
  const named = (prefix: string) => page.getByRole('button', { name: new RegExp(`^${prefix}`) });
  const names = async (prefix: string) =>
    (await named(prefix).evaluateAll((all) => all.map((one) => one.getAttribute('aria-label') ?? ''))).map((text) =>
      text.slice(prefix.length),
    );
  const asked = await grips.evaluateAll((all) => all.map((one) => one.getAttribute('aria-label')?.slice(2) ?? ''));
  const free = (await names('更多操作: ')).filter((name) => !asked.includes(name));
  for (let count = asked.length; count <= 5; count += 1) {
    await expect(warning).toHaveCount(0);
    await page.getByRole('button', { name: `更多操作: ${free[count - asked.length]}`, exact: true }).click();
    await page.getByRole('menuitem', { name: '移到“新建时先填”' }).click();
    await expect(grips).toHaveCount(count + 1);
  }
  await expect(warning).toBeVisible();
});
