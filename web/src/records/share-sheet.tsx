// With whom a record is shared, and sharing it: with a person or a department, to read or to change, perhaps for a time.
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Building2, X } from 'lucide-react';
import { useState } from 'react';
import { Fault } from '../api/client';
import {
  endShare,
  type GranteeKind,
  insightKeys,
  listShares,
  type Share,
  type ShareLevel,
  shareRecord,
} from '../api/insight';
import type { ObjectType, Rec, Ref } from '../api/types';
import { LookupPicker } from '../fields/lookup';
import { addDays } from '../format/time';
import type { Typed } from '../format/typed-date';
import { useFormat } from '../format/use-format';
import { useT } from '../i18n';
import { faultText } from '../session/fault-text';
import { Avatar, FieldFrame, Segments, SkeletonRows } from '../ui/bits';
import { Button, IconButton } from '../ui/button';
import { DateField } from '../ui/date-field';
import { Sheet } from '../ui/dialog';
import { toast } from '../ui/toast';
import { useRecordText } from './record-text';

type End = 'none' | 'week' | 'month' | 'own';

export default function ShareSheet({
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
  const r = useRecordText();
  const client = useQueryClient();
  const key = insightKeys.shares(object.name, record.id);
  const { data, error, isPending } = useQuery({
    queryKey: key,
    queryFn: ({ signal }) => listShares(object.name, record.id, signal),
  });
  const shares = data?.items ?? [];
  const refresh = () => client.invalidateQueries({ queryKey: key });
  return (
    <Sheet open onClose={onClose} title={r.share.of(name)}>
      <div className="p-4 flex flex-col gap-6">
        <ShareForm
          known={shares}
          onShare={async (share) => {
            const made = await shareRecord(object.name, record.id, share);
            await refresh();
            const again = shares.some((one) => one.id === made.id);
            toast((again ? r.share.changed : r.share.added)(made.grantee.name ?? ''));
          }}
        />
        <section aria-labelledby="shares-now" className="flex flex-col gap-1">
          <h3 id="shares-now" className="text-ink-2">
            {r.share.current}
          </h3>
          {isPending ? (
            <SkeletonRows rows={2} />
          ) : error ? (
            <p role="alert" className="text-danger py-2">
              {faultText(error, t)}
            </p>
          ) : shares.length === 0 ? (
            <div className="rounded-lg bg-sunken px-3 py-3">
              <p className="font-medium">{r.share.none}</p>
              <p className="text-ink-2">{r.share.noneHint}</p>
            </div>
          ) : (
            <ul className="flex flex-col divide-y divide-line rounded-lg border border-line">
              {shares.map((share) => (
                <ShareRow
                  key={share.id}
                  share={share}
                  onEnd={async () => {
                    try {
                      await endShare(object.name, record.id, share.id);
                      toast(r.share.ended(share.grantee.name ?? ''), {
                        action: {
                          label: t.common.undo,
                          run: () => {
                            const { grantee, level, expires_at } = share;
                            const again = { grantee: { kind: grantee.kind, id: grantee.id }, level, expires_at };
                            void shareRecord(object.name, record.id, again).then(refresh);
                          },
                        },
                      });
                    } catch (cause) {
                      toast(faultText(cause, t), { tone: 'danger' });
                    }
                    await refresh();
                  }}
                />
              ))}
            </ul>
          )}
        </section>
      </div>
    </Sheet>
  );
}

function ShareRow({ share, onEnd }: { share: Share; onEnd: () => Promise<void> }) {
  const t = useT();
  const r = useRecordText();
  const format = useFormat();
  const [busy, setBusy] = useState(false);
  const name = share.grantee.name ?? t.common.hidden;
  return (
    <li className="flex items-center gap-3 pl-3 pr-1 py-2">
      {share.grantee.kind === 'user' ? (
        <Avatar name={name} size="md" />
      ) : (
        <span aria-hidden className="size-7 shrink-0 grid place-items-center rounded-full bg-sunken text-ink-2">
          <Building2 size={14} />
        </span>
      )}
      <span className="flex-1 min-w-0">
        <span className="flex flex-wrap gap-x-2">
          <span className="font-medium">{name}</span>
          <span className="text-ink-2">{r.share.levels[share.level]}</span>
          <span className="text-ink-2">
            {share.expires_at ? r.share.endsOn(format.moment(share.expires_at)) : r.share.forever}
          </span>
        </span>
        <span className="block text-xs text-ink-3">
          {r.share.by(share.created_by.name ?? '', format.moment(share.created_at))}
        </span>
      </span>
      <IconButton
        icon={X}
        label={r.share.end(name)}
        disabled={busy}
        onClick={() => {
          setBusy(true);
          void onEnd().finally(() => setBusy(false));
        }}
      />
    </li>
  );
}

type Draft = { kind: GranteeKind; grantee: Ref | null; level: ShareLevel; end: End; day: Typed | string | null };

const EMPTY: Draft = { kind: 'user', grantee: null, level: 'read', end: 'month', day: null };

function ShareForm({
  known,
  onShare,
}: {
  known: Share[];
  onShare: (share: {
    grantee: { kind: GranteeKind; id: string };
    level: ShareLevel;
    expires_at: string | null;
  }) => Promise<void>;
}) {
  const t = useT();
  const r = useRecordText();
  const format = useFormat();
  const [draft, setDraft] = useState<Draft>(EMPTY);
  const [faults, setFaults] = useState<Record<string, string>>({});
  const [busy, setBusy] = useState(false);
  const change = (part: Partial<Draft>) => {
    setDraft((before) => ({ ...before, ...part }));
    setFaults({});
  };
  /** The whole of the last day belongs to the share. */
  const end = (): string | null | undefined => {
    const today = format.today();
    if (draft.end === 'none') return null;
    if (draft.end === 'week') return format.dayStart(addDays(today, 8));
    if (draft.end === 'month') return format.dayStart(addDays(today, 31));
    return draft.day && typeof draft.day === 'object' ? format.dayStart(addDays(draft.day.day, 1)) : undefined;
  };
  const submit = async () => {
    const expires_at = end();
    const found: Record<string, string> = {};
    if (!draft.grantee) found.grantee = r.share.needGrantee;
    if (expires_at === undefined) found.expires_at = r.share.needDate;
    setFaults(found);
    if (!draft.grantee || expires_at === undefined) return;
    setBusy(true);
    try {
      await onShare({ grantee: { kind: draft.kind, id: draft.grantee.id }, level: draft.level, expires_at });
      setDraft(EMPTY);
    } catch (cause) {
      const placed: Record<string, string> = {};
      if (cause instanceof Fault) for (const fault of cause.fields) placed[fault.field] = fault.message;
      setFaults(Object.keys(placed).length > 0 ? placed : { '': faultText(cause, t) });
    } finally {
      setBusy(false);
    }
  };
  const given = known.find((share) => share.grantee.id === draft.grantee?.id);
  return (
    <form
      noValidate
      className="flex flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
    >
      {faults[''] && (
        <p role="alert" className="rounded-md bg-danger-soft text-danger px-3 py-2">
          {faults['']}
        </p>
      )}
      <div className="flex flex-col gap-2">
        <Segments
          label={r.share.with}
          value={draft.kind}
          onChange={(kind) => change({ kind, grantee: null })}
          options={[
            { value: 'user', label: r.share.kinds.user },
            { value: 'department', label: r.share.kinds.department },
          ]}
        />
        <FieldFrame id="share-grantee" label={r.share.with} required fault={faults.grantee}>
          <LookupPicker
            key={draft.kind}
            object={draft.kind}
            id="share-grantee"
            label={r.share.with}
            placeholder={draft.kind === 'user' ? r.share.chooseUser : r.share.chooseDepartment}
            value={draft.grantee}
            onChange={(grantee) => change({ grantee })}
            invalid={faults.grantee !== undefined}
            describedBy={faults.grantee ? 'share-grantee-fault' : undefined}
          />
        </FieldFrame>
      </div>
      <div className="flex flex-col gap-1">
        <span className="text-ink-2" aria-hidden>
          {r.share.level}
        </span>
        <Segments
          label={r.share.level}
          value={draft.level}
          onChange={(level) => change({ level })}
          options={[
            { value: 'read', label: r.share.levels.read },
            { value: 'write', label: r.share.levels.write },
          ]}
        />
        {draft.level === 'write' && draft.kind === 'user' && <p className="text-xs text-ink-3">{r.share.partner}</p>}
      </div>
      <div className="flex flex-col gap-1">
        <span className="text-ink-2" aria-hidden>
          {r.share.until}
        </span>
        <Segments
          label={r.share.until}
          value={draft.end}
          onChange={(next) => change({ end: next })}
          options={(['week', 'month', 'none', 'own'] as const).map((value) => ({ value, label: r.share.ends[value] }))}
        />
        {draft.end === 'own' && (
          <FieldFrame id="share-until" label={r.share.until} fault={faults.expires_at} className="pt-2">
            <DateField
              id="share-until"
              label={r.share.until}
              value={draft.day}
              onChange={(day) => change({ day })}
              invalid={faults.expires_at !== undefined}
              describedBy={faults.expires_at ? 'share-until-fault' : undefined}
            />
          </FieldFrame>
        )}
        {draft.end !== 'own' && faults.expires_at && (
          <p role="alert" className="text-xs text-danger">
            {faults.expires_at}
          </p>
        )}
      </div>
      <Button type="submit" variant="primary" disabled={busy} className="max-md:w-full md:self-start">
        {given ? t.common.save : r.share.add}
      </Button>
    </form>
  );
}
