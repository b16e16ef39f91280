import { createRecord, expect, fresh, test } from './support';

test.use({ login: 'admin' });

test('a department is dragged below another once it is known who is affected', async ({ page }) => {
  const upper = fresh('上级部');
  const lower = fresh('下级部');
  await createRecord(page, 'department', { name: upper });
  await createRecord(page, 'department', { name: lower });
  await page.goto('/admin/departments');
  const line = (name: string) => page.locator('[data-drop^="department:"]').filter({ hasText: name });
  await line(lower).scrollIntoViewIfNeeded();
  const from = await line(lower).boundingBox();
  const to = await line(upper).boundingBox();
  if (!from || !to) throw new Error('no lines');
  await page.mouse.move(from.x + 120, from.y + 20);
  await page.mouse.down();
  await page.mouse.move(from.x + 140, from.y + 30, { steps: 3 });
  await page.mouse.move(to.x + 140, to.y + 20, { steps: 4 });
  await expect(line(upper)).toHaveClass(/bg-brand-soft/);
  await page.mouse.up();
  const asked = page.getByRole('dialog', { name: `把“${lower}”移到“${upper}”下？` });
  await expect(asked).toContainText('涉及 1 个部门、0 名员工');
  await asked.getByRole('button', { name: '移动' }).click();
  await expect(page.getByText(`已移动“${lower}”`)).toBeVisible();
  await expect(line(upper).getByRole('button', { name: `收起“${upper}”` })).toBeVisible();
});

test('the menu moves a department without a pointer', async ({ page }) => {
  const upper = fresh('目标部');
  const lower = fresh('移动部');
  await createRecord(page, 'department', { name: upper });
  await createRecord(page, 'department', { name: lower });
  await page.goto('/admin/departments');
  await page.getByRole('button', { name: `“${lower}”的操作` }).click();
  await page.getByRole('menuitem', { name: '移动到…' }).click();
  const dialog = page.getByRole('dialog', { name: '移动到…' });
  await dialog.getByRole('combobox', { name: '上级部门' }).click();
  await page.getByRole('option', { name: upper }).click();
  await dialog.getByRole('button', { name: '下一步' }).click();
  await page
    .getByRole('dialog', { name: `把“${lower}”移到“${upper}”下？` })
    .getByRole('button', { name: '移动' })
    .click();
  await expect(page.getByText(`已移动“${lower}”`)).toBeVisible();
});

test('an export says how many it will be, and is made of the columns chosen', async ({ page }) => {
  await page.goto('/o/customer?view=mine');
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  await page.getByRole('button', { name: '更多操作', exact: true }).click();
  await page.getByRole('menuitem', { name: '导出', exact: true }).click();
  const dialog = page.getByRole('dialog', { name: '导出客户' });
  await dialog.getByRole('radio', { name: '全部' }).click();
  await expect(dialog.getByText(/^共 [\d,]+ 条$/)).toBeVisible();
  await dialog.getByRole('button', { name: '无', exact: true }).click();
  await expect(dialog.getByText('导出 1 列')).toBeVisible();
  await dialog.getByRole('radio', { name: 'CSV' }).click();
  const download = page.waitForEvent('download');
  await dialog.getByRole('button', { name: '导出', exact: true }).click();
  expect((await download).suggestedFilename()).toMatch(/\.csv$/);
});
