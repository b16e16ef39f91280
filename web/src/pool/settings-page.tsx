// Pools and their rules, edited by an administrator, with what recycling would do before it does anything.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { ChevronLeft, ChevronRight, FlaskConical, Plus, Waves } from 'lucide-react';
import { useId, useState } from 'react';
import { api, Fault } from '../api/client';
import { fieldOf, useObject } from '../api/dictionary';
import type { Field, Filter, ObjectType } from '../api/types';
import { editKind } from '../fields';
import { useFormat } from '../format/use-format';
import { useLabel, useT } from '../i18n';
import FilterBar from '../records/filter-bar';
import { FaultBox } from '../session/fault-box';
import { faultText } from '../session/fault-text';
import { CUSTOMER_OBJECT } from '../shell/nav';
import { Chip, Empty, FieldFrame, PageRegion, PageTitle, SkeletonRows, useTitle } from '../ui/bits';
import { Button } from '../ui/button';
import { Confirm, Sheet } from '../ui/dialog';
import { Count, Tick } from '../ui/inputs';
import { toast } from '../ui/toast';
import { POOLS, type Pool, type PoolDefinition, type PoolPreview, poolSettingsQuery } from './queries';
import { usePoolText } from './text';

const NEW: PoolDefinition = {
  name: { zh: '', en: '' },
  filter: null,
  departments: [],
  admins: [],
  claim: { per_day: 20, capacity: null, won_uncounted: true, cooldown_days: 7 },
  recycle: {
    active: false,
    silent_days: 15,
    no_opportunity_days: null,
    no_order_days: null,
    warn_days: 3,
    protect_days: 7,
    exempt_tiers: ['a'],
    exempt_paid: true,
    exempt: null,
  },
};

export default function PoolSettingsPage() {
  const t = useT();
  const p = usePoolText();
  const label = useLabel();
  const object = useObject(CUSTOMER_OBJECT);
  const { data, error, isPending } = useQuery(poolSettingsQuery);
  const [editing, setEditing] = useState<Pool | 'new' | null>(null);
  useTitle(p.settings);
  return (
    <PageRegion label={p.settings}>
      <nav aria-label={p.back} className="px-4 pt-2 -mb-2">
        <Link to="/pool" className="inline-flex items-center gap-0.5 text-xs text-ink-3 hover:text-ink h-6 touch:h-11">
          <ChevronLeft size={13} aria-hidden />
          {t.pool.title}
        </Link>
      </nav>
      <PageTitle title={p.settings}>
        <Button variant="primary" icon={Plus} onClick={() => setEditing('new')}>
          {p.newPool}
        </Button>
      </PageTitle>
      <div className="px-4 pb-10 flex flex-col gap-3 md:max-w-4xl">
        <p className="text-ink-2">{p.newPoolHint}</p>
        {isPending && <SkeletonRows rows={3} />}
        {error && (
          <p role="alert" className="text-danger">
            {faultText(error, t)}
          </p>
        )}
        {data?.length === 0 && <Empty icon={Waves} title={p.none} />}
        {data && data.length > 0 && (
          <ul className="flex flex-col rounded-lg border border-line bg-surface divide-y divide-line overflow-hidden">
            {data.map((pool) => (
              <li key={pool.id}>
                <button
                  type="button"
                  className="w-full flex items-center gap-3 px-4 py-3 text-left hover:bg-sunken touch:min-h-14"
                  onClick={() => setEditing(pool)}
                >
                  <span className="flex-1 min-w-0 flex flex-wrap items-center gap-x-3 gap-y-1">
                    <span className="font-medium">{label(pool.name)}</span>
                    <Chip color={pool.recycle.active ? 'green' : 'gray'}>
                      {pool.recycle.active ? p.recycling : p.notRecycling}
                    </Chip>
                    {pool.departments.length === 0 && <span className="text-ink-3">{p.everybody}</span>}
                    {pool.faults[0] && <span className="text-danger">{pool.faults[0].message}</span>}
                  </span>
                  <ChevronRight size={15} aria-hidden className="text-ink-3" />
                </button>
              </li>
            ))}
          </ul>
        )}
      </div>
      <ContactRules />
      {editing && object && (
        <Editor
          key={editing === 'new' ? 'new' : editing.id}
          object={object}
          pool={editing === 'new' ? null : editing}
          onClose={() => setEditing(null)}
        />
      )}
    </PageRegion>
  );
}

/** How long a colleague's contact is told of before another one. */
function ContactRules() {
  const t = useT();
  const p = usePoolText();
  const client = useQueryClient();
  const key = ['contact-rules'];
  const { data } = useQuery({
    queryKey: key,
    queryFn: ({ signal }) => api.get<{ recent_days: number }>('/contact-rules', signal),
  });
  const [days, setDays] = useState<number | null>(null);
  if (!data) return null;
  const save = async () => {
    try {
      client.setQueryData(key, await api.put('/contact-rules', { recent_days: days }));
      toast(p.saved);
      setDays(null);
    } catch (cause) {
      const fault = cause instanceof Fault ? cause.fields[0]?.message : null;
      toast(fault ?? faultText(cause, t), { tone: 'danger' });
    }
  };
  return (
    <section className="px-4 pb-10 flex flex-col gap-1 md:max-w-4xl">
      <h2 className="font-semibold">{p.collision}</h2>
      <Count
        caption={p.recentDays}
        most={9_999}
        value={days ?? data.recent_days}
        onChange={(next) => setDays(next ?? 0)}
      />
      {days !== null && days !== data.recent_days && (
        <Button className="self-start" onClick={() => void save()}>
          {p.save}
        </Button>
      )}
    </section>
  );
}

function wire(pool: PoolDefinition): PoolDefinition {
  const { name, filter, departments, admins, claim, recycle } = pool;
  const zh = name.zh.trim() || name.en.trim();
  return { name: { zh, en: name.en.trim() || zh }, filter: filter ?? null, departments, admins, claim, recycle };
}

/** What the form calls the members of a pool. */
function placesOf(p: ReturnType<typeof usePoolText>): Record<string, string> {
  return {
    'name.zh': p.name,
    'name.en': p.nameEn,
    filter: p.filter,
    departments: p.departments,
    admins: p.admins,
    'claim.per_day': p.perDay,
    'claim.capacity': p.capacity,
    'claim.cooldown_days': p.cooldown,
    'recycle.silent_days': p.silentDays,
    'recycle.no_opportunity_days': p.opportunityDays,
    'recycle.no_order_days': p.orderDays,
    'recycle.warn_days': p.warnDays,
    'recycle.protect_days': p.protectDays,
    'recycle.exempt_tiers': p.exemptTiers,
    'recycle.exempt': p.exempt,
  };
}

function Editor({ object, pool, onClose }: { object: ObjectType; pool: Pool | null; onClose: () => void }) {
  const t = useT();
  const p = usePoolText();
  const label = useLabel();
  const id = useId();
  const client = useQueryClient();
  const [draft, setDraft] = useState<PoolDefinition>(pool ?? NEW);
  const [removing, setRemoving] = useState(false);
  const change = (part: Partial<PoolDefinition>) => setDraft({ ...draft, ...part });
  const claim = (part: Partial<PoolDefinition['claim']>) => change({ claim: { ...draft.claim, ...part } });
  const recycle = (part: Partial<PoolDefinition['recycle']>) => change({ recycle: { ...draft.recycle, ...part } });
  const refresh = () => client.invalidateQueries({ queryKey: [POOLS] });
  const save = useMutation({
    mutationFn: () =>
      pool ? api.patch<Pool>(`/pools/${pool.id}`, wire(draft)) : api.post<Pool>('/pools', wire(draft)),
    onSuccess: async () => {
      await refresh();
      toast(p.saved);
      onClose();
    },
  });
  const fault = (field: string) =>
    save.error instanceof Fault ? (save.error.fields.find((one) => one.field === field)?.message ?? null) : null;
  const named = (name: string): Field | undefined => fieldOf(object, name);
  const tier = named('tier');
  return (
    <Sheet
      open
      onClose={onClose}
      title={pool ? label(pool.name) : p.newPool}
      footer={
        <>
          {pool && (
            <Button variant="ghost" className="text-danger! mr-auto" onClick={() => setRemoving(true)}>
              {p.remove}
            </Button>
          )}
          <Button variant="primary" className="max-md:flex-1" disabled={save.isPending} onClick={() => save.mutate()}>
            {p.save}
          </Button>
        </>
      }
    >
      <div className="p-4 flex flex-col gap-5">
        <FaultBox cause={save.error} places={placesOf(p)} />
        <div className="grid md:grid-cols-2 gap-3">
          {(['zh', 'en'] as const).map((language) => (
            <FieldFrame
              key={language}
              id={`${id}-${language}`}
              label={language === 'zh' ? p.name : p.nameEn}
              fault={fault(`name.${language}`)}
            >
              <input
                id={`${id}-${language}`}
                className="control"
                value={draft.name[language]}
                maxLength={40}
                onChange={(event) => change({ name: { ...draft.name, [language]: event.target.value } })}
              />
            </FieldFrame>
          ))}
        </div>
        <div className="flex flex-col gap-1">
          <span className="text-ink-2">{p.filter}</span>
          <FilterBar
            object={object}
            label={p.filter}
            filter={draft.filter ?? null}
            onChange={(filter: Filter | null) => change({ filter })}
          />
          <p className="text-xs text-ink-3">{p.filterHint}</p>
        </div>
        <Chosen
          field={named('department')}
          caption={p.departments}
          hint={p.departmentsHint}
          value={draft.departments}
          onChange={(departments) => change({ departments })}
        />
        <Chosen
          field={named('owner')}
          caption={p.admins}
          hint={p.adminsHint}
          value={draft.admins}
          onChange={(admins) => change({ admins })}
        />
        <section className="flex flex-col gap-2">
          <h2 className="font-semibold">{p.claimRules}</h2>
          <Count
            caption={p.perDay}
            unset={p.unlimited}
            value={draft.claim.per_day}
            onChange={(per_day) => claim({ per_day })}
          />
          <Count
            caption={p.capacity}
            unset={p.unlimited}
            value={draft.claim.capacity}
            onChange={(capacity) => claim({ capacity })}
          />
          <Tick
            caption={p.wonUncounted}
            checked={draft.claim.won_uncounted}
            onChange={(won_uncounted) => claim({ won_uncounted })}
          />
          <Count
            caption={p.cooldown}
            most={9_999}
            value={draft.claim.cooldown_days}
            onChange={(days) => claim({ cooldown_days: days ?? 0 })}
          />
        </section>
        <section className="flex flex-col gap-2">
          <h2 className="font-semibold">{p.recycleRules}</h2>
          <Tick caption={p.active} checked={draft.recycle.active} onChange={(active) => recycle({ active })} />
          <p className="text-xs text-ink-3">{p.activeHint}</p>
          <Count
            caption={p.silentDays}
            most={9_999}
            unset={p.unset}
            value={draft.recycle.silent_days}
            onChange={(silent_days) => recycle({ silent_days })}
          />
          <Count
            caption={p.opportunityDays}
            most={9_999}
            unset={p.unset}
            value={draft.recycle.no_opportunity_days}
            onChange={(no_opportunity_days) => recycle({ no_opportunity_days })}
          />
          <Count
            caption={p.orderDays}
            most={9_999}
            unset={p.unset}
            value={draft.recycle.no_order_days}
            onChange={(no_order_days) => recycle({ no_order_days })}
          />
          <Count
            caption={p.warnDays}
            most={9_999}
            value={draft.recycle.warn_days}
            onChange={(days) => recycle({ warn_days: days ?? 1 })}
          />
          <Count
            caption={p.protectDays}
            most={9_999}
            value={draft.recycle.protect_days}
            onChange={(days) => recycle({ protect_days: days ?? 0 })}
          />
          <Tick
            caption={p.exemptPaid}
            checked={draft.recycle.exempt_paid}
            onChange={(exempt_paid) => recycle({ exempt_paid })}
          />
          {tier && (
            <Chosen
              field={tier}
              caption={p.exemptTiers}
              value={draft.recycle.exempt_tiers}
              onChange={(exempt_tiers) => recycle({ exempt_tiers })}
            />
          )}
          <div className="flex flex-col gap-1">
            <span className="text-ink-2">{p.exempt}</span>
            <FilterBar
              object={object}
              label={p.exempt}
              filter={draft.recycle.exempt ?? null}
              onChange={(exempt: Filter | null) => recycle({ exempt })}
            />
          </div>
          <Preview pool={pool} draft={draft} />
        </section>
      </div>
      {pool && (
        <Confirm
          open={removing}
          onClose={() => setRemoving(false)}
          title={p.removeAsk(label(pool.name))}
          text={p.removeText}
          action={p.remove}
          danger
          onConfirm={async () => {
            try {
              await api.delete(`/pools/${pool.id}`);
              await refresh();
              toast(p.removed);
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

function Preview({ pool, draft }: { pool: Pool | null; draft: PoolDefinition }) {
  const t = useT();
  const p = usePoolText();
  const format = useFormat();
  const preview = useMutation({
    mutationFn: () => api.post<PoolPreview>('/pools/preview', { ...wire(draft), id: pool?.id ?? null }),
  });
  const found = preview.data;
  return (
    <div className="flex flex-col gap-2">
      <Button icon={FlaskConical} className="self-start" disabled={preview.isPending} onClick={() => preview.mutate()}>
        {p.preview}
      </Button>
      <FaultBox cause={preview.error} places={placesOf(p)} />
      {found && (
        <div role="status" className="rounded-md bg-sunken px-3 py-2 flex flex-col gap-1">
          <p className="font-medium">
            {found.customers === 0
              ? p.previewNone
              : (found.more ? p.previewMore : p.previewFound)(format.fullNumber(found.customers), format.day(found.on))}
          </p>
          {found.owners.length > 0 && (
            <p className="text-ink-2">
              {p.previewOwners}{' '}
              {found.owners
                .slice(0, 8)
                .map((one) => `${one.owner.name ?? t.common.hidden} ${format.fullNumber(one.count)}`)
                .join(' · ')}
            </p>
          )}
          {found.examples.length > 0 && (
            <p className="text-ink-2">
              {p.previewExamples} {found.examples.map((one) => one.name ?? t.common.hidden).join(' · ')}
            </p>
          )}
        </div>
      )}
    </div>
  );
}

/** Several departments, people or options. */
function Chosen({
  field,
  caption,
  hint,
  value,
  onChange,
}: {
  field: Field | undefined;
  caption: string;
  hint?: string;
  value: string[];
  onChange: (value: string[]) => void;
}) {
  if (!field) return null;
  const { Many } = editKind(field);
  if (!Many) return null;
  return (
    <div className="flex flex-col gap-1">
      <span className="text-ink-2">{caption}</span>
      <Many
        fixed
        field={{ ...field, label: { zh: caption, en: caption } }}
        value={value}
        onChange={(next) => onChange(Array.isArray(next) ? next.map(String) : [])}
      />
      {hint && <p className="text-xs text-ink-3">{hint}</p>}
    </div>
  );
}
