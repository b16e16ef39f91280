import { defineConfig, devices } from '@playwright/test';

/** Where the server under test listens; it must serve the demo company. */
const baseURL = process.env.HUIKE_URL ?? 'http://127.0.0.1:8420';
const phone = { ...devices['Pixel 7'], viewport: { width: 390, height: 844 }, defaultBrowserType: 'chromium' as const };

export default defineConfig({
  testDir: 'e2e',
  outputDir: 'test-results',
  timeout: 60_000,
  expect: { timeout: 10_000 },
  // One server, one database: tests that write must not meet each other.
  workers: 1,
  retries: process.env.CI ? 1 : 0,
  reporter: [['list']],
  use: {
    baseURL,
    locale: 'zh-CN',
    timezoneId: 'Asia/Shanghai',
    // One test looks at it; all others talk to the server without it.
    serviceWorkers: 'block',
    trace: 'retain-on-failure',
    launchOptions: {
      executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
      args: [
        '--headless',
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    },
  },
  projects: [
    { name: 'setup', testMatch: /.*\.setup\.ts/ },
    {
      name: 'desktop',
      dependencies: ['setup'],
      testIgnore: /phone\.spec\.ts/,
      use: { viewport: { width: 1440, height: 900 } },
    },
    { name: 'phone', dependencies: ['setup'], testMatch: /(phone|accessibility)\.spec\.ts/, use: phone },
  ],
});
