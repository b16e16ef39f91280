// Deleted records, by kind; each comes back by one tap.
import { useQueryClient } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { RotateCcw, SearchX, Trash2 } from 'lucide-react';
import { useMemo, useState } from 'react';
import { expandsOf, fieldOf, fieldsOf, useLexicon } from '../api/dictionary';
import { invalidateRecord, restoreRecord } from '../api/records';
import type { ObjectType, Query, Rec } from '../api/types';
import { FieldView } from '../fields';
import { useFormat } from '../format/use-format';
import { useLabel, useT } from '../i18n';
import { defaultColumns } from '../records/list-state';
import { recordName } from '../records/name';
import { useRows } from '../records/rows';
import { useSelection } from '../records/selection';
import { RecordTable } from '../records/table';
import { faultText } from '../session/fault-text';
import { CUSTOMER_OBJECT, useNavigation } from '../shell/nav';
import { Empty, PageTitle, SkeletonRows, useTitle } from '../ui/bits';
import { Button } from '../ui/button';
import { Select } from '../ui/select';
import { toast } from '../ui/toast';
import { useWide } from '../ui/use-media';
import { useAdminText } from './text';

export default function RecyclePage() {
  const a = useAdminText();
  const label = useLabel();
  const navigate = useNavigate();
  const { find } = useLexicon();
  const { main, rest } = useNavigation();
  const search = useSearch({ from: '/recycle' });
  const object = find(search.object ?? CUSTOMER_OBJECT) ?? main[0];
  useTitle(a.recycle.title);
  return (
    <div className="flex-1 min-h-0 flex flex-col relative">
      <PageTitle title={a.recycle.title}>
        <Select
          label={a.recycle.object}
          className="w-40!"
          value={object?.name ?? null}
          onChange={(name) => void navigate({ to: '/recycle', search: { object: name } })}
          options={[...main, ...rest].map((one) => ({ value: one.name, label: label(one.label) }))}
        />
      </PageTitle>
      <p className="px-4 pb-2 text-ink-3 border-b border-line">{a.recycle.text}</p>
      {object && <Deleted key={object.name} object={object} />}
    </div>
  );
}

function Deleted({ object }: { object: ObjectType }) {
  const t = useT();
  const a = useAdminText();
  const wide = useWide();
  const client = useQueryClient();
  const [cursor, setCursor] = useState(-1);
  const fields = useMemo(() => {
    const title = fieldOf(object, object.name_field);
    const columns = fieldsOf(
      object,
      defaultColumns(object).filter((name) => name !== object.name_field),
    ).slice(0, 5);
    return title ? [title, ...columns] : columns;
  }, [object]);
  const query = useMemo<Query>(
    () => ({
      deleted: 'only',
      sort: ['-updated_at'],
      fields: [...fields.map((field) => field.name), 'updated_at'],
      expand: expandsOf(fields),
    }),
    [fields],
  );
  const rows = useRows(object.name, query);
  const selection = useSelection(rows.loaded);
  const restore = async (records: Rec[]) => {
    const results = await Promise.allSettled(records.map((record) => restoreRecord(object.name, record.id)));
    const restored = results.filter((result) => result.status === 'fulfilled').length;
    const refused = results.find((result) => result.status === 'rejected');
    if (restored > 0) toast(a.recycle.restored(restored));
    if (refused) toast(faultText(refused.reason, t), { tone: 'danger' });
    invalidateRecord(client, object.name);
    selection.clear();
  };
  if (rows.loading) return <SkeletonRows rows={8} />;
  if (rows.error) return <Empty icon={SearchX} title={faultText(rows.error, t)} />;
  if (rows.known === 0 && rows.ended) return <Empty icon={Trash2} title={a.recycle.none} />;
  if (!wide)
    return <DeletedCards object={object} records={rows.loaded()} onRestore={(record) => void restore([record])} />;
  return (
    <>
      <RecordTable
        object={object}
        fields={fields}
        rows={rows}
        sort={[]}
        onSort={() => undefined}
        selection={selection}
        cursor={cursor}
        onCursor={setCursor}
        onOpen={() => undefined}
        onPeek={(record) => selection.toggle(record)}
        peeked={null}
        fixed
      />
      {selection.size > 0 && (
        <div
          role="toolbar"
          aria-label={t.list.selected(selection.size)}
          className="absolute z-30 bottom-4 left-1/2 -translate-x-1/2 float-panel flex items-center gap-2 h-11 px-3"
        >
          <span className="font-medium">{t.list.selected(selection.size)}</span>
          <Button variant="primary" icon={RotateCcw} onClick={() => void restore(selection.records)}>
            {a.recycle.restore}
          </Button>
          <Button variant="ghost" onClick={selection.clear}>
            {t.list.clearSelection}
          </Button>
        </div>
      )}
    </>
  );
}

function DeletedCards({
  object,
  records,
  onRestore,
}: {
  object: ObjectType;
  records: Rec[];
  onRestore: (record: Rec) => void;
}) {
  const t = useT();
  const a = useAdminText();
  const format = useFormat();
  const owner = fieldOf(object, 'owner');
  return (
    <ul className="flex-1 overflow-auto">
      {records.map((record) => {
        const name = recordName(object, record, t.common.unnamed);
        return (
          <li key={record.id} className="flex items-center gap-3 px-4 min-h-[72px] border-b border-line">
            <div className="flex-1 min-w-0">
              <p className="font-medium truncate">{name}</p>
              <p className="text-ink-3 text-xs flex items-center gap-2">
                {typeof record.updated_at === 'string' && format.moment(record.updated_at)}
                {owner && record.owner ? <FieldView field={owner} value={record.owner} compact /> : null}
              </p>
            </div>
            <Button icon={RotateCcw} aria-label={`${a.recycle.restore}: ${name}`} onClick={() => onRestore(record)}>
              {a.recycle.restore}
            </Button>
          </li>
        );
      })}
    </ul>
  );
}
