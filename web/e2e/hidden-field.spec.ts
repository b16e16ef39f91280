// A field that a role may not know leaves no trace: not on the page, not in anything the page is sent.
import { request } from '@playwright/test';
import { expect, fresh, stateOf, test } from './support';

const LABEL = '内部底价';
const SECRET = '底价七十八万';

test('a role that may not see a field finds no trace of it, in the page or its traffic', async ({ page, baseURL }) => {
  const admin = await request.newContext({ baseURL, storageState: stateOf('admin') });
  const { csrf } = await (await admin.get('/api/v1/session')).json();
  const headers = { 'X-CSRF-Token': csrf };
  const field = `floor_${Date.now().toString(36)}`;
  const added = await admin.post('/api/v1/dictionary/opportunity/fields', {
    headers,
    data: { name: field, type: 'text', level: 'core', searchable: true, label: { zh: LABEL, en: 'Floor price' } },
  });
  expect(added.status(), await added.text()).toBe(201);
  const { user } = await (await page.request.get('/api/v1/session')).json();
  const customer = (await (await page.request.get('/api/v1/records/customer?limit=1')).json()).items[0].id;
  const name = fresh('底价商机');
  const made = await admin.post('/api/v1/records/opportunity?on_duplicate=allow', {
    headers,
    data: { name, customer, owner: user.id, stage: 'contact', [field]: SECRET },
  });
  const id = (await made.json()).id;
  expect(made.status(), await made.text()).toBe(201);

  const seen: string[] = [];
  page.on('response', async (answer) => {
    if (!answer.url().includes('/api/v1/') || answer.url().includes('/events')) return;
    seen.push(`${answer.url()}\n${await answer.text().catch(() => '')}`);
  });
  await page.goto('/o/opportunity?view=all');
  await expect(page.locator('[data-row="0"]')).toBeVisible();
  await page.getByRole('combobox', { name: '筛选' }).click();
  await expect(page.getByRole('option').first()).toBeVisible();
  await expect(page.getByText(LABEL)).toHaveCount(0);
  await page.keyboard.press('Escape');
  await page.goto(`/o/opportunity/${id}`);
  await expect(page.getByRole('heading', { level: 1, name })).toBeVisible();
  await expect(page.getByText(LABEL)).toHaveCount(0);
  await page.keyboard.press('Control+k');
  await page.getByPlaceholder(/支持拼音首字母/).fill(SECRET);
  await expect.poll(() => seen.some((one) => one.includes('/search?'))).toBe(true);
  await page.keyboard.press('Escape');
  // The search asks for the secret itself; every answer is silent about it.
  const bodies = seen.map((one) => one.slice(one.indexOf('\n')));
  for (const word of [field, LABEL, SECRET]) expect(bodies.filter((body) => body.includes(word))).toEqual([]);

  await admin.delete(`/api/v1/dictionary/opportunity/fields/${field}`, { headers });
  await admin.dispose();
});
