// Installed as an app and away from the network: the shell, what was looked at last, and what is written meanwhile.
import { expect, test } from './support';

test.use({ serviceWorkers: 'allow' });

test('without a network the page opens, shows what was seen last and keeps what is written', async ({
  page,
  context,
}) => {
  await page.goto('/o/customer?view=mine');
  await expect(page.locator('[data-row="0"]')).toBeVisible();
  await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
  await expect.poll(() => page.evaluate(() => navigator.serviceWorker.controller !== null)).toBe(true);
  // Once more with the worker in between, so that it has seen list, log and pieces of the page.
  await page.reload();
  const first = page.locator('[data-row="0"]');
  await expect(first).toBeVisible();
  const name = await first.locator('button').first().innerText();
  await page
    .getByRole('button', { name: /写跟进/ })
    .first()
    .click();
  await expect(page.getByRole('dialog')).toBeVisible();
  await page.keyboard.press('Escape');
  await expect
    .poll(() => page.evaluate(async () => (await (await caches.open('huike-data-1')).keys()).length))
    .toBeGreaterThan(2);

  await context.setOffline(true);
  await page.reload();
  await expect(page.getByText('没有网络，显示上次看到的内容')).toBeVisible();
  await expect(page.locator('[data-row="0"]').locator('button').first()).toHaveText(name);
  await context.setOffline(false);
  await expect(page.getByText('没有网络，显示上次看到的内容')).toBeHidden();
});

test('what was kept for reading goes with the person', async ({ page }) => {
  await page.goto('/o/customer?view=mine');
  await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
  await page.reload();
  const kept = () => page.evaluate(() => caches.has('huike-data-1'));
  await expect.poll(kept).toBe(true);
  // As when the session has ended elsewhere: the server knows nobody any more.
  await page.context().clearCookies();
  await page.reload();
  await expect(page.getByLabel('登录名')).toBeVisible();
  await expect.poll(kept).toBe(false);
});
