// The rules of who gets a customer, edited by an administrator who is no programmer, each tried on last month's customers.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { ChevronDown, ChevronRight, ChevronUp, FlaskConical, Plus, Trash2, UsersRound } from 'lucide-react';
import { useId, useState } from 'react';
import { api } from '../api/client';
import { useObject } from '../api/dictionary';
import type { Filter, ObjectType } from '../api/types';
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
import { Count, Tick } from '../ui/inputs';
import { Select } from '../ui/select';
import { toast } from '../ui/toast';
import { type Channel, RULES, type Rule, type RuleDefinition, rulesQuery, type Target, type Trial } from './queries';
import { useAssignmentText } from './text';

const NEW: RuleDefinition = {
  name: { zh: '', en: '' },
  filter: null,
  on: ['import', 'api'],
  take_over: true,
  targets: [],
  method: 'turns',
  working_hours: false,
  per_day: null,
  capacity: null,
  otherwise: { kind: 'next' },
};
const CHANNELS: Channel[] = ['page', 'api', 'import'];

export default function RulesPage() {
  const t = useT();
  const a = useAssignmentText();
  const label = useLabel();
  const client = useQueryClient();
  const object = useObject(CUSTOMER_OBJECT);
  const { data, error, isPending } = useQuery(rulesQuery);
  const [editing, setEditing] = useState<Rule | 'new' | null>(null);
  useTitle(a.title);
  const move = async (index: number, step: number) => {
    const [one, other] = [data?.[index], data?.[index + step]];
    if (!one || !other) return;
    try {
      const place = Math.max(0, other.position + (one.position === other.position ? step : 0));
      await api.patch(`/assignment-rules/${one.id}`, { position: place });
      await api.patch(`/assignment-rules/${other.id}`, { position: one.position });
      await client.invalidateQueries({ queryKey: [RULES] });
    } catch (cause) {
      toast(faultText(cause, t), { tone: 'danger' });
    }
  };
  return (
    <PageRegion label={a.title}>
      <PageTitle title={a.title}>
        <Button variant="primary" icon={Plus} onClick={() => setEditing('new')}>
          {a.newRule}
        </Button>
      </PageTitle>
      <div className="px-4 pb-10 flex flex-col gap-3 md:max-w-4xl">
        <p className="text-ink-2">{a.hint}</p>
        {isPending && <SkeletonRows rows={3} />}
        {error && (
          <p role="alert" className="text-danger">
            {faultText(error, t)}
          </p>
        )}
        {data?.length === 0 && <Empty icon={UsersRound} title={a.none} text={a.noneHint} />}
        {data && data.length > 0 && (
          <ol className="flex flex-col rounded-lg border border-line bg-surface divide-y divide-line overflow-hidden">
            {data.map((rule, index) => (
              <li key={rule.id} className="flex items-center pr-2">
                <button
                  type="button"
                  className="flex-1 min-w-0 flex items-center gap-3 px-4 py-3 text-left hover:bg-sunken touch:min-h-14"
                  onClick={() => setEditing(rule)}
                >
                  <span className="flex-1 min-w-0 flex flex-wrap items-center gap-x-3 gap-y-1">
                    <span className="font-medium">{label(rule.name)}</span>
                    <Chip color={rule.active ? 'green' : 'gray'}>{rule.active ? a.on : a.off}</Chip>
                    <span className="text-ink-3">{rule.method === 'load' ? a.load : a.turns}</span>
                    {rule.faults[0] && <span className="text-danger">{rule.faults[0].message}</span>}
                  </span>
                  <ChevronRight size={15} aria-hidden className="text-ink-3" />
                </button>
                <IconButton
                  icon={ChevronUp}
                  label={a.up(label(rule.name))}
                  disabled={index === 0}
                  onClick={() => void move(index, -1)}
                />
                <IconButton
                  icon={ChevronDown}
                  label={a.down(label(rule.name))}
                  disabled={index === data.length - 1}
                  onClick={() => void move(index, 1)}
                />
              </li>
            ))}
          </ol>
        )}
      </div>
      {editing && object && (
        <Editor
          key={editing === 'new' ? 'new' : editing.id}
          object={object}
          rule={editing === 'new' ? null : editing}
          onClose={() => setEditing(null)}
        />
      )}
    </PageRegion>
  );
}

function wire(draft: RuleDefinition) {
  const zh = draft.name.zh.trim() || draft.name.en.trim();
  const { filter, on, take_over, targets, method, working_hours, per_day, capacity, otherwise } = draft;
  return {
    name: { zh, en: draft.name.en.trim() || zh },
    filter: filter ?? null,
    on,
    take_over,
    targets: targets.map(({ user, department, weight, filter: skill }) => ({
      user: user || null,
      department: department || null,
      weight,
      filter: skill ?? null,
    })),
    method,
    working_hours,
    per_day,
    capacity,
    otherwise,
  };
}

/** What the form calls the members of a rule. */
function placesOf(a: ReturnType<typeof useAssignmentText>, draft: RuleDefinition): Record<string, string> {
  return {
    'name.zh': a.name,
    'name.en': a.nameEn,
    filter: a.filter,
    targets: a.targets,
    ...Object.fromEntries(draft.targets.map((_, index) => [`targets.${index}`, `${a.targets} ${index + 1}`])),
    per_day: a.perDay,
    capacity: a.capacity,
    otherwise: a.steward,
  };
}

function Editor({ object, rule, onClose }: { object: ObjectType; rule: Rule | null; onClose: () => void }) {
  const t = useT();
  const a = useAssignmentText();
  const label = useLabel();
  const id = useId();
  const client = useQueryClient();
  const [draft, setDraft] = useState<RuleDefinition>(rule ?? NEW);
  const [active, setActive] = useState(rule?.active ?? true);
  const [removing, setRemoving] = useState(false);
  const [tried, setTried] = useState(false);
  const unnamed = draft.otherwise.kind === 'steward' && !draft.otherwise.user;
  const change = (part: Partial<RuleDefinition>) => setDraft({ ...draft, ...part });
  const refresh = () => client.invalidateQueries({ queryKey: [RULES] });
  const save = useMutation({
    mutationFn: () => {
      const body = { ...wire(draft), active };
      return rule ? api.patch(`/assignment-rules/${rule.id}`, body) : api.post('/assignment-rules', body);
    },
    onSuccess: async () => {
      await refresh();
      toast(a.saved);
      onClose();
    },
  });
  return (
    <Sheet
      open
      onClose={onClose}
      title={rule ? label(rule.name) : a.newRule}
      footer={
        <>
          {rule && (
            <Button variant="ghost" className="text-danger! mr-auto" onClick={() => setRemoving(true)}>
              {a.remove}
            </Button>
          )}
          <Button
            variant="primary"
            className="max-md:flex-1"
            disabled={save.isPending}
            onClick={() => (unnamed ? setTried(true) : save.mutate())}
          >
            {a.save}
          </Button>
        </>
      }
    >
      <div className="p-4 flex flex-col gap-5">
        <FaultBox cause={save.error} places={placesOf(a, draft)} />
        <div className="grid md:grid-cols-2 gap-3">
          {(['zh', 'en'] as const).map((language) => (
            <FieldFrame key={language} id={`${id}-${language}`} label={language === 'zh' ? a.name : a.nameEn}>
              <input
                id={`${id}-${language}`}
                className="control"
                value={draft.name[language]}
                maxLength={60}
                onChange={(event) => change({ name: { ...draft.name, [language]: event.target.value } })}
              />
            </FieldFrame>
          ))}
        </div>
        <Tick caption={a.active} checked={active} onChange={setActive} />
        <div className="flex flex-col gap-1">
          <span className="text-ink-2">{a.filter}</span>
          <FilterBar
            object={object}
            label={a.filter}
            filter={draft.filter ?? null}
            onChange={(filter: Filter | null) => change({ filter })}
          />
          <p className="text-xs text-ink-3">{a.filterHint}</p>
        </div>
        <fieldset className="flex flex-col gap-1">
          <legend className="text-ink-2 mb-1">{a.channels}</legend>
          <div className="flex flex-wrap gap-x-5">
            {CHANNELS.map((channel) => (
              <Tick
                key={channel}
                caption={a.channel[channel]}
                checked={draft.on.includes(channel)}
                onChange={(checked) =>
                  change({ on: checked ? [...draft.on, channel] : draft.on.filter((one) => one !== channel) })
                }
              />
            ))}
          </div>
          <p className="text-xs text-ink-3">{a.byHand}</p>
          <Tick caption={a.takeOver} checked={draft.take_over} onChange={(take_over) => change({ take_over })} />
        </fieldset>
        <Targets object={object} targets={draft.targets} onChange={(targets) => change({ targets })} />
        <FieldFrame id={`${id}-method`} label={a.method}>
          <Select
            id={`${id}-method`}
            label={a.method}
            value={draft.method}
            onChange={(method) => change({ method })}
            options={(['turns', 'load'] as const).map((value) => ({ value, label: a[value] }))}
          />
        </FieldFrame>
        <div className="flex flex-col gap-1">
          <Tick
            caption={a.workingHours}
            checked={draft.working_hours}
            onChange={(working_hours) => change({ working_hours })}
          />
          <Count
            caption={a.perDay}
            unset={a.unlimited}
            value={draft.per_day}
            onChange={(per_day) => change({ per_day })}
          />
          <Count
            caption={a.capacity}
            unset={a.unlimited}
            value={draft.capacity}
            onChange={(capacity) => change({ capacity })}
          />
        </div>
        <FieldFrame id={`${id}-otherwise`} label={a.otherwise}>
          <Select
            id={`${id}-otherwise`}
            label={a.otherwise}
            value={draft.otherwise.kind}
            onChange={(kind) => change({ otherwise: kind === 'steward' ? { kind, user: null } : { kind } })}
            options={(['next', 'pool', 'steward'] as const).map((value) => ({ value, label: a.others[value] }))}
          />
        </FieldFrame>
        {draft.otherwise.kind === 'steward' && (
          <FieldFrame id={`${id}-steward`} label={a.steward} required fault={tried && unnamed ? a.needSteward : null}>
            <LookupPicker
              object="user"
              id={`${id}-steward`}
              label={a.steward}
              invalid={tried && unnamed}
              value={draft.otherwise.user ? { id: draft.otherwise.user, name: null } : null}
              onChange={(user) => change({ otherwise: { kind: 'steward', user: user?.id ?? null } })}
            />
          </FieldFrame>
        )}
        {!unnamed && <TryIt rule={rule} draft={draft} />}
      </div>
      {rule && (
        <Confirm
          open={removing}
          onClose={() => setRemoving(false)}
          title={a.removeAsk(label(rule.name))}
          text={a.removeText}
          action={a.remove}
          danger
          onConfirm={async () => {
            try {
              await api.delete(`/assignment-rules/${rule.id}`);
              await refresh();
              toast(a.removed);
              onClose();
            } catch (cause) {
              toast(faultText(cause, t), { tone: 'danger' });
            }
          }}
        />
      )}
    </Sheet>
  );
}

function Targets({
  object,
  targets,
  onChange,
}: {
  object: ObjectType;
  targets: Target[];
  onChange: (targets: Target[]) => void;
}) {
  const a = useAssignmentText();
  const put = (index: number, part: Partial<Target>) =>
    onChange(targets.map((target, place) => (place === index ? { ...target, ...part } : target)));
  return (
    <section className="flex flex-col gap-2">
      <h2 className="font-semibold">{a.targets}</h2>
      <ul className="flex flex-col gap-2">
        {targets.map((target, index) => {
          const person = target.department === undefined || target.department === null;
          const caption = person ? a.person : a.department;
          const chosen = person ? target.user : target.department;
          return (
            <li key={index} className="rounded-md bg-sunken p-2 flex flex-col gap-2">
              <div className="flex items-center gap-2">
                <div className="flex-1 min-w-0">
                  <LookupPicker
                    object={person ? 'user' : 'department'}
                    label={caption}
                    value={chosen ? { id: chosen, name: null } : null}
                    onChange={(ref) => put(index, person ? { user: ref?.id ?? null } : { department: ref?.id ?? '' })}
                  />
                </div>
                <label className="flex items-center gap-1 text-ink-2">
                  {a.weight}
                  <input
                    type="number"
                    min={1}
                    max={100}
                    className="control w-16 text-right"
                    value={target.weight}
                    onChange={(event) =>
                      put(index, { weight: Math.max(1, Math.min(100, Math.round(Number(event.target.value) || 1))) })
                    }
                  />
                </label>
                <IconButton
                  icon={Trash2}
                  label={a.removeTarget}
                  onClick={() => onChange(targets.filter((_, place) => place !== index))}
                />
              </div>
              <div className="flex flex-wrap items-center gap-2">
                <span className="text-xs text-ink-2">{a.skill}</span>
                <FilterBar
                  object={object}
                  label={`${a.skill} ${index + 1}`}
                  filter={target.filter ?? null}
                  onChange={(filter: Filter | null) => put(index, { filter })}
                />
              </div>
            </li>
          );
        })}
      </ul>
      <div className="flex flex-wrap gap-2">
        <Button icon={Plus} onClick={() => onChange([...targets, { user: null, weight: 1 }])}>
          {a.addPerson}
        </Button>
        <Button icon={Plus} onClick={() => onChange([...targets, { department: '', weight: 1 }])}>
          {a.addDepartment}
        </Button>
      </div>
    </section>
  );
}

function TryIt({ rule, draft }: { rule: Rule | null; draft: RuleDefinition }) {
  const t = useT();
  const a = useAssignmentText();
  const { fullNumber } = useFormat();
  const trial = useMutation({
    mutationFn: () => api.post<Trial>('/assignment-rules/dry-run', { ...wire(draft), id: rule?.id ?? null }),
  });
  const found = trial.data;
  return (
    <div className="flex flex-col gap-2">
      <Button icon={FlaskConical} className="self-start" disabled={trial.isPending} onClick={() => trial.mutate()}>
        {a.tryIt}
      </Button>
      <FaultBox cause={trial.error} places={placesOf(a, draft)} />
      {found && (
        <div role="status" className="rounded-md bg-sunken px-3 py-2 flex flex-col gap-1">
          <p className="font-medium">{a.tried(fullNumber(found.matched), fullNumber(found.customers))}</p>
          {found.nobody > 0 && <p className="text-warn">{a.triedNobody(fullNumber(found.nobody))}</p>}
          {found.earlier > 0 && <p className="text-ink-2">{a.triedEarlier(fullNumber(found.earlier))}</p>}
          {found.people.length > 0 && (
            <p className="text-ink-2">
              {a.triedEach}{' '}
              {found.people
                .slice(0, 12)
                .map((one) => `${one.user.name ?? t.common.hidden} ${fullNumber(one.count)}`)
                .join(' · ')}
            </p>
          )}
          {found.examples.map((one) => (
            <p key={one.customer.id} className="text-ink-3 text-xs">
              {one.customer.name} → {one.owner?.name ?? t.common.none} · {one.why}
            </p>
          ))}
        </div>
      )}
    </div>
  );
}
