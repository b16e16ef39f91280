// What may be done with the chosen records: one field for all, hand over, tag, export, delete; with what became of each.
import { useQueryClient } from '@tanstack/react-query';
import { Download, Pencil, Tag, Trash2, UserRound, X } from 'lucide-react';
import { lazy, Suspense, useState } from 'react';
import { api } from '../api/client';
import { fieldOf, isEditable, useLexicon } from '../api/dictionary';
import { type BatchOperation, batch, invalidateRecord, queryRecords } from '../api/records';
import type { BatchResult, Field, Filter, ObjectType, Query, Rec } from '../api/types';
import { wireValue } from '../fields';
import { useFormat } from '../format/use-format';
import { useT } from '../i18n';
import { faultText } from '../session/fault-text';
import { CUSTOMER_OBJECT } from '../shell/nav';
import { Button, IconButton } from '../ui/button';
import { Confirm } from '../ui/dialog';
import { toast } from '../ui/toast';
import { BulkEdit, BulkTag } from './bulk-edit';
import { BulkResults, type Failure } from './bulk-results';
import { recordName } from './name';
import type { Selection } from './selection';

const AssignByRule = lazy(() => import('../assignment/run-button'));

const TAGGING = 'tagging';
/** What one action takes at most; more is better narrowed by a filter. */
const MOST = 10_000;
const IDS_IN_A_LIST = 500;

type Props = { object: ObjectType; selection: Selection; query: Query; more: boolean; columns: string[] };

/** A filter for exactly these records; a list takes 500 ids. */
export function onlyThese(ids: string[]): Filter {
  const parts: Filter[] = [];
  for (let start = 0; start < ids.length; start += IDS_IN_A_LIST)
    parts.push({ field: 'id', op: 'in', value: ids.slice(start, start + IDS_IN_A_LIST) });
  return parts.length === 1 && parts[0] ? parts[0] : { any: parts };
}

export function BulkBar({ object, selection, query, more, columns }: Props) {
  const t = useT();
  const format = useFormat();
  const client = useQueryClient();
  const { find } = useLexicon();
  const [dialog, setDialog] = useState<'edit' | 'assign' | 'tag' | 'delete' | null>(null);
  const [failures, setFailures] = useState<Failure[] | null>(null);
  const [gathering, setGathering] = useState<number | null>(null);
  const owner = fieldOf(object, 'owner');
  const records = selection.records;

  /** What came of each; those that failed stay chosen, so that one can go on with them. */
  const settle = (results: BatchResult[], of: Rec[], done: (n: number) => string, undo?: () => Promise<void>) => {
    const failed = results.flatMap((result, index): Failure[] => {
      const record = of[index];
      if (result.status < 400 || !record) return [];
      const reasons = result.problem?.errors?.map((one) => one.message) ?? [];
      return [
        {
          record,
          name: recordName(object, record, t.common.unnamed),
          reason: reasons.join('；') || result.problem?.detail || result.problem?.title || t.fault.unexpected,
        },
      ];
    });
    const succeeded = results.length - failed.length;
    invalidateRecord(client, object.name);
    if (succeeded > 0) toast(done(succeeded), undo ? { action: { label: t.common.undo, run: () => void undo() } } : {});
    if (failed.length > 0) {
      selection.setAll(failed.map((failure) => failure.record));
      setFailures(failed);
    } else selection.clear();
  };
  const run = async (operations: BatchOperation[], done: (n: number) => string, undo?: () => Promise<void>) => {
    try {
      settle(await batch(object.name, operations), records, done, undo);
    } catch (cause) {
      toast(faultText(cause, t), { tone: 'danger' });
    }
  };
  /** The values that a change will replace; the list may not have asked for them. */
  const valuesOf = async (field: Field): Promise<Map<string, unknown>> => {
    const known = new Map(records.filter((one) => field.name in one).map((one) => [one.id, one[field.name]]));
    const unknown = records.map((one) => one.id).filter((id) => !known.has(id));
    for (let start = 0; start < unknown.length; start += 200) {
      const filter = onlyThese(unknown.slice(start, start + 200));
      const { items } = await queryRecords(object.name, { filter, fields: [field.name], limit: 200 });
      for (const item of items) known.set(item.id, item[field.name] ?? null);
    }
    return known;
  };
  const change = async (field: Field, value: unknown) => {
    const set = (record: Rec, next: unknown): BatchOperation => ({
      op: 'update',
      id: record.id,
      fields: { [field.name]: wireValue(field, next) },
    });
    const before = await valuesOf(field).catch(() => new Map<string, unknown>());
    const undo = async () => {
      await batch(
        object.name,
        records.filter((record) => before.has(record.id)).map((record) => set(record, before.get(record.id))),
      );
      invalidateRecord(client, object.name);
      toast(t.record.undone);
    };
    return run(
      records.map((record) => set(record, value)),
      t.list.bulkDone,
      before.size > 0 ? undo : undefined,
    );
  };
  const tag = async (tagId: string) => {
    try {
      const results = await batch(
        TAGGING,
        records.map((record) => ({ op: 'create', fields: { tag: tagId, object: object.name, record: record.id } })),
      );
      settle(results, records, t.bulk.tagged);
    } catch (cause) {
      toast(faultText(cause, t), { tone: 'danger' });
    }
  };
  const exportChosen = () => {
    toast(t.list.exporting, { tone: 'info' });
    api
      .download(`/records/${object.name}/export`, `${object.name}.xlsx`, {
        filter: onlyThese(records.map((record) => record.id)),
        sort: query.sort,
        fields: columns,
        format: 'xlsx',
      })
      .catch((cause: unknown) => toast(faultText(cause, t), { tone: 'danger' }));
  };
  /** All that the list holds, also what was never scrolled to. */
  const chooseAll = async () => {
    const all: Rec[] = [];
    let cursor: string | null = null;
    setGathering(0);
    try {
      do {
        const page: Awaited<ReturnType<typeof queryRecords>> = await queryRecords(object.name, {
          ...query,
          cursor,
          limit: 200,
        });
        all.push(...page.items);
        cursor = page.next_cursor;
        setGathering(all.length);
      } while (cursor && all.length < MOST);
      selection.setAll(all);
      if (cursor) toast(t.bulk.most(format.fullNumber(MOST)), { tone: 'info' });
    } catch (cause) {
      toast(faultText(cause, t), { tone: 'danger' });
    }
    setGathering(null);
  };

  if (selection.size === 0 && !failures) return null;
  return (
    <>
      {selection.size > 0 && (
        <div
          role="toolbar"
          aria-label={t.list.selected(selection.size)}
          className="absolute z-30 bottom-4 left-1/2 -translate-x-1/2 float-panel anim-rise flex items-center gap-1 h-11 touch:h-14 pl-3 pr-1.5 max-w-[calc(100%-16px)] overflow-x-auto no-bar"
        >
          <span className="font-medium whitespace-nowrap mr-1">{t.list.selected(selection.size)}</span>
          {more && (
            <Button
              variant="ghost"
              className="text-brand-ink!"
              disabled={gathering !== null}
              onClick={() => void chooseAll()}
            >
              {gathering === null ? t.bulk.all : t.bulk.gathering(format.fullNumber(gathering))}
            </Button>
          )}
          {object.can.update && (
            <Button variant="ghost" icon={Pencil} onClick={() => setDialog('edit')}>
              {t.list.bulkEdit}
            </Button>
          )}
          {object.can.update && owner && isEditable(owner) && (
            <Button variant="ghost" icon={UserRound} onClick={() => setDialog('assign')}>
              {t.list.bulkAssign}
            </Button>
          )}
          {object.name === CUSTOMER_OBJECT && object.can.update && owner && isEditable(owner) && (
            <Suspense fallback={null}>
              <AssignByRule records={records} onDone={selection.clear} />
            </Suspense>
          )}
          {find(TAGGING)?.can.create && (
            <Button variant="ghost" icon={Tag} onClick={() => setDialog('tag')}>
              {t.bulk.tag}
            </Button>
          )}
          {object.can.export && (
            <Button variant="ghost" icon={Download} onClick={exportChosen}>
              {t.list.export}
            </Button>
          )}
          {object.can.delete && (
            <Button variant="ghost" icon={Trash2} className="text-danger!" onClick={() => setDialog('delete')}>
              {t.list.bulkDelete}
            </Button>
          )}
          <IconButton icon={X} label={t.list.clearSelection} onClick={selection.clear} />
        </div>
      )}
      {(dialog === 'edit' || (dialog === 'assign' && owner)) && (
        <BulkEdit
          object={object}
          only={dialog === 'assign' ? owner : undefined}
          count={selection.size}
          onClose={() => setDialog(null)}
          onApply={change}
        />
      )}
      {dialog === 'tag' && <BulkTag count={selection.size} onClose={() => setDialog(null)} onApply={tag} />}
      <Confirm
        open={dialog === 'delete'}
        onClose={() => setDialog(null)}
        title={t.list.deleteAsk(selection.size)}
        text={t.list.deleteText}
        action={t.common.delete}
        danger
        onConfirm={() =>
          run(
            records.map((record) => ({ op: 'delete', id: record.id })),
            t.list.deleted,
          )
        }
      />
      {failures && <BulkResults object={object} failures={failures} onClose={() => setFailures(null)} />}
    </>
  );
}
