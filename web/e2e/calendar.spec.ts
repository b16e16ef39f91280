import type { Page } from '@playwright/test';
import { createRecord, expect, fresh, test } from './support';

const DAY_MS = 86_400_000;
/** The company’s day of a moment. */
const shanghai = (time: number) => new Date(time + 8 * 3_600_000).toISOString().slice(0, 10);

async function task(page: Page, day: string) {
  const title = fresh('日程');
  await createRecord(page, 'task', { title, due_at: `${day}T06:30:00Z`, status: 'open' });
  return title;
}

const entry = (page: Page, title: string) => page.locator('[data-entry]').filter({ hasText: title });

test('an entry is dragged to another day and keeps its time', async ({ page }) => {
  const day = '2031-03-04';
  const title = await task(page, day);
  await page.goto(`/o/task?view=calendar&day=${day}&span=month`);
  const from = await entry(page, title).boundingBox();
  const target = page.locator('[data-drop="2031-03-13"]');
  const to = await target.boundingBox();
  if (!from || !to) throw new Error('nothing to drag');
  await page.mouse.move(from.x + 40, from.y + 8);
  await page.mouse.down();
  await page.mouse.move(from.x + 60, from.y + 20, { steps: 3 });
  await page.mouse.move(to.x + to.width / 2, to.y + to.height / 2, { steps: 5 });
  await expect(target).toHaveClass(/ring-brand/);
  await page.mouse.up();
  await expect(target.locator('[data-entry]').filter({ hasText: title })).toContainText('14:30');
  await page.getByRole('button', { name: '撤销' }).click();
  await expect(page.locator(`[data-drop="${day}"]`).locator('[data-entry]').filter({ hasText: title })).toBeVisible();
});

test('the keyboard moves an entry by a week and a day', async ({ page }) => {
  const title = await task(page, '2031-04-01');
  await page.goto('/o/task?view=calendar&day=2031-04-01&span=month');
  await entry(page, title).focus();
  await page.keyboard.press('Space');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowRight');
  await expect(page.locator('[data-drop="2031-04-09"]')).toHaveClass(/ring-brand/);
  await page.keyboard.press('Space');
  await expect(
    page.locator('[data-drop="2031-04-09"]').locator('[data-entry]').filter({ hasText: title }),
  ).toBeVisible();
});

test('a week shows the hour, and a drop there changes it', async ({ page }) => {
  const title = await task(page, '2031-05-06');
  await page.goto('/o/task?view=calendar&day=2031-05-06&span=week');
  const from = await entry(page, title).boundingBox();
  const slot = page.locator('[data-drop="2031-05-08@960"]');
  const to = await slot.boundingBox();
  if (!from || !to) throw new Error('nothing to drag');
  await page.mouse.move(from.x + 20, from.y + 8);
  await page.mouse.down();
  await page.mouse.move(from.x + 40, from.y + 16, { steps: 3 });
  await page.mouse.move(to.x + to.width / 2, to.y + to.height / 2, { steps: 5 });
  await expect(slot).toHaveClass(/bg-brand-soft/);
  await page.mouse.up();
  await expect(entry(page, title)).toContainText('16:00');
});

test('a click into the calendar begins a record at that time', async ({ page }) => {
  await page.goto('/o/task?view=calendar&day=2031-06-10&span=day');
  await page.locator('[data-drop="2031-06-10@600"]').click();
  const sheet = page.getByRole('dialog');
  await expect(sheet.getByLabel('截止时间', { exact: true })).toHaveValue(/10:00/);
});

test('the team’s entries lie over one’s own, and the address keeps it', async ({ page }) => {
  await page.goto(`/o/task?view=calendar&span=agenda&day=${shanghai(Date.now() - 10 * DAY_MS)}`);
  await expect(page.locator('[data-entry]').first()).toBeVisible();
  await page.getByRole('radio', { name: '团队' }).click();
  await expect(page).toHaveURL(/team=all/);
  await page.reload();
  await expect(page.getByRole('radio', { name: '团队' })).toBeChecked();
});

test('an entry that somebody else has moved meanwhile stays there, and that is told', async ({ page }) => {
  // The page must not hear of the change before it is dropped.
  await page.route('**/api/v1/events', (route) => route.abort());
  const title = fresh('日程');
  const id = await createRecord(page, 'task', { title, due_at: '2031-06-03T06:30:00Z', status: 'open' });
  await page.goto('/o/task?view=calendar&day=2031-06-03&span=month');
  await expect(entry(page, title)).toBeVisible();
  const { csrf } = await (await page.request.get('/api/v1/session')).json();
  const moved = await page.request.patch(`/api/v1/records/task/${id}`, {
    data: { due_at: '2031-06-12T06:30:00Z' },
    headers: { 'X-CSRF-Token': csrf },
  });
  expect(moved.ok()).toBe(true);
  await entry(page, title).focus();
  await page.keyboard.press('Space');
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('Space');
  await expect(page.getByText(`“${title}”刚被别人改到`)).toBeVisible();
  await page.getByRole('button', { name: '仍移到这里' }).click();
  await expect(
    page.locator('[data-drop="2031-06-04"]').locator('[data-entry]').filter({ hasText: title }),
  ).toBeVisible();
});
