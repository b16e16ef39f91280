import { createRecord, expect, expectAccessible, expectNoSidewaysScroll, fresh, test } from './support';

test('a customer is moved to the next stage with what is missing, and the way is kept', async ({ page }) => {
  const id = await createRecord(page, 'customer', { name: fresh('阶段测试有限公司') });
  await page.goto(`/o/customer/${id}`);
  const bar = page.getByRole('region', { name: '阶段', exact: true });
  await expect(bar.getByRole('button', { name: /^线索/ })).toHaveAttribute('aria-current', 'step');
  await expect(bar).toContainText('还需要 需求标签');
  await expectAccessible(page);
  await bar.getByRole('button', { name: '流失客户' }).click();
  const dialog = page.getByRole('dialog', { name: '转为“流失客户”' });
  await dialog.getByRole('button', { name: '确认转移' }).click();
  await expect(dialog.getByText('请填写流失原因')).toBeVisible();
  await dialog.getByLabel('流失原因').click();
  await page.getByRole('option', { name: '价格' }).click();
  await dialog.getByLabel('备注（可不填）').fill('同行报价低一成');
  await expectAccessible(page);
  await dialog.getByRole('button', { name: '确认转移' }).click();
  await expect(bar.getByRole('button', { name: /^流失客户/ })).toHaveAttribute('aria-current', 'step');
  await bar.getByRole('button', { name: '阶段历史' }).click();
  await expect(page.getByRole('dialog', { name: '阶段历史' })).toContainText('同行报价低一成');
});

test('a plan is started, a step done and another passed over on the customer page', async ({ page }) => {
  const id = await createRecord(page, 'customer', { name: fresh('计划测试有限公司'), stage: 'won' });
  await page.goto(`/o/customer/${id}`);
  await page.getByRole('region', { name: '阶段', exact: true }).getByRole('button', { name: /计划/ }).click();
  const sheet = page.getByRole('dialog', { name: '跟进计划' });
  await sheet.getByRole('button', { name: '启动计划 展会客户快速跟进' }).click();
  const run = sheet.getByRole('region', { name: '展会客户快速跟进' });
  await run.getByRole('button', { name: '完成', exact: true }).click();
  await expect(run).toContainText('1/2 步');
  await run.getByRole('button', { name: '跳过' }).click();
  await run.getByLabel('原因').fill('客户不需要样品');
  await run.getByRole('button', { name: '跳过' }).click();
  await expect(run).toContainText('客户不需要样品');
  await expectAccessible(page);
});

test.describe('the pages of looking after customers', () => {
  test.use({ login: 'admin' });

  for (const width of [1440, 390]) {
    test(`show conversion, plans and who is behind (${width})`, async ({ page }) => {
      await page.setViewportSize({ width, height: 900 });
      for (const [path, text] of [
        ['/journey', '转化率'],
        ['/journey/plans', '新线索首轮跟进'],
        ['/journey/tiers', '联系落后的客户'],
      ] as const) {
        await page.goto(path);
        await expect(page.getByText(text).first()).toBeVisible();
        await expectAccessible(page);
        await expectNoSidewaysScroll(page);
      }
    });
  }

  test('editors say what a change would do', async ({ page }) => {
    await page.goto('/journey');
    await page.getByRole('button', { name: '设置阶段' }).click();
    await page.getByRole('dialog').getByRole('button', { name: '查看影响' }).click();
    await expect(
      page
        .getByRole('dialog')
        .getByText(/位不满足条件/)
        .first(),
    ).toBeVisible();
    await expectAccessible(page);
    await page.goto('/journey/plans');
    await page.getByRole('button', { name: '编辑 意向客户推进' }).click();
    await page.getByRole('dialog').getByRole('button', { name: '试运行' }).click();
    await expect(page.getByRole('dialog').getByText(/近 30 天会启动/)).toBeVisible();
    await expectAccessible(page);
    await page.goto('/journey/tiers');
    await page.getByRole('button', { name: '设置分级' }).click();
    await page.getByRole('dialog').getByRole('button', { name: '查看影响' }).click();
    await expect(page.getByRole('dialog').getByText(/会换等级/)).toBeVisible();
    await expectAccessible(page);
  });
});
