// Files and pictures: dragged here, pasted, chosen, or taken with the phone; shown by name or as they look.
import { Camera, Paperclip, Upload, X } from 'lucide-react';
import { type ClipboardEvent, type DragEvent, useEffect, useRef, useState } from 'react';
import { api, BASE } from '../api/client';
import { isShown } from '../api/dictionary';
import type { NamedFile } from '../api/types';
import { sizeText } from '../format/number';
import { useT } from '../i18n';
import { faultText } from '../session/fault-text';
import { Button, IconButton } from '../ui/button';
import { cx } from '../ui/cx';
import { type EditProps, type FieldKind, isEmpty, type ViewProps } from './kind';

const MOST = 100;

export function filesOf(value: unknown): NamedFile[] {
  if (isEmpty(value)) return [];
  return (Array.isArray(value) ? value : [value]).map((one) =>
    typeof one === 'object' && one !== null ? (one as NamedFile) : { id: String(one), name: null },
  );
}

const address = (file: NamedFile) => `${BASE}/files/${file.id}`;

function Names({ files }: { files: NamedFile[] }) {
  const t = useT();
  return (
    <span className="inline-flex items-center gap-1 text-ink-2 min-w-0">
      <Paperclip size={14} aria-hidden className="shrink-0" />
      <span className="truncate">
        {files
          .map((one) => one.name)
          .filter(Boolean)
          .join(t.file.comma) || t.file.count(files.length)}
      </span>
    </span>
  );
}

function FileLink({ file }: { file: NamedFile }) {
  const t = useT();
  if (file.name === null) return <span className="text-ink-3">{t.file.gone}</span>;
  return (
    <a
      href={address(file)}
      target={isShown(file) ? '_blank' : undefined}
      rel="noreferrer"
      className="inline-flex items-center gap-1.5 min-w-0 hover:text-brand-ink hover:underline touch:min-h-11"
      onClick={(event) => event.stopPropagation()}
    >
      {isShown(file) ? (
        <img
          src={address(file)}
          alt={file.name}
          loading="lazy"
          className="size-14 rounded-md object-cover border border-line bg-sunken"
        />
      ) : (
        <>
          <Paperclip size={14} aria-hidden className="shrink-0" />
          <span className="truncate">{file.name}</span>
          {file.size !== undefined && <span className="text-xs text-ink-3 shrink-0">{sizeText(file.size)}</span>}
        </>
      )}
    </a>
  );
}

function View({ value, compact }: ViewProps) {
  const files = filesOf(value);
  if (compact) return <Names files={files} />;
  return (
    <ul className="flex flex-wrap gap-x-3 gap-y-1.5 min-w-0">
      {files.map((file) => (
        <li key={file.id} className="min-w-0 max-w-full">
          <FileLink file={file} />
        </li>
      ))}
    </ul>
  );
}

export function editorOf(pictures: boolean) {
  return function Edit({ id, label, value, onChange, invalid, describedBy, disabled, autoFocus }: EditProps) {
    const t = useT();
    const files = filesOf(value);
    const [over, setOver] = useState(false);
    const [busy, setBusy] = useState(false);
    const [fault, setFault] = useState<string | null>(null);
    const chosen = useRef<HTMLInputElement>(null);
    const camera = useRef<HTMLInputElement>(null);
    const button = useRef<HTMLButtonElement>(null);
    useEffect(() => {
      if (autoFocus) button.current?.focus();
    }, [autoFocus]);

    const add = async (list: FileList | null | undefined) => {
      const picked = [...(list ?? [])].filter((one) => !pictures || one.type === '' || one.type.startsWith('image/'));
      if (disabled || busy || !list || list.length === 0) return;
      if (picked.length === 0) return setFault(t.file.notPicture);
      if (files.length + picked.length > MOST) return setFault(t.file.tooMany(MOST));
      setBusy(true);
      setFault(null);
      const added: NamedFile[] = [];
      try {
        for (const one of picked) {
          const form = new FormData();
          form.set('file', one);
          added.push(await api.post<NamedFile>('/files', form));
        }
      } catch (cause) {
        setFault(faultText(cause, t));
      }
      setBusy(false);
      if (added.length > 0) onChange([...files, ...added]);
    };
    const drop = (event: DragEvent) => {
      event.preventDefault();
      setOver(false);
      void add(event.dataTransfer.files);
    };
    const paste = (event: ClipboardEvent) => {
      if (event.clipboardData.files.length === 0) return;
      event.preventDefault();
      void add(event.clipboardData.files);
    };
    const input = (taking: boolean) => (
      <input
        ref={taking ? camera : chosen}
        type="file"
        multiple={!taking}
        accept={pictures || taking ? 'image/*' : undefined}
        capture={taking ? 'environment' : undefined}
        className="sr-only"
        tabIndex={-1}
        aria-hidden
        data-file={taking ? 'camera' : 'choose'}
        onChange={(event) => {
          void add(event.target.files);
          event.target.value = '';
        }}
      />
    );
    return (
      // biome-ignore lint/a11y/noStaticElementInteractions: dropping and pasting are further ways; the button is the keyboard's
      <div
        onDragOver={(event) => {
          event.preventDefault();
          setOver(true);
        }}
        onDragLeave={() => setOver(false)}
        onDrop={drop}
        onPaste={paste}
        data-busy={busy || undefined}
        className={cx(
          'rounded-md border border-dashed p-1.5 flex flex-col gap-1.5 min-w-0',
          over ? 'border-brand bg-brand-soft' : invalid || fault ? 'border-danger' : 'border-line-strong',
        )}
      >
        {files.length > 0 && (
          <ul className="flex flex-col gap-1 min-w-0">
            {files.map((file) => (
              <li key={file.id} className="flex items-center gap-1 min-w-0">
                <span className="flex-1 min-w-0">
                  <FileLink file={file} />
                </span>
                <IconButton
                  icon={X}
                  size="sm"
                  label={t.file.remove(file.name ?? '')}
                  disabled={disabled || busy}
                  onClick={() => {
                    const rest = files.filter((one) => one.id !== file.id);
                    onChange(rest.length > 0 ? rest : null);
                  }}
                />
              </li>
            ))}
          </ul>
        )}
        <span className="flex flex-wrap items-center gap-1.5 min-w-0">
          <Button
            ref={button}
            id={id}
            size="sm"
            icon={Upload}
            aria-label={t.file.chooseFor(label)}
            aria-describedby={describedBy}
            disabled={disabled || busy}
            onClick={() => chosen.current?.click()}
          >
            {busy ? t.file.uploading : pictures ? t.file.choosePicture : t.file.choose}
          </Button>
          <Button
            size="sm"
            icon={Camera}
            className="hidden touch:inline-flex"
            disabled={disabled || busy}
            onClick={() => camera.current?.click()}
          >
            {t.file.camera}
          </Button>
          <span className="text-xs text-ink-3 touch:hidden">{t.file.hint}</span>
        </span>
        {input(false)}
        {input(true)}
        {fault && (
          <p role="alert" className="text-xs text-danger">
            {fault}
          </p>
        )}
      </div>
    );
  };
}

const ids = (value: unknown) => (isEmpty(value) ? null : filesOf(value).map((file) => file.id));

export const file: FieldKind = { View, Edit: editorOf(false), width: 160, instant: true, wire: ids };
