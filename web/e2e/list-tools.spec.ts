import type { Page } from '@playwright/test';
import { anyRecord, createRecord, expect, fresh, test } from './support';

test.beforeEach(async ({ page }) => {
  await page.goto('/o/customer');
  await expect(page.locator('[data-row="0"]')).toBeVisible();
});

const heading = (page: Page, name: string) => page.getByRole('columnheader', { name });

test('a list is sorted by one field and then by another', async ({ page }) => {
  await heading(page, '客户阶段').getByRole('button').click();
  await heading(page, '客户名称')
    .getByRole('button')
    .click({ modifiers: ['Shift'] });
  await expect(heading(page, '客户阶段')).toContainText('1');
  await expect(heading(page, '客户名称')).toContainText('2');
  await expect(page).toHaveURL(/sort=stage%2Cname/);
  await page.getByRole('button', { name: '排序' }).click();
  const menu = page.getByRole('dialog', { name: '排序' });
  await menu.getByRole('button', { name: '客户阶段: 升序' }).click();
  await expect(heading(page, '客户阶段')).toHaveAttribute('aria-sort', 'descending');
  await menu.getByRole('button', { name: '移除: 客户阶段' }).click();
  await expect(heading(page, '客户阶段')).not.toHaveAttribute('aria-sort');
});

test('a quick filter narrows the list and reads as part of the sentence', async ({ page }) => {
  await page.getByRole('button', { name: '我的', exact: true }).click();
  const sentence = page.getByRole('region', { name: '筛选' });
  await expect(sentence).toContainText('负责人是我');
  await page.getByRole('combobox', { name: '客户阶段' }).click();
  await page.getByRole('option', { name: '成交客户' }).click();
  await page.keyboard.press('Escape');
  await expect(sentence).toContainText('客户阶段是成交客户');
  await page.getByRole('button', { name: '我的', exact: true }).click();
  await expect(sentence).not.toContainText('负责人');
});

test('a filter asks of what a record points at, and may hold a group', async ({ page }) => {
  await page.goto('/o/contact');
  await expect(page.locator('[data-row="0"]')).toBeVisible();
  await page.getByRole('combobox', { name: '筛选' }).click();
  await page
    .getByRole('combobox', { name: '输入文字查找' })
    .or(page.getByPlaceholder('输入文字查找'))
    .first()
    .fill('客户阶段');
  await page.getByRole('option', { name: '客户 › 客户阶段' }).click();
  const editor = page.getByRole('dialog', { name: '客户 › 客户阶段' });
  await editor.getByRole('combobox').last().click();
  await page.getByRole('option', { name: '成交客户' }).click();
  await page.keyboard.press('Escape');
  await page.keyboard.press('Escape');
  const sentence = page.getByRole('region', { name: '筛选' });
  await expect(sentence).toContainText('客户 › 客户阶段是成交客户');
  await expect(page.locator('[data-row="0"]')).toBeVisible();
  await sentence.getByRole('button', { name: '添加一组' }).click();
  await expect(page.getByRole('dialog', { name: '一组条件' })).toBeVisible();
});

test('columns are dragged, frozen and made denser', async ({ page }) => {
  const names = () => page.getByRole('columnheader').allInnerTexts();
  const before = (await names()).filter(Boolean);
  const [, second = '', third = ''] = before;
  const from = await heading(page, second).boundingBox();
  const to = await heading(page, third).boundingBox();
  if (!from || !to) throw new Error('no headings');
  await page.mouse.move(from.x + 20, from.y + 18);
  await page.mouse.down();
  await page.mouse.move(from.x + 60, from.y + 18, { steps: 4 });
  await page.mouse.move(to.x + to.width / 2, to.y + 18, { steps: 4 });
  await page.mouse.up();
  await expect.poll(async () => (await names()).filter(Boolean).slice(1, 3)).toEqual([third, second]);
  await page.getByRole('button', { name: '显示列' }).click();
  const menu = page.getByRole('dialog', { name: '显示列' });
  await menu.getByRole('button', { name: `固定到这一列: ${third}` }).click();
  await menu.getByRole('radio', { name: '紧凑' }).click();
  await menu.getByRole('checkbox', { name: '显示合计行' }).check();
  await page.keyboard.press('Escape');
  await expect(heading(page, third)).toHaveCSS('position', 'sticky');
  await expect(page.locator('[data-row="0"]')).toHaveCSS('height', '32px');
  await expect(page.getByText(/^共 [\d,]+ 条$/)).toBeVisible();
  await page.reload();
  await expect(page.locator('[data-row="0"]')).toHaveCSS('height', '32px');
});

test('a bulk change tells which records it could not change, and why', async ({ page }) => {
  const name = fresh('失败');
  const customer = await anyRecord(page, 'customer');
  await createRecord(page, 'opportunity', { name: `${name}甲`, customer, stage: 'contact' });
  await createRecord(page, 'opportunity', { name: `${name}乙`, customer, stage: 'contact', amount: 5000 });
  await page.goto(`/o/opportunity?view=all&q=${encodeURIComponent(name)}`);
  await expect(page.locator('[data-row="1"]')).toBeVisible();
  await page.getByRole('checkbox', { name: '全选已载入的' }).check();
  await page.getByRole('toolbar', { name: '已选 2 项' }).getByRole('button', { name: '修改字段' }).click();
  const dialog = page.getByRole('dialog', { name: '修改字段' });
  await dialog.getByLabel('要修改的字段').click();
  await page.getByRole('option', { name: '阶段', exact: true }).click();
  await dialog.getByLabel('阶段', { exact: true }).click();
  await page.getByRole('option', { name: '方案报价' }).click();
  await dialog.getByRole('button', { name: '修改 2 项' }).click();
  const results = page.getByRole('dialog', { name: '1 项没有成功' });
  await expect(results).toContainText(`${name}甲`);
  await expect(results).toContainText('到了方案报价，请填预计金额');
  await results.getByRole('button', { name: '完成' }).click();
  await expect(page.getByRole('toolbar', { name: '已选 1 项' })).toBeVisible();
});

test.describe('with the right to make tags', () => {
  test.use({ login: 'admin' });

  test('all that a list holds is chosen, and tagged with what became of each', async ({ page }) => {
    const name = fresh('批量');
    const tag = fresh('标签');
    for (let index = 0; index < 3; index++) await createRecord(page, 'customer', { name: `${name}${index}` });
    await createRecord(page, 'tag', { name: tag });
    await page.goto(`/o/customer?q=${encodeURIComponent(name)}`);
    await expect(page.locator('[data-row="2"]')).toBeVisible();
    await page.getByRole('checkbox', { name: '全选已载入的' }).check();
    const bar = page.getByRole('toolbar', { name: '已选 3 项' });
    await bar.getByRole('button', { name: '贴标签' }).click();
    const dialog = page.getByRole('dialog', { name: '贴标签' });
    await dialog.getByRole('combobox', { name: '标签' }).click();
    await page.getByRole('option', { name: tag }).click();
    await dialog.getByRole('button', { name: '给 3 项贴标签' }).click();
    await expect(page.getByText('已给 3 项贴标签')).toBeVisible();
  });
});
