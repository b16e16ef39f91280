// Everything that waits, to be sent now or discarded.
import { RefreshCw, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { Button, IconButton } from '../ui/button';
import { Confirm, Sheet } from '../ui/dialog';
import { discard, sendWaiting, type Waiting } from './outbox';
import { useOutboxText } from './outbox-text';
import { WaitingText } from './waiting-text';

export default function OutboxSheet({ waiting, onClose }: { waiting: Waiting[]; onClose: () => void }) {
  const outboxWords = useOutboxText();
  const [busy, setBusy] = useState(false);
  const [dropping, setDropping] = useState<Waiting | null>(null);
  return (
    <Sheet
      open
      onClose={onClose}
      title={outboxWords.title}
      footer={
        <Button
          variant="primary"
          icon={RefreshCw}
          disabled={busy}
          className="max-md:flex-1"
          onClick={() => {
            setBusy(true);
            void sendWaiting(true).finally(() => setBusy(false));
          }}
        >
          {outboxWords.sendNow}
        </Button>
      }
    >
      <div className="p-4 flex flex-col gap-3">
        <p className="text-ink-2">{outboxWords.text}</p>
        <ul className="flex flex-col divide-y divide-line rounded-lg border border-line">
          {waiting.map((entry) => (
            <li key={entry.id} className="flex items-start gap-2 pl-3 pr-1 py-2">
              <WaitingText entry={entry} />
              <IconButton icon={Trash2} label={outboxWords.drop(entry.text)} onClick={() => setDropping(entry)} />
            </li>
          ))}
        </ul>
      </div>
      <Confirm
        open={dropping !== null}
        onClose={() => setDropping(null)}
        title={outboxWords.dropAsk}
        text={dropping?.text}
        action={outboxWords.dropIt}
        danger
        onConfirm={() => dropping && discard(dropping.id)}
      />
    </Sheet>
  );
}
