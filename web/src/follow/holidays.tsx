// Holidays and make-up days, year by year: looked at, added, taken back, pasted.
import { queryOptions, useQuery, useQueryClient } from '@tanstack/react-query';
import { CalendarOff, ChevronLeft, ChevronRight, ClipboardPaste, FileUp, Plus, Trash2 } from 'lucide-react';
import { useId, useRef, useState } from 'react';
import { api, query } from '../api/client';
import { addDays, dayParts, daysBetween, weekdayName } from '../format/time';
import type { Typed } from '../format/typed-date';
import { useFormat } from '../format/use-format';
import { useI18n, useT } from '../i18n';
import { faultText } from '../session/fault-text';
import { Chip, Empty, FieldFrame, SkeletonRows } from '../ui/bits';
import { Button, IconButton } from '../ui/button';
import { Dialog } from '../ui/dialog';
import { FileInput } from '../ui/file-input';
import { DateField } from '../ui/lazy-date-field';
import { Select } from '../ui/select';
import { toast } from '../ui/toast';
import { useCalendarText } from './calendar-text';
import { readDays, type SpecialDay, spansOf } from './days';

type Known = Omit<SpecialDay, 'kind'> & { kind: 'off' | 'work' | 'usual'; shipped: boolean };

const daysQuery = (year: number) =>
  queryOptions({
    queryKey: ['calendar', 'days', year],
    queryFn: ({ signal }) => api.get<{ items: Known[] }>(`/calendar/days${query({ year })}`, signal),
  });

function usePutDays() {
  const t = useT();
  const client = useQueryClient();
  return async (items: { day: string; kind: Known['kind']; name: string }[], text: string): Promise<boolean> => {
    try {
      await api.put('/calendar/days', { items });
      await client.invalidateQueries({ queryKey: ['calendar', 'days'] });
      toast(text);
      return true;
    } catch (cause) {
      toast(faultText(cause, t), { tone: 'danger' });
      return false;
    }
  };
}

export function HolidaySection() {
  const c = useCalendarText();
  const { language } = useI18n();
  const format = useFormat();
  const put = usePutDays();
  const [year, setYear] = useState(() => dayParts(format.today()).year);
  const [open, setOpen] = useState<'add' | 'paste' | null>(null);
  const { data } = useQuery(daysQuery(year));
  const days = (data?.items ?? []).filter((one): one is Known & SpecialDay => one.kind !== 'usual');
  const of = (kind: 'off' | 'work') => days.filter((day) => day.kind === kind).length;
  const dayText = (day: string) => {
    const { month, date, weekday } = dayParts(day);
    return `${String(month).padStart(2, '0')}-${String(date).padStart(2, '0')} ${weekdayName(weekday, language)}`;
  };
  return (
    <div className="flex flex-col gap-3 max-w-2xl">
      <div className="flex flex-wrap items-center gap-2">
        <IconButton icon={ChevronLeft} label={c.previousYear} onClick={() => setYear(year - 1)} />
        <h2 className="text-base font-semibold tabular-nums" aria-live="polite">
          {year}
        </h2>
        <IconButton icon={ChevronRight} label={c.nextYear} onClick={() => setYear(year + 1)} />
        {days.length > 0 && <span className="text-ink-2">{c.count(of('off'), of('work'))}</span>}
        <span className="flex-1" />
        <Button icon={Plus} onClick={() => setOpen('add')}>
          {c.addDay}
        </Button>
        <Button icon={ClipboardPaste} onClick={() => setOpen('paste')}>
          {c.paste}
        </Button>
      </div>
      {!data ? (
        <SkeletonRows rows={6} />
      ) : days.length === 0 ? (
        <Empty icon={CalendarOff} title={c.yearEmpty(year)} text={c.yearEmptyText} />
      ) : (
        <ul className="border-t border-line">
          {spansOf(days).map((span) => {
            const [first, last] = [span[0], span.at(-1)];
            if (!first || !last) return null;
            const name = `${first.name || c.kinds[first.kind]} ${dayText(first.day)}`;
            return (
              <li key={first.day} className="flex items-center gap-3 min-h-10 touch:min-h-12 border-b border-line">
                <span className="w-24 max-md:w-16 shrink-0">
                  <Chip color={first.kind === 'off' ? 'green' : 'amber'}>{c.kinds[first.kind]}</Chip>
                </span>
                <span className="w-24 max-md:w-16 shrink-0 font-medium truncate">{first.name}</span>
                <span className="flex-1 min-w-0 text-ink-2">
                  {dayText(first.day)}
                  {first !== last && ` – ${dayText(last.day)}`}
                </span>
                <span className="text-xs text-ink-3 max-md:hidden">{first.shipped ? c.shipped : c.changed}</span>
                <IconButton
                  icon={Trash2}
                  label={c.removeDay(name)}
                  onClick={() =>
                    void put(
                      span.map(({ day }) => ({ day, kind: 'usual', name: '' })),
                      c.removed(name),
                    )
                  }
                />
              </li>
            );
          })}
        </ul>
      )}
      {open === 'add' && <AddDays onClose={() => setOpen(null)} onAdd={put} />}
      {open === 'paste' && <PasteDays onClose={() => setOpen(null)} onAdd={put} />}
    </div>
  );
}

type Add = ReturnType<typeof usePutDays>;

function AddDays({ onClose, onAdd }: { onClose: () => void; onAdd: Add }) {
  const t = useT();
  const c = useCalendarText();
  const id = useId();
  const [from, setFrom] = useState<Typed | string | null>(null);
  const [to, setTo] = useState<Typed | string | null>(null);
  const [kind, setKind] = useState<'off' | 'work'>('off');
  const [name, setName] = useState('');
  const [fault, setFault] = useState<string | null>(null);
  const save = async () => {
    const first = from && typeof from === 'object' ? from.day : null;
    if (!first) return setFault(c.needFrom);
    const last = to && typeof to === 'object' ? to.day : first;
    const length = daysBetween(first, last);
    if (length < 0 || length > 31 || typeof to === 'string') return setFault(c.wrongSpan);
    const items = Array.from({ length: length + 1 }, (_, place) => ({
      day: addDays(first, place),
      kind,
      name: name.trim(),
    }));
    if (await onAdd(items, c.dayAdded(items.length))) onClose();
  };
  return (
    <Dialog
      open
      onClose={onClose}
      title={c.addDay}
      footer={
        <>
          <Button onClick={onClose}>{t.common.cancel}</Button>
          <Button variant="primary" onClick={() => void save()}>
            {t.common.add}
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-4">
        <div className="grid grid-cols-2 gap-3">
          <FieldFrame id={`${id}-from`} label={c.from} required fault={fault}>
            <DateField
              id={`${id}-from`}
              label={c.from}
              value={from}
              onChange={(next) => {
                setFrom(next);
                setFault(null);
              }}
            />
          </FieldFrame>
          <FieldFrame id={`${id}-to`} label={c.to} help={c.toHint}>
            <DateField
              id={`${id}-to`}
              label={c.to}
              value={to}
              onChange={(next) => {
                setTo(next);
                setFault(null);
              }}
            />
          </FieldFrame>
        </div>
        <FieldFrame id={`${id}-kind`} label={c.kind}>
          <Select
            id={`${id}-kind`}
            value={kind}
            onChange={setKind}
            options={(['off', 'work'] as const).map((value) => ({ value, label: c.kinds[value] }))}
          />
        </FieldFrame>
        <FieldFrame id={`${id}-name`} label={c.dayName}>
          <input
            id={`${id}-name`}
            className="control"
            maxLength={40}
            value={name}
            onChange={(event) => setName(event.target.value)}
          />
        </FieldFrame>
      </div>
    </Dialog>
  );
}

function PasteDays({ onClose, onAdd }: { onClose: () => void; onAdd: Add }) {
  const t = useT();
  const c = useCalendarText();
  const id = useId();
  const file = useRef<HTMLInputElement>(null);
  const [text, setText] = useState('');
  const { days, faults } = readDays(text);
  const save = async () => {
    if (await onAdd(days, c.dayAdded(days.length))) onClose();
  };
  return (
    <Dialog
      open
      onClose={onClose}
      title={c.pasteTitle}
      footer={
        <>
          <Button onClick={onClose}>{t.common.cancel}</Button>
          <Button variant="primary" disabled={days.length === 0} onClick={() => void save()}>
            {c.pasteDo(days.length)}
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-3">
        <FieldFrame id={id} label={c.pasteText} help={c.pasteHint}>
          <textarea
            id={id}
            rows={8}
            className="control control-area"
            value={text}
            aria-describedby={`${id}-help`}
            onChange={(event) => setText(event.target.value)}
          />
        </FieldFrame>
        <FileInput
          ref={file}
          label={c.chooseFile}
          accept=".csv,.txt,text/csv,text/plain"
          onFiles={([chosen]) => void chosen?.text().then(setText)}
        />
        <Button icon={FileUp} className="self-start" onClick={() => file.current?.click()}>
          {c.chooseFile}
        </Button>
        {text.trim() !== '' && (
          <div role="status" className="flex flex-col gap-1">
            <p>{c.pasteRead(days.length)}</p>
            {faults.slice(0, 5).map((fault) => (
              <p key={fault.line} className="text-danger text-xs">
                {c.pasteFault(fault.line, fault.text)}
              </p>
            ))}
          </div>
        )}
      </div>
    </Dialog>
  );
}
