import { createRecord, expect, expectAccessible, expectNoSidewaysScroll, fresh, test } from './support';

test.use({ login: 'admin' });

test('duplicates are found, compared, merged and taken apart again', async ({ page }) => {
  test.setTimeout(180_000);
  const tag = fresh('海星');
  const phone = `0571-8${Date.now().toString().slice(-7)}`;
  const winner = await createRecord(page, 'customer', {
    name: `杭州${tag}机械有限公司`,
    phone,
    email: `sales@${Date.now().toString(36)}.example.cn`,
    website: 'https://example.cn',
  });
  const loser = await createRecord(page, 'customer', { name: `${tag}机械（杭州）有限公司`, phone, short_name: tag });
  const contact = await createRecord(page, 'contact', { name: '王芳', customer: loser });
  await page.goto('/data/duplicates');
  const started = page.waitForResponse((one) => one.request().method() === 'POST' && /duplicate-run$/.test(one.url()));
  await page.getByRole('button', { name: '开始查重' }).click();
  expect((await started).ok()).toBe(true);
  const run = async () => (await (await page.request.get('/api/v1/records/customer/duplicate-run')).json()).run;
  await expect.poll(async () => (await run())?.state, { timeout: 120_000 }).toBe('done');
  await page.reload();
  const heading = page.getByRole('heading', { name: new RegExp(tag) });
  const more = page.getByRole('button', { name: '更多', exact: true });
  for (const tab of [/^确定重复/, /^很可能/, /^有可能/]) {
    await page.getByRole('radio', { name: tab }).click();
    await page.waitForLoadState('networkidle');
    while ((await heading.count()) === 0 && (await more.count()) > 0) {
      await more.click();
      await page.waitForLoadState('networkidle');
    }
    if ((await heading.count()) > 0) break;
  }
  const group = page.getByRole('article').filter({ hasText: tag });
  await group.getByRole('button', { name: '比较并合并' }).click();
  await expect(group.getByRole('region', { name: '比较并合并' })).toContainText('不一致');
  await expect(group).toContainText('联系人 1');
  await expectAccessible(page);
  await group.getByRole('button', { name: '选用这条的客户名称' }).last().click();
  await group.getByRole('button', { name: /^合并为/ }).click();
  await expect(page.getByText('已合并', { exact: true })).toBeVisible();
  const merged = await (await page.request.get(`/api/v1/records/customer/${loser}`)).json();
  expect(merged.id === winner || merged.id === loser).toBe(true);
  const person = await (await page.request.get(`/api/v1/records/contact/${contact}`)).json();
  expect(person.customer).toBe(merged.id);

  await page.getByRole('radio', { name: '合并记录' }).click();
  await page.getByRole('button', { name: '撤销合并' }).first().click();
  const dialog = page.getByRole('dialog');
  await expect(dialog).toContainText('撤销这次合并');
  await dialog.getByRole('button', { name: '撤销合并' }).click();
  await expect(page.getByText('已撤销').first()).toBeVisible();
  expect((await (await page.request.get(`/api/v1/records/customer/${loser}`)).json()).id).toBe(loser);
  await expectAccessible(page);
  await expectNoSidewaysScroll(page);
});

test('what happens at a certain duplicate is for the administrator to say', async ({ page }) => {
  const tag = fresh('阻止');
  const twin = { name: `宁波${tag}轴承有限公司`, phone: `0574-8${Date.now().toString().slice(-7)}` };
  await createRecord(page, 'customer', twin);
  const again = async () => {
    const { csrf } = await (await page.request.get('/api/v1/session')).json();
    const headers = { 'X-CSRF-Token': csrf };
    return page.request.post('/api/v1/records/customer?on_duplicate=allow', { data: twin, headers });
  };
  const set = async (then: string) => {
    await page.goto('/data/duplicates');
    await page.getByText('录入时发现重复', { exact: true }).click();
    await page.getByRole('combobox', { name: '确定重复，页面录入' }).click();
    await page.getByRole('option', { name: then, exact: true }).click();
    await page.getByRole('button', { name: '保存', exact: true }).click();
    await expect(page.getByText('已保存，从下一条记录起生效')).toBeVisible();
  };
  await set('阻止');
  await expectAccessible(page);
  const refused = await again();
  expect(refused.status()).toBe(409);
  expect((await refused.json()).code).toBe('duplicate');
  await set('提醒');
  expect((await again()).status()).toBe(201);
  await page.setViewportSize({ width: 390, height: 844 });
  await expectNoSidewaysScroll(page);
});

test('which value stays in a merge is ruled field by field', async ({ page }) => {
  const rules = async () => {
    const { merge } = await (await page.request.get('/api/v1/dictionary/customer')).json();
    return (merge.rules as { field: string; rule: string }[]).map((one) => `${one.field} ${one.rule}`);
  };
  const shipped = await rules();
  await page.goto('/data/duplicates');
  await page.getByText('合并时保留哪个值', { exact: true }).click();
  await page.getByRole('combobox', { name: '给一个字段定规则' }).click();
  await page.getByRole('option', { name: '网址', exact: true }).click();
  await page.getByRole('combobox', { name: '网址', exact: true }).click();
  await page.getByRole('option', { name: '写得最全的' }).click();
  await expectAccessible(page);
  const save = page.getByRole('button', { name: '保存', exact: true });
  await save.click();
  await expect(page.getByText('已保存，从下一次合并起生效')).toBeVisible();
  expect(await rules()).toEqual([...shipped, 'website complete']);
  await page.setViewportSize({ width: 390, height: 844 });
  await expectNoSidewaysScroll(page);
  await page.getByRole('button', { name: '去掉网址的规则' }).click();
  await save.click();
  await expect.poll(rules).toEqual(shipped);
});
