// The frame of every page: side bar on a desktop, tab bar on a phone, and the windows that open from anywhere.
import { Outlet, useNavigate, useSearch } from '@tanstack/react-router';
import { lazy, Suspense, useEffect } from 'react';
import { useLexicon } from '../api/dictionary';
import { useT } from '../i18n';
import { useSession } from '../session/session';
import { cx } from '../ui/cx';
import { useWide } from '../ui/use-media';
import { Boundary } from './boundary';
import { useHotkeys } from './hotkeys';
import { CUSTOMER_OBJECT } from './nav';
import { closeOverlay, openCreate, openLog, openOverlay, useOverlay } from './overlays';
import { Sidebar } from './sidebar';
import { TabBar } from './tab-bar';
import { TypedAhead } from './typed-ahead';

const SeenAs = lazy(() => import('../session/seen-as'));
const Palette = lazy(() => import('./palette'));
const KeyboardSheet = lazy(() => import('./keyboard-sheet'));
const MenuSheet = lazy(() => import('./menu-sheet'));
const CreateSheet = lazy(() => import('../records/create-sheet'));
const QuickLog = lazy(() => import('../records/quick-log'));

export function Layout() {
  const t = useT();
  const wide = useWide();
  const navigate = useNavigate();
  const { find } = useLexicon();
  const search = useSearch({ strict: false });
  const list = (object: string) => () => find(object) && void navigate({ to: '/o/$object', params: { object } });
  useHotkeys(
    {
      'mod+k': () => openOverlay({ kind: 'palette' }),
      '?': () => openOverlay({ kind: 'keyboard' }),
      l: () => openLog(),
      c: () => openCreate(CUSTOMER_OBJECT),
      'g h': () => void navigate({ to: '/' }),
      'g c': list(CUSTOMER_OBJECT),
      'g o': list('opportunity'),
      'g p': list('contact'),
      'g t': list('task'),
    },
    0,
  );
  const wantsLog = 'log' in search && search.log === 1;
  useEffect(() => {
    if (wantsLog) {
      openLog();
      void navigate({ to: '/', search: {}, replace: true });
    }
  }, [wantsLog, navigate]);

  const { user, seen_by } = useSession();
  const page = (
    <div className={cx('flex flex-col md:flex-row', seen_by ? 'flex-1 min-h-0' : 'h-dvh')}>
      <a
        href="#main"
        className="sr-only focus:not-sr-only focus:fixed focus:z-60 focus:top-2 focus:left-2 focus:px-3 focus:py-2 focus:rounded-md focus:bg-surface focus:shadow-float"
      >
        {t.common.skipToContent}
      </a>
      {wide && <Sidebar />}
      <main
        id="main"
        tabIndex={-1}
        className="flex-1 min-w-0 min-h-0 flex flex-col bg-surface overflow-hidden md:my-2 md:mr-2 md:rounded-lg md:border md:border-line outline-none"
      >
        <Boundary>
          <Suspense fallback={null}>
            <Outlet />
          </Suspense>
        </Boundary>
      </main>
      {!wide && <TabBar />}
      <Overlays />
    </div>
  );
  if (!seen_by) return page;
  return (
    <div className="h-dvh flex flex-col">
      <Suspense fallback={<div className="h-10 bg-warn-soft" />}>
        <SeenAs user={user} />
      </Suspense>
      {page}
    </div>
  );
}

function Overlays() {
  const overlay = useOverlay();
  return (
    <Suspense fallback={overlay?.kind === 'palette' ? <TypedAhead onClose={closeOverlay} /> : null}>
      {overlay?.kind === 'palette' && <Palette onClose={closeOverlay} />}
      {overlay?.kind === 'keyboard' && <KeyboardSheet onClose={closeOverlay} />}
      {overlay?.kind === 'menu' && <MenuSheet onClose={closeOverlay} />}
      {overlay?.kind === 'create' && (
        <CreateSheet
          key={overlay.object}
          object={overlay.object}
          defaults={overlay.defaults}
          onCreated={overlay.onCreated}
          onClose={closeOverlay}
        />
      )}
      {overlay?.kind === 'log' && (
        <QuickLog target={overlay.target} defaults={overlay.defaults} onClose={closeOverlay} />
      )}
    </Suspense>
  );
}
