import { expect, expectAccessible, fresh, test } from './support';

test.use({ login: 'admin' });

test('a field is added, used in the form at once, and retired', async ({ page }) => {
  const label = fresh('试验');
  const name = fresh('trial_');
  await page.goto('/admin/dictionary/product');
  await page.getByRole('button', { name: '添加字段' }).click();
  const form = page.getByRole('dialog', { name: '添加字段' });
  await form.getByRole('button', { name: '保存' }).click();
  await expect(form.getByText('请填写中文名称')).toBeVisible();
  await form.getByLabel('中文名称').fill(label);
  await form.getByLabel('英文名称').fill('Trial');
  await form.getByLabel('内部名').fill(name);
  await form.getByLabel('字段类型').click();
  await page.getByRole('option', { name: '单选' }).click();
  await form.getByLabel('中文名称 1').fill('甲');
  await form.getByLabel('英文名称 1').fill('One');
  await expectAccessible(page);
  await form.getByRole('button', { name: '保存' }).click();
  await expect(page.getByText(`已添加字段“${label}”`)).toBeVisible();
  await expect(page.getByRole('cell', { name: new RegExp(label) }).first()).toBeVisible();

  await page.goto('/o/product');
  await page.getByRole('button', { name: '新建产品' }).first().click();
  const create = page.getByRole('dialog', { name: '新建产品' });
  await create.getByRole('button', { name: '填写更多字段' }).click();
  await create.getByLabel(label).click();
  await expect(page.getByRole('option', { name: '甲' })).toBeVisible();

  await page.goto('/admin/dictionary/product');
  await page.getByRole('button', { name: `更多操作: ${label}` }).click();
  await page.getByRole('menuitem', { name: '停用字段' }).click();
  await page.getByRole('dialog').getByRole('button', { name: '停用字段' }).click();
  await expect(page.getByRole('rowheader', { name: '已停用的字段' }).or(page.getByText('已停用的字段'))).toBeVisible();
});

test('the permission matrix is changed and saved', async ({ page }) => {
  await page.goto('/admin/roles');
  await page
    .getByRole('link', { name: /客服|服务/ })
    .first()
    .click();
  const row = page.getByRole('row', { name: /产品/ }).first();
  const box = row.getByRole('checkbox', { name: '产品: 导出' });
  const before = await box.isChecked();
  await box.setChecked(!before);
  await expect(page.getByText('有未保存的修改')).toBeVisible();
  await page.getByRole('button', { name: '保存' }).click();
  await expect(page.getByText('权限已保存')).toBeVisible();
  await page.reload();
  await expect(box).toBeChecked({ checked: !before });
  await box.setChecked(before);
  await page.getByRole('button', { name: '保存' }).click();
  await expect(page.getByText('权限已保存')).toBeVisible();
});

test('a colleague gets an account with a password shown once', async ({ page }) => {
  const login = fresh('new');
  await page.goto('/admin/users');
  await page.getByRole('button', { name: '添加员工' }).click();
  const form = page.getByRole('dialog', { name: '新建员工' });
  await form.getByLabel('姓名').fill('测试员工');
  await form.getByLabel('登录名').fill(login);
  await form.getByRole('button', { name: /^保存(?!并)/ }).click();
  const given = page.getByRole('dialog', { name: /临时密码/ });
  await expect(given.locator('code')).not.toBeEmpty();
  await expectAccessible(page);
});

test('the log tells who changed what', async ({ page }) => {
  await page.goto('/admin/audit');
  await expect(page.getByRole('listitem').first()).toBeVisible();
  await page.getByRole('combobox', { name: '操作', exact: true }).click();
  await page.getByRole('option', { name: '登录', exact: true }).click();
  await expect(page.getByRole('main').getByRole('listitem').first()).toContainText('登录');
});

test('a deleted record comes back by undo, and from the recycle bin', async ({ page }) => {
  const name = fresh('删除试验有限公司');
  await page.goto('/o/customer');
  await page.getByRole('button', { name: '新建客户' }).click();
  await page.getByRole('textbox', { name: '客户名称' }).fill(name);
  await page.keyboard.press('Control+Enter');
  await page.getByRole('button', { name: '打开', exact: true }).click();
  await expect(page.getByRole('heading', { level: 1, name })).toBeVisible();
  await page.getByRole('button', { name: '更多操作' }).click();
  await page.getByRole('menuitem', { name: '删除' }).click();
  await page.getByRole('dialog').getByRole('button', { name: '删除' }).click();
  await expect(page.getByText(`已删除“${name}”`)).toBeVisible();
  await page.goto('/recycle?object=customer');
  const row = page.getByRole('row', { name: new RegExp(name) });
  await row.getByRole('checkbox').check();
  await page.getByRole('button', { name: '恢复', exact: true }).click();
  await expect(page.getByText('已恢复 1 项')).toBeVisible();
  await expect(row).toHaveCount(0);
});
