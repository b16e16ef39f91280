// Records side by side: which one stays, which value of which field, and what the merged record will be.
import { useMutation, useQuery } from '@tanstack/react-query';
import { Check, GitMerge } from 'lucide-react';
import { useState } from 'react';
import { fieldOf } from '../api/dictionary';
import type { Field, ObjectType, Rec } from '../api/types';
import { FieldView, isEmpty } from '../fields';
import { useI18n, useLabel } from '../i18n';
import { faultText } from '../session/fault-text';
import { SkeletonRows } from '../ui/bits';
import { Button } from '../ui/button';
import { cx } from '../ui/cx';
import { toast } from '../ui/toast';
import { nameOf } from './duplicates-page';
import { type Group, inRow, mergeRecords, type Picked, type Preview, previewQuery, undoMerge } from './queries';
import { useDeskText } from './text';

export function Compare({ object, group, onDone }: { object: ObjectType; group: Group; onDone: () => void }) {
  const { language, t } = useI18n();
  const d = useDeskText();
  const ids = group.records.map((record) => record.id);
  const [winner, setWinner] = useState(() => fullest(group.records));
  const [picked, setPicked] = useState<Picked>({});
  const { data, isPending, error } = useQuery(
    previewQuery(
      object.name,
      winner,
      ids.filter((id) => id !== winner),
      picked,
    ),
  );
  const merge = useMutation({
    mutationFn: (preview: Preview) => mergeRecords(object.name, preview, picked),
    onSuccess: ({ id }) => {
      const undo = () =>
        void undoMerge(object.name, id, {})
          .then(onDone)
          .catch((cause: unknown) => toast(faultText(cause, t), { tone: 'danger' }));
      toast(d.merged, { action: { label: t.common.undo, run: undo } });
      onDone();
    },
    onError: (cause) => toast(faultText(cause, t), { tone: 'danger' }),
  });
  if (error && !data) return <p className="p-3 text-danger">{faultText(error, t)}</p>;
  if (isPending || !data) return <SkeletonRows rows={4} />;
  return (
    <div className="flex flex-col gap-3 p-3">
      <Table object={object} preview={data} winner={winner} picked={picked} onWinner={setWinner} onPick={setPicked} />
      {data.errors.length > 0 && (
        <div role="alert">
          <ul className="rounded-md bg-danger-soft text-danger px-3 py-2">
            {data.errors.map((fault) => (
              <li key={fault.field + fault.code}>{fault.message}</li>
            ))}
          </ul>
        </div>
      )}
      <div className="flex flex-wrap items-center gap-3">
        <p className="flex-1 min-w-48 text-ink-2">
          <Moved preview={data} />
          {language === 'en' && ' '}
          {d.keepHint}
        </p>
        <Button
          variant="primary"
          icon={GitMerge}
          disabled={merge.isPending || data.errors.length > 0}
          onClick={() => merge.mutate(data)}
        >
          {d.mergeInto(nameOf(object, data.records[0] ?? data.record))}
        </Button>
      </div>
    </div>
  );
}

/** The record that says most. */
function fullest(records: Rec[]): string {
  const said = (record: Rec) => Object.values(record).filter((value) => !isEmpty(value)).length;
  return [...records].sort((a, b) => said(b) - said(a) || a.id.localeCompare(b.id))[0]?.id ?? '';
}

function Moved({ preview }: { preview: Preview }) {
  const { language } = useI18n();
  const d = useDeskText();
  const label = useLabel();
  if (preview.moved.length === 0) return d.nothingMoves;
  return d.moves(
    inRow(
      language,
      preview.moved.map((one) => `${label(one.label)} ${one.count}`),
    ),
  );
}

function Table({
  object,
  preview,
  winner,
  picked,
  onWinner,
  onPick,
}: {
  object: ObjectType;
  preview: Preview;
  winner: string;
  picked: Picked;
  onWinner: (id: string) => void;
  onPick: (picked: Picked) => void;
}) {
  const d = useDeskText();
  const [whole, setWhole] = useState(false);
  const rows = preview.fields
    .map((row) => ({ ...row, meta: fieldOf(object, row.field) }))
    .filter((row): row is typeof row & { meta: Field } => row.meta !== undefined)
    .filter((row) => row.field === object.name_field || preview.records.some((one) => !isEmpty(one[row.field])))
    .filter((row) => whole || row.differs !== false || row.field === object.name_field);
  return (
    <>
      <div
        className="overflow-x-auto thin-bar rounded-md border border-line focus-visible:-outline-offset-2"
        tabIndex={0}
        role="region"
        aria-label={d.compare}
      >
        <table className="w-full text-left border-collapse">
          <thead>
            <tr className="bg-sunken">
              <th scope="col" className="font-medium text-ink-2 px-3 py-2 min-w-24 md:sticky left-0 bg-sunken">
                {d.field}
              </th>
              {preview.records.map((record) => (
                <th key={record.id} scope="col" className="px-3 py-2 min-w-44 font-medium">
                  <label className="flex items-center gap-2 touch:min-h-11">
                    <input
                      type="radio"
                      name={`winner-${preview.records.map((one) => one.id).sort()[0]}`}
                      checked={record.id === winner}
                      onChange={() => onWinner(record.id)}
                      className="accent-brand"
                    />
                    {record.id === winner ? d.stays : d.goes}
                  </label>
                </th>
              ))}
              <th scope="col" className="px-3 py-2 min-w-44 font-medium text-brand-ink">
                {d.result}
              </th>
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <Row
                key={row.field}
                field={row.meta}
                row={row}
                preview={preview}
                hand={picked[row.field]?.from}
                onPick={(from) => onPick({ ...picked, [row.field]: { from } })}
              />
            ))}
          </tbody>
        </table>
      </div>
      <button
        type="button"
        onClick={() => setWhole(!whole)}
        className="self-start text-brand-ink hover:underline h-8 touch:h-11"
      >
        {whole ? d.onlyDiffering : d.allFields}
      </button>
    </>
  );
}

function Row({
  field,
  row,
  preview,
  hand,
  onPick,
}: {
  field: Field;
  row: Preview['fields'][number];
  preview: Preview;
  hand: string | undefined;
  onPick: (from: string) => void;
}) {
  const d = useDeskText();
  const label = useLabel();
  const name = label(field.label);
  return (
    <tr className="border-t border-line align-top">
      <th scope="row" className="font-normal text-ink-2 px-3 py-2 md:sticky left-0 bg-surface">
        {name}
        {row.differs && <span className="block text-xs text-warn">{d.differs}</span>}
      </th>
      {preview.records.map((record) => {
        const taken = (hand ?? row.from) === record.id;
        const masked = record._masked?.includes(field.name) === true;
        const usable = field.access === 'write' && !masked && row.differs === true;
        return (
          <td key={record.id} className={cx('px-1 py-1', taken && row.differs && 'bg-brand-soft')}>
            {usable ? (
              <button
                type="button"
                aria-pressed={taken}
                onClick={() => onPick(record.id)}
                className="w-full text-left rounded-sm px-2 py-1 touch:min-h-11 hover:bg-sunken flex gap-1.5"
              >
                <Check
                  size={14}
                  aria-hidden
                  className={cx('shrink-0 mt-0.5', taken ? 'text-brand-ink' : 'invisible')}
                />
                <span className="sr-only">{d.take(name)}</span>
                <span className="min-w-0 break-words">
                  <FieldView field={field} value={record[field.name]} record={record} compact />
                </span>
              </button>
            ) : (
              <span className="block px-2 py-1 pl-7 break-words">
                <FieldView field={field} value={record[field.name]} record={record} compact />
              </span>
            )}
          </td>
        );
      })}
      <td className="px-3 py-2 break-words whitespace-pre-line">
        <FieldView field={field} value={preview.record[field.name]} record={preview.record} />
      </td>
    </tr>
  );
}
