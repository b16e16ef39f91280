import { expect, test } from '@playwright/test';
import { expectAccessible, signIn } from './support';

test('a wrong password is refused in words, and a right one opens the workbench', async ({ page }) => {
  await signIn(page, 'sales2', 'not-the-password');
  await expect(page.getByRole('alert')).toBeVisible();
  await expectAccessible(page);
  await page.getByLabel('密码', { exact: true }).fill('huike-demo');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { level: 1 })).toContainText('好');
});

test('nothing filled in is told by the page, in its language', async ({ page }) => {
  await page.goto('/');
  await page.getByRole('button', { name: '登录', exact: true }).click();
  await expect(page.getByRole('alert')).toHaveText('请填写登录名和密码');
});

test('the sign-in page speaks the language one chooses', async ({ page }) => {
  await page.goto('/');
  await page.getByRole('button', { name: '简体中文' }).click();
  await page.getByRole('menuitemradio', { name: 'English' }).click();
  await expect(page.getByRole('button', { name: 'Sign in', exact: true })).toBeVisible();
  await expect(page.locator('html')).toHaveAttribute('lang', 'en');
  await page.reload();
  await expect(page.getByLabel('Login name')).toBeVisible();
});

test('a link to a record leads there after signing in', async ({ page }) => {
  await page.goto('/o/customer?view=mine');
  await page.getByLabel('登录名').fill('sales2');
  await page.getByLabel('密码', { exact: true }).fill('huike-demo');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('tab', { name: '我的客户', selected: true })).toBeVisible();
});

test('a stranger is shown the sign-in page without a single refused request', async ({ page }) => {
  const errors: string[] = [];
  page.on('console', (message) => message.type() === 'error' && errors.push(message.text()));
  await page.goto('/o/customer');
  await expect(page.getByLabel('登录名')).toBeVisible();
  await page.waitForLoadState('networkidle');
  expect(errors).toEqual([]);
});

test('a browser that forgot everything but the session stays signed in, and one that is signed out elsewhere asks again', async ({
  page,
}) => {
  await signIn(page, 'sales2');
  await expect(page.getByRole('heading', { level: 1 })).toContainText('好');
  await page.evaluate(() => localStorage.clear());
  await page.reload();
  await expect(page.getByRole('heading', { level: 1 })).toContainText('好');
  const { csrf } = await (await page.request.get('/api/v1/session')).json();
  await page.request.delete('/api/v1/session', { headers: { 'X-CSRF-Token': csrf } });
  await page.reload();
  await expect(page.getByLabel('登录名')).toBeVisible();
});
