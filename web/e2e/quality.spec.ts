import { expect, expectAccessible, expectNoSidewaysScroll, fresh, test } from './support';

test('a pasted text fills the form and makes the contact beside the customer', async ({ page }) => {
  // A name as companies have it: Chinese to its end, and one that no earlier run has left behind.
  const word = String(Date.now())
    .slice(-6)
    .replace(/\d/g, (digit) => '恒力远景华盛德昌明瑞'.charAt(Number(digit)));
  const name = `苏州${word}精密机械有限公司`;
  await page.goto('/o/customer');
  await page.getByRole('button', { name: '新建客户' }).click();
  const form = page.getByRole('dialog', { name: '新建客户' });
  await form.getByRole('button', { name: '粘贴识别' }).click();
  const tail = String(Date.now()).slice(-5);
  await form
    .getByLabel('粘贴的文字')
    .fill(`我是${name}的采购经理李建国，手机163203${tail}，电话0512-95118866，地址：江苏省苏州市吴中区金枫路216号`);
  await expect(form.locator('mark', { hasText: name })).toBeVisible();
  await expect(form.getByLabel('一并新建联系人')).toBeChecked();
  await expectAccessible(page);
  await form.getByRole('button', { name: '填入客户名称' }).click();
  await expect(form.getByRole('textbox', { name: '客户名称' })).toHaveValue(name);
  await form.getByRole('button', { name: '全部填入' }).click();
  await expect(form.getByRole('button', { name: '全部填入' })).toHaveCount(0);
  await form.getByRole('button', { name: /^保存(?!并)/ }).click();
  await expect(page.getByText(`已新建“${name}”`)).toBeVisible();
  await page.getByRole('button', { name: '打开', exact: true }).last().click();
  await expect(page.getByRole('heading', { level: 1, name })).toBeVisible();
  await expect(page.getByText('李建国').first()).toBeVisible();
});

test('a record says what it lacks', async ({ page }) => {
  const name = fresh('缺资料有限公司');
  await page.goto('/o/customer');
  await page.getByRole('button', { name: '新建客户' }).click();
  await page.getByRole('textbox', { name: '客户名称' }).fill(name);
  await page
    .getByRole('dialog')
    .getByRole('button', { name: /^保存(?!并)/ })
    .click();
  await page.getByRole('button', { name: '打开', exact: true }).click();
  const quality = page.getByRole('region', { name: '资料质量' });
  await expect(quality).toContainText(/缺：单位电话、/);
  await expectAccessible(page);
});

test.describe('the quality centre', () => {
  test.use({ login: 'admin' });

  for (const width of [1440, 390]) {
    test(`shows score, trend, averages, fields, rules and the worst records (${width})`, async ({ page }) => {
      await page.setViewportSize({ width, height: 900 });
      await page.goto('/data/quality');
      await page.getByRole('button', { name: '立即统计' }).click();
      for (const title of ['总分', '趋势与分布', '按负责人', '按来源', '按字段', '规则', '最需要完善的资料'])
        await expect(page.getByRole('heading', { name: title })).toBeVisible();
      await expect(page.getByText('成交单位有信用代码')).toBeVisible();
      await expectAccessible(page);
      await expectNoSidewaysScroll(page);
    });
  }

  test('a rule is tried, saved and counted', async ({ page }) => {
    const name = fresh('客户写了邮箱');
    await page.goto('/data/quality');
    await page.getByRole('button', { name: '编辑规则' }).click();
    const editor = page.getByRole('dialog', { name: '编辑规则' });
    await editor.getByRole('button', { name: '新增规则' }).click();
    await editor.getByLabel('规则名称（中文）').fill(name);
    await editor.getByLabel('合格的条件').fill('nothing != null');
    await editor.getByRole('button', { name: '试算' }).click();
    await expect(editor.getByRole('alert')).toContainText('nothing');
    await editor.getByLabel('合格的条件').fill('email != null');
    await editor.getByRole('button', { name: '试算' }).click();
    await expect(editor.getByRole('status')).toContainText(/条中有 \d+ 条不符合/);
    await expectAccessible(page);
    await editor.getByRole('button', { name: '确定' }).click();
    await editor.getByRole('button', { name: '保存', exact: true }).click();
    await expect(page.getByText('规则已保存')).toBeVisible();
    await expect(page.getByText(name)).toBeVisible();
    await page.getByRole('button', { name: '编辑规则' }).click();
    await editor.getByRole('button', { name: `删除规则“${name}”` }).click();
    await editor.getByRole('button', { name: '保存', exact: true }).click();
    await expect(page.getByText(name)).toHaveCount(0);
  });
});
