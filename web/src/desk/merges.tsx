// Who merged what, and taking it back.
import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { GitMerge, RotateCcw } from 'lucide-react';
import { useState } from 'react';
import { Fault } from '../api/client';
import type { ObjectType } from '../api/types';
import { useFormat } from '../format/use-format';
import { useI18n, useT } from '../i18n';
import { faultText } from '../session/fault-text';
import { Chip, Empty, SkeletonRows } from '../ui/bits';
import { Button } from '../ui/button';
import { Dialog } from '../ui/dialog';
import { toast } from '../ui/toast';
import { useSettle } from './duplicates-page';
import { type Conflict, inRow, type Merge, mergesQuery, undoMerge } from './queries';
import { useDeskText } from './text';

export function Merges({ object }: { object: ObjectType }) {
  const t = useT();
  const d = useDeskText();
  const { data, isPending, hasNextPage, fetchNextPage, isFetchingNextPage } = useInfiniteQuery(
    mergesQuery(object.name),
  );
  const [undoing, setUndoing] = useState<Merge | null>(null);
  const merges = data?.pages.flatMap((page) => page.items) ?? [];
  if (isPending) return <SkeletonRows rows={4} />;
  if (merges.length === 0) return <Empty icon={GitMerge} title={d.noMerges} text={d.noMergesHint} />;
  return (
    <section className="flex flex-col gap-3" aria-label={d.tabs.merges}>
      <ul className="rounded-lg border border-line divide-y divide-line">
        {merges.map((merge) => (
          <MergeRow key={merge.id} object={object} merge={merge} onUndo={() => setUndoing(merge)} />
        ))}
      </ul>
      {hasNextPage && (
        <Button disabled={isFetchingNextPage} onClick={() => void fetchNextPage()}>
          {t.common.more}
        </Button>
      )}
      {undoing && <UndoDialog object={object} merge={undoing} onClose={() => setUndoing(null)} />}
    </section>
  );
}

function MergeRow({ object, merge, onUndo }: { object: ObjectType; merge: Merge; onUndo: () => void }) {
  const { language } = useI18n();
  const d = useDeskText();
  const format = useFormat();
  const name = (side: Merge['winner']) => side.name ?? d.hiddenName;
  return (
    <li className="flex flex-wrap items-center gap-x-3 gap-y-1 px-3 py-2">
      <div className="flex-1 min-w-56">
        <p>
          {inRow(language, merge.losers.map(name))} {d.into}{' '}
          {merge.winner.id ? (
            <Link
              to="/o/$object/$id"
              params={{ object: object.name, id: merge.winner.id }}
              className="text-brand-ink font-medium hover:underline"
            >
              {name(merge.winner)}
            </Link>
          ) : (
            name(merge.winner)
          )}
        </p>
        <p className="text-xs text-ink-3">
          {merge.by.name ?? d.system} · {format.moment(merge.at)}
          {merge.undone_at && ` · ${d.undoneBy(merge.undone_by?.name ?? d.system, format.moment(merge.undone_at))}`}
        </p>
      </div>
      {merge.can_undo ? (
        <Button icon={RotateCcw} onClick={onUndo}>
          {d.undo}
        </Button>
      ) : (
        <Chip color="gray">{merge.state === 'undone' ? d.undone : d.tooLate}</Chip>
      )}
    </li>
  );
}

function UndoDialog({ object, merge, onClose }: { object: ObjectType; merge: Merge; onClose: () => void }) {
  const t = useT();
  const d = useDeskText();
  const settle = useSettle(object);
  const [apart, setApart] = useState(true);
  const [busy, setBusy] = useState(false);
  const [conflicts, setConflicts] = useState<Conflict[]>([]);
  const undo = async () => {
    setBusy(true);
    try {
      await undoMerge(object.name, merge.id, { not_same: apart, leave_conflicts: conflicts.length > 0 });
      toast(d.undone);
      settle();
      onClose();
    } catch (cause) {
      const told = cause instanceof Fault ? (cause.problem as { conflicts?: Conflict[] } | null)?.conflicts : undefined;
      if (told) setConflicts(told);
      else toast(faultText(cause, t), { tone: 'danger' });
    } finally {
      setBusy(false);
    }
  };
  return (
    <Dialog
      open
      onClose={onClose}
      title={d.undoTitle}
      footer={
        <div className="flex justify-end gap-2 w-full">
          <Button onClick={onClose}>{t.common.cancel}</Button>
          <Button variant="primary" disabled={busy} onClick={() => void undo()}>
            {conflicts.length > 0 ? d.undoRest : d.undo}
          </Button>
        </div>
      }
    >
      <div className="flex flex-col gap-3 p-4">
        <p>{d.undoText}</p>
        {conflicts.length > 0 && (
          <div role="alert" className="rounded-md bg-warn-soft text-warn px-3 py-2">
            <p className="font-medium">{d.conflicts}</p>
            <ul className="list-disc pl-5">
              {conflicts.map((conflict, place) => (
                <li key={`${conflict.id}.${conflict.field}.${place}`}>
                  {conflict.message}
                  {conflict.name && ` (${conflict.name})`}
                </li>
              ))}
            </ul>
          </div>
        )}
        <label className="flex items-center gap-2 touch:min-h-11">
          <input
            type="checkbox"
            checked={apart}
            onChange={(event) => setApart(event.target.checked)}
            className="accent-brand"
          />
          {d.alsoApart}
        </label>
      </div>
    </Dialog>
  );
}
