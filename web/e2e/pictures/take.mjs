// Takes pictures of the pages, to be looked at: `node e2e/pictures/take.mjs [word …]` takes those whose name holds a word.
// HUIKE_URL is a server with the demo company; OUT the folder (default web/pictures). Each page is taken at 1440 and 390
// wide, light and dark in Chinese, light in English; WIDE=1440, THEME=dark, LANGUAGE_OF=en narrow that.
import { mkdirSync } from 'node:fs';
import { chromium } from '@playwright/test';
import { PAGES } from './pages.mjs';

const base = process.env.HUIKE_URL ?? 'http://127.0.0.1:8420';
const out = process.env.OUT ?? new URL('../../pictures', import.meta.url).pathname;
const words = process.argv.slice(2);
const only = (name, all) => (process.env[name] ? all.filter((one) => String(one) === process.env[name]) : all);
const widths = only('WIDE', [1440, 390]);
const themes = only('THEME', ['light', 'dark']);
const languages = only('LANGUAGE_OF', ['zh', 'en']);

mkdirSync(out, { recursive: true });
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-background-networking'],
});

async function signedIn(login, language) {
  const context = await browser.newContext({
    locale: language === 'en' ? 'en-US' : 'zh-CN',
    timezoneId: 'Asia/Shanghai',
  });
  const answer = await context.request.post(`${base}/api/v1/session`, { data: { login, password: 'huike-demo' } });
  if (!answer.ok()) throw new Error(`${login}: ${answer.status()} ${await answer.text()}`);
  const { csrf } = await answer.json();
  await context.request.patch(`${base}/api/v1/session`, { data: { language }, headers: { 'X-CSRF-Token': csrf } });
  return context.storageState();
}

for (const language of languages) {
  const states = {};
  for (const width of widths) {
    for (const theme of themes) {
      // One picture of the English page at each width is enough.
      if (language === 'en' && theme === 'dark' && !process.env.THEME) continue;
      for (const page of PAGES) {
        if (words.length > 0 && !words.some((word) => page.name.includes(word))) continue;
        const login = page.login ?? 'sales1';
        states[login] ??= await signedIn(login, language);
        const context = await browser.newContext({
          storageState: states[login],
          viewport: { width, height: width === 390 ? 844 : 900 },
          deviceScaleFactor: width === 390 ? 2 : 1,
          hasTouch: width === 390,
          isMobile: width === 390,
          colorScheme: theme,
          locale: language === 'en' ? 'en-US' : 'zh-CN',
          timezoneId: 'Asia/Shanghai',
        });
        const tab = await context.newPage();
        const file = `${out}/${page.name}-${width}-${theme}-${language}.png`;
        try {
          await tab.goto(base + page.path);
          await tab.getByRole('heading', { level: 1 }).first().waitFor();
          await tab.waitForLoadState('networkidle', { timeout: 4_000 }).catch(() => undefined);
          if (page.bring) await page.bring(tab, { width, language });
          // What rises or fades in has come to rest.
          await tab.evaluate(() =>
            Promise.all(
              document
                .getAnimations()
                .filter((one) => one.effect?.getTiming().iterations !== Infinity)
                .map((one) => one.finished.catch(() => undefined)),
            ),
          );
          await tab.screenshot({ path: file });
          console.log(file);
        } catch (cause) {
          console.error(`${file}: ${cause.message.split('\n')[0]}`);
          process.exitCode = 1;
          await tab.screenshot({ path: file }).catch(() => undefined);
        }
        await context.close();
      }
    }
  }
}
await browser.close();
