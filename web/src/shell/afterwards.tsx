// What watches in the background and is not needed for the first look: what waits to be sent, calls that ended, and a new version.
import { useEffect } from 'react';
import { OfflineNotice } from '../offline/offline-notice';
import OutboxNotice from '../offline/outbox-notice';
import { startWorker } from '../offline/worker';
import { useAfterCall } from './after-call';
import { usePushed } from './pushed';
import { useUpdatePrompt } from './update';

export default function Afterwards() {
  useAfterCall();
  useUpdatePrompt();
  usePushed();
  useEffect(startWorker, []);
  return (
    <>
      <OfflineNotice />
      <OutboxNotice />
    </>
  );
}
