import type { CDPSession, Page } from '@playwright/test';
import { expect, test } from './support';

/** Composes as a Chinese input method does: pinyin under way, and Enter pressed to take it over. */
async function compose(session: CDPSession, pinyin: string) {
  await session.send('Input.imeSetComposition', {
    text: pinyin,
    selectionStart: pinyin.length,
    selectionEnd: pinyin.length,
  });
}

async function enterWhileComposing(page: Page) {
  // What the browser sends while an input method handles the key.
  await page.evaluate(() => {
    const target = document.activeElement ?? document.body;
    target.dispatchEvent(
      new KeyboardEvent('keydown', { key: 'Enter', keyCode: 229, isComposing: true, bubbles: true, cancelable: true }),
    );
  });
}

test('Enter that ends a composition opens nothing in the palette', async ({ page }) => {
  await page.goto('/o/customer');
  await expect(page.locator('[data-row="0"]')).toBeVisible();
  const session = await page.context().newCDPSession(page);
  await page.keyboard.press('Control+k');
  await page.getByPlaceholder(/支持拼音首字母/).focus();
  await compose(session, 'ha');
  await enterWhileComposing(page);
  await expect(page.getByPlaceholder(/支持拼音首字母/)).toBeVisible();
  expect(page.url()).toMatch(/\/o\/customer$/);
});

test('Enter that ends a composition does not save a form', async ({ page }) => {
  await page.goto('/o/customer');
  await page.getByRole('button', { name: '新建客户' }).click();
  const session = await page.context().newCDPSession(page);
  await page.getByRole('textbox', { name: '客户名称' }).focus();
  await compose(session, 'ceshi');
  await enterWhileComposing(page);
  await expect(page.getByRole('dialog', { name: '新建客户' })).toBeVisible();
  await expect(page.getByText('请填写客户名称')).toHaveCount(0);
  await session.send('Input.insertText', { text: '测试' });
  await expect(page.getByRole('textbox', { name: '客户名称' })).toHaveValue('测试');
  await page
    .getByRole('button', { name: '取消' })
    .or(page.getByRole('button', { name: '关闭' }))
    .first()
    .click();
});

test('an option clicked while composing leaves no pinyin behind', async ({ page }) => {
  await page.goto('/');
  await expect(page.getByRole('navigation', { name: '主导航' })).toBeVisible();
  await page.keyboard.press('l');
  const sheet = page.getByRole('dialog', { name: '写跟进' });
  await sheet.getByLabel('客户', { exact: false }).first().click();
  const session = await page.context().newCDPSession(page);
  const first = page.getByRole('option').first();
  await expect(first).toBeVisible();
  await compose(session, 'h');
  const option = page.getByRole('option').first();
  await expect(option).toBeVisible();
  const name = await option.locator('span').first().innerText();
  await option.click();
  await expect(page.getByRole('option')).toHaveCount(0);
  await expect(sheet.getByRole('combobox').first()).toContainText(name);
});

test('keys typed into a field are text, never commands', async ({ page }) => {
  await page.goto('/o/customer');
  await expect(page.locator('[data-row="0"]')).toBeVisible();
  await page.keyboard.press('/');
  await page.keyboard.type('clj?');
  await expect(page.getByRole('searchbox')).toHaveValue('clj?');
  await expect(page.getByRole('dialog')).toHaveCount(0);
});

test('in no kind of field does Enter that ends a composition save the form', async ({ page }) => {
  await page.goto('/o/customer');
  await page.getByRole('button', { name: '新建客户' }).click();
  const sheet = page.getByRole('dialog', { name: '新建客户' });
  await sheet.getByRole('button', { name: '填写更多字段' }).click();
  const session = await page.context().newCDPSession(page);
  const inputs = sheet.locator('input:not([type=checkbox]):not([type=radio]):not([type=file]), textarea');
  await expect.poll(() => inputs.count()).toBeGreaterThan(12);
  for (const input of await inputs.all()) {
    if (!(await input.isVisible()) || !(await input.isEditable())) continue;
    await input.focus();
    await compose(session, 'ce');
    await enterWhileComposing(page);
    await session.send('Input.imeSetComposition', { text: '', selectionStart: 0, selectionEnd: 0 });
    await expect(sheet).toBeVisible();
  }
  await expect(sheet.getByText('请填写客户名称')).toHaveCount(0);
});
