import { expect, expectAccessible, expectNoSidewaysScroll, fresh, test } from './support';

test('five slots lead everywhere, and the middle one writes a follow-up', async ({ page }) => {
  await page.goto('/');
  const slots = page.getByRole('navigation', { name: '底部导航' });
  await expect(slots.locator('a, button')).toHaveCount(5);
  for (const slot of await slots.locator('a, button').all())
    expect((await slot.boundingBox())?.height).toBeGreaterThanOrEqual(44);
  await slots.getByRole('link', { name: '客户' }).tap();
  const first = page.locator('main li a[href^="/o/customer/"]').first();
  await expect(first).toBeVisible();
  const name = (await first.locator('span > span').first().innerText()).trim();
  await first.tap();
  await expect(page.getByRole('heading', { level: 1, name })).toBeVisible();
  await slots.getByRole('button', { name: '写跟进' }).tap();
  // It begins with the record one looks at: two taps and a sentence.
  await expect(page.getByRole('dialog', { name: `写跟进 · ${name}` })).toBeVisible();
  await expectAccessible(page);
  await expectNoSidewaysScroll(page);
});

test('what matters about a customer stands above the fold', async ({ page }) => {
  const withPhone = JSON.stringify({
    all: [
      { field: 'owner', op: 'eq', value: 'me' },
      { field: 'phone', op: 'not_empty' },
    ],
  });
  await page.goto(`/o/customer?filter=${encodeURIComponent(withPhone)}`);
  await page.locator('main li a[href^="/o/customer/"]').first().tap();
  for (const label of ['在谈商机金额', '最近联系', '下一步', '打电话', '写跟进']) {
    const shown = page.locator('main').getByText(label, { exact: true }).filter({ visible: true }).first();
    await expect
      .poll(async () => {
        const box = await shown.boundingBox();
        return box ? box.y + box.height : Infinity;
      })
      .toBeLessThan(844);
  }
  await expectAccessible(page);
});

test('a customer is created in a sheet whose save bar stays in reach', async ({ page }) => {
  await page.goto('/o/customer');
  await page.getByRole('button', { name: '新建客户' }).tap();
  const form = page.getByRole('dialog', { name: '新建客户' });
  const save = form.getByRole('button', { name: /^保存(?!并)/ });
  // The sheet slides up: where it comes to rest counts.
  await expect
    .poll(async () => {
      const box = await save.boundingBox();
      return box ? box.y + box.height : Infinity;
    })
    .toBeLessThanOrEqual(844);
  const name = fresh('手机新建有限公司');
  await form.getByLabel('客户名称').fill(name);
  await save.tap();
  await expect(page.getByText(`已新建“${name}”`)).toBeVisible();
});

test('everything touched is at least 44 pixels high', async ({ page }) => {
  await page.goto('/o/customer');
  await expect(page.locator('main li a').first()).toBeVisible();
  const small = await page
    .locator('main button:visible, main a:visible, nav a:visible, nav button:visible')
    .evaluateAll((all) =>
      all
        .map((one) => ({
          text: one.getAttribute('aria-label') ?? one.textContent ?? '',
          height: one.getBoundingClientRect().height,
        }))
        .filter(({ height }) => height > 0 && height < 44),
    );
  expect(small).toEqual([]);
});
