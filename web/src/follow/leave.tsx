// Who is away and who stands in. Anybody may write down their own; managers and administrators also that of others.
import { queryOptions, useQuery, useQueryClient } from '@tanstack/react-query';
import { Palmtree, Plus, Trash2 } from 'lucide-react';
import { useId, useState } from 'react';
import { api, Fault } from '../api/client';
import type { Ref } from '../api/types';
import { LookupPicker } from '../fields/lookup';
import { addDays } from '../format/time';
import type { Typed } from '../format/typed-date';
import { useFormat } from '../format/use-format';
import { useT } from '../i18n';
import { faultText } from '../session/fault-text';
import { Panel } from '../session/panel';
import { useSession } from '../session/session';
import { Avatar, Empty, FieldFrame, SkeletonRows } from '../ui/bits';
import { Button, IconButton } from '../ui/button';
import { Dialog } from '../ui/dialog';
import { DateField } from '../ui/lazy-date-field';
import { toast } from '../ui/toast';
import { useCalendarText } from './calendar-text';

type Absence = { id: string; user: Ref; from: string; to: string; stand_in: Ref | null };

const absencesQuery = queryOptions({
  queryKey: ['absences'],
  queryFn: ({ signal }) => api.get<{ items: Absence[] }>('/absences', signal),
});

/** On one's own page of the account. */
export function LeavePanel() {
  const c = useCalendarText();
  return (
    <Panel title={c.sections.leave}>
      <LeaveSection />
    </Panel>
  );
}

export function LeaveSection() {
  const t = useT();
  const c = useCalendarText();
  const format = useFormat();
  const client = useQueryClient();
  const { data } = useQuery(absencesQuery);
  const [adding, setAdding] = useState(false);
  const renew = () => void client.invalidateQueries({ queryKey: absencesQuery.queryKey });
  const remove = (absence: Absence) =>
    api.delete(`/absences/${absence.id}`).then(
      () => {
        renew();
        toast(c.leaveRemoved);
      },
      (cause: unknown) => toast(faultText(cause, t), { tone: 'danger' }),
    );
  // A leave ends where the day after it begins.
  const lastDay = (to: string) => {
    const { day, time } = format.wallClock(to);
    return time === '00:00' ? addDays(day, -1) : day;
  };
  return (
    <div className="flex flex-col gap-3 max-w-2xl">
      <div className="flex flex-wrap items-center gap-2">
        <p className="flex-1 min-w-44 text-ink-2">{c.leaveText}</p>
        <Button icon={Plus} onClick={() => setAdding(true)}>
          {c.addLeave}
        </Button>
      </div>
      {!data ? (
        <SkeletonRows rows={3} />
      ) : data.items.length === 0 ? (
        <Empty icon={Palmtree} title={c.leaveNone} />
      ) : (
        <ul className="border-t border-line">
          {data.items.map((absence) => {
            const name = absence.user.name ?? t.common.hidden;
            return (
              <li key={absence.id} className="flex items-center gap-3 min-h-12 border-b border-line">
                <Avatar name={name} size="md" />
                <span className="flex-1 min-w-0">
                  <span className="block font-medium truncate">{name}</span>
                  <span className="block text-xs text-ink-3">
                    {absence.stand_in ? c.standInIs(absence.stand_in.name ?? t.common.hidden) : c.noStandIn}
                  </span>
                </span>
                <span className="text-ink-2 text-right">
                  {c.leaveSpan(format.dayOf(absence.from), lastDay(absence.to))}
                </span>
                <IconButton icon={Trash2} label={c.leaveRemove(name)} onClick={() => void remove(absence)} />
              </li>
            );
          })}
        </ul>
      )}
      {adding && (
        <AddLeave
          onClose={() => setAdding(false)}
          onAdded={() => {
            setAdding(false);
            renew();
          }}
        />
      )}
    </div>
  );
}

function AddLeave({ onClose, onAdded }: { onClose: () => void; onAdded: () => void }) {
  const t = useT();
  const c = useCalendarText();
  const format = useFormat();
  const { user: me, admin, leads } = useSession();
  const id = useId();
  const [user, setUser] = useState<Ref | null>({ id: me.id, name: me.name });
  const [standIn, setStandIn] = useState<Ref | null>(null);
  const [from, setFrom] = useState<Typed | string | null>({ day: format.today(), time: null });
  const [to, setTo] = useState<Typed | string | null>(null);
  const [faults, setFaults] = useState<Record<string, string>>({});
  const dayOf = (value: Typed | string | null) => (value && typeof value === 'object' ? value.day : null);
  const save = async () => {
    const [first, last] = [dayOf(from), dayOf(to)];
    if (!first) return setFaults({ from: c.needFrom });
    if (!last) return setFaults({ to: c.needUntil });
    try {
      await api.post('/absences', {
        user: user?.id,
        from: format.dayStart(first),
        to: format.dayStart(addDays(last, 1)),
        stand_in: standIn?.id,
      });
      toast(c.leaveSaved);
      onAdded();
    } catch (cause) {
      const placed =
        cause instanceof Fault ? Object.fromEntries(cause.fields.map((one) => [one.field, one.message])) : {};
      setFaults(placed);
      if (Object.keys(placed).length === 0) toast(faultText(cause, t), { tone: 'danger' });
    }
  };
  return (
    <Dialog
      open
      onClose={onClose}
      title={c.addLeave}
      footer={
        <>
          <Button onClick={onClose}>{t.common.cancel}</Button>
          <Button variant="primary" onClick={() => void save()}>
            {t.common.save}
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-4">
        {(admin.includes('users') || leads) && (
          <FieldFrame id={`${id}-who`} label={c.who} fault={faults.user}>
            <LookupPicker
              object="user"
              id={`${id}-who`}
              label={c.who}
              clearable={false}
              value={user}
              onChange={(next) => setUser(next)}
            />
          </FieldFrame>
        )}
        <div className="grid grid-cols-2 gap-3">
          <FieldFrame id={`${id}-from`} label={c.from} required fault={faults.from}>
            <DateField id={`${id}-from`} label={c.from} value={from} onChange={setFrom} />
          </FieldFrame>
          <FieldFrame id={`${id}-to`} label={c.to} required fault={faults.to}>
            <DateField id={`${id}-to`} label={c.to} value={to} onChange={setTo} />
          </FieldFrame>
        </div>
        <FieldFrame id={`${id}-stand`} label={c.standIn} fault={faults.stand_in} className="min-h-24">
          <LookupPicker
            object="user"
            id={`${id}-stand`}
            label={c.standIn}
            value={standIn}
            onChange={(next) => setStandIn(next)}
          />
        </FieldFrame>
      </div>
    </Dialog>
  );
}
