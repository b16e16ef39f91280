import type { Page } from '@playwright/test';
import { createRecord, expect, expectAccessible, expectNoSidewaysScroll, fresh, test } from './support';

/** Spans are kept by the reader of the log, a moment after the customer is made. */
async function inPool(page: Page, id: string) {
  await expect
    .poll(async () => {
      const answer = await page.request.get(`/api/v1/customers/${id}/custody`);
      return (await answer.json()).items?.[0]?.pool?.name ?? null;
    })
    .not.toBeNull();
}

for (const width of [1440, 390]) {
  test(`a customer is returned with a reason and its history tells of it (${width})`, async ({ page }) => {
    await page.setViewportSize({ width, height: 900 });
    const name = fresh('公海退回示例');
    const id = await createRecord(page, 'customer', { name, stage: 'potential' });
    await page.goto(`/o/customer/${id}`);
    await page.getByRole('button', { name: '退回公海' }).click();
    const sheet = page.getByRole('dialog', { name: `退回${name}` });
    await sheet.getByLabel('退回原因').click();
    await page.getByRole('option', { name: '没有预算' }).click();
    await sheet.getByLabel('说明').fill('明年再联系');
    await expectAccessible(page);
    await sheet.getByRole('button', { name: '退回公海' }).click();
    await expect(page.getByText('已退回公海').first()).toBeVisible();
    await page.goto('/pool');
    await expect(page.getByRole('link', { name })).toBeVisible();
    await expect(page.getByRole('button', { name: `领取${name}` })).toBeDisabled();
    await expectAccessible(page);
    await expectNoSidewaysScroll(page);
  });
}

test.describe('an administrator', () => {
  test.use({ login: 'admin' });

  test('claims a customer out of the pool, and sees what recycling would take', async ({ page }) => {
    const name = fresh('公海领取示例');
    const id = await createRecord(page, 'customer', { name, owner: null });
    await inPool(page, id);
    await page.goto('/pool');
    await page.getByRole('button', { name: `领取${name}` }).click();
    await expect(page.getByText(`已领取：${name}`)).toBeVisible();
    await page.getByRole('link', { name: '公海设置' }).click();
    await page.getByRole('button', { name: /^公海/ }).first().click();
    await page.getByRole('button', { name: '看看会收回哪些' }).click();
    await expect(page.getByRole('dialog').getByRole('status')).toBeVisible();
    await expectAccessible(page);
  });

  test('tries a rule of assignment before saving it', async ({ page }) => {
    await page.goto('/admin/assignment');
    await page.getByRole('button', { name: '新建规则' }).click();
    const sheet = page.getByRole('dialog', { name: '新建规则' });
    await sheet.getByLabel('名称', { exact: true }).fill('展会线索');
    await sheet.getByRole('button', { name: '用近 30 天的客户试一试' }).click();
    await expect(sheet.getByText('请选择 1 到 200 个人或部门')).toBeVisible();
    await expectAccessible(page);
  });

  test('sees what a handover would move', async ({ page }) => {
    await page.goto('/admin/handover');
    await page.getByRole('button', { name: '开始交接' }).click();
    const sheet = page.getByRole('dialog', { name: '开始交接' });
    await sheet
      .getByRole('combobox', { name: '同事' })
      .or(sheet.getByRole('button', { name: '同事' }))
      .first()
      .click();
    await page.getByRole('option').first().click();
    await expect(sheet.getByRole('heading', { name: '交接哪些资料' })).toBeVisible();
    await expectAccessible(page);
  });
});
