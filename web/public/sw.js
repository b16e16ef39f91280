// What is there without a network: the shell, and what was looked at last. Nothing here changes what a request says while the
// server can be reached: pages and data are asked of it first, and only files whose names carry a hash of their content come
// from here. What waits to be sent is the page's own business (src/offline), which needs no service worker.
const SHELL = 'huike-shell-1';
// The page empties it when somebody signs out (src/offline/worker.ts names it too).
const DATA = 'huike-data-1';
const KEPT_ANSWERS = 300;
const KEPT_MS = 7 * 86_400_000;
const KEPT_AT = 'x-kept-at';

const STATIC = /^\/(boot\.js|(favicon|check|dash)\.svg|icon-\d+\.png|manifest\.webmanifest)$/;
// Lists and records, what is due, and what a page is made from. No files, no exports, nothing of administration.
const DATA_PATHS =
  /^\/api\/v1\/(session|dictionary|search|trees\/[^/]+|obligations(\/summary)?|records\/[^/]+\/(query|aggregate|[^/]+(\/(overview|timeline|obligations))?))$/;

self.addEventListener('install', (event) => {
  event.waitUntil(
    fetch('/', { cache: 'no-cache' })
      .then((answer) => keepShell(answer))
      .catch(() => undefined)
      .then(() => self.skipWaiting()),
  );
});

self.addEventListener('activate', (event) => {
  const old = (name) => name.startsWith('huike-') && name !== SHELL && name !== DATA;
  event.waitUntil(
    caches
      .keys()
      .then((names) => Promise.all(names.filter(old).map((name) => caches.delete(name))))
      .then(() => self.clients.claim()),
  );
});

// Word for somebody whose page is closed; crates/courier/src/push.rs writes it.
self.addEventListener('push', (event) => {
  let told = {};
  try {
    told = event.data?.json() ?? {};
  } catch {
    // Something must be shown all the same: browsers allow no push that nobody sees.
  }
  event.waitUntil(
    self.registration.showNotification(told.title || '汇客', {
      body: told.body,
      tag: told.tag,
      icon: '/icon-192.png',
      badge: '/icon-192.png',
      data: { path: typeof told.url === 'string' && told.url.startsWith('/') ? told.url : '/notifications' },
    }),
  );
});

// A page that is open goes there itself, and asks before it leaves what was typed in.
self.addEventListener('notificationclick', (event) => {
  event.notification.close();
  const { path } = event.notification.data;
  event.waitUntil(
    self.clients.matchAll({ type: 'window' }).then(async (pages) => {
      const page = pages.find((one) => one.focused) ?? pages[0];
      if (!page) return self.clients.openWindow(path);
      await page.focus().catch(() => undefined);
      page.postMessage({ open: path });
    }),
  );
});

// Files that were fetched before this worker stood between page and server.
self.addEventListener('message', (event) => {
  const paths = event.data?.assets;
  if (Array.isArray(paths)) event.waitUntil(keepAssets(paths.filter((path) => String(path).startsWith('/assets/'))));
});

self.addEventListener('fetch', (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (url.origin !== self.location.origin) return;
  const { pathname } = url;
  if (request.mode === 'navigate') {
    if (!/^\/(api|logo|healthz|readyz|metrics)(\/|$)/.test(pathname)) event.respondWith(page(request));
  } else if (request.method === 'GET' && pathname.startsWith('/assets/')) event.respondWith(asset(request));
  else if (request.method === 'GET' && STATIC.test(pathname)) event.respondWith(file(request));
  else if (DATA_PATHS.test(pathname) && (request.method === 'GET' || isQuery(request, pathname)))
    event.respondWith(data(request, url));
});

function isQuery(request, pathname) {
  return request.method === 'POST' && /\/(query|aggregate)$/.test(pathname);
}

async function keepShell(answer) {
  if (!answer.ok) return;
  const cache = await caches.open(SHELL);
  const html = await answer.clone().text();
  const before = await cache.match('/');
  if (before && (await before.text()) !== html) {
    // Another version: its chunks have other names, and nobody asks for the old ones again.
    for (const kept of await cache.keys())
      if (new URL(kept.url).pathname.startsWith('/assets/')) await cache.delete(kept);
  }
  await cache.put('/', answer);
  await keepAssets(
    [...html.matchAll(/(?:src|href)="(\/[^"]+\.(?:js|css|svg|png|webmanifest))"/g)].map((found) => found[1]),
  );
}

async function keepAssets(paths) {
  const cache = await caches.open(SHELL);
  await Promise.all(
    [...new Set(paths)].map(async (path) => {
      if (!(await cache.match(path))) await cache.add(path).catch(() => undefined);
    }),
  );
}

async function page(request) {
  try {
    const answer = await fetch(request);
    if (answer.ok && answer.headers.get('content-type')?.startsWith('text/html')) {
      const copy = answer.clone();
      void keepShell(copy).catch(() => undefined);
    }
    return answer;
  } catch (cause) {
    const kept = await caches.match('/', { cacheName: SHELL });
    if (kept) return kept;
    throw cause;
  }
}

async function asset(request) {
  const cache = await caches.open(SHELL);
  const kept = await cache.match(request);
  if (kept) return kept;
  const answer = await fetch(request);
  if (answer.ok) await cache.put(request, answer.clone());
  return answer;
}

async function file(request) {
  const cache = await caches.open(SHELL);
  try {
    const answer = await fetch(request);
    if (answer.ok) await cache.put(request, answer.clone());
    return answer;
  } catch (cause) {
    const kept = await cache.match(request);
    if (kept) return kept;
    throw cause;
  }
}

async function data(request, url) {
  // The Cache interface keeps answers to GET only: a query stands under an address made from its body.
  const key =
    request.method === 'GET' ? url.href : `${url.href}?body=${encodeURIComponent(await request.clone().text())}`;
  try {
    const answer = await fetch(request);
    if (answer.status === 401) await caches.delete(DATA);
    if (answer.ok) void keepAnswer(key, answer.clone()).catch(() => undefined);
    return answer;
  } catch (cause) {
    // A page that was left asks no more; that is no reason to answer it.
    if (request.signal.aborted) throw cause;
    const kept = await caches.match(key, { cacheName: DATA, ignoreVary: true });
    if (kept && Date.now() - Number(kept.headers.get(KEPT_AT)) < KEPT_MS) return kept;
    throw cause;
  }
}

async function keepAnswer(key, answer) {
  const body = await answer.blob();
  const headers = new Headers(answer.headers);
  headers.set(KEPT_AT, String(Date.now()));
  const cache = await caches.open(DATA);
  // Put anew, it is the newest: what is oldest goes first.
  await cache.delete(key);
  await cache.put(key, new Response(body, { status: answer.status, headers }));
  const keys = await cache.keys();
  for (const old of keys.slice(0, Math.max(0, keys.length - KEPT_ANSWERS))) await cache.delete(old);
}
