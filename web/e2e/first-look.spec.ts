// What helps whoever looks for the first time: tips, a search box that loses nothing, the steps of a new company.
import { expect } from '@playwright/test';
import { expectAccessible, test } from './support';

test('a tip goes for good once it is understood, and comes back when asked for', async ({ page }) => {
  await page.goto('/');
  const tip = page.getByRole('complementary', { name: '提示' });
  await expect(tip).toContainText('先处理逾期');
  await tip.getByRole('button', { name: '知道了' }).click();
  await expect(tip).toHaveCount(0);
  await page.reload();
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  await expect(tip).toHaveCount(0);
  await page.goto('/o/customer');
  await expect(tip).toContainText('点单元格直接修改');
  await expectAccessible(page);
  await page.goto('/help');
  await page.getByRole('button', { name: '重新显示各页提示' }).click();
  await page.goto('/');
  await expect(tip).toContainText('先处理逾期');
});

test.describe('with a slow line', () => {
  test.use({ serviceWorkers: 'block' });

  test('what is typed before the search box is there is not lost', async ({ page }) => {
    await page.route(/\/palette-[^/]*\.js$/, async (route) => {
      await new Promise((done) => setTimeout(done, 1_500));
      await route.continue();
    });
    await page.goto('/');
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
    await page.keyboard.press('Control+k');
    await page.keyboard.type('hz');
    await expect(page.getByRole('combobox').first()).toHaveValue('hz');
    await page.keyboard.press('Escape');
    await expect(page.getByRole('combobox')).toHaveCount(0);
  });
});

test.describe('for whoever begins', () => {
  test.use({ login: 'admin' });

  test('the first plan is a step, turned on after a look at what it would do', async ({ page }) => {
    await page.goto('/welcome');
    const step = page.locator('li').filter({ has: page.getByRole('heading', { name: '第一个跟进计划' }) });
    await expect(step.getByRole('listitem').first()).toBeVisible();
    const off = step.getByRole('button', { name: /^启用/ });
    if ((await off.count()) > 0) {
      await off.first().click();
      const dialog = page.getByRole('dialog');
      await expect(dialog.getByRole('button', { name: '启用' })).toBeEnabled({ timeout: 20_000 });
      await dialog.getByRole('button', { name: '取消' }).click();
    }
    await expectAccessible(page);
    await step.getByRole('link', { name: '修改或新建计划' }).click();
    await expect(page).toHaveURL(/\/journey\/plans/);
  });
});
