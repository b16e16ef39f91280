import { expect, test } from './support';

test('the frame is painted before any script has come', async ({ page }) => {
  // No script of the application arrives: what is seen comes from the page alone.
  await page.route('**/assets/*.js', (route) => route.abort());
  await page.goto('/', { waitUntil: 'domcontentloaded' });
  await expect(page.locator('.boot-side')).toBeVisible();
  await expect
    .poll(() =>
      page.evaluate(
        () =>
          performance.getEntriesByName('first-contentful-paint').length +
          performance.getEntriesByName('first-paint').length,
      ),
    )
    .toBeGreaterThan(0);
});

test('nothing is asked of anybody but the server itself, under a policy without exceptions', async ({
  page,
  baseURL,
}) => {
  const strangers: string[] = [];
  page.on('request', (request) => {
    const url = new URL(request.url());
    if (/^https?:$/.test(url.protocol) && url.origin !== new URL(baseURL ?? '').origin) strangers.push(request.url());
  });
  for (const path of ['/', '/o/customer', '/o/opportunity?view=board', '/o/task?view=calendar', '/data', '/imports']) {
    const answer = await page.goto(path);
    const policy = answer?.headers()['content-security-policy'] ?? '';
    expect(policy, path).toContain('default-src');
    expect(policy, path).not.toMatch(/unsafe-|\*/);
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  }
  expect(strangers).toEqual([]);
});

test('a first look at a list weighs what a phone can carry', async ({ page }) => {
  const session = await page.context().newCDPSession(page);
  await session.send('Network.enable');
  await session.send('Network.setCacheDisabled', { cacheDisabled: true });
  // 4 Mbit/s and 40 ms, as on a train.
  await session.send('Network.emulateNetworkConditions', {
    offline: false,
    latency: 40,
    downloadThroughput: (4 * 1024 * 1024) / 8,
    uploadThroughput: (1024 * 1024) / 8,
  });
  let bytes = 0;
  session.on('Network.loadingFinished', (done) => {
    bytes += done.encodedDataLength;
  });
  await page.goto('/o/customer');
  await expect(page.locator('[data-row="0"] button').first()).not.toBeEmpty();
  // Code ≤ 180 kB (the build checks it), the page, the dictionary and a hundred rows: half a second of that line each.
  expect(bytes).toBeLessThan(420_000);
});
