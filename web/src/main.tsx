import './index.css';
import { QueryClient } from '@tanstack/react-query';
import { createRoot } from 'react-dom/client';
import { configureClient, Fault } from './api/client';
import { dictionaryQuery } from './api/dictionary';
import { App } from './app';
import { loadMessages } from './i18n';
import { applyLanguage, asTheme, chooseTheme, storedLanguage, watchSystemTheme } from './session/preferences';
import { loadSession, signedOut, wasSignedIn } from './session/session';

const client = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 20_000,
      gcTime: 5 * 60_000,
      // Without a network the service worker may still know the answer.
      networkMode: 'offlineFirst',
      retry: (count, cause) => count < 2 && (!(cause instanceof Fault) || cause.status === 0 || cause.status >= 502),
    },
  },
});

/** Asks for the chunk of the page the visit begins with while the session is still being looked up. */
function preloadPage(path: string) {
  void import('./shell/workbench');
  if (path === '/') void import('./home/home-page');
  else if (/^\/o\/[^/]+\/?$/.test(path)) void import('./records/list-page');
  else if (path.startsWith('/o/')) void import('./records/record-page');
}

async function start() {
  preloadPage(location.pathname);
  let language = storedLanguage();
  configureClient({ language, onSignedOut: signedOut });
  watchSystemTheme();
  // The dictionary is asked for together with the session, which saves a round trip.
  if (wasSignedIn()) void client.prefetchQuery(dictionaryQuery);
  const [state, guess] = await Promise.all([loadSession(), loadMessages(language)]);
  let messages = guess;
  if (state.kind === 'signed_in') {
    const { user } = state.session;
    // A signed-in person's own choice goes before the device's.
    if (user.language && user.language !== language) {
      language = user.language;
      messages = await loadMessages(language);
    }
    if (user.theme) chooseTheme(asTheme(user.theme));
  }
  applyLanguage(language);
  configureClient({ language });
  const root = document.getElementById('root');
  if (root) createRoot(root).render(<App client={client} initial={{ language, t: messages }} />);
}

void start();
