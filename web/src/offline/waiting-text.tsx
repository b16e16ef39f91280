// One entry that waits: about whom, since when, what, and why it was not accepted.
import { useFormat } from '../format/use-format';
import type { Waiting } from './outbox';
import { useOutboxText } from './outbox-text';

export function WaitingText({ entry }: { entry: Waiting }) {
  const outboxWords = useOutboxText();
  const format = useFormat();
  return (
    <span className="flex-1 min-w-0 flex flex-col gap-0.5">
      <span className="flex flex-wrap gap-x-2 text-xs text-ink-3">
        {entry.about?.name && <span className="text-ink-2">{entry.about.name}</span>}
        <time dateTime={entry.written_at}>{format.moment(entry.written_at)}</time>
        <span>{entry.refusal === null ? outboxWords.notSent : outboxWords.notAccepted}</span>
      </span>
      <span className="break-words">{entry.text}</span>
      {entry.refusal && <span className="text-xs text-danger">{entry.refusal}</span>}
    </span>
  );
}
