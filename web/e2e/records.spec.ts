import { anyRecord, createRecord, expect, expectAccessible, fresh, laterToday, test } from './support';

async function create(page: import('@playwright/test').Page, name: string) {
  await page.goto('/o/customer');
  await page.getByRole('button', { name: '新建客户' }).click();
  await page.getByRole('textbox', { name: '客户名称' }).fill(name);
  await page
    .getByRole('dialog')
    .getByRole('button', { name: /^保存(?!并)/ })
    .click();
  await page.getByRole('button', { name: '打开', exact: true }).click();
  await expect(page.getByRole('heading', { level: 1, name })).toBeVisible();
}

test('a customer is created with few fields; what is missing is said next to its field', async ({ page }) => {
  await page.goto('/o/customer');
  await page.getByRole('button', { name: '新建客户' }).click();
  const form = page.getByRole('dialog', { name: '新建客户' });
  await form.getByRole('button', { name: /^保存(?!并)/ }).click();
  await expect(form.getByText('请填写客户名称')).toBeVisible();
  await expect(form.getByLabel('客户名称')).toHaveAttribute('aria-invalid', 'true');
  await expectAccessible(page);
  const name = fresh('杭州试验精密机械有限公司');
  await form.getByLabel('客户名称').fill(name);
  await form.getByLabel('单位电话').fill('12');
  await form.getByRole('button', { name: /^保存(?!并)/ }).click();
  await expect(form.getByLabel('单位电话')).toHaveAttribute('aria-invalid', 'true');
  await form.getByLabel('单位电话').fill('0571-8000 1234');
  await form.getByRole('button', { name: /^保存(?!并)/ }).click();
  await expect(page.getByText(`已新建“${name}”`)).toBeVisible();
});

test('a duplicate is told while one types, with its owner', async ({ page }) => {
  await page.goto('/o/customer');
  const known = await page.locator('[data-row="0"] button').first().innerText();
  await page.getByRole('button', { name: '新建客户' }).click();
  await page.getByRole('textbox', { name: '客户名称' }).fill(known);
  const panel = page.getByRole('dialog').getByRole('status');
  await expect(panel).toContainText(known);
  await expect(panel).toContainText(/负责人|公海/);
});

test('a draft outlives closing the form and reloading the page', async ({ page }) => {
  await page.goto('/o/customer');
  await page.getByRole('button', { name: '新建客户' }).click();
  await page.getByRole('textbox', { name: '客户名称' }).fill('没写完的客户');
  await page.keyboard.press('Escape');
  await page.reload();
  await page.getByRole('button', { name: '新建客户' }).click();
  await expect(page.getByRole('textbox', { name: '客户名称' })).toHaveValue('没写完的客户');
  await page.getByRole('button', { name: '清空重填' }).click();
  await expect(page.getByRole('textbox', { name: '客户名称' })).toHaveValue('');
});

test('a field is changed where it stands and put back by one tap', async ({ page }) => {
  const name = fresh('就地修改有限公司');
  await create(page, name);
  const details = page.getByRole('region', { name: '资料' });
  await details.getByRole('button', { name: '修改客户类型' }).click();
  await page.getByRole('option', { name: '个人', exact: true }).click();
  await expect(details.getByText('个人', { exact: true })).toBeVisible();
  await page.getByRole('button', { name: '撤销' }).click();
  await expect(details.getByText('个人', { exact: true })).toHaveCount(0);
  await details.getByRole('button', { name: /个空字段/ }).click();
  await details.getByRole('button', { name: '修改简称' }).click();
  await page.keyboard.type('就地');
  await page.keyboard.press('Escape');
  await expect(details.getByText('就地', { exact: true })).toHaveCount(0);
  await details.getByRole('button', { name: '修改简称' }).click();
  await page.keyboard.type('就地');
  await page.keyboard.press('Enter');
  await expect(details.getByText('就地', { exact: true })).toBeVisible();
});

test('a follow-up is written from anywhere, stands in the timeline and sets the next step', async ({ page }) => {
  const name = fresh('跟进试验有限公司');
  await create(page, name);
  await page.keyboard.press('l');
  const sheet = page.getByRole('dialog', { name: `写跟进 · ${name}` });
  await sheet.getByLabel('聊了什么').fill('对方认可样品，要求尽快报价');
  await sheet.getByRole('radio', { name: '拜访' }).click();
  await sheet.getByRole('button', { name: '发送报价' }).click();
  await sheet.getByRole('textbox', { name: '下次跟进时间' }).fill('下周三 下午3点');
  await expect(sheet.getByRole('status')).toContainText('15:00');
  await expectAccessible(page);
  await page.keyboard.press('Control+Enter');
  await expect(page.getByText(/跟进已保存/)).toBeVisible();
  await expect(page.getByRole('tabpanel')).toContainText('对方认可样品，要求尽快报价');
  await expect(page.getByRole('tabpanel')).toContainText('发送报价');
  // The facts above the fold know it at once.
  await expect(page.getByRole('region', { name: '下一步' })).toContainText('15:00');
});

test('the palette finds a record by pinyin initials and opens it', async ({ page }) => {
  await page.goto('/o/customer');
  await expect(page.locator('[data-row="0"]')).toBeVisible();
  await page.keyboard.press('Control+k');
  await page.getByPlaceholder(/支持拼音首字母/).fill('hz');
  const first = page.getByRole('option').filter({ hasText: '客户' }).first();
  await expect(first).toBeVisible();
  await expectAccessible(page);
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/\/o\/[a-z_]+\/[0-9a-z]+/);
});

test('Enter pressed before the answer is there takes what was typed, not what stood there', async ({ page }) => {
  const names = [fresh('耐心甲'), fresh('耐心乙')] as const;
  await page.goto('/o/customer');
  await expect(page.locator('[data-row="0"]')).toBeVisible();
  for (const name of names) await createRecord(page, 'customer', { name });
  await page.route('**/api/v1/search**', async (route) => {
    await new Promise((done) => setTimeout(done, 500));
    await route.continue();
  });
  await page.keyboard.press('Control+k');
  const palette = page.getByPlaceholder(/支持拼音首字母/);
  await palette.fill(names[0]);
  await expect(page.getByRole('option', { name: names[0] })).toBeVisible();
  await palette.fill(names[1]);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { level: 1, name: names[1] })).toBeVisible();
  await page.goto('/');
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  await page.keyboard.press('l');
  const customer = page.getByRole('dialog', { name: '写跟进' }).getByLabel('客户', { exact: false }).first();
  await customer.click();
  const search = page.getByPlaceholder('输入名称查找');
  await search.fill(names[0]);
  await expect(page.getByRole('option', { name: names[0] })).toBeVisible();
  await search.fill(names[1]);
  await page.keyboard.press('Enter');
  await expect(customer).toContainText(names[1]);
});

test('a task of today is done in one tap and comes back by undo', async ({ page }) => {
  const title = fresh('回访确认');
  const due = await laterToday(10);
  await createRecord(page, 'task', { title, customer: await anyRecord(page, 'customer'), due_at: due });
  const done = page.getByRole('button', { name: `完成: ${title}` });
  // The promise follows its task within a moment.
  await expect(async () => {
    await page.goto('/');
    await expect(done).toBeVisible({ timeout: 3_000 });
  }).toPass({ timeout: 30_000 });
  await done.click();
  await expect(page.getByText(`已完成“${title}”`)).toBeVisible();
  // What is done asks what comes next.
  const next = page.getByRole('dialog', { name: /^写跟进/ });
  await expect(next).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(next).toHaveCount(0);
  await page.getByRole('button', { name: '撤销' }).click();
  await expect(done).toBeVisible();
});
