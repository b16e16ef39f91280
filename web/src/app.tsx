// Decides which of the worlds is shown: first visit, sign-in, or the workbench.
import { type QueryClient, QueryClientProvider, useQuery } from '@tanstack/react-query';
import { lazy, Suspense, useCallback, useMemo, useState } from 'react';
import { configureClient } from './api/client';
import { dictionaryQuery, LexiconProvider } from './api/dictionary';
import type { Language, Session } from './api/types';
import { I18nProvider, loadMessages, useT } from './i18n';
import type { Messages } from './i18n/zh';
import { applyLanguage } from './session/preferences';
import { loadSession, updateSession, useSessionState } from './session/session';
import { LanguageContext } from './session/use-language';
import { Boundary } from './shell/boundary';
import { Button } from './ui/button';
import { Toaster } from './ui/toast';

const SignIn = lazy(() => import('./session/sign-in'));
const Setup = lazy(() => import('./session/setup'));
const FirstDuty = lazy(() => import('./session/first-duty'));
const Workbench = lazy(() => import('./shell/workbench'));

export function App({ client, initial }: { client: QueryClient; initial: { language: Language; t: Messages } }) {
  const [i18n, setI18n] = useState(initial);
  const state = useSessionState();

  const chooseLanguage = useCallback(
    async (language: Language) => {
      configureClient({ language });
      applyLanguage(language);
      setI18n({ language, t: await loadMessages(language) });
      if (state.kind === 'signed_in') await updateSession({ language });
      // Texts that came from the server (tree names, problems) are in the old language.
      await client.invalidateQueries();
    },
    [client, state.kind],
  );
  const language = useMemo(
    () => ({ language: i18n.language, choose: chooseLanguage }),
    [i18n.language, chooseLanguage],
  );

  return (
    <QueryClientProvider client={client}>
      <I18nProvider value={i18n}>
        <LanguageContext value={language}>
          <Boundary>
            <Suspense fallback={<Frame />}>
              {state.kind === 'anonymous' && <SignIn />}
              {state.kind === 'setup' && <Setup />}
              {state.kind === 'unreachable' && <Unreachable />}
              {state.kind === 'signed_in' && (owes(state.session) ? <FirstDuty /> : <SignedIn />)}
            </Suspense>
          </Boundary>
          <Toaster />
        </LanguageContext>
      </I18nProvider>
    </QueryClientProvider>
  );
}

/** Until a given password is changed, or a required second step set up, the server opens nothing else. */
function owes(session: Session): boolean {
  return session.must_change_password === true || session.must_set_up_totp === true;
}

function SignedIn() {
  const { data, isError, refetch } = useQuery(dictionaryQuery);
  if (isError && !data) return <Unreachable retry={() => void refetch()} />;
  if (!data) return <Frame />;
  return (
    <LexiconProvider dictionary={data}>
      <Workbench />
    </LexiconProvider>
  );
}

/** The same frame that index.html shows before the script runs, so that nothing blinks in between. */
function Frame() {
  const lines = (count: number) => Array.from({ length: count }, (_, index) => <i key={index} />);
  return (
    <div className="boot" aria-hidden>
      <div className="boot-side">
        <i className="boot-mark" />
        {lines(4)}
      </div>
      <div className="boot-main">
        <i className="boot-title" />
        {lines(8)}
      </div>
    </div>
  );
}

function Unreachable({ retry = () => void loadSession() }: { retry?: () => void }) {
  const t = useT();
  return (
    <main className="h-full grid place-items-center p-6">
      <div className="text-center flex flex-col gap-3 items-center">
        <h1 className="text-lg font-semibold">{t.product}</h1>
        <p className="text-ink-2">{t.fault.offline}</p>
        <Button variant="primary" onClick={retry}>
          {t.common.retry}
        </Button>
      </div>
    </main>
  );
}
