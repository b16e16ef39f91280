import { expect, expectAccessible, expectNoSidewaysScroll, fresh, test } from './support';

test.describe('channels', () => {
  test.use({ login: 'admin' });

  test('are set up, told what is wrong with them, and removed', async ({ page }) => {
    const name = fresh('公司邮箱');
    await page.goto('/admin/settings');
    await page.getByRole('link', { name: '通知渠道' }).click();
    await page.getByRole('button', { name: '添加渠道' }).click();
    const form = page.getByRole('dialog', { name: '添加渠道' });
    await form.getByLabel('名称', { exact: false }).first().fill(name);
    await form.getByLabel('服务器').fill('smtp.example.com');
    await form.getByLabel('发件邮箱').fill('nobody');
    await form.getByRole('button', { name: '保存' }).click();
    await expect(form.getByText('应为邮箱地址')).toBeVisible();
    await expectAccessible(page);
    await form.getByLabel('发件邮箱').fill('crm@example.com');
    await form.getByLabel('密码或授权码').fill('not-a-real-password');
    await form.getByRole('button', { name: '保存' }).click();
    const row = page.getByRole('listitem').filter({ hasText: name });
    await expect(row).toContainText('还没用过');
    await expect(page.locator('body')).not.toContainText('not-a-real-password');
    await expectAccessible(page);
    await row.getByRole('button', { name: '删除' }).click();
    await page.getByRole('dialog').getByRole('button', { name: '删除' }).click();
    await expect(row).toHaveCount(0);
  });

  test('what greetings say is edited', async ({ page }) => {
    await page.goto('/greetings');
    await expect(page.getByRole('heading', { name: '祝福设置' })).toBeVisible();
    await page.getByLabel('生日 · 标题').fill('生日快乐！');
    await page.getByRole('button', { name: '保存' }).click();
    await expect(page.getByText('祝福设置已保存')).toBeVisible();
    await expectAccessible(page);
    await expectNoSidewaysScroll(page);
  });
});

for (const width of [1440, 390]) {
  test(`a person chooses how to be reached (${width})`, async ({ page }) => {
    await page.setViewportSize({ width, height: 900 });
    await page.goto('/account');
    const box = page.getByLabel('我的事项快到期或逾期 · 邮件');
    const before = await box.isChecked();
    await box.click();
    await page
      .getByRole('heading', { name: '提醒方式' })
      .locator('xpath=ancestor::section')
      .getByRole('button', { name: '保存' })
      .click();
    await expect(page.getByText('提醒方式已保存')).toBeVisible();
    await page.reload();
    await expect(box).toBeChecked({ checked: !before });
    await expectAccessible(page);
    await expectNoSidewaysScroll(page);
  });
}
