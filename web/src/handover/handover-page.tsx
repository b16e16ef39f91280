// Handing over somebody's work: who, to whom, what, and the report of what was done.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { ArrowRightLeft, ChevronRight, Plus, Trash2 } from 'lucide-react';
import { useDeferredValue, useId, useState } from 'react';
import { useObject } from '../api/dictionary';
import type { Filter, Ref } from '../api/types';
import { LookupPicker } from '../fields/lookup';
import { useFormat } from '../format/use-format';
import { useLabel, useT } from '../i18n';
import FilterBar from '../records/filter-bar';
import { FaultBox } from '../session/fault-box';
import { faultText } from '../session/fault-text';
import { CUSTOMER_OBJECT } from '../shell/nav';
import { Chip, Empty, FieldFrame, PageRegion, PageTitle, SkeletonRows, useTitle } from '../ui/bits';
import { Button, IconButton } from '../ui/button';
import { Confirm, Sheet } from '../ui/dialog';
import { Tick } from '../ui/inputs';
import { toast } from '../ui/toast';
import {
  type ChecklistItem,
  HANDOVERS,
  type Handover,
  type HandoverRequest,
  handoverPreviewQuery,
  handoverQuery,
  handoversQuery,
  isAtWork,
  type State,
  startHandover,
  undoHandover,
} from './queries';
import { useHandoverText } from './text';

const TONE: Record<Handover['state'], string> = { running: 'blue', done: 'green', undoing: 'blue', undone: 'gray' };

export default function HandoverPage() {
  const t = useT();
  const h = useHandoverText();
  const { data, error, isPending } = useQuery(handoversQuery);
  const [open, setOpen] = useState<{ id: string } | 'new' | null>(null);
  useTitle(h.title);
  return (
    <PageRegion label={h.title}>
      <PageTitle title={h.title}>
        <Button variant="primary" icon={Plus} onClick={() => setOpen('new')}>
          {h.begin}
        </Button>
      </PageTitle>
      <div className="px-4 pb-10 flex flex-col gap-3 md:max-w-4xl">
        <p className="text-ink-2">{h.hint}</p>
        {isPending && <SkeletonRows rows={3} />}
        {error && (
          <p role="alert" className="text-danger">
            {faultText(error, t)}
          </p>
        )}
        {data?.length === 0 && <Empty icon={ArrowRightLeft} title={h.none} text={h.noneHint} />}
        {data && data.length > 0 && (
          <ul className="flex flex-col rounded-lg border border-line bg-surface divide-y divide-line overflow-hidden">
            {data.map((one) => (
              <Row key={one.id} one={one} onOpen={() => setOpen({ id: one.id })} />
            ))}
          </ul>
        )}
      </div>
      {open === 'new' && <Wizard onClose={() => setOpen(null)} onStarted={(id) => setOpen({ id })} />}
      {open && open !== 'new' && <Report id={open.id} onClose={() => setOpen(null)} />}
    </PageRegion>
  );
}

function Row({ one, onOpen }: { one: Handover; onOpen: () => void }) {
  const t = useT();
  const h = useHandoverText();
  const format = useFormat();
  const to = one.receivers.map((receiver) => receiver.name ?? t.common.hidden).join(h.comma);
  return (
    <li>
      <button
        type="button"
        className="w-full flex items-center gap-3 px-4 py-3 text-left hover:bg-sunken touch:min-h-14"
        onClick={onOpen}
      >
        <span className="flex-1 min-w-0 flex flex-wrap items-center gap-x-3 gap-y-1">
          <span className="font-medium">{h.of(one.from.name ?? t.common.hidden)}</span>
          <span>{h.to(to)}</span>
          <Chip color={TONE[one.state]}>{h.states[one.state]}</Chip>
          <span className="text-ink-3">{h.progress(format.fullNumber(one.done), format.fullNumber(one.total))}</span>
          <span className="text-ink-3">{format.moment(one.at)}</span>
        </span>
        <ChevronRight size={15} aria-hidden className="text-ink-3" />
      </button>
    </li>
  );
}

type Draft = { to: Ref | null; filter: Filter | null };

function Wizard({ onClose, onStarted }: { onClose: () => void; onStarted: (id: string) => void }) {
  const h = useHandoverText();
  const label = useLabel();
  const format = useFormat();
  const id = useId();
  const client = useQueryClient();
  const object = useObject(CUSTOMER_OBJECT);
  const [from, setFrom] = useState<Ref | null>(null);
  const [receivers, setReceivers] = useState<Draft[]>([{ to: null, filter: null }]);
  const [leave, setLeave] = useState<string[]>([]);
  const [note, setNote] = useState('');
  const [deactivate, setDeactivate] = useState(false);
  const [asking, setAsking] = useState(false);
  const chosen = receivers.filter((one) => one.to !== null);
  const request: HandoverRequest | null = from && {
    from: from.id,
    receivers: chosen.map((one, index) => ({
      to: one.to?.id ?? '',
      filter: index < chosen.length - 1 ? one.filter : null,
    })),
    note: note.trim(),
    leave,
    shares: true,
    deactivate,
  };
  const preview = useQuery(handoverPreviewQuery(useDeferredValue(request)));
  const found = preview.data;
  const total = (found?.receivers ?? []).reduce((sum, count) => sum + count, 0) + (found?.shares ?? 0);
  const start = useMutation({
    mutationFn: () => (request ? startHandover(request) : Promise.reject(new Error())),
    onSuccess: async ({ id: made }) => {
      await client.invalidateQueries({ queryKey: [HANDOVERS] });
      toast(h.started);
      onStarted(made);
    },
  });
  const put = (index: number, part: Partial<Draft>) =>
    setReceivers(receivers.map((one, place) => (place === index ? { ...one, ...part } : one)));
  const names = chosen.map((one) => one.to?.name ?? '').join(h.comma);
  return (
    <Sheet
      open
      onClose={onClose}
      title={h.begin}
      footer={
        <Button
          variant="primary"
          className="max-md:flex-1"
          disabled={!request || chosen.length === 0 || !found || total === 0 || start.isPending}
          onClick={() => setAsking(true)}
        >
          {h.start}
        </Button>
      }
    >
      <div className="p-4 flex flex-col gap-5">
        <FaultBox
          cause={start.error ?? preview.error}
          places={{
            receivers: h.receivers,
            ...Object.fromEntries(chosen.map((one, index) => [`receivers.${index}`, one.to?.name ?? h.receiver])),
            note: h.note,
            deactivate: h.deactivate,
          }}
        />
        <section className="flex flex-col gap-1">
          <h2 className="font-semibold">{h.who}</h2>
          <LookupPicker object="user" label={h.person} value={from} onChange={setFrom} />
        </section>
        <section className="flex flex-col gap-2">
          <h2 className="font-semibold">{h.receivers}</h2>
          <p className="text-xs text-ink-3">{h.receiversHint}</p>
          {receivers.map((one, index) => (
            <div key={index} className="rounded-md bg-sunken p-2 flex flex-col gap-2">
              <div className="flex items-center gap-2">
                <div className="flex-1 min-w-0">
                  <LookupPicker object="user" label={h.receiver} value={one.to} onChange={(to) => put(index, { to })} />
                </div>
                {receivers.length > 1 && (
                  <IconButton
                    icon={Trash2}
                    label={h.removeReceiver}
                    onClick={() => setReceivers(receivers.filter((_, place) => place !== index))}
                  />
                )}
              </div>
              {index < receivers.length - 1 && object ? (
                <div className="flex flex-wrap items-center gap-2">
                  <span className="text-xs text-ink-2">{h.only}</span>
                  <FilterBar
                    object={object}
                    label={`${h.only} ${index + 1}`}
                    filter={one.filter}
                    onChange={(filter: Filter | null) => put(index, { filter })}
                  />
                </div>
              ) : (
                receivers.length > 1 && <span className="text-xs text-ink-2">{h.rest}</span>
              )}
            </div>
          ))}
          <Button
            icon={Plus}
            className="self-start"
            onClick={() => setReceivers([{ to: null, filter: null }, ...receivers])}
          >
            {h.addReceiver}
          </Button>
        </section>
        {found && (
          <section className="flex flex-col gap-2">
            <h2 className="font-semibold">{h.what}</h2>
            {found.objects.length === 0 && found.shares === 0 ? (
              <p className="text-ink-2">{h.nothing}</p>
            ) : (
              <>
                <p role="status" className="text-ink-2 flex flex-wrap gap-x-3">
                  <span>{h.all(format.fullNumber(total))}</span>
                  {chosen.map((one, index) => (
                    <span key={one.to?.id}>
                      {h.each(one.to?.name ?? '', format.fullNumber(found.receivers[index] ?? 0))}
                    </span>
                  ))}
                </p>
                <ul className="grid grid-cols-1 md:grid-cols-2 gap-x-4">
                  {found.objects.map((one) => (
                    <li key={one.object} className="flex items-center gap-2">
                      <Tick
                        caption={label(one.label)}
                        checked={!leave.includes(one.object)}
                        onChange={(moves) =>
                          setLeave(moves ? leave.filter((name) => name !== one.object) : [...leave, one.object])
                        }
                      />
                      <span className="text-ink-3 ml-auto">{format.fullNumber(one.count)}</span>
                    </li>
                  ))}
                </ul>
                {found.shares > 0 && <p className="text-ink-2">{h.shares(format.fullNumber(found.shares))}</p>}
              </>
            )}
            <Checklist items={found.checklist} />
          </section>
        )}
        <FieldFrame id={`${id}-note`} label={h.note} help={h.noteHint}>
          <textarea
            id={`${id}-note`}
            rows={4}
            maxLength={4000}
            className="control control-area"
            aria-describedby={`${id}-note-help`}
            value={note}
            onChange={(event) => setNote(event.target.value)}
          />
        </FieldFrame>
        <Tick caption={h.deactivate} checked={deactivate} onChange={setDeactivate} />
      </div>
      <Confirm
        open={asking}
        onClose={() => setAsking(false)}
        title={h.sure(format.fullNumber(total), names)}
        text={h.sureText}
        action={h.start}
        onConfirm={() => start.mutate()}
      />
    </Sheet>
  );
}

function Checklist({ items }: { items: ChecklistItem[] }) {
  const h = useHandoverText();
  const { fullNumber } = useFormat();
  if (items.length === 0) return null;
  return (
    <div className="rounded-md bg-sunken px-3 py-2">
      <h3 className="font-medium mb-1">{h.checklist}</h3>
      <ul className="flex flex-col gap-0.5 text-ink-2">
        {items.map((item) => (
          <li key={`${item.kind}${item.label?.object}${item.label?.field}`}>
            {item.kind === 'named'
              ? h.check.named(fullNumber(item.count), item.label?.object ?? '', item.label?.field ?? '')
              : h.check[item.kind](fullNumber(item.count))}
          </li>
        ))}
      </ul>
    </div>
  );
}

function Report({ id, onClose }: { id: string; onClose: () => void }) {
  const t = useT();
  const h = useHandoverText();
  const label = useLabel();
  const format = useFormat();
  const client = useQueryClient();
  const { data } = useQuery(handoverQuery(id));
  const [asking, setAsking] = useState(false);
  const undo = async () => {
    try {
      await undoHandover(id);
      await client.invalidateQueries({ queryKey: [HANDOVERS] });
    } catch (cause) {
      toast(faultText(cause, t), { tone: 'danger' });
    }
  };
  return (
    <Sheet
      open
      onClose={onClose}
      title={data ? h.of(data.from.name ?? t.common.hidden) : h.report}
      footer={
        data?.can_undo ? (
          <Button className="max-md:flex-1" onClick={() => setAsking(true)}>
            {h.undo}
          </Button>
        ) : undefined
      }
    >
      {data ? (
        <div className="p-4 flex flex-col gap-4">
          <p className="flex flex-wrap items-center gap-2">
            <Chip color={TONE[data.state]}>{h.states[data.state]}</Chip>
            <span>{h.progress(format.fullNumber(data.done), format.fullNumber(data.total))}</span>
            <span className="text-ink-3">{h.byAt(data.by.name ?? t.common.hidden, format.fullMoment(data.at))}</span>
          </p>
          {isAtWork(data) && (
            <progress
              className="w-full h-1.5"
              aria-label={h.states[data.state]}
              max={Math.max(1, data.total)}
              value={data.done}
            />
          )}
          {data.note && <p className="whitespace-pre-wrap break-words">{data.note}</p>}
          <ul className="flex flex-col divide-y divide-line">
            {data.moved.map((group) => (
              <li
                key={`${group.kind}${group.object}${group.to.id}`}
                className="flex flex-wrap items-center gap-x-3 gap-y-1 py-2"
              >
                <span className="font-medium">
                  {group.label ? label(group.label) : group.object}
                  {group.kind === 'share' && ` · ${h.share}`}
                </span>
                <span>→ {group.to.name ?? t.common.hidden}</span>
                <span className="ml-auto flex flex-wrap gap-1">
                  {(Object.entries(group.states) as [State, number][]).map(([state, count]) => (
                    <Chip key={state} color={state === 'failed' ? 'red' : state === 'done' ? 'green' : 'gray'}>
                      {h.moved[state]} {format.fullNumber(count)}
                    </Chip>
                  ))}
                </span>
              </li>
            ))}
          </ul>
          <Checklist items={data.checklist} />
        </div>
      ) : (
        <SkeletonRows rows={4} />
      )}
      <Confirm
        open={asking}
        onClose={() => setAsking(false)}
        title={h.undoAsk}
        text={h.undoText}
        action={h.undo}
        danger
        onConfirm={() => void undo()}
      />
    </Sheet>
  );
}
