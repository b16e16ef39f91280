import type { Locator, Page } from '@playwright/test';
import { anyRecord, createRecord, expect, fresh, test } from './support';

const column = (page: Page, stage: string) => page.locator(`[data-column="${stage}"]`);
const card = (page: Page, name: string) => page.locator('[data-card]').filter({ hasText: name });

/** An opportunity of the test's own, alone on its board. */
async function opportunity(page: Page, fields: Record<string, unknown> = {}) {
  const name = fresh('看板');
  await createRecord(page, 'opportunity', {
    name,
    customer: await anyRecord(page, 'customer'),
    stage: 'contact',
    amount: 1000,
    expected_close: '2001-01-01',
    ...fields,
  });
  // Found by its name, so that nothing that others left stands above it.
  await page.goto(`/o/opportunity?view=board&q=${encodeURIComponent(name)}`);
  await expect(card(page, name)).toBeVisible();
  return name;
}

/** What the page asks the server to change from now on. */
function writes(page: Page): string[] {
  const seen: string[] = [];
  page.on('request', (request) => {
    if (/PATCH|PUT|DELETE/.test(request.method()) || request.url().includes('/batch'))
      seen.push(`${request.method()} ${new URL(request.url()).pathname}`);
  });
  return seen;
}

async function dragTo(page: Page, from: Locator, to: Locator) {
  const start = await from.boundingBox();
  const end = await to.boundingBox();
  if (!start || !end) throw new Error('nothing to drag');
  await page.mouse.move(start.x + 60, start.y + 16);
  await page.mouse.down();
  await page.mouse.move(start.x + 90, start.y + 30, { steps: 3 });
  await page.mouse.move(end.x + end.width / 2, end.y + 120, { steps: 6 });
  await expect(to).toHaveClass(/ring-brand/);
  await page.mouse.up();
}

test('a card is dragged to another stage by one request and put back by one tap', async ({ page }) => {
  const name = await opportunity(page);
  const sent = writes(page);
  await dragTo(page, card(page, name), column(page, 'need'));
  await expect(column(page, 'need').locator('[data-card]').filter({ hasText: name })).toBeVisible();
  await expect(page.getByText('已移动到“需求确认”')).toBeVisible();
  expect(sent).toHaveLength(1);
  await page.getByRole('button', { name: '撤销' }).click();
  await expect(page.getByText('已撤销')).toBeVisible();
  await expect(column(page, 'contact').locator('[data-card]').filter({ hasText: name })).toBeVisible();
  expect(sent).toHaveLength(2);
});

test('a drag that is broken off changes nothing', async ({ page }) => {
  const name = await opportunity(page);
  const sent = writes(page);
  const box = await card(page, name).boundingBox();
  if (!box) throw new Error('no card');
  await page.mouse.move(box.x + 40, box.y + 16);
  await page.mouse.down();
  await page.mouse.move(box.x + 400, box.y + 60, { steps: 4 });
  await page.keyboard.press('Escape');
  await page.mouse.up();
  await expect(column(page, 'contact').locator('[data-card]').filter({ hasText: name })).toBeVisible();
  expect(sent).toEqual([]);
});

test('the keyboard lifts a card, changes the column and drops it', async ({ page }) => {
  const name = await opportunity(page);
  await card(page, name).getByRole('button', { name, exact: true }).focus();
  await page.keyboard.press('Space');
  await expect(page.getByText(`已拿起“${name}”`, { exact: false })).toBeAttached();
  await page.keyboard.press('ArrowRight');
  await expect(column(page, 'need')).toHaveClass(/ring-brand/);
  await page.keyboard.press('Space');
  const moved = column(page, 'need').locator('[data-card]').filter({ hasText: name });
  await expect(moved).toBeVisible();
  await expect(moved.getByRole('button', { name, exact: true })).toBeFocused();
});

test('a stage that asks for more is told what, and gets it where one is', async ({ page }) => {
  const name = await opportunity(page, { amount: null });
  await card(page, name).hover();
  await card(page, name)
    .getByRole('button', { name: `“${name}”的操作` })
    .click();
  await page.getByRole('menuitem', { name: '方案报价' }).click();
  const asked = page.getByRole('dialog', { name: '移动到“方案报价”还需要' });
  await expect(asked.getByText('到了方案报价，请填预计金额')).toBeVisible();
  await expect(column(page, 'contact').locator('[data-card]').filter({ hasText: name })).toBeVisible();
  await asked.getByLabel('预计金额').fill('12万');
  await asked.getByRole('button', { name: '移动' }).click();
  const moved = column(page, 'proposal').locator('[data-card]').filter({ hasText: name });
  await expect(moved).toContainText('¥12万');
});

test('columns fold, and lanes divide them by person', async ({ page }) => {
  const name = await opportunity(page);
  await column(page, 'lost').getByRole('button', { name: '收起“输单”' }).click();
  await expect(column(page, 'lost').getByRole('button', { name: '展开“输单”' })).toBeVisible();
  await page.reload();
  await expect(column(page, 'lost').getByRole('button', { name: '展开“输单”' })).toBeVisible();
  await column(page, 'lost').getByRole('button', { name: '展开“输单”' }).click();
  await page.getByRole('button', { name: '看板选项' }).click();
  await page.getByRole('menuitemradio', { name: '负责人' }).click();
  await expect(page).toHaveURL(/lane=owner/);
  await page.keyboard.press('Escape');
  await expect(card(page, name)).toBeVisible();
});

test('any list with a choice can be shown as a board and kept so', async ({ page }) => {
  await page.goto('/o/ticket?view=all');
  await page.getByRole('button', { name: '显示方式: 列表' }).click();
  await page.getByRole('menuitemradio', { name: '看板' }).click();
  await expect(column(page, 'working')).toBeVisible();
  const name = fresh('工单看板');
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: '存为视图' }).click();
  await page.getByLabel('视图名称').fill(name);
  await page.getByRole('dialog').getByRole('button', { name: '保存' }).click();
  await expect(page.getByRole('tab', { name, selected: true })).toBeVisible();
  await page.reload();
  await expect(column(page, 'working')).toBeVisible();
  await page.getByRole('button', { name: `“${name}”的更多操作` }).click();
  await page.getByRole('menuitem', { name: '删除视图' }).click();
  await page.getByRole('dialog').getByRole('button', { name: '删除视图' }).click();
  await expect(page.getByRole('tab', { name })).toHaveCount(0);
});
