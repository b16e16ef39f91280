// One way through the whole of it without a pointer.
import { expect, fresh, stateOf, test } from './support';

test.use({ storageState: { cookies: [], origins: [] } });

test('from signing in to a follow-up with its next step, nothing needs a pointer', async ({ page }) => {
  await page.goto('/');
  await expect(page.getByLabel('登录名')).toBeVisible();
  await page.getByLabel('登录名').focus();
  await page.keyboard.type('sales1');
  await page.keyboard.press('Tab');
  await page.keyboard.type('huike-demo');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('navigation').first()).toBeVisible();

  await page.keyboard.press('g');
  await page.keyboard.press('c');
  await expect(page.locator('[data-row="0"]')).toBeVisible();
  await page.keyboard.press('c');
  const form = page.getByRole('dialog', { name: '新建客户' });
  await expect(form.getByRole('textbox', { name: '客户名称' })).toBeFocused();
  const name = fresh('键盘试验有限公司');
  await page.keyboard.type(name);
  await page.keyboard.press('Control+Enter');
  await expect(page.getByText(`已新建“${name}”`)).toBeVisible();

  await page.keyboard.press('Control+k');
  await expect(page.getByPlaceholder(/支持拼音首字母/)).toBeFocused();
  await page.keyboard.type(name);
  await expect(page.getByRole('option').filter({ hasText: name }).first()).toBeVisible();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { level: 1, name })).toBeVisible();

  await page.keyboard.press('l');
  const sheet = page.getByRole('dialog', { name: `写跟进 · ${name}` });
  await expect(sheet.getByLabel('聊了什么')).toBeFocused();
  await page.keyboard.type('明天下午3点回访报价');
  await expect(sheet.getByRole('region', { name: '从这句话看出' })).toContainText('明天 15:00');
  await page.keyboard.press('Control+Enter');
  await expect(page.getByText(/跟进已保存，明天 15:00/)).toBeVisible();
  await expect(page.getByRole('region', { name: '下一步' })).toContainText('15:00');

  await page.keyboard.press('?');
  await expect(page.getByRole('dialog', { name: '键盘快捷键' })).toBeVisible();
  await page.keyboard.press('Escape');
  await page.keyboard.press('g');
  await page.keyboard.press('h');
  await expect(page).toHaveURL(/\/$/);
});

test.describe('signed in', () => {
  test.use({ storageState: stateOf('sales1') });

  test('what has the focus is always seen, and the first Tab leads past the menu', async ({ page }) => {
    await page.goto('/o/customer');
    await expect(page.locator('[data-row="0"]')).toBeVisible();
    await page.keyboard.press('Tab');
    for (let step = 0; step < 25; step++) {
      const seen = await page.evaluate(() => {
        const at = document.activeElement as HTMLElement | null;
        if (!at || at === document.body) return true;
        const box = at.getBoundingClientRect();
        const style = getComputedStyle(at);
        const ring = style.outlineStyle !== 'none' || style.boxShadow !== 'none' || at.matches('input, textarea');
        return box.width > 0 && box.height > 0 && ring;
      });
      expect(seen, `step ${step}: ${await page.evaluate(() => document.activeElement?.outerHTML.slice(0, 200))}`).toBe(
        true,
      );
      await page.keyboard.press('Tab');
    }
  });
});
