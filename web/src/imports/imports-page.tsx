// Drop a spreadsheet, or look up an earlier import.
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { Download, FileSpreadsheet, UploadCloud } from 'lucide-react';
import { type DragEvent, useRef, useState } from 'react';
import { api } from '../api/client';
import { useLexicon } from '../api/dictionary';
import { refName } from '../api/records';
import type { Import } from '../api/types';
import { useFormat } from '../format/use-format';
import { useLabel, useT } from '../i18n';
import { faultText } from '../session/fault-text';
import { CUSTOMER_OBJECT, useNavigation } from '../shell/nav';
import { Tip } from '../tips/tip';
import { Chip, Empty, PageTitle, SkeletonRows, useTitle } from '../ui/bits';
import { Button } from '../ui/button';
import { cx } from '../ui/cx';
import { FileInput } from '../ui/file-input';
import { Select } from '../ui/select';
import { toast } from '../ui/toast';
import { importsQuery } from './queries';
import { useImportText } from './text';

const STATE_COLOUR: Record<Import['state'], string> = {
  draft: 'gray',
  checking: 'blue',
  checked: 'amber',
  running: 'blue',
  done: 'green',
  cancelled: 'gray',
  failed: 'red',
  undoing: 'blue',
  undone: 'gray',
};

export default function ImportsPage() {
  const t = useT();
  const i = useImportText();
  useTitle(i.title);
  return (
    <div className="flex-1 min-h-0 overflow-auto thin-bar">
      <PageTitle title={t.import.new} />
      <Tip of="import" />
      <div className="px-4 pb-10 flex flex-col gap-8 md:max-w-4xl">
        <Upload />
        <Past />
      </div>
    </div>
  );
}

function Upload() {
  const t = useT();
  const i = useImportText();
  const label = useLabel();
  const navigate = useNavigate();
  const client = useQueryClient();
  const search = useSearch({ from: '/imports' });
  const { find } = useLexicon();
  const { main, rest } = useNavigation();
  const objects = [...main, ...rest].filter((object) => object.can.import);
  const [name, setName] = useState(search.object ?? CUSTOMER_OBJECT);
  const object = find(name) ?? objects[0];
  const [over, setOver] = useState(false);
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState<string | null>(null);
  const input = useRef<HTMLInputElement>(null);

  const upload = async (file: File | undefined) => {
    if (!file || !object) return;
    setBusy(true);
    setFault(null);
    const form = new FormData();
    form.set('object', object.name);
    form.set('file', file);
    try {
      const created = await api.post<Import>('/imports', form);
      client.setQueryData(['import', created.id], created);
      void client.invalidateQueries({ queryKey: ['imports'] });
      void navigate({ to: '/imports/$id', params: { id: created.id } });
    } catch (cause) {
      setFault(faultText(cause, t));
      setBusy(false);
    }
  };
  const onDrop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    void upload(event.dataTransfer.files[0]);
  };
  if (!object) return null;
  return (
    <section className="flex flex-col gap-3">
      <div className="flex flex-wrap items-center gap-3">
        <label htmlFor="import-object" className="text-ink-2">
          {i.what}
        </label>
        <Select
          id="import-object"
          className="w-48!"
          value={object.name}
          onChange={setName}
          options={objects.map((one) => ({ value: one.name, label: label(one.label) }))}
        />
        <Button
          variant="ghost"
          icon={Download}
          onClick={() =>
            void api
              .download(`/import-templates/${object.name}.xlsx`, `${label(object.label)}.xlsx`)
              .catch((cause: unknown) => toast(faultText(cause, t), { tone: 'danger' }))
          }
        >
          {i.template}
        </Button>
      </div>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: dropping is one way; the button inside is the keyboard's */}
      <div
        onDragOver={(event) => {
          event.preventDefault();
          setOver(true);
        }}
        onDragLeave={() => setOver(false)}
        onDrop={onDrop}
        className={cx(
          'rounded-xl border-2 border-dashed flex flex-col items-center gap-2 px-6 py-12 text-center transition-colors',
          over ? 'border-brand bg-brand-soft' : 'border-line-strong/50',
        )}
      >
        <UploadCloud size={32} aria-hidden className="text-brand-ink" />
        <p className="text-base font-semibold">{busy ? i.uploading : i.drop}</p>
        <p className="text-ink-3 max-w-md">{i.dropHint}</p>
        <Button
          variant="primary"
          icon={FileSpreadsheet}
          disabled={busy}
          className="mt-2"
          onClick={() => input.current?.click()}
        >
          {i.chooseFile}
        </Button>
        <FileInput
          ref={input}
          label={i.chooseFile}
          accept=".xlsx,.xls,.csv,.txt,.tsv"
          onFiles={([file]) => void upload(file)}
        />
      </div>
      {fault && (
        <div role="alert" className="rounded-md bg-danger-soft text-danger px-3 py-2">
          <p className="font-medium">{i.fileProblem}</p>
          <p>{fault}</p>
        </div>
      )}
    </section>
  );
}

function Past() {
  const i = useImportText();
  const label = useLabel();
  const format = useFormat();
  const { find } = useLexicon();
  const { data, isPending } = useQuery(importsQuery());
  return (
    <section>
      <h2 className="font-semibold mb-2">{i.history}</h2>
      {isPending ? (
        <SkeletonRows rows={3} />
      ) : (data ?? []).length === 0 ? (
        <Empty icon={FileSpreadsheet} title={i.none} text={i.noneHint} />
      ) : (
        <ul className="rounded-lg border border-line divide-y divide-line overflow-hidden">
          {(data ?? []).map((one) => (
            <li key={one.id}>
              <Link
                to="/imports/$id"
                params={{ id: one.id }}
                className="flex items-center gap-3 px-3 min-h-12 touch:min-h-16 py-1.5 hover:bg-sunken"
              >
                <FileSpreadsheet size={18} aria-hidden className="text-ink-3 shrink-0" />
                <span className="flex-1 min-w-0">
                  <span className="block font-medium truncate">{one.file_name}</span>
                  <span className="block text-xs text-ink-3 truncate">
                    {label(find(one.object)?.label) || one.object} ·{' '}
                    {i.by(refName(one.created_by) ?? '', format.moment(one.created_at)).replace(/^ · /, '')}
                  </span>
                </span>
                {one.state === 'done' && (
                  <span className="text-ink-2 max-md:hidden">
                    {i.created} {format.fullNumber(one.progress.created)} · {i.updated}{' '}
                    {format.fullNumber(one.progress.updated)}
                    {one.progress.failed > 0 && (
                      <span className="text-danger">
                        {' '}
                        · {i.failed} {format.fullNumber(one.progress.failed)}
                      </span>
                    )}
                  </span>
                )}
                <Chip color={STATE_COLOUR[one.state]}>{i.state[one.state]}</Chip>
              </Link>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
