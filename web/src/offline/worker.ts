// The service worker (public/sw.js): without a network it gives the shell and what was looked at last. Browsers allow it over
// https and on the machine itself only; everywhere else the page works as ever.

/** Where the worker keeps answers; see public/sw.js. */
const DATA = 'huike-data-1';

/** Whatever was kept for reading without a network is somebody's: it goes when they do. */
export async function forgetKept(): Promise<void> {
  if (typeof caches !== 'undefined') await caches.delete(DATA).catch(() => undefined);
}

export function startWorker() {
  if (!import.meta.env.PROD || !('serviceWorker' in navigator)) return;
  navigator.serviceWorker
    .register('/sw.js')
    .then(() => navigator.serviceWorker.ready)
    .then(({ active }) => {
      // What this visit fetched before the worker was there.
      const assets = performance
        .getEntriesByType('resource')
        .map((entry) => new URL(entry.name).pathname)
        .filter((path) => path.startsWith('/assets/'));
      active?.postMessage({ assets });
    })
    // Closed by the browser's settings, or in an application's web view.
    .catch(() => undefined);
}
