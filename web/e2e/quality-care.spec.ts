// What is done about the quality of data: remediation, acceptance, self-check, review, roles; the group on a customer's page.
import { createRecord, expect, expectAccessible, expectNoSidewaysScroll, fresh, test } from './support';

test.use({ login: 'admin' });

test('a problem is handed over, checked again and its queue seen', async ({ page }) => {
  const name = fresh('测试整改');
  await createRecord(page, 'customer', { name, kind: 'company' });
  await page.goto('/data/quality');
  await page.getByRole('button', { name: '立即统计' }).click();
  await expect(page.getByRole('button', { name: '立即统计' })).toBeEnabled({ timeout: 30_000 });
  await page.getByRole('radio', { name: /^整改/ }).click();
  await page.getByLabel('要整改的问题').click();
  await page.getByRole('option', { name: /名称不是测试或占位文字/ }).click();
  await page.getByRole('button', { name: '派发整改' }).click();
  await expect(page.getByText(/已派发 \d+ 条|没有需要派发的资料/)).toBeVisible();
  const row = page.getByRole('listitem').filter({ hasText: name });
  await expect(row).toContainText('名称不是测试或占位文字');
  await page.getByRole('button', { name: '复查' }).click();
  await expect(page.getByText(/关闭 \d+ 条，重开 \d+ 条/)).toBeVisible();
  await expectAccessible(page);
});

for (const width of [1440, 390]) {
  test(`the other parts of the centre can be read (${width})`, async ({ page }) => {
    await page.setViewportSize({ width, height: 900 });
    await page.goto('/data/quality');
    await page.getByRole('radio', { name: /^待验收/ }).click();
    await expect(page.getByRole('heading', { name: '待验收' })).toBeVisible();
    await expectAccessible(page);
    await page.getByRole('radio', { name: '自检' }).click();
    for (const question of ['各部门说法一致吗', '信息是最新的吗', '一位客户有几份档案', '找一位客户要多久'])
      await expect(page.getByText(question)).toBeVisible();
    await expect(page.getByText(/第 \d 级/)).toBeVisible();
    await expectAccessible(page);
    await page.getByRole('radio', { name: '月报' }).click();
    await expect(page.getByRole('heading', { name: '本月工作' })).toBeVisible();
    await expectAccessible(page);
    await page.getByRole('radio', { name: '角色' }).click();
    await expect(page.getByText('数据管家').first()).toBeVisible();
    await expectAccessible(page);
    await expectNoSidewaysScroll(page);
  });
}

test('a group shows the figures of all below it', async ({ page }) => {
  const name = fresh('示例集团');
  const group = await createRecord(page, 'customer', { name });
  const branch = `${name}杭州分公司`;
  const below = await createRecord(page, 'customer', { name: branch, parent: group, parent_relation: 'branch' });
  await createRecord(page, 'contact', { name: '王芳', customer: below });
  await page.goto(`/o/customer/${group}`);
  await page.getByRole('tab', { name: /下属单位/ }).click();
  const together = page.getByRole('region', { name: '连同下属共 2 家' });
  await expect(together).toContainText('联系人数');
  await expect(page.getByRole('link', { name: branch }).first()).toBeVisible();
  await expectAccessible(page);
});
