// Below a customer's name: in a pool and free to claim, about to go back to one, and the way to its history and back to the pool.
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Hand, History, TimerReset, Undo2 } from 'lucide-react';
import { useId, useState } from 'react';
import { fieldOf } from '../api/dictionary';
import type { ObjectType, Rec } from '../api/types';
import { useFormat } from '../format/use-format';
import { useLabel, useT } from '../i18n';
import { faultText } from '../session/fault-text';
import { Chip, FieldFrame } from '../ui/bits';
import { Button } from '../ui/button';
import { cx } from '../ui/cx';
import { Sheet } from '../ui/dialog';
import { Select } from '../ui/select';
import { toast } from '../ui/toast';
import { useClaim } from './claim-button';
import { custodyQuery, giveBack, refusal, type Span } from './queries';
import { usePoolText } from './text';

export default function Standing({
  object,
  record,
  name,
  className,
}: {
  object: ObjectType;
  record: Rec;
  name: string;
  className?: string;
}) {
  const t = useT();
  const p = usePoolText();
  const format = useFormat();
  const { data } = useQuery(custodyQuery(record.id));
  const { take, busy } = useClaim();
  const [sheet, setSheet] = useState<'history' | 'return' | null>(null);
  if (!data) return null;
  const now = data.items[0];
  const pooled = now && !now.until && now.pool;
  return (
    <section aria-label={p.history} className={cx('flex flex-wrap items-center gap-x-3 gap-y-1', className)}>
      {pooled && <span>{p.inPool(pooled.name ?? t.pool.title)}</span>}
      {pooled && data.can.refused && <span className="text-ink-3">{data.can.refused}</span>}
      {data.due?.on && (
        <p className="flex items-center gap-1.5 rounded-md bg-warn-soft text-warn px-2 py-1 w-full md:w-auto">
          <TimerReset size={15} aria-hidden className="shrink-0" />
          {p.dueOn(format.day(data.due.on), data.due.pool?.name ?? t.pool.title, p.stale[data.due.reason])}
        </p>
      )}
      <span className="flex flex-wrap items-center gap-1 -ml-1">
        {data.can.claim && (
          <Button icon={Hand} size="sm" className="ml-1" disabled={busy} onClick={() => void take(record.id, name)}>
            {p.claim}
          </Button>
        )}
        <Button icon={History} size="sm" variant="ghost" onClick={() => setSheet('history')}>
          {p.history}
        </Button>
        {data.can.return && (
          <Button icon={Undo2} size="sm" variant="ghost" onClick={() => setSheet('return')}>
            {p.giveBack}
          </Button>
        )}
      </span>
      {sheet === 'history' && (
        <Sheet open onClose={() => setSheet(null)} title={p.historyOf(name)}>
          <Spans object={object} spans={data.items} />
        </Sheet>
      )}
      {sheet === 'return' && <Return object={object} record={record} name={name} onClose={() => setSheet(null)} />}
    </section>
  );
}

function Spans({ object, spans }: { object: ObjectType; spans: Span[] }) {
  const p = usePoolText();
  const label = useLabel();
  const format = useFormat();
  const reasons = fieldOf(object, 'return_reason')?.options ?? [];
  const why = (span: Span) => {
    const option = reasons.find((one) => one.value === span.reason);
    if (option) return label(option.label);
    return span.reason && span.reason in p.stale ? p.stale[span.reason as keyof typeof p.stale] : null;
  };
  if (spans.length === 0) return <p className="p-4 text-ink-2">{p.historyEmpty}</p>;
  return (
    <ol className="p-4 flex flex-col">
      {spans.map((span) => (
        <li
          key={`${span.since}${span.until}`}
          className="border-l-2 border-line pl-3 pb-4 last:pb-0 flex flex-col gap-0.5"
        >
          <span className="flex flex-wrap items-center gap-2">
            <span className="font-medium">{span.owner?.name ?? span.pool?.name ?? p.nobody}</span>
            <Chip color={span.owner ? 'blue' : 'amber'}>{p.how[span.how]}</Chip>
            {why(span) && <span>{why(span)}</span>}
          </span>
          {span.rule && <span className="text-ink-2 break-words">{span.rule}</span>}
          {span.note && <span className="break-words">{span.note}</span>}
          <span className="text-xs text-ink-3">
            {format.fullMoment(span.since)} – {span.until ? format.fullMoment(span.until) : p.now}
            {span.by?.name && ` · ${p.byWhom(span.by.name)}`}
          </span>
        </li>
      ))}
    </ol>
  );
}

function Return({
  object,
  record,
  name,
  onClose,
}: {
  object: ObjectType;
  record: Rec;
  name: string;
  onClose: () => void;
}) {
  const t = useT();
  const p = usePoolText();
  const label = useLabel();
  const id = useId();
  const client = useQueryClient();
  const options = (fieldOf(object, 'return_reason')?.options ?? []).filter((option) => !option.retired);
  const [reason, setReason] = useState('');
  const [note, setNote] = useState('');
  const [fault, setFault] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const send = async () => {
    setBusy(true);
    try {
      const refused = refusal(await giveBack(client, [record.id], { reason, note: note.trim() || null }));
      if (refused === null) {
        toast(p.givenBack);
        onClose();
      } else setFault(refused);
    } catch (cause) {
      setFault(faultText(cause, t));
    }
    setBusy(false);
  };
  return (
    <Sheet
      open
      onClose={onClose}
      title={p.giveBackOf(name)}
      footer={
        <Button
          variant="primary"
          className="max-md:flex-1"
          disabled={busy || reason === '' || (reason === 'other' && note.trim() === '')}
          onClick={() => void send()}
        >
          {p.giveBack}
        </Button>
      }
    >
      <div className="p-4 flex flex-col gap-4">
        <p className="text-ink-2">{p.giveBackText}</p>
        {fault && (
          <p role="alert" className="rounded-md bg-danger-soft text-danger px-3 py-2">
            {fault}
          </p>
        )}
        <FieldFrame id={`${id}-reason`} label={p.reason} required>
          <Select
            id={`${id}-reason`}
            label={p.reason}
            value={reason}
            onChange={setReason}
            options={options.map((option) => ({ value: option.value, label: label(option.label) }))}
          />
        </FieldFrame>
        <FieldFrame id={`${id}-note`} label={p.note} help={p.noteHint} required={reason === 'other'}>
          <textarea
            id={`${id}-note`}
            rows={4}
            maxLength={500}
            className="control control-area"
            value={note}
            onChange={(event) => setNote(event.target.value)}
          />
        </FieldFrame>
      </div>
    </Sheet>
  );
}
