import { expect, fresh, test } from './support';

test.beforeEach(async ({ page }) => {
  await page.goto('/o/customer');
  await expect(page.locator('[data-row="0"]')).toBeVisible();
});

test('the list shows at least 21 rows at 900 pixels and goes on while one scrolls', async ({ page }) => {
  // The tip of a first visit takes the room of a row until it is understood.
  await page.getByRole('button', { name: '知道了' }).click();
  const seen = await page
    .locator('[data-row]')
    .evaluateAll((rows) => rows.filter((row) => row.getBoundingClientRect().bottom <= innerHeight).length);
  expect(seen).toBeGreaterThanOrEqual(21);
  const box = page.getByRole('region', { name: '客户列表' });
  // Pages come as one nears their end; nobody can jump to what is not yet known.
  await expect(async () => {
    await box.evaluate((element) => element.scrollTo(0, 36 * 450));
    await expect(page.locator('[data-row="455"]')).toBeVisible({ timeout: 300 });
  }).toPass();
  await expect(page.locator('[data-row="455"] button').first()).not.toBeEmpty();
  expect(await page.locator('[data-row]').count()).toBeLessThan(80);
});

test('a filter reads as a sentence, stands in the address and survives a reload', async ({ page }) => {
  await page.getByRole('combobox', { name: '筛选' }).click();
  await page.getByRole('option', { name: '客户阶段', exact: true }).click();
  const editor = page.getByRole('dialog', { name: '客户阶段' });
  await editor.getByRole('combobox', { name: '客户阶段' }).click();
  await page.getByRole('option', { name: '成交客户' }).click();
  await page.keyboard.press('Escape');
  await page.keyboard.press('Escape');
  const sentence = page.getByRole('region', { name: '筛选' });
  await expect(sentence).toContainText('客户阶段是成交客户');
  await expect(page.locator('[data-row="3"]')).toContainText('成交客户');
  await page.reload();
  await expect(sentence).toContainText('客户阶段是成交客户');
  await sentence.getByRole('button', { name: '清除筛选' }).click();
  await expect(sentence).toHaveCount(0);
});

test('a column sorts both ways and tells so', async ({ page }) => {
  const header = page.getByRole('columnheader', { name: '客户名称' });
  await header.getByRole('button', { name: '客户名称' }).click();
  await expect(header).toHaveAttribute('aria-sort', 'ascending');
  const first = await page.locator('[data-row="0"]').innerText();
  await header.getByRole('button', { name: '客户名称' }).click();
  await expect(header).toHaveAttribute('aria-sort', 'descending');
  await expect(page.locator('[data-row="0"]')).not.toHaveText(first);
});

test('what was changed about a view is kept as a tab of one’s own, and removed again', async ({ page }) => {
  const name = fresh('按名称');
  await page.getByRole('columnheader', { name: '客户名称' }).getByRole('button', { name: '客户名称' }).click();
  await page.getByRole('button', { name: '存为视图' }).click();
  await page.getByLabel('视图名称').fill(name);
  await page.getByRole('dialog').getByRole('button', { name: '保存' }).click();
  await expect(page.getByRole('tab', { name, selected: true })).toBeVisible();
  await page.getByRole('button', { name: `“${name}”的更多操作` }).click();
  await page.getByRole('menuitem', { name: '删除视图' }).click();
  await page.getByRole('dialog').getByRole('button', { name: '删除视图' }).click();
  await expect(page.getByRole('tab', { name })).toHaveCount(0);
});

test('columns are added and taken away', async ({ page }) => {
  await page.getByRole('button', { name: '显示列' }).click();
  const menu = page.getByRole('dialog', { name: '显示列' });
  await menu.getByRole('checkbox', { name: '客户来源' }).check();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('columnheader', { name: '客户来源' })).toBeVisible();
  await page.getByRole('button', { name: '恢复默认' }).click();
  await expect(page.getByRole('columnheader', { name: '客户来源' })).toHaveCount(0);
});

test('the keyboard moves, previews, opens and goes', async ({ page }) => {
  await page.keyboard.press('j');
  await page.keyboard.press('j');
  await page.keyboard.press('Space');
  const peek = page.getByRole('complementary', { name: /预览$/ });
  await expect(peek.getByRole('heading', { level: 1 })).toBeVisible();
  const name = await peek.getByRole('heading', { level: 1 }).innerText();
  await page.keyboard.press('Escape');
  await expect(peek).toHaveCount(0);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { level: 1, name })).toBeVisible();
  await page.keyboard.press('g');
  await page.keyboard.press('h');
  await expect(page).toHaveURL(/\/$/);
});

test('several records are changed at once and put back by one tap', async ({ page }) => {
  await page.getByRole('tab', { name: '我的客户' }).click();
  await expect(page.locator('[data-row="2"]')).toBeVisible();
  await page.locator('[data-row="0"]').getByRole('checkbox').check();
  await page
    .locator('[data-row="2"]')
    .getByRole('checkbox')
    .click({ modifiers: ['Shift'] });
  const bar = page.getByRole('toolbar', { name: '已选 3 项' });
  await bar.getByRole('button', { name: '修改字段' }).click();
  const dialog = page.getByRole('dialog', { name: '修改字段' });
  await dialog.getByLabel('要修改的字段').click();
  await page.getByRole('option', { name: '偏好联系方式' }).click();
  await dialog.getByLabel('偏好联系方式').click();
  await page.getByRole('option', { name: '短信' }).click();
  await dialog.getByRole('button', { name: '修改 3 项' }).click();
  await expect(page.getByText('已修改 3 项')).toBeVisible();
  await page.getByRole('button', { name: '撤销' }).click();
  await expect(page.getByText('已撤销')).toBeVisible();
});
