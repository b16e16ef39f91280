import './index.css';
import { QueryClient } from '@tanstack/react-query';
import { createRoot } from 'react-dom/client';
import { configureClient, Fault } from './api/client';
import { App } from './app';
import { loadMessages } from './i18n';
import { applyLanguage, asTheme, chooseTheme, storedLanguage, watchSystemTheme } from './session/preferences';
import { loadSession, signedOut } from './session/session';

const client = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 20_000,
      gcTime: 5 * 60_000,
      retry: (count, cause) => count < 2 && (!(cause instanceof Fault) || cause.status === 0 || cause.status >= 502),
    },
  },
});

async function start() {
  let language = storedLanguage();
  configureClient({ language, onSignedOut: signedOut });
  watchSystemTheme();
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
