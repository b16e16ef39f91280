// Paste to fields: a chat message, a signature or a card's text becomes proposals, taken over one by one or all at once.
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Check, ClipboardPaste } from 'lucide-react';
import { type ReactNode, type Ref, useEffect, useId, useImperativeHandle, useState } from 'react';
import { api, Fault } from '../api/client';
import { fieldOf, useObject } from '../api/dictionary';
import { createRecord, invalidateRecord } from '../api/records';
import type { Field, ObjectType } from '../api/types';
import { FieldView, isEmpty, wireValue } from '../fields';
import { useLabel, useT } from '../i18n';
import { faultText } from '../session/fault-text';
import { Chip } from '../ui/bits';
import { Button } from '../ui/button';
import { cx } from '../ui/cx';
import { toast } from '../ui/toast';
import { usePasteText } from './paste-text';

type Piece = { role: string; text: string; start: number; end: number; confidence: number };
type Proposal = Piece & { field: string; value: unknown };
type Answer = {
  proposals: Proposal[];
  related: { object: string; via: string; proposals: Proposal[] } | null;
  others: Piece[];
};

/** Below this a proposal is a guess that a person should look at. */
const SURE = 70;
const PAUSE_MS = 350;

export type PasteHandle = {
  /** Makes the record that belongs to the saved one, if it was asked for. */
  saved: (id: string) => Promise<void>;
  clear: () => void;
};

type Props = {
  object: ObjectType;
  values: Record<string, unknown>;
  onFill: (fields: Record<string, unknown>) => void;
  ref?: Ref<PasteHandle>;
};

export function PasteText(props: Props) {
  // Objects whose dictionary says what goes where.
  if (!props.object.fields.some((field) => field.paste)) return null;
  return <PastePanel {...props} />;
}

function PastePanel({ object, values, onFill, ref }: Props) {
  const t = useT();
  const p = usePasteText();
  const label = useLabel();
  const client = useQueryClient();
  const id = useId();
  const [open, setOpen] = useState(false);
  const [text, setText] = useState('');
  const [chosen, setChosen] = useState<string | null>(null);
  const [beside, setBeside] = useState(true);
  const read = useMutation({
    mutationFn: (text: string) => api.post<Answer>(`/records/${object.name}/paste`, { text }),
  });
  const { mutate, reset } = read;
  useEffect(() => {
    if (text.trim() === '') {
      reset();
      return;
    }
    const timer = setTimeout(() => mutate(text), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [text, mutate, reset]);

  const answer = read.data;
  const related = useObject(answer?.related?.object ?? '');
  const clear = () => {
    setText('');
    setOpen(false);
    setBeside(true);
  };
  useImperativeHandle(ref, () => ({
    saved: async (saved: string) => {
      if (!answer?.related || !related || !beside) return;
      const fields: Record<string, unknown> = { [answer.related.via]: saved };
      for (const { field: name, value } of answer.related.proposals) {
        const field = fieldOf(related, name);
        if (field && name !== answer.related.via) fields[name] = wireValue(field, value);
      }
      try {
        await createRecord(related.name, fields, 'allow');
        invalidateRecord(client, related.name);
        toast(p.besideDone(label(related.label), String(fields[related.name_field] ?? '')));
      } catch {
        toast(p.besideFailed(label(related.label)));
      }
    },
    clear,
  }));

  const known = (proposals: Proposal[], of: ObjectType | undefined) =>
    proposals.flatMap((proposal) => {
      const field = of && fieldOf(of, proposal.field);
      return field ? [{ proposal, field }] : [];
    });
  const own = known(answer?.proposals ?? [], object);
  const theirs = known(answer?.related?.proposals ?? [], related);
  const same = (field: Field, value: unknown) => JSON.stringify(values[field.name]) === JSON.stringify(value);
  const waiting = own.filter(({ field, proposal }) => !same(field, proposal.value));
  const marks = [...(answer?.proposals ?? []), ...(answer?.related?.proposals ?? [])];
  if (!open)
    return (
      <Button variant="ghost" icon={ClipboardPaste} className="self-start -ml-2 -mb-1" onClick={() => setOpen(true)}>
        {p.open}
      </Button>
    );
  return (
    <section aria-label={p.open} className="flex flex-col gap-2 rounded-md bg-sunken p-3">
      <div className="flex items-center gap-2">
        <label htmlFor={id} className="flex-1 font-medium">
          {p.label}
        </label>
        <button type="button" className="text-ink-2 hover:underline touch:h-11 touch:px-2" onClick={clear}>
          {t.common.close}
        </button>
      </div>
      <textarea
        id={id}
        autoFocus
        rows={4}
        maxLength={20_000}
        value={text}
        placeholder={p.placeholder}
        aria-describedby={`${id}-hint`}
        onChange={(event) => setText(event.target.value)}
        className="control control-area min-h-24 max-h-[40vh]"
      />
      <p id={`${id}-hint`} className="text-xs text-ink-2">
        {p.hint}
      </p>
      {read.error && (
        <p role="alert" className="text-danger">
          {read.error instanceof Fault
            ? (read.error.fields[0]?.message ?? faultText(read.error, t))
            : faultText(read.error, t)}
        </p>
      )}
      {answer && text.trim() !== '' && (
        <div aria-live="polite" className="flex flex-col gap-2">
          {marks.length === 0 ? (
            <p className="text-ink-2">{p.none}</p>
          ) : (
            <>
              <p className="text-xs text-ink-2">{p.marked}</p>
              <Marked text={text} pieces={marks} chosen={chosen} />
              <ul className="flex flex-col rounded-md bg-surface divide-y divide-line">
                {own.map(({ proposal, field }) => (
                  <Row
                    key={field.name}
                    field={field}
                    proposal={proposal}
                    onChoose={setChosen}
                    action={
                      same(field, proposal.value) ? (
                        <span className="inline-flex items-center gap-1 text-ok text-xs px-2">
                          <Check size={14} aria-hidden />
                          {p.filled}
                        </span>
                      ) : (
                        <Button
                          size="sm"
                          aria-label={p.fillOne(label(field.label))}
                          onClick={() => onFill({ [field.name]: proposal.value })}
                        >
                          {p.fill}
                        </Button>
                      )
                    }
                  />
                ))}
              </ul>
              {related && theirs.length > 0 && (
                <div className="rounded-md bg-surface">
                  <label className="flex items-center gap-2 px-3 min-h-9 touch:min-h-11 border-b border-line">
                    <input type="checkbox" checked={beside} onChange={(event) => setBeside(event.target.checked)} />
                    {p.beside(label(related.label))}
                  </label>
                  <ul className={cx('flex flex-col divide-y divide-line', !beside && 'opacity-60')}>
                    {theirs.map(({ proposal, field }) => (
                      <Row key={field.name} field={field} proposal={proposal} onChoose={setChosen} />
                    ))}
                  </ul>
                </div>
              )}
              {answer.others.length > 0 && (
                <p className="text-xs text-ink-2">
                  {p.left}: {answer.others.map((piece) => piece.text).join(' · ')}
                </p>
              )}
              {waiting.length > 0 && (
                <Button
                  className="self-start"
                  onClick={() =>
                    onFill(Object.fromEntries(waiting.map(({ field, proposal }) => [field.name, proposal.value])))
                  }
                >
                  {p.fillAll}
                </Button>
              )}
            </>
          )}
        </div>
      )}
    </section>
  );
}

function Row({
  field,
  proposal,
  action,
  onChoose,
}: {
  field: Field;
  proposal: Proposal;
  action?: ReactNode;
  onChoose: (piece: string | null) => void;
}) {
  const p = usePasteText();
  const label = useLabel();
  if (isEmpty(proposal.value)) return null;
  const key = `${proposal.start}-${proposal.end}`;
  return (
    <li
      className="flex items-center gap-2 pl-3 pr-1.5 min-h-10 touch:min-h-12"
      onMouseEnter={() => onChoose(key)}
      onMouseLeave={() => onChoose(null)}
      onFocus={() => onChoose(key)}
      onBlur={() => onChoose(null)}
    >
      <span className="w-24 shrink-0 text-ink-2 truncate">{label(field.label)}</span>
      <span className="min-w-0 flex-1 truncate">
        <FieldView field={field} value={proposal.value} compact />
      </span>
      {proposal.confidence < SURE && <Chip color="amber">{p.unsure}</Chip>}
      {action}
    </li>
  );
}

/** The text as it was pasted, with what was taken from it marked. */
function Marked({ text, pieces, chosen }: { text: string; pieces: Piece[]; chosen: string | null }) {
  const parts: ReactNode[] = [];
  let at = 0;
  for (const piece of [...pieces].sort((a, b) => a.start - b.start || b.end - a.end)) {
    if (piece.start < at || piece.end > text.length) continue;
    const key = `${piece.start}-${piece.end}`;
    parts.push(text.slice(at, piece.start));
    parts.push(
      <mark
        key={key}
        className={cx('rounded-sm px-0.5', chosen === key ? 'bg-brand text-white' : 'bg-brand-soft text-brand-ink')}
      >
        {text.slice(piece.start, piece.end)}
      </mark>,
    );
    at = piece.end;
  }
  parts.push(text.slice(at));
  return (
    <p className="whitespace-pre-wrap break-words rounded-md bg-surface px-3 py-2 max-h-40 overflow-auto thin-bar">
      {parts}
    </p>
  );
}
