// 写跟进: understood while one types, and never lost without a network.
import { type Page, request } from '@playwright/test';
import { expect, expectAccessible, fresh, stateOf, test } from './support';

async function customerWith(page: Page, name: string, contact: string): Promise<string> {
  await page.goto('/');
  await expect(page.getByRole('navigation').first()).toBeVisible();
  return page.evaluate(
    async ([name, contact]) => {
      const session = await (await fetch('/api/v1/session')).json();
      const make = async (object: string, fields: object): Promise<string> => {
        const answer = await fetch(`/api/v1/records/${object}?on_duplicate=allow`, {
          method: 'POST',
          headers: { 'Content-Type': 'application/json', 'X-CSRF-Token': session.csrf },
          body: JSON.stringify(fields),
        });
        return (await answer.json()).id;
      };
      const customer = await make('customer', { name });
      await make('contact', { name: contact, customer });
      return customer;
    },
    [name, contact] as const,
  );
}

/** How many follow-ups a customer has with this text. */
function logged(page: Page, customer: string, text: string): Promise<number> {
  return page.evaluate(
    async ([customer, text]) => {
      const filter = JSON.stringify({ field: 'customer', op: 'eq', value: customer });
      const answer = await fetch(`/api/v1/records/interaction?filter=${encodeURIComponent(filter)}&limit=50`);
      const { items } = (await answer.json()) as { items: { content: string }[] };
      return items.filter((item) => item.content === text).length;
    },
    [customer, text] as const,
  );
}

test('a sentence is understood: the next step and the contact stand as chips and are saved with it', async ({
  page,
}) => {
  const name = fresh('听懂试验有限公司');
  const id = await customerWith(page, name, '王建国');
  await page.goto(`/o/customer/${id}`);
  await page.getByRole('button', { name: '写跟进' }).last().click();
  const sheet = page.getByRole('dialog', { name: `写跟进 · ${name}` });
  await sheet.getByLabel('聊了什么').fill('明天下午3点回访王总报价');
  const chips = sheet.getByRole('region', { name: '从这句话看出' });
  await expect(chips).toContainText('明天 15:00');
  await expect(chips).toContainText('回访王总报价');
  await expect(chips).toContainText('王建国');
  await expectAccessible(page);
  // Two taps and a sentence.
  await sheet.getByRole('button', { name: /^保存跟进/ }).click();
  await expect(page.getByText(/跟进已保存，明天 15:00/)).toBeVisible();
  await expect(page.getByRole('region', { name: '下一步' })).toContainText('回访王总报价');
});

test('what was understood wrongly is corrected in place or left out', async ({ page }) => {
  const id = await customerWith(page, fresh('改正试验有限公司'), '李娜');
  await page.goto(`/o/customer/${id}`);
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  await page.keyboard.press('l');
  const sheet = page.getByRole('dialog', { name: /^写跟进/ });
  await sheet.getByLabel('聊了什么').fill('下周三发方案给李娜');
  await sheet.getByRole('button', { name: /发方案给李娜/ }).click();
  await expect(sheet.getByRole('textbox', { name: '下一步' })).toHaveValue('发方案给李娜');
  await sheet.getByRole('textbox', { name: '下一步' }).fill('发第二版方案');
  await page.keyboard.press('Control+Enter');
  await expect(page.getByRole('region', { name: '下一步' })).toContainText('发第二版方案');
  await expect(sheet).toHaveCount(0);
  await page.keyboard.press('l');
  await sheet.getByLabel('聊了什么').fill('明天再确认');
  await sheet.getByRole('button', { name: '不设下一步' }).click();
  await expect(sheet.getByRole('region', { name: '从这句话看出' })).toHaveCount(0);
  await expect(sheet.getByRole('textbox', { name: '下一步' })).toHaveValue('');
});

test('written without a network it waits in sight, is sent when the network is back, and stands there once', async ({
  page,
  context,
}) => {
  const name = fresh('断网试验有限公司');
  const id = await customerWith(page, name, '赵敏');
  await page.goto(`/o/customer/${id}`);
  await page.getByRole('button', { name: '写跟进' }).last().click();
  const sheet = page.getByRole('dialog', { name: `写跟进 · ${name}` });
  await context.setOffline(true);
  const text = '在高铁上通了电话，对方同意试用';
  await sheet.getByLabel('聊了什么').fill(text);
  await sheet.getByRole('button', { name: /^保存跟进/ }).click();
  await expect(page.getByText(/跟进已存在本机/)).toBeVisible();
  const notice = page.getByRole('button', { name: '1 条等待发送' });
  await expect(notice).toBeVisible();
  // It is seen where it belongs, and in the list of what waits.
  await expect(page.getByRole('tabpanel')).toContainText(text);
  await notice.click();
  await expect(page.getByRole('dialog', { name: '等待发送' })).toContainText(text);
  await expectAccessible(page);
  await page.keyboard.press('Escape');
  await context.setOffline(false);
  await expect(page.getByText(`“${name}”的跟进已发送`)).toBeVisible({ timeout: 30_000 });
  await expect(notice).toHaveCount(0);
  expect(await logged(page, id, text)).toBe(1);
});

test('an answer that got lost on the way does not make a second record', async ({ page, context }) => {
  const id = await customerWith(page, fresh('丢包试验有限公司'), '钱进');
  await page.goto(`/o/customer/${id}`);
  await page.getByRole('button', { name: '写跟进' }).last().click();
  const sheet = page.getByRole('dialog', { name: /^写跟进/ });
  const text = '答复在路上丢了';
  // The server gets it; its answer doesn't get back.
  await page.route('**/api/v1/records/interaction', async (route) => {
    await route.fetch();
    await route.abort('connectionreset');
  });
  await sheet.getByLabel('聊了什么').fill(text);
  await sheet.getByRole('button', { name: /^保存跟进/ }).click();
  await expect(page.getByRole('button', { name: '1 条等待发送' })).toBeVisible();
  // Closing the page loses nothing.
  await page.unroute('**/api/v1/records/interaction');
  await context.setOffline(false);
  await page.reload();
  await expect(page.getByText(/的跟进已发送/)).toBeVisible({ timeout: 30_000 });
  expect(await logged(page, id, text)).toBe(1);
});

test('a colleague is mentioned and told, and a picture and a recording go with the words', async ({
  page,
  baseURL,
}) => {
  const id = await customerWith(page, fresh('附件试验有限公司'), '周洁');
  const admin = await request.newContext({ baseURL, storageState: stateOf('admin') });
  const { user } = await (await admin.get('/api/v1/session')).json();
  await page.goto(`/o/customer/${id}`);
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  await page.keyboard.press('l');
  const sheet = page.getByRole('dialog', { name: /^写跟进/ });
  const text = fresh('现场看过设备');
  await sheet.getByLabel('聊了什么').fill(`${text} `);
  await sheet.getByRole('button', { name: '提到同事' }).click();
  await page.keyboard.type(user.name);
  await expect(sheet.getByLabel('聊了什么')).toHaveValue(`${text} @${user.name}`);
  const png = Buffer.from(
    'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGP4z8DwHwAFAAH/iZk9HQAAAABJRU5ErkJggg==',
    'base64',
  );
  await sheet.getByLabel('照片').setInputFiles({ name: '现场.png', mimeType: 'image/png', buffer: png });
  await sheet
    .getByLabel('文件')
    .setInputFiles({ name: '纪要.txt', mimeType: 'text/plain', buffer: Buffer.from('要点') });
  await sheet.getByRole('button', { name: /^保存跟进/ }).click();
  await expect(sheet).toHaveCount(0);
  await page.getByRole('tab', { name: '文件' }).click();
  await expect(page.getByRole('tabpanel')).toContainText('现场.png');
  await expect(page.getByRole('tabpanel')).toContainText('纪要.txt');
  await expectAccessible(page);
  const told = await (await admin.get('/api/v1/notifications?limit=20')).json();
  expect(
    told.items.some((one: { kind: string; title: string }) => one.kind === 'mention' && one.title.includes(text)),
  ).toBe(true);
  await admin.dispose();
});
