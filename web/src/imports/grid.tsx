// Faulty rows as a grid: what is wrong stands at its cell, and is corrected there instead of in the file.
import { useInfiniteQuery } from '@tanstack/react-query';
import { Check, CircleAlert } from 'lucide-react';
import { type KeyboardEvent, useState } from 'react';
import { api, query } from '../api/client';
import type { Import, ImportFault } from '../api/types';
import { useFormat } from '../format/use-format';
import { useT } from '../i18n';
import { SkeletonRows } from '../ui/bits';
import { Button } from '../ui/button';
import { cx } from '../ui/cx';
import { useWide } from '../ui/use-media';
import { useImportText } from './text';

export type Correction = { row: number; column: number; text: string };
type FaultyRow = { row: number; cells: string[]; faults: ImportFault[] };
type Faulty = { items: FaultyRow[]; next_cursor: string | null };

const PAGE = 50;

export function FaultGrid({
  value,
  action,
  onCorrect,
}: {
  value: Import;
  /** What is done with so many corrected cells and rows. */
  action: (cells: number, rows: number) => string;
  onCorrect: (corrections: Correction[]) => Promise<unknown>;
}) {
  const t = useT();
  const i = useImportText();
  const wide = useWide();
  const format = useFormat();
  const [edits, setEdits] = useState<ReadonlyMap<string, Correction>>(new Map());
  const [busy, setBusy] = useState(false);
  const { data, isPending, hasNextPage, fetchNextPage, isFetchingNextPage } = useInfiniteQuery({
    queryKey: ['import', value.id, 'faulty', value.state, value.progress.failed],
    queryFn: ({ pageParam, signal }) =>
      api.get<Faulty>(`/imports/${value.id}/faulty${query({ limit: PAGE, cursor: pageParam })}`, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
  });
  const rows = data?.pages.flatMap((page) => page.items) ?? [];
  const columns = value.columns;
  const textOf = (row: FaultyRow, place: number) => {
    const column = columns[place]?.index ?? place;
    return edits.get(`${row.row}:${column}`)?.text ?? row.cells[place] ?? '';
  };
  const edit = (row: FaultyRow, place: number, text: string) => {
    const column = columns[place]?.index ?? place;
    const next = new Map(edits);
    const key = `${row.row}:${column}`;
    if (text === (row.cells[place] ?? '')) next.delete(key);
    else next.set(key, { row: row.row, column, text });
    setEdits(next);
  };
  const touched = new Set([...edits.values()].map((one) => one.row)).size;
  const submit = async () => {
    setBusy(true);
    try {
      await onCorrect([...edits.values()]);
      setEdits(new Map());
    } catch {
      // What was typed stays; why it was refused has been told.
    } finally {
      setBusy(false);
    }
  };
  const cell = (row: FaultyRow, place: number) => {
    const column = columns[place];
    if (!column) return null;
    const fault = row.faults.find((one) => one.column === column.index);
    const changed = edits.has(`${row.row}:${column.index}`);
    const id = `cell-${row.row}-${column.index}`;
    return (
      <span className="flex flex-col gap-0.5">
        <span className="flex items-center gap-1">
          <input
            id={id}
            data-cell={`${row.row}-${place}`}
            aria-label={i.cellOf(column.title, row.row)}
            aria-invalid={(fault !== undefined && !changed) || undefined}
            aria-describedby={fault ? `${id}-fault` : undefined}
            className={cx(
              'w-full min-w-28 h-8 touch:h-11 px-2 rounded-md border bg-surface',
              fault && !changed ? 'border-danger' : changed ? 'border-brand' : 'border-line',
            )}
            value={textOf(row, place)}
            onChange={(event) => edit(row, place, event.target.value)}
            onKeyDown={(event) => down(event, row.row, place, rows)}
          />
          {changed && <Check size={14} aria-hidden className="text-brand-ink shrink-0" />}
        </span>
        {fault && (
          <span id={`${id}-fault`} className={cx('text-xs', changed ? 'text-ink-3' : 'text-danger')}>
            {fault.message}
          </span>
        )}
      </span>
    );
  };
  const unplaced = (row: FaultyRow) =>
    row.faults
      .filter((fault) => !columns.some((column) => column.index === fault.column))
      .map((fault, index) => (
        <p key={index} className="flex gap-1 text-xs text-danger">
          <CircleAlert size={14} aria-hidden className="shrink-0 mt-px" />
          {fault.message}
        </p>
      ));
  if (isPending) return <SkeletonRows rows={4} />;
  if (rows.length === 0) return null;
  return (
    <div className="flex flex-col gap-2 text-left w-full">
      <p className="text-ink-3">{i.correctHint}</p>
      {wide ? (
        <div
          className="rounded-lg border border-line overflow-auto max-h-[60vh] thin-bar"
          tabIndex={0}
          role="region"
          aria-label={i.correct}
        >
          <table className="border-separate border-spacing-0 min-w-full">
            <thead className="sticky top-0 bg-surface z-10">
              <tr className="text-xs text-ink-3 text-left [&>th]:h-9 [&>th]:px-2 [&>th]:font-medium [&>th]:border-b [&>th]:border-line">
                <th scope="col">{i.row}</th>
                {columns.map((column) => (
                  <th key={column.index} scope="col" className="whitespace-nowrap">
                    {column.title}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {rows.map((row) => (
                <tr
                  key={row.row}
                  className="[&>td]:px-2 [&>td]:py-1.5 [&>td]:align-top [&>td]:border-b [&>td]:border-line"
                >
                  <td className="text-ink-3 max-w-40">
                    <span className="h-8 content-center block">{row.row}</span>
                    {unplaced(row)}
                  </td>
                  {columns.map((column, place) => (
                    <td key={column.index}>{cell(row, place)}</td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      ) : (
        <ul className="flex flex-col gap-3">
          {rows.map((row) => (
            <li key={row.row} className="rounded-lg border border-line p-3 flex flex-col gap-2">
              <span className="font-medium">
                {i.row} {row.row} · <span className="text-ink-2">{row.cells.find((text) => text !== '')}</span>
              </span>
              {unplaced(row)}
              {columns.map(
                (column, place) =>
                  row.faults.some((fault) => fault.column === column.index) && (
                    <div key={column.index} className="flex flex-col gap-1">
                      <span aria-hidden className="text-ink-2">
                        {column.title}
                      </span>
                      {cell(row, place)}
                    </div>
                  ),
              )}
            </li>
          ))}
        </ul>
      )}
      <footer className="flex flex-wrap items-center gap-2">
        {hasNextPage && (
          <Button size="sm" disabled={isFetchingNextPage} onClick={() => void fetchNextPage()}>
            {t.common.more}
          </Button>
        )}
        <span className="text-ink-3 ml-auto">{edits.size > 0 && i.corrected(format.fullNumber(edits.size))}</span>
        <Button variant="primary" disabled={edits.size === 0 || busy} onClick={() => void submit()}>
          {action(edits.size, touched)}
        </Button>
      </footer>
    </div>
  );
}

/** Enter goes to the same column of the next faulty row, as in a spreadsheet. */
function down(event: KeyboardEvent<HTMLInputElement>, row: number, place: number, rows: FaultyRow[]) {
  if (event.nativeEvent.isComposing || event.key !== 'Enter') return;
  event.preventDefault();
  const next = rows[rows.findIndex((one) => one.row === row) + (event.shiftKey ? -1 : 1)];
  document.querySelector<HTMLInputElement>(`[data-cell="${next?.row}-${place}"]`)?.focus();
}
