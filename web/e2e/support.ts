import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { test as base, expect, type Page } from '@playwright/test';

export const PASSWORD = 'huike-demo';
export type Login = 'admin' | 'sales1';

export const stateOf = (login: Login) => new URL(`.auth/${login}.json`, import.meta.url).pathname;

export async function signIn(page: Page, login: string, password = PASSWORD) {
  await page.goto('/');
  await page.getByLabel('登录名').fill(login);
  await page.getByLabel('密码', { exact: true }).fill(password);
  await page.getByRole('button', { name: '登录', exact: true }).click();
}

/** A name that no earlier run has left behind. */
export function fresh(text: string): string {
  return `${text}${Date.now().toString(36).slice(-6)}`;
}

const DAY_MS = 24 * 3_600_000;
/** How far the company's clock, Asia/Shanghai, is before UTC. */
const AHEAD_MS = 8 * 3_600_000;

/** A moment of the company's day that is still to come and stays so for a test, whatever o'clock it is. */
export async function laterToday(minutes: number): Promise<string> {
  const left = () => DAY_MS - ((Date.now() + AHEAD_MS) % DAY_MS);
  if (left() < 90_000) {
    // Just before midnight "today" is over before the page is looked at.
    base.setTimeout(base.info().timeout + left());
    await new Promise((resolve) => setTimeout(resolve, left()));
  }
  return new Date(Date.now() + Math.min(minutes * 60_000, left() - 1_000)).toISOString();
}

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** Runs axe in the page, or in what a selector finds, through the debugger, which the page's own policy does not bind. */
export async function expectAccessible(page: Page, within = ':root') {
  const session = await page.context().newCDPSession(page);
  await session.send('Runtime.evaluate', { expression: axe });
  const violations = async () => {
    // What fades in is paler than it will be.
    await page.evaluate(() => {
      const ending = document.getAnimations().filter((one) => one.effect?.getComputedTiming().iterations !== Infinity);
      return Promise.all(ending.map((one) => one.finished.catch(() => undefined))).then(() => undefined);
    });
    const { result } = await session.send('Runtime.evaluate', {
      awaitPromise: true,
      returnByValue: true,
      expression: `axe.run(${JSON.stringify(within)}, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] })
      .then((found) => found.violations.map((one) => one.id + ': ' + one.nodes.map((node) => node.html.slice(0, 160)).join(' | ')))`,
    });
    return result.value;
  };
  // An answer that came while axe looked may have been fading in: what is a fault is one the second time too.
  if ((await violations()).length > 0) expect(await violations()).toEqual([]);
  await session.detach();
}

export async function expectNoSidewaysScroll(page: Page) {
  expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
}

/** A record made beside the page, for a test of its own. */
export async function createRecord(page: Page, object: string, fields: Record<string, unknown>): Promise<string> {
  const { csrf } = await (await page.request.get('/api/v1/session')).json();
  const answer = await page.request.post(`/api/v1/records/${object}?on_duplicate=allow`, {
    data: fields,
    headers: { 'X-CSRF-Token': csrf },
  });
  expect(answer.status(), await answer.text()).toBe(201);
  return (await answer.json()).id;
}

/** Any one record of an object, to point at. */
export async function anyRecord(page: Page, object: string): Promise<string> {
  const { items } = await (await page.request.get(`/api/v1/records/${object}?limit=1`)).json();
  return items[0].id;
}

export const test = base.extend<{ login: Login; quiet: undefined }>({
  login: ['sales1', { option: true }],
  storageState: async ({ login }, use) => use(stateOf(login)),
  /** No page may log an error or break an answer while a test uses it. */
  quiet: [
    async ({ page }, use) => {
      const faults: string[] = [];
      page.on('pageerror', (error) => faults.push(error.message));
      page.on('console', (message) => {
        // A refused request is logged by the browser itself; what the page makes of it is each test's business.
        if (message.type() === 'error' && !message.text().startsWith('Failed to load resource'))
          faults.push(message.text());
      });
      page.on('response', (response) => {
        if (response.status() >= 500)
          faults.push(`${response.status()} ${response.request().method()} ${response.url()}`);
      });
      await use(undefined);
      expect(faults).toEqual([]);
    },
    { auto: true },
  ],
});

export { expect };
