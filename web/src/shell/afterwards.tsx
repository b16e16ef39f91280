// What watches in the background and is not needed for the first look: what waits to be sent, and calls that ended.
import OutboxNotice from '../offline/outbox-notice';
import { useAfterCall } from './after-call';

export default function Afterwards() {
  useAfterCall();
  return <OutboxNotice />;
}
