// Forms: what isn't found is made on the way, what was chosen last comes first, and two people don't overwrite each other.
import { expect, expectAccessible, fresh, test } from './support';

async function customer(page: import('@playwright/test').Page, fields: Record<string, unknown>): Promise<string> {
  await page.goto('/');
  await expect(page.getByRole('navigation').first()).toBeVisible();
  return page.evaluate(async (fields) => {
    const session = await (await fetch('/api/v1/session')).json();
    const answer = await fetch('/api/v1/records/customer?on_duplicate=allow', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', 'X-CSRF-Token': session.csrf },
      body: JSON.stringify(fields),
    });
    return (await answer.json()).id as string;
  }, fields);
}

/** Somebody else changes the record meanwhile. */
async function meanwhile(page: import('@playwright/test').Page, id: string, fields: Record<string, unknown>) {
  await page.evaluate(
    async ([id, fields]) => {
      const session = await (await fetch('/api/v1/session')).json();
      await fetch(`/api/v1/records/customer/${id}`, {
        method: 'PATCH',
        headers: { 'Content-Type': 'application/json', 'X-CSRF-Token': session.csrf },
        body: JSON.stringify(fields),
      });
    },
    [id, fields] as const,
  );
}

const SAVE = /^保存(?!并)/;

test('a customer that is not there yet is made from the field that needs it', async ({ page }) => {
  await page.goto('/o/contact');
  await page.getByRole('button', { name: '新建联系人' }).click();
  const form = page.getByRole('dialog', { name: '新建联系人' });
  await form.getByLabel('姓名').fill('周明');
  await form
    .getByRole('button', { name: /所属客户/ })
    .or(form.getByLabel('所属客户'))
    .first()
    .click();
  const name = fresh('就地新建有限公司');
  await page.getByPlaceholder('输入名称查找').fill(name);
  await page.getByRole('option', { name: `新建客户“${name}”` }).click();
  const nested = page.getByRole('dialog', { name: '新建客户' });
  await expect(nested.getByLabel('客户名称')).toHaveValue(name);
  await expectAccessible(page);
  await nested.getByRole('button', { name: SAVE }).click();
  await expect(nested).toHaveCount(0);
  await expect(form.getByText(name)).toBeVisible();
  // What stood in the first form is still there.
  await expect(form.getByLabel('姓名')).toHaveValue('周明');
  await form.getByRole('button', { name: SAVE }).click();
  await expect(page.getByText('已新建“周明”')).toBeVisible();
});

test('a choice begins as it was made last, and leaving a form keeps what was typed', async ({ page }) => {
  await page.goto('/o/customer');
  await page.getByRole('button', { name: '新建客户' }).click();
  const form = page.getByRole('dialog', { name: '新建客户' });
  await form.getByLabel('客户名称').fill(fresh('上次来源有限公司'));
  await form.locator('#new-customer-source').click();
  await page.getByRole('option', { name: '展会' }).click();
  await form.getByRole('button', { name: SAVE }).click();
  await expect(form).toHaveCount(0);
  await page.getByRole('button', { name: '新建客户' }).click();
  await expect(form.locator('#new-customer-source')).toContainText('展会');
  await form.getByLabel('客户名称').fill('还没写完的客户');
  await page.keyboard.press('Escape');
  await expect(page.getByText('草稿已保存在本机')).toBeVisible();
  await page.getByRole('button', { name: '不要了' }).click();
  await page.getByRole('button', { name: '新建客户' }).click();
  await expect(form.getByLabel('客户名称')).toHaveValue('');
});

test('two people who change one field see both values, and the one who chooses loses nothing', async ({ page }) => {
  const id = await customer(page, { name: fresh('冲突试验有限公司'), short_name: '原来' });
  // The page is not told of the change, as when the network is slow.
  await page.route('**/api/v1/events', (route) => route.abort());
  await page.goto(`/o/customer/${id}`);
  const details = page.getByRole('region', { name: '资料' });
  await details.getByRole('button', { name: '修改简称', exact: true }).click();
  await meanwhile(page, id, { short_name: '对方写的' });
  await page.keyboard.press('Control+a');
  await page.keyboard.type('我写的');
  await page.keyboard.press('Enter');
  const conflict = details.getByRole('alert');
  await expect(conflict).toContainText('对方写的');
  await expect(details.locator('input').first()).toHaveValue('我写的');
  await expectAccessible(page);
  await conflict.getByRole('button', { name: '用我的' }).click();
  await expect(details.getByText('我写的', { exact: true })).toBeVisible();
  // Another field changed by somebody else is no conflict: both stand.
  await details.getByRole('button', { name: '修改简称', exact: true }).click();
  await meanwhile(page, id, { tier: 'a' });
  await page.keyboard.press('Control+a');
  await page.keyboard.type('再改一次');
  await page.keyboard.press('Enter');
  await expect(details.getByText('再改一次', { exact: true })).toBeVisible();
  await page.reload();
  await expect(details.getByText('再改一次', { exact: true })).toBeVisible();
  await expect(details.getByText('A 类')).toBeVisible();
});

test('the morning is gone through by keyboard, and my month stands beside it', async ({ page }) => {
  await page.goto('/');
  const rows = page.locator('[data-agenda]');
  await expect(rows.first()).toBeVisible();
  await expect(page.getByRole('region', { name: '我的本月' })).toContainText(/跟进次数/);
  const before = await page.getByRole('button', { name: /^推迟到明天: / }).count();
  expect(before).toBeGreaterThan(1);
  await page.keyboard.press('j');
  await expect(rows.first()).toBeFocused();
  await page.keyboard.press('j');
  await expect(rows.nth(1)).toBeFocused();
  await page.keyboard.press('k');
  await expect(rows.first()).toBeFocused();
  // What can be put off is a task; being in touch can't.
  await rows
    .filter({ has: page.getByRole('button', { name: /^推迟到明天: / }) })
    .first()
    .focus();
  await page.keyboard.press('s');
  await expect(page.getByText(/^已推迟到明天/)).toBeVisible();
  await page.getByRole('button', { name: '撤销' }).click();
  await expect(page.getByRole('button', { name: /^推迟到明天: / })).toHaveCount(before);
  await expectAccessible(page);
});
