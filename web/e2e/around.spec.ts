// Around one record: sharing it, its past, why one sees it, its timeline and its people.
import type { Page } from '@playwright/test';
import { expect, expectAccessible, fresh, test } from './support';

async function made(page: Page, name: string, fields: Record<string, unknown> = {}): Promise<string> {
  await page.goto('/');
  await expect(page.getByRole('navigation').first()).toBeVisible();
  return page.evaluate(
    async ([name, fields]) => {
      const session = await (await fetch('/api/v1/session')).json();
      const answer = await fetch('/api/v1/records/customer?on_duplicate=allow', {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', 'X-CSRF-Token': session.csrf },
        body: JSON.stringify({ name, ...(fields as object) }),
      });
      return (await answer.json()).id as string;
    },
    [name, fields] as const,
  );
}

async function inline(page: Page, label: string, text: string) {
  const details = page.getByRole('region', { name: '资料' });
  await details.getByRole('button', { name: `修改${label}`, exact: true }).click();
  await page.keyboard.press('Control+a');
  await page.keyboard.type(text);
  await page.keyboard.press('Enter');
  await expect(details.getByText(text, { exact: true })).toBeVisible();
}

test('a record is shared for a time, seen as shared, and no longer shared by one tap', async ({ page }) => {
  const name = fresh('共享试验有限公司');
  const id = await made(page, name);
  await page.goto(`/o/customer/${id}`);
  await page.getByRole('button', { name: '更多操作' }).click();
  await page.getByRole('menuitem', { name: '共享给同事…' }).click();
  const sheet = page.getByRole('dialog', { name: `共享“${name}”` });
  await expect(sheet.getByText('还没有共享给别人')).toBeVisible();
  await sheet.getByRole('button', { name: '共享', exact: true }).click();
  await expect(sheet.getByText('请选择共享给谁')).toBeVisible();
  await sheet.locator('#share-grantee').click();
  await page.getByRole('option').filter({ hasNotText: '李晓燕' }).first().click();
  await sheet.getByRole('radio', { name: '查看和修改' }).click();
  await sheet.getByRole('radio', { name: '7 天' }).click();
  await sheet.getByRole('button', { name: '共享', exact: true }).click();
  const row = sheet.getByRole('listitem');
  await expect(row).toContainText('查看和修改');
  await expect(row).toContainText('为止');
  await expectAccessible(page);
  await row.getByRole('button', { name: /^结束给/ }).click();
  await expect(sheet.getByText('还没有共享给别人')).toBeVisible();
  await page.getByRole('button', { name: '撤销' }).click();
  await expect(row).toContainText('查看和修改');
});

test('a field tells who changed it, and the record is seen as it was on a day', async ({ page }) => {
  const id = await made(page, fresh('来历试验有限公司'), { short_name: '旧简称' });
  await page.goto(`/o/customer/${id}`);
  await inline(page, '简称', '新简称');
  await page.getByRole('region', { name: '资料' }).getByRole('button', { name: '简称', exact: true }).click();
  const sheet = page.getByRole('dialog', { name: '简称 · 来历' });
  await expect(sheet).toContainText('李晓燕');
  await expect(sheet.locator('li').first()).toContainText(/旧简称.*新简称/);
  // Who sees the field stands with it.
  await expect(sheet.getByText('能看到这个字段')).toBeVisible();
  await expectAccessible(page);
  await page.keyboard.press('Escape');
  await page.getByRole('tab', { name: '修改记录' }).click();
  const panel = page.getByRole('tabpanel');
  await expect(panel.locator('li').first()).toContainText(/旧简称.*新简称/);
  await panel.getByRole('textbox', { name: '查看某一天的样子' }).fill('昨天');
  await expect(panel.getByText('那一天还没有这条资料')).toBeVisible();
  await panel.getByRole('textbox', { name: '查看某一天的样子' }).fill('今天');
  await expect(panel.getByText('与现在一样')).toBeVisible();
  await expect(panel.getByText('新简称')).toBeVisible();
  await expectAccessible(page);
});

test('why one sees a record is told in words, without a raw time or id', async ({ page }) => {
  const id = await made(page, fresh('权限试验有限公司'));
  await page.goto(`/o/customer/${id}`);
  await page.getByRole('button', { name: '更多操作' }).click();
  await page.getByRole('menuitem', { name: '为什么我能看到' }).click();
  const sheet = page.getByRole('dialog');
  await expect(sheet.getByText('能看到这条资料')).toBeVisible();
  await expect(sheet.getByText('是这条记录的负责人')).toBeVisible();
  await expect(sheet).not.toContainText(/\d{4}-\d{2}-\d{2}T/);
  await expectAccessible(page);
});

test('the timeline is read by kind, and changes made in one go stand together', async ({ page }) => {
  const id = await made(page, fresh('动态试验有限公司'), { short_name: '甲' });
  await page.goto(`/o/customer/${id}`);
  await inline(page, '简称', '乙');
  await inline(page, '简称', '丙');
  const panel = page.getByRole('tabpanel');
  await expect(panel.getByRole('heading', { name: '今天' })).toBeVisible();
  await expect(panel.getByRole('listitem').filter({ hasText: '甲' }).last()).toContainText(/甲.*丙/);
  await page.keyboard.press('l');
  const log = page.getByRole('dialog', { name: /^写跟进/ });
  await log.getByLabel('聊了什么').fill('电话里聊了聊');
  await page.keyboard.press('Control+Enter');
  await expect(panel).toContainText('电话里聊了聊');
  await panel.getByRole('button', { name: '资料修改' }).click();
  await expect(panel).not.toContainText('电话里聊了聊');
  await panel.getByRole('button', { name: '往来记录' }).click();
  await expect(panel).toContainText('电话里聊了聊');
  await expect(panel).not.toContainText('丙');
});

test.describe('for whoever looks after the accounts', () => {
  test.use({ login: 'admin' });

  test('it is told why somebody else does not see a record', async ({ page }) => {
    const id = await made(page, fresh('别人看不到有限公司'));
    await page.goto(`/o/customer/${id}`);
    await page.getByRole('button', { name: '更多操作' }).click();
    await page.getByRole('menuitem', { name: '为什么我能看到' }).click();
    const sheet = page.getByRole('dialog');
    await sheet.locator('#access-whose').click();
    await page.getByRole('option').filter({ hasText: '李晓燕' }).click();
    await expect(sheet.getByRole('status')).toContainText(/角色“销售”/);
  });
});
