// The public pools: customers without an owner, one tap to take one.
import { useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Hand, Settings2, UserRoundPlus, Waves } from 'lucide-react';
import { useDeferredValue, useState } from 'react';
import { useObject } from '../api/dictionary';
import type { Filter, ObjectType, Ref } from '../api/types';
import { FieldView, isEmpty } from '../fields';
import { LookupPicker } from '../fields/lookup';
import { useFormat } from '../format/use-format';
import { useLabel, useT } from '../i18n';
import FilterBar from '../records/filter-bar';
import { recordName } from '../records/name';
import { faultText } from '../session/fault-text';
import { useSession } from '../session/session';
import { CUSTOMER_OBJECT } from '../shell/nav';
import { Chip, Empty, PageRegion, PageTitle, Segments, SkeletonRows, useTitle } from '../ui/bits';
import { Button, buttonClass, IconButton } from '../ui/button';
import { Sheet } from '../ui/dialog';
import { toast } from '../ui/toast';
import { useClaim } from './claim-button';
import { assign, type PoolCustomer, type PoolInUse, poolCustomersQuery, poolsQuery, refusal } from './queries';
import { usePoolText } from './text';

/** What a card says of a customer, where it may be read. */
const SHOWN = ['stage', 'tier', 'industry', 'size', 'region_address', 'source'];

export default function PoolPage() {
  const t = useT();
  const p = usePoolText();
  const { admin } = useSession();
  const object = useObject(CUSTOMER_OBJECT);
  const pools = useQuery(poolsQuery);
  const [chosen, setChosen] = useState<string | null>(null);
  const pool = pools.data?.find((one) => one.id === chosen) ?? pools.data?.[0];
  useTitle(t.pool.title);
  return (
    <PageRegion label={t.pool.title}>
      <PageTitle title={t.pool.title}>
        {admin.includes('settings') && (
          <Link to="/pool/settings" className={buttonClass('default')} aria-label={p.settings}>
            <Settings2 size={15} aria-hidden />
            <span className="max-md:hidden">{p.settings}</span>
          </Link>
        )}
      </PageTitle>
      {pools.isPending && <SkeletonRows rows={6} />}
      {pools.error && (
        <p role="alert" className="px-4 text-danger">
          {faultText(pools.error, t)}
        </p>
      )}
      {pools.data && !pool && <Empty icon={Waves} title={p.none} text={p.noneHint} />}
      {pools.data && pool && object && (
        <div className="px-4 pb-10 flex flex-col gap-3 md:max-w-5xl">
          {pools.data.length > 1 && (
            <div className="overflow-x-auto no-bar">
              <Segments
                label={p.which}
                value={pool.id}
                onChange={setChosen}
                options={pools.data.map((one) => ({ value: one.id, label: one.name }))}
              />
            </div>
          )}
          <Customers key={pool.id} object={object} pool={pool} />
        </div>
      )}
    </PageRegion>
  );
}

function Allowance({ pool }: { pool: PoolInUse }) {
  const p = usePoolText();
  const { fullNumber } = useFormat();
  const parts = [p.count(pool.customers >= 1000 ? '1000+' : fullNumber(pool.customers))];
  if (pool.can_claim) {
    parts.push(pool.left === null ? p.noLimit : pool.left === 0 ? p.full : p.left(fullNumber(pool.left)));
    if (pool.per_day !== null) parts.push(p.used(fullNumber(pool.claimed_today), fullNumber(pool.per_day)));
    if (pool.capacity !== null) parts.push(p.owned(fullNumber(pool.owned), fullNumber(pool.capacity)));
  }
  return (
    <p role="status" className="text-ink-2 flex flex-wrap gap-x-3">
      {parts.map((part) => (
        <span key={part}>{part}</span>
      ))}
    </p>
  );
}

function Customers({ object, pool }: { object: ObjectType; pool: PoolInUse }) {
  const t = useT();
  const p = usePoolText();
  const [typed, setTyped] = useState('');
  const name = useDeferredValue(typed.trim());
  const [condition, setCondition] = useState<Filter | null>(null);
  const named: Filter | null = name ? { field: object.name_field, op: 'contains', value: name } : null;
  const filter = named && condition ? { all: [named, condition] } : (named ?? condition);
  const found = useInfiniteQuery(poolCustomersQuery(pool.id, filter));
  const items = found.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <>
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
        <input
          type="search"
          className="control w-full md:w-64"
          placeholder={p.search}
          aria-label={p.search}
          value={typed}
          maxLength={100}
          onChange={(event) => setTyped(event.target.value)}
        />
        <Allowance pool={pool} />
      </div>
      <FilterBar object={object} filter={condition} onChange={setCondition} className="-mt-1" />
      {found.isPending ? (
        <SkeletonRows rows={6} />
      ) : found.error ? (
        <p role="alert" className="text-danger">
          {faultText(found.error, t)}
        </p>
      ) : items.length === 0 ? (
        <Empty icon={Waves} title={filter ? p.emptyFound : p.empty} text={filter ? undefined : p.emptyHint} />
      ) : (
        <ul className="flex flex-col rounded-lg border border-line bg-surface divide-y divide-line overflow-hidden">
          {items.map((item) => (
            <Row key={item.customer.id} object={object} pool={pool} item={item} />
          ))}
        </ul>
      )}
      {found.hasNextPage && (
        <Button className="self-center" disabled={found.isFetchingNextPage} onClick={() => void found.fetchNextPage()}>
          {t.common.more}
        </Button>
      )}
    </>
  );
}

function Row({ object, pool, item }: { object: ObjectType; pool: PoolInUse; item: PoolCustomer }) {
  const t = useT();
  const p = usePoolText();
  const label = useLabel();
  const format = useFormat();
  const [assigning, setAssigning] = useState(false);
  const { customer } = item;
  const name = recordName(object, customer, t.common.unnamed);
  const reason = object.fields
    .find((field) => field.name === 'return_reason')
    ?.options?.find((option) => option.value === item.reason);
  const stale = item.reason && item.reason in p.stale ? p.stale[item.reason as keyof typeof p.stale] : null;
  const { take, busy } = useClaim();
  const fields = SHOWN.flatMap((field) => object.fields.find((one) => one.name === field) ?? []).filter(
    (field) => !isEmpty(customer[field.name]),
  );
  return (
    <li className="flex items-center gap-2 pl-3 pr-2 py-2 touch:py-3 hover:bg-sunken">
      <div className="flex-1 min-w-0 flex flex-col gap-1">
        <Link
          to="/o/$object/$id"
          params={{ object: object.name, id: customer.id }}
          className="font-medium truncate w-fit max-w-full hover:underline touch:leading-8"
        >
          {name}
        </Link>
        <div className="flex flex-wrap items-center gap-x-2 gap-y-1 text-ink-2">
          {fields.map((field) => (
            <span key={field.name} className="min-w-0 max-w-full truncate inline-flex">
              <FieldView field={field} value={customer[field.name]} record={customer} compact />
            </span>
          ))}
          {(reason || stale) && <Chip color="amber">{reason ? label(reason.label) : stale}</Chip>}
        </div>
        <p className="text-xs text-ink-3 flex flex-wrap gap-x-3">
          <span>{p.since(format.moment(item.since))}</span>
          {item.former?.name && <span>{p.former(item.former.name)}</span>}
          {item.note && <span className="truncate">{item.note}</span>}
          {item.free_at && <span>{p.freeAt(format.moment(item.free_at))}</span>}
        </p>
      </div>
      {pool.can_assign && (
        <IconButton icon={UserRoundPlus} label={p.assignOf(name)} onClick={() => setAssigning(true)} />
      )}
      {pool.can_claim && (
        <Button
          icon={Hand}
          disabled={busy || pool.left === 0 || item.free_at !== null}
          aria-label={p.claimOf(name)}
          onClick={() => void take(customer.id, name)}
        >
          {p.claim}
        </Button>
      )}
      {assigning && <Assign id={customer.id} name={name} onClose={() => setAssigning(false)} />}
    </li>
  );
}

function Assign({ id, name, onClose }: { id: string; name: string; onClose: () => void }) {
  const t = useT();
  const p = usePoolText();
  const client = useQueryClient();
  const [to, setTo] = useState<Ref | null>(null);
  const [busy, setBusy] = useState(false);
  const give = async () => {
    if (!to) return;
    setBusy(true);
    try {
      const refused = refusal(await assign(client, [id], to.id));
      if (refused === null) {
        toast(p.assigned(name, to.name ?? ''));
        onClose();
      } else toast(refused, { tone: 'danger' });
    } catch (cause) {
      toast(faultText(cause, t), { tone: 'danger' });
    }
    setBusy(false);
  };
  return (
    <Sheet
      open
      onClose={onClose}
      title={p.assignOf(name)}
      footer={
        <Button variant="primary" className="max-md:flex-1" disabled={!to || busy} onClick={() => void give()}>
          {p.assign}
        </Button>
      }
    >
      <div className="p-4 flex flex-col gap-1">
        <span className="text-ink-2">{p.assignTo}</span>
        <LookupPicker object="user" label={p.assignTo} value={to} onChange={setTo} />
      </div>
    </Sheet>
  );
}
