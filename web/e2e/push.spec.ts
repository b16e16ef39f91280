// Browser notifications the whole way: allowed in the page, sent by the server, read with the browser's key, shown by the page's
// worker. The push service is this file's; what it takes is opened with another library than it was sealed with.
import { createDecipheriv, createECDH, createPublicKey, hkdfSync, randomBytes, verify } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import { expect, expectAccessible, expectNoSidewaysScroll, fresh, test } from './support';

/** The server under test was told that it may talk to it (xtask/src/served.rs). */
const SERVICE = 'http://127.0.0.1:8429';
const base64url = (bytes: Buffer) => bytes.toString('base64url');

/** What only a worker knows. */
declare const PushEvent: new (type: string, init: { data: string }) => Event;
declare const NotificationEvent: new (type: string, init: { notification: Notification }) => Event;

type Pushed = { headers: IncomingMessage['headers']; body: Buffer };

test.use({ login: 'admin', serviceWorkers: 'allow' });

test('a browser shows what its owner is told, until they turn it off', async ({ page, context }) => {
  const pushed: Pushed[] = [];
  const service = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      pushed.push({ headers: request.headers, body: Buffer.concat(chunks) });
      response.writeHead(201).end();
    });
  });
  await new Promise<void>((resolve) => service.listen(8429, '127.0.0.1', resolve));

  const browser = createECDH('prime256v1');
  browser.generateKeys();
  const auth = randomBytes(16);
  await context.grantPermissions(['notifications']);
  // Chromium's own service is on the internet: the subscription is made here, everything else is the browser's.
  await page.addInitScript(
    ([endpoint, p256dh, secret]) => {
      const bytes = (text: string) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0)).buffer;
      let made: unknown = null;
      PushManager.prototype.getSubscription = () => Promise.resolve(made as PushSubscription | null);
      PushManager.prototype.subscribe = (options) => {
        const key = String(options?.applicationServerKey).replaceAll('-', '+').replaceAll('_', '/');
        made = {
          endpoint,
          options: { applicationServerKey: bytes(key) },
          getKey: (name: string) => bytes(name === 'p256dh' ? p256dh : secret),
          unsubscribe: () => {
            made = null;
            return Promise.resolve(true);
          },
        };
        return Promise.resolve(made as PushSubscription);
      };
    },
    [`${SERVICE}/push/one`, browser.getPublicKey('base64'), auth.toString('base64')] as const,
  );

  try {
    const name = fresh('浏览器通知');
    await page.goto('/admin/channels');
    await page.getByRole('button', { name: '添加渠道' }).click();
    const form = page.getByRole('dialog', { name: '添加渠道' });
    await form.getByLabel('类型').click();
    await page.getByRole('option', { name: '浏览器通知' }).click();
    await form.getByLabel('名称', { exact: false }).first().fill(name);
    await form.getByLabel('联系邮箱').fill('nobody');
    await form.getByRole('button', { name: '保存' }).click();
    await expect(form.getByText('应为邮箱地址')).toBeVisible();
    await form.getByLabel('联系邮箱').fill('crm@example.com');
    await form.getByRole('button', { name: '保存' }).click();
    const row = page.getByRole('listitem').filter({ hasText: name });
    await expect(row).toContainText('还没用过');

    await page.goto('/account');
    const panel = page.getByRole('heading', { name: '提醒方式' }).locator('xpath=ancestor::section');
    await panel.getByRole('button', { name: '开启', exact: true }).click();
    await expect(page.getByText('已开启，提醒会在这个浏览器弹出')).toBeVisible();
    await expect(panel.getByRole('button', { name: '关闭', exact: true })).toBeVisible();
    await expectAccessible(page);
    await expectNoSidewaysScroll(page);

    await page.goto('/admin/channels');
    await row.getByRole('button', { name: '发测试消息' }).click();
    await expect(page.getByText('测试消息已送出，请查收')).toBeVisible();
    expect(pushed).toHaveLength(1);
    const [first] = pushed as [Pushed];
    expect(first.headers['content-encoding']).toBe('aes128gcm');
    expectSigned(String(first.headers.authorization));
    const told = opened(first.body, browser, auth);
    expect(JSON.parse(told)).toMatchObject({ title: '汇客测试消息', url: '/account' });

    const worker = context.serviceWorkers()[0] ?? (await context.waitForEvent('serviceworker'));
    const shown = await worker.evaluate(async (data) => {
      const scope = self as unknown as Worker & { registration: ServiceWorkerRegistration };
      scope.dispatchEvent(new PushEvent('push', { data }));
      for (let turn = 0; turn < 50; turn++) {
        const [notification] = await scope.registration.getNotifications();
        if (notification) {
          scope.dispatchEvent(new NotificationEvent('notificationclick', { notification }));
          return { title: notification.title, body: notification.body };
        }
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
      return null;
    }, told);
    expect(shown?.title).toBe('汇客测试消息');
    expect(shown?.body).toContain(name);
    // The click leads to where the message points, in the page that is open.
    await expect(page).toHaveURL(/\/account$/);

    await panel.getByRole('button', { name: '关闭', exact: true }).click();
    await expect(panel.getByRole('button', { name: '开启', exact: true })).toBeVisible();
    await page.goto('/admin/channels');
    await row.getByRole('button', { name: '发测试消息' }).click();
    await expect(page.getByText(/没有送出/)).toBeVisible();
    expect(pushed).toHaveLength(1);
    await row.getByRole('button', { name: '删除' }).click();
    await page.getByRole('dialog').getByRole('button', { name: '删除' }).click();
    await expect(row).toHaveCount(0);
  } finally {
    service.close();
  }
});

/** RFC 8291 §3.4 with OpenSSL. */
function opened(message: Buffer, browser: ReturnType<typeof createECDH>, auth: Buffer): string {
  const salt = message.subarray(0, 16);
  const length = message[20] ?? 0;
  const server = message.subarray(21, 21 + length);
  const record = message.subarray(21 + length);
  const info = Buffer.concat([Buffer.from('WebPush: info\0'), browser.getPublicKey(), server]);
  const material = Buffer.from(hkdfSync('sha256', browser.computeSecret(server), auth, info, 32));
  const derive = (label: string, bytes: number) =>
    Buffer.from(hkdfSync('sha256', material, salt, `Content-Encoding: ${label}\0`, bytes));
  const cipher = createDecipheriv('aes-128-gcm', derive('aes128gcm', 16), derive('nonce', 12));
  cipher.setAuthTag(record.subarray(-16));
  const plain = Buffer.concat([cipher.update(record.subarray(0, -16)), cipher.final()]);
  expect(plain.at(-1)).toBe(2);
  return plain.subarray(0, -1).toString();
}

/** RFC 8292 §2: a token of ES256 for this service, by the key that is named beside it. */
function expectSigned(authorization: string) {
  const [, head = '', claims = '', signature = '', key = ''] =
    /^vapid t=([\w-]+)\.([\w-]+)\.([\w-]+), k=([\w-]+)$/.exec(authorization) ?? [];
  const point = Buffer.from(key, 'base64url');
  const jwk = { kty: 'EC', crv: 'P-256', x: base64url(point.subarray(1, 33)), y: base64url(point.subarray(33)) };
  const publicKey = { key: createPublicKey({ key: jwk, format: 'jwk' }), dsaEncoding: 'ieee-p1363' as const };
  const signed = Buffer.from(`${head}.${claims}`);
  expect(verify('sha256', signed, publicKey, Buffer.from(signature, 'base64url'))).toBe(true);
  const { aud, exp, sub } = JSON.parse(Buffer.from(claims, 'base64url').toString());
  expect([aud, sub]).toEqual([SERVICE, 'mailto:crm@example.com']);
  expect(exp * 1000 - Date.now()).toBeLessThan(24 * 3_600_000);
}
