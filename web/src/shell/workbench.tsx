import { RouterProvider } from '@tanstack/react-router';
import { lazy, Suspense, useEffect } from 'react';
import { loadPopupsWhenIdle } from '../ui/load-popups';
import { useLiveChanges } from './live';
import { router } from './router';

const Afterwards = lazy(() => import('./afterwards'));

/** 写跟进 must open without the server, and what is opened to be typed into at once: they are fetched while the page is idle. */
function loadLogWhenIdle() {
  const load = () =>
    void Promise.all([
      import('../records/quick-log'),
      import('../records/log-extras'),
      import('../offline/outbox-sheet'),
      import('./palette'),
    ]).catch(() => undefined);
  if ('requestIdleCallback' in window) requestIdleCallback(load, { timeout: 4_000 });
  else setTimeout(load, 1_500);
}

export default function Workbench() {
  useLiveChanges();
  useEffect(loadPopupsWhenIdle, []);
  useEffect(loadLogWhenIdle, []);
  return (
    <>
      <RouterProvider router={router} />
      <Suspense fallback={null}>
        <Afterwards />
      </Suspense>
    </>
  );
}
