// Export: which records, which columns, which kind of file; and how many it will be, before it is made.
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '../api/client';
import { aggregate, keys } from '../api/records';
import type { ObjectType, Query } from '../api/types';
import { useFormat } from '../format/use-format';
import { useLabel, useT } from '../i18n';
import { faultText } from '../session/fault-text';
import { Segments } from '../ui/bits';
import { Button } from '../ui/button';
import { Dialog } from '../ui/dialog';
import { toast } from '../ui/toast';
import { useExportText } from './export-text';

type Kind = 'xlsx' | 'csv';

export default function ExportDialog({
  object,
  query,
  columns,
  onClose,
}: {
  object: ObjectType;
  query: Query;
  columns: string[];
  onClose: () => void;
}) {
  const t = useT();
  const exportWords = useExportText();
  const label = useLabel();
  const format = useFormat();
  const [kind, setKind] = useState<Kind>('xlsx');
  const [scope, setScope] = useState<'list' | 'all'>('list');
  const fields = object.fields.filter((field) => !field.retired && field.type !== 'file' && field.type !== 'image');
  const [chosen, setChosen] = useState<string[]>(() =>
    fields.filter((field) => columns.includes(field.name)).map((field) => field.name),
  );
  const filter = scope === 'list' ? (query.filter ?? undefined) : undefined;
  const { data: count } = useQuery({
    queryKey: [...keys.lists(object.name), 'sums', JSON.stringify([filter ?? null, []])],
    queryFn: () =>
      aggregate(object.name, { filter, groups: [], measures: [{ kind: 'count' }] }).then(
        ({ rows }) => rows[0]?.values ?? [],
      ),
    staleTime: 60_000,
  });
  const run = () => {
    toast(t.list.exporting, { tone: 'info' });
    api
      .download(`/records/${object.name}/export`, `${object.name}.${kind}`, {
        filter,
        sort: query.sort,
        fields: fields.filter((field) => chosen.includes(field.name)).map((field) => field.name),
        format: kind,
      })
      .catch((cause: unknown) => toast(faultText(cause, t), { tone: 'danger' }));
    onClose();
  };
  return (
    <Dialog
      open
      onClose={onClose}
      title={exportWords.title(label(object.label_plural))}
      className="md:w-[520px]!"
      footer={
        <>
          <span className="mr-auto self-center text-ink-2" aria-live="polite">
            {count ? t.list2.totals(format.fullNumber(Number(count[0] ?? 0))) : ''}
          </span>
          <Button onClick={onClose}>{t.common.cancel}</Button>
          <Button variant="primary" disabled={chosen.length === 0} onClick={run}>
            {t.list.export}
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-4">
        <div className="flex flex-wrap gap-3">
          <Segments
            label={exportWords.which}
            value={scope}
            onChange={setScope}
            options={[
              { value: 'list', label: exportWords.asShown },
              { value: 'all', label: exportWords.everything },
            ]}
          />
          <Segments
            label={exportWords.file}
            value={kind}
            onChange={setKind}
            options={[
              { value: 'xlsx', label: 'Excel' },
              { value: 'csv', label: 'CSV' },
            ]}
          />
        </div>
        <fieldset className="min-w-0">
          <legend className="flex items-center gap-2 w-full text-ink-2 mb-1">
            {exportWords.columns(chosen.length)}
            <Button variant="ghost" size="sm" onClick={() => setChosen(fields.map((field) => field.name))}>
              {t.common.all}
            </Button>
            <Button variant="ghost" size="sm" onClick={() => setChosen([object.name_field])}>
              {t.common.none}
            </Button>
          </legend>
          <ul className="grid grid-cols-2 gap-x-3 max-h-64 overflow-auto thin-bar">
            {fields.map((field) => (
              <li key={field.name}>
                <label className="flex items-center gap-2 h-8 touch:h-11">
                  <input
                    type="checkbox"
                    className="check"
                    checked={chosen.includes(field.name)}
                    onChange={(event) =>
                      setChosen(
                        event.target.checked ? [...chosen, field.name] : chosen.filter((name) => name !== field.name),
                      )
                    }
                  />
                  <span className="truncate">{label(field.label)}</span>
                </label>
              </li>
            ))}
          </ul>
        </fieldset>
      </div>
    </Dialog>
  );
}
