// What goes with a follow-up beside its words: a colleague's name, pictures, a voice memo, where one is. Files wait with the
// entry and are sent with it, so that they can be added without a network too.
import { useQuery } from '@tanstack/react-query';
import { AtSign, Camera, MapPin, Mic, Paperclip, Square, X } from 'lucide-react';
import { type ReactNode, useEffect, useRef, useState } from 'react';
import { api, query } from '../api/client';
import { queryRecords } from '../api/records';
import type { Field, Location, SearchItem } from '../api/types';
import { sizeText } from '../format/number';
import { useT } from '../i18n';
import type { WaitingFile } from '../offline/outbox';
import { Button, IconButton } from '../ui/button';
import { FileInput } from '../ui/file-input';
import { toast } from '../ui/toast';
import { useExtrasText } from './log-extras-text';

/** A memo is a sentence or two; a meeting is recorded elsewhere. */
const LONGEST_S = 300;
const SHOWN = 6;

type Props = {
  content: string;
  /** Where the cursor stands in the text. */
  caret: number;
  onContent: (content: string, caret: number) => void;
  files: WaitingFile[];
  onFiles: (files: WaitingFile[]) => void;
  pictures?: Field;
  recordings?: Field;
  place: Location | null;
  onPlace?: (place: Location | null) => void;
};

export default function LogExtras(props: Props): ReactNode {
  const x = useExtrasText();
  const t = useT();
  const { content, caret, onContent, files, onFiles, pictures, recordings, onPlace } = props;
  const camera = useRef<HTMLInputElement>(null);
  const any = useRef<HTMLInputElement>(null);
  const add = (field: Field | undefined, added: File[]) => {
    if (!field) return;
    onFiles([...files, ...added.map((file) => ({ field: field.name, file }))]);
  };
  return (
    <div className="flex flex-col gap-2">
      <div className="flex flex-wrap gap-1.5">
        <Button
          size="sm"
          icon={AtSign}
          onClick={() => {
            const gap = caret > 0 && !/\s$/.test(content.slice(0, caret)) ? ' ' : '';
            onContent(`${content.slice(0, caret)}${gap}@${content.slice(caret)}`, caret + gap.length + 1);
          }}
        >
          {x.mention}
        </Button>
        {pictures && (
          <Button size="sm" icon={Camera} onClick={() => camera.current?.click()}>
            {x.picture}
          </Button>
        )}
        {recordings && <Recorder onDone={(file) => onFiles([...files, { field: recordings.name, file }])} />}
        {recordings && (
          <Button size="sm" icon={Paperclip} onClick={() => any.current?.click()}>
            {x.file}
          </Button>
        )}
        {onPlace && <Place value={props.place} onChange={onPlace} />}
      </div>
      <FileInput ref={camera} label={x.picture} accept="image/*" multiple onFiles={(files) => add(pictures, files)} />
      <FileInput ref={any} label={x.file} multiple onFiles={(files) => add(recordings, files)} />
      <Colleagues content={content} caret={caret} onContent={onContent} />
      {files.length > 0 && (
        <ul className="flex flex-col gap-1">
          {files.map((one, index) => (
            <li key={index} className="flex items-center gap-2 rounded-md bg-sunken pl-2">
              <Preview file={one.file} />
              <span className="truncate flex-1">{one.file.name}</span>
              <span className="text-xs text-ink-3">{sizeText(one.file.size)}</span>
              <IconButton
                icon={X}
                size="sm"
                label={t.file.remove(one.file.name)}
                onClick={() => onFiles(files.filter((_, place) => place !== index))}
              />
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

function Preview({ file }: { file: File }) {
  const [source, setSource] = useState<string | null>(null);
  const kind = file.type.split('/')[0];
  useEffect(() => {
    if (kind !== 'image' && kind !== 'audio') return;
    const made = URL.createObjectURL(file);
    setSource(made);
    return () => URL.revokeObjectURL(made);
  }, [file, kind]);
  if (source && kind === 'image') return <img src={source} alt="" className="size-9 rounded object-cover" />;
  if (source && kind === 'audio')
    // biome-ignore lint/a11y/useMediaCaption: one's own memo has no captions
    return <audio controls src={source} className="h-9 w-44" aria-label={file.name} />;
  return <Paperclip size={14} aria-hidden className="text-ink-3" />;
}

/** While a name is typed behind an @: the colleagues it may be. Pinyin finds them too. */
function Colleagues({ content, caret, onContent }: Pick<Props, 'content' | 'caret' | 'onContent'>) {
  const x = useExtrasText();
  const typed = content.slice(0, caret).match(/@([^\s@，。,.]{0,12})$/);
  const asked = typed ? (typed[1] ?? '') : null;
  const { data } = useQuery({
    queryKey: ['mention', asked],
    queryFn: async ({ signal }): Promise<string[]> => {
      if (asked === '') {
        const filter = { field: 'active', op: 'eq', value: true } as const;
        const { items } = await queryRecords('user', { fields: ['name'], filter, limit: SHOWN }, signal);
        return items.map((one) => String(one.name));
      }
      const found = await api.get<{ items: SearchItem[] }>(
        `/search${query({ q: asked, objects: 'user', limit: SHOWN })}`,
        signal,
      );
      return found.items.map((one) => one.title);
    },
    enabled: asked !== null,
    staleTime: 60_000,
    retry: false,
  });
  if (asked === null || !data || data.length === 0 || data.includes(asked)) return null;
  return (
    <div role="group" aria-label={x.colleagues} className="flex flex-wrap items-center gap-1.5">
      <span className="text-xs text-ink-3">{x.colleagues}</span>
      {[...new Set(data)].map((name) => (
        <button
          key={name}
          type="button"
          className="h-7 touch:h-11 px-2 rounded-md border border-line text-ink-2 hover:bg-sunken"
          onClick={() => {
            const start = caret - asked.length;
            onContent(`${content.slice(0, start)}${name} ${content.slice(caret)}`, start + name.length + 1);
          }}
        >
          {name}
        </button>
      ))}
      <span className="text-xs text-ink-3">{x.onlyReaders}</span>
    </div>
  );
}

/** Records what is said, after the browser has asked for the microphone. */
function Recorder({ onDone }: { onDone: (file: File) => void }) {
  const x = useExtrasText();
  const recorder = useRef<MediaRecorder | null>(null);
  const [seconds, setSeconds] = useState<number | null>(null);
  useEffect(() => () => recorder.current?.stop(), []);
  useEffect(() => {
    if (seconds === null) return;
    if (seconds >= LONGEST_S) return recorder.current?.stop();
    const timer = setTimeout(() => setSeconds(seconds + 1), 1_000);
    return () => clearTimeout(timer);
  }, [seconds]);
  if (typeof MediaRecorder === 'undefined' || !navigator.mediaDevices) return null;
  const begin = async () => {
    try {
      const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
      const recording = new MediaRecorder(stream);
      const pieces: Blob[] = [];
      recording.ondataavailable = (event) => pieces.push(event.data);
      recording.onstop = () => {
        for (const track of stream.getTracks()) track.stop();
        recorder.current = null;
        setSeconds(null);
        const type = recording.mimeType.split(';')[0] || 'audio/webm';
        const ending = type === 'audio/mp4' ? 'm4a' : type === 'audio/ogg' ? 'ogg' : 'weba';
        const at = new Date();
        const two = (value: number) => String(value).padStart(2, '0');
        const name = `${x.recording} ${at.getMonth() + 1}-${two(at.getDate())} ${two(at.getHours())}.${two(at.getMinutes())}.${ending}`;
        onDone(new File(pieces, name, { type }));
      };
      recorder.current = recording;
      recording.start();
      setSeconds(0);
    } catch {
      toast(x.noMicrophone, { tone: 'danger' });
    }
  };
  return seconds === null ? (
    <Button size="sm" icon={Mic} onClick={() => void begin()}>
      {x.record}
    </Button>
  ) : (
    <Button size="sm" variant="danger" icon={Square} onClick={() => recorder.current?.stop()}>
      {x.stop(`${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`)}
    </Button>
  );
}

/** Where one is, only when one asks for it; the browser asks for consent. */
function Place({ value, onChange }: { value: Location | null; onChange: (value: Location | null) => void }) {
  const t = useT();
  const [busy, setBusy] = useState(false);
  if (!('geolocation' in navigator)) return null;
  const locate = () => {
    if (value) return onChange(null);
    setBusy(true);
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        setBusy(false);
        onChange({ lat: coords.latitude, lng: coords.longitude });
      },
      () => {
        setBusy(false);
        toast(t.understood.noPlace, { tone: 'danger' });
      },
      { timeout: 15_000 },
    );
  };
  return (
    <Button size="sm" icon={MapPin} disabled={busy} aria-pressed={value !== null} onClick={locate}>
      {value ? t.understood.placed : t.understood.place}
    </Button>
  );
}
