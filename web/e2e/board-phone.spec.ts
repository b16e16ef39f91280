import { anyRecord, createRecord, expect, expectNoSidewaysScroll, fresh, test } from './support';

test('a finger that rests on a card drags it; one that moves at once scrolls', async ({ page }) => {
  const name = fresh('触摸');
  await createRecord(page, 'opportunity', {
    name,
    customer: await anyRecord(page, 'customer'),
    stage: 'contact',
    amount: 1000,
    expected_close: '2001-01-02',
  });
  await page.goto(`/o/opportunity?view=board&q=${encodeURIComponent(name)}`);
  const card = page.locator('[data-card]').filter({ hasText: name });
  await expect(card).toBeVisible();
  await expectNoSidewaysScroll(page);
  const box = await card.boundingBox();
  if (!box) throw new Error('no card');
  const x = box.x + 80;
  const y = box.y + 20;
  const session = await page.context().newCDPSession(page);
  const touch = (type: 'touchStart' | 'touchMove' | 'touchEnd', points: { x: number; y: number }[]) =>
    session.send('Input.dispatchTouchEvent', { type, touchPoints: points });
  await touch('touchStart', [{ x, y }]);
  // Held long enough, the card lies under the finger.
  await expect(page.locator('[data-card]').filter({ hasText: name })).toHaveCount(2);
  await touch('touchMove', [{ x: x + 40, y: y + 20 }]);
  const next = page.locator('[data-column="need"]');
  // Just inside the edge the board scrolls slowly: the next column comes under the finger and stays there a while.
  await touch('touchMove', [{ x: 341, y: 400 }]);
  await expect(next).toHaveClass(/ring-brand/);
  await touch('touchEnd', []);
  await expect(page.getByText('已移动到“需求确认”')).toBeVisible();
  await expect(next.locator('[data-card]').filter({ hasText: name })).toBeAttached();
});
