// What must be done before anything else: a password given by someone else is changed, a required second step set up.
import { useEffect } from 'react';
import { useT } from '../i18n';
import { Button } from '../ui/button';
import { loadPopups } from '../ui/load-popups';
import { ChangePassword } from './change-password';
import { SessionFrame } from './frame';
import { loadSession, signOut, useSession } from './session';
import { TwoStep } from './two-step';

export default function FirstDuty() {
  const t = useT();
  const session = useSession();
  useEffect(() => {
    document.title = t.product;
    void loadPopups();
  }, [t]);
  return (
    <SessionFrame
      title={t.product}
      text={session.must_change_password ? t.session.mustChangePassword : t.session.mustSetUpTotp}
    >
      <div className="flex flex-col gap-4">
        {session.must_change_password ? (
          <ChangePassword required onDone={() => void loadSession()} />
        ) : (
          <TwoStep onDone={() => void loadSession()} />
        )}
        <Button variant="ghost" onClick={() => void signOut()}>
          {t.session.signOut}
        </Button>
      </div>
    </SessionFrame>
  );
}
