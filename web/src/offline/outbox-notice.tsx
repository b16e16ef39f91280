// What waits to be sent is seen: how much, what, and what the server refused.
import { useQueryClient } from '@tanstack/react-query';
import { CloudUpload, TriangleAlert } from 'lucide-react';
import { lazy, Suspense, useEffect, useState } from 'react';
import { invalidateRecord } from '../api/records';
import { useSession } from '../session/session';
import { toast } from '../ui/toast';
import { useOutbox, watchOutbox } from './outbox';
import { useOutboxText } from './outbox-text';

const OutboxSheet = lazy(() => import('./outbox-sheet'));

export default function OutboxNotice() {
  const outboxWords = useOutboxText();
  const client = useQueryClient();
  const { user } = useSession();
  const waiting = useOutbox();
  const [open, setOpen] = useState(false);
  useEffect(
    () =>
      watchOutbox(user.id, (entry) => {
        invalidateRecord(client, entry.object);
        void client.invalidateQueries({ queryKey: ['record'] });
        toast(outboxWords.sent(entry.about?.name ?? ''));
      }),
    [user.id, client, outboxWords],
  );
  if (waiting.length === 0) return null;
  const refused = waiting.filter((entry) => entry.refusal !== null).length;
  return (
    <>
      <button
        type="button"
        className="fixed z-30 left-3 bottom-[calc(4.75rem+env(safe-area-inset-bottom))] md:bottom-16 float-panel h-9 touch:h-11 px-3 flex items-center gap-2 text-ink-2 hover:text-ink"
        onClick={() => setOpen(true)}
      >
        {refused > 0 ? (
          <TriangleAlert size={15} aria-hidden className="text-danger" />
        ) : (
          <CloudUpload size={15} aria-hidden className="text-brand-ink" />
        )}
        {refused > 0 ? outboxWords.refused(refused) : outboxWords.waiting(waiting.length)}
      </button>
      <Suspense fallback={null}>{open && <OutboxSheet waiting={waiting} onClose={() => setOpen(false)} />}</Suspense>
    </>
  );
}
