// Reminder rules for an administrator who is no programmer: what reminds whom, what is ignored, and how the scheduler stands.
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { AlarmClock, Pencil, Plus, Trash2 } from 'lucide-react';
import { lazy, Suspense, useState } from 'react';
import { api, Fault } from '../api/client';
import { useLexicon } from '../api/dictionary';
import { useLabel, useT } from '../i18n';
import { FilterSentence } from '../records/filter-bar';
import { faultText } from '../session/fault-text';
import { useSession } from '../session/session';
import { NotFound } from '../shell/not-found';
import { Chip, Empty, PageRegion, PageTitle, Segments, SkeletonRows, useTitle } from '../ui/bits';
import { Button, IconButton } from '../ui/button';
import { cx } from '../ui/cx';
import { Confirm } from '../ui/dialog';
import { toast } from '../ui/toast';
import { useFollowNames } from './names';
import { useRuleSentence } from './rule-sentence';
import { objectOf, type Rule, rulesQuery } from './rules';
import { useRulesText } from './rules-text';

const RuleEditor = lazy(() => import('./rule-editor'));
const IgnoredReport = lazy(() => import('./ignored-report'));
const SchedulerState = lazy(() => import('./scheduler-state'));

const TABS = ['rules', 'ignored', 'state'] as const;

export default function RulesPage() {
  const r = useRulesText();
  const names = useFollowNames();
  const { admin } = useSession();
  const [tab, setTab] = useState<(typeof TABS)[number]>('rules');
  const [editing, setEditing] = useState<Rule | 'new' | null>(null);
  useTitle(names.reminders);
  if (!admin.includes('settings')) return <NotFound />;
  return (
    <PageRegion label={names.reminders}>
      <PageTitle title={names.reminders}>
        {tab === 'rules' && (
          <Button variant="primary" icon={Plus} onClick={() => setEditing('new')}>
            {r.new}
          </Button>
        )}
      </PageTitle>
      <div className="px-4 pb-3">
        <Segments
          label={names.reminders}
          value={tab}
          onChange={setTab}
          options={TABS.map((value) => ({ value, label: r.tabs[value] }))}
        />
      </div>
      {tab === 'rules' && <Rules onEdit={setEditing} />}
      <Suspense fallback={<SkeletonRows rows={4} />}>
        {tab === 'ignored' && <IgnoredReport />}
        {tab === 'state' && <SchedulerState />}
      </Suspense>
      {editing && (
        <Suspense fallback={null}>
          <RuleEditor rule={editing === 'new' ? null : editing} onClose={() => setEditing(null)} />
        </Suspense>
      )}
    </PageRegion>
  );
}

function Rules({ onEdit }: { onEdit: (rule: Rule) => void }) {
  const t = useT();
  const r = useRulesText();
  const { data, error } = useQuery(rulesQuery);
  if (error)
    return (
      <p role="alert" className="px-4 text-danger">
        {faultText(error, t)}
      </p>
    );
  if (!data) return <SkeletonRows rows={8} />;
  if (data.items.length === 0) return <Empty icon={AlarmClock} title={r.tabs.rules} text={r.intro} />;
  return (
    <>
      <p className="px-4 pb-2 text-ink-2">{r.intro}</p>
      <ul className="border-t border-line">
        {data.items.map((rule) => (
          <RuleRow key={rule.id} rule={rule} onEdit={() => onEdit(rule)} />
        ))}
      </ul>
    </>
  );
}

function RuleRow({ rule, onEdit }: { rule: Rule; onEdit: () => void }) {
  const t = useT();
  const r = useRulesText();
  const label = useLabel();
  const client = useQueryClient();
  const { find } = useLexicon();
  const { when, who } = useRuleSentence()(rule);
  const [asking, setAsking] = useState<'remove' | { heavy: string } | null>(null);
  const name = label(rule.name);
  const object = find(objectOf(rule.trigger));
  const [wanted, setWanted] = useState<boolean | null>(null);
  const renew = () => client.invalidateQueries({ queryKey: rulesQuery.queryKey });
  const turn = async (active: boolean, confirmed?: boolean) => {
    // Shown at once, whatever answer of before is still on its way; what the server refuses is back with the next look.
    setWanted(active);
    try {
      await api.patch(`/reminder-rules/${rule.id}`, confirmed ? { active, confirmed } : { active });
      toast(active ? r.turnedOn(name) : r.turnedOff(name));
    } catch (cause) {
      if (cause instanceof Fault && cause.code === 'conflict') setAsking({ heavy: cause.message });
      else toast(faultText(cause, t), { tone: 'danger' });
    }
    await renew();
    setWanted(null);
  };
  const remove = async () => {
    try {
      await api.delete(`/reminder-rules/${rule.id}`);
      toast(r.removed(name));
    } catch (cause) {
      toast(faultText(cause, t), { tone: 'danger' });
    }
    void renew();
  };
  return (
    <li className="flex items-start gap-3 px-4 py-2.5 border-b border-line">
      <label className="grid place-items-center size-6 touch:size-11 touch:-my-1.5 shrink-0">
        <input
          type="checkbox"
          className="check"
          aria-label={r.on(name)}
          checked={wanted ?? rule.active}
          onChange={(event) => void turn(event.target.checked)}
        />
      </label>
      <div className={cx('flex-1 min-w-0 flex flex-col gap-0.5', !rule.active && 'text-ink-3')}>
        <p className="flex flex-wrap items-center gap-2">
          <span className="font-medium">{name}</span>
          {!rule.active && <Chip>{r.off}</Chip>}
          {rule.faults.length > 0 && <Chip color="red">{r.faulty}</Chip>}
        </p>
        <p className={rule.active ? 'text-ink-2' : undefined}>
          {when}
          {object && rule.filter ? (
            <>
              <span className="text-ink-3"> · {r.sentence.only} </span>
              <FilterSentence object={object} filter={rule.filter} />
            </>
          ) : null}
        </p>
        <p className="text-ink-3">{who}</p>
      </div>
      <div className="flex items-center shrink-0 max-md:flex-col">
        <IconButton icon={Pencil} label={r.edit(name)} onClick={onEdit} />
        <IconButton icon={Trash2} label={r.remove(name)} onClick={() => setAsking('remove')} />
      </div>
      <Confirm
        open={asking === 'remove'}
        onClose={() => setAsking(null)}
        title={r.removeAsk(name)}
        text={r.removeText}
        action={t.common.delete}
        danger
        onConfirm={remove}
      />
      <Confirm
        open={asking !== null && asking !== 'remove'}
        onClose={() => setAsking(null)}
        title={r.heavyTitle}
        text={asking !== null && asking !== 'remove' ? asking.heavy : ''}
        action={r.heavyDo}
        onConfirm={() => turn(true, true)}
      />
    </li>
  );
}
