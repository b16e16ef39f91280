// What watches in the background and is not needed for the first look: what waits to be sent, calls that ended, and a new version.
import OutboxNotice from '../offline/outbox-notice';
import { useAfterCall } from './after-call';
import { useUpdatePrompt } from './update';

export default function Afterwards() {
  useAfterCall();
  useUpdatePrompt();
  return <OutboxNotice />;
}
