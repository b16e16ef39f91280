// Every file around a record, wherever it was put: its own, those of what points at it, and those attached to it.
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Paperclip, Upload } from 'lucide-react';
import { useRef, useState } from 'react';
import { api, BASE } from '../api/client';
import { isShown, useLexicon } from '../api/dictionary';
import type { Label, ObjectType, Rec, Ref } from '../api/types';
import { sizeText } from '../format/number';
import { useFormat } from '../format/use-format';
import { useLabel, useT } from '../i18n';
import { faultText } from '../session/fault-text';
import { Empty, SkeletonRows } from '../ui/bits';
import { Button } from '../ui/button';
import { FileInput } from '../ui/file-input';
import { toast } from '../ui/toast';
import { useFilesText } from './files-text';

type Item = {
  id: string;
  name: string | null;
  media_type: string;
  size: number;
  object: string;
  record: Ref;
  label: Label | null;
  at: string | null;
};

export const filesQuery = (object: string, id: string) => ({
  queryKey: ['record', object, id, 'files'],
  queryFn: ({ signal }: { signal: AbortSignal }) =>
    api.get<{ items: Item[] }>(`/records/${object}/${id}/files`, signal).then((answer) => answer.items),
});

export default function FilesTab({ object, record }: { object: ObjectType; record: Rec }) {
  const t = useT();
  const words = useFilesText();
  const client = useQueryClient();
  const { find } = useLexicon();
  const { data, error } = useQuery(filesQuery(object.name, record.id));
  const [busy, setBusy] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  const may = find('file')?.can.create === true && record._can?.update !== false;
  const add = async (files: File[]) => {
    if (files.length === 0) return;
    setBusy(true);
    try {
      for (const one of files) {
        const form = new FormData();
        form.set('object', object.name);
        form.set('record', record.id);
        form.set('file', one);
        await api.post('/files', form);
      }
      toast(words.added(files.length));
    } catch (cause) {
      toast(faultText(cause, t), { tone: 'danger' });
    } finally {
      setBusy(false);
      await client.invalidateQueries({ queryKey: filesQuery(object.name, record.id).queryKey });
    }
  };
  const upload = may && (
    <>
      <FileInput ref={input} label={words.add} multiple onFiles={(files) => void add(files)} />
      <Button icon={Upload} disabled={busy} className="self-start" onClick={() => input.current?.click()}>
        {busy ? t.file.uploading : words.add}
      </Button>
    </>
  );
  if (error) return <Empty icon={Paperclip} title={faultText(error, t)} />;
  if (!data) return <SkeletonRows rows={3} />;
  if (data.length === 0)
    return (
      <Empty icon={Paperclip} title={words.none} text={words.noneText}>
        {upload}
      </Empty>
    );
  return (
    <div className="flex flex-col gap-4">
      {upload}
      <ul className="grid gap-2 sm:grid-cols-2 xl:grid-cols-3">
        {data.map((item) => (
          <FileCard key={item.id} item={item} own={item.object === object.name && item.record.id === record.id} />
        ))}
      </ul>
    </div>
  );
}

function FileCard({ item, own }: { item: Item; own: boolean }) {
  const label = useLabel();
  const format = useFormat();
  const { find } = useLexicon();
  const address = `${BASE}/files/${item.id}`;
  const shown = isShown(item);
  const from = find(item.object);
  return (
    <li className="flex items-center gap-3 rounded-lg border border-line p-2 min-w-0">
      <span className="size-12 shrink-0 grid place-items-center rounded-md bg-sunken text-ink-3 overflow-hidden">
        {shown ? (
          <img src={address} alt="" loading="lazy" className="size-12 object-cover" />
        ) : (
          <Paperclip size={18} aria-hidden />
        )}
      </span>
      <div className="min-w-0 flex-1">
        <a
          href={address}
          target={shown ? '_blank' : undefined}
          rel="noreferrer"
          className="block truncate font-medium hover:text-brand-ink hover:underline touch:min-h-11 touch:content-center"
        >
          {item.name}
        </a>
        {item.media_type.startsWith('audio/') && (
          // biome-ignore lint/a11y/useMediaCaption: a colleague's memo has no captions
          <audio controls preload="none" src={address} className="h-9 w-full" aria-label={item.name ?? ''} />
        )}
        <p className="text-xs text-ink-3 truncate">
          {[sizeText(item.size), item.label ? label(item.label) : null, item.at ? format.moment(item.at) : null]
            .filter(Boolean)
            .join(' · ')}
          {!own && from && item.record.name && (
            <>
              {' · '}
              <Link
                to="/o/$object/$id"
                params={{ object: item.object, id: item.record.id }}
                className="hover:underline"
              >
                {label(from.label)} {item.record.name}
              </Link>
            </>
          )}
        </p>
      </div>
    </li>
  );
}
