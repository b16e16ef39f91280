import { useEffect } from 'react';
import { renewPush } from '../channels/push';
import { useSession } from '../session/session';
import { router } from './router';

/** Keeps this browser's notifications going for whoever allowed them, and goes where a click on one leads. */
export function usePushed() {
  const { user } = useSession();
  useEffect(() => {
    // A push service that is out of reach is asked again at the next visit.
    renewPush(user.id).catch(() => undefined);
  }, [user.id]);
  useEffect(() => {
    if (!('serviceWorker' in navigator)) return;
    const open = ({ data }: MessageEvent) => {
      if (typeof data?.open === 'string') router.history.push(data.open);
    };
    navigator.serviceWorker.addEventListener('message', open);
    return () => navigator.serviceWorker.removeEventListener('message', open);
  }, []);
}
