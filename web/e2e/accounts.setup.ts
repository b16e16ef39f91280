import { expect, test } from '@playwright/test';
import { type Login, signIn, stateOf } from './support';

for (const login of ['admin', 'sales1'] satisfies Login[]) {
  test(`${login} signs in`, async ({ page }) => {
    await signIn(page, login);
    await expect(page.getByRole('navigation', { name: '主导航' })).toBeVisible();
    await page.context().storageState({ path: stateOf(login) });
  });
}
