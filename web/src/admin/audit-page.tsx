// Who did what, when, through what; every change with before and after.
import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { ChevronRight, ScrollText, SearchX } from 'lucide-react';
import { useState } from 'react';
import { api, query } from '../api/client';
import { useLexicon } from '../api/dictionary';
import type { AuditItem, Page, Ref } from '../api/types';
import { LookupPicker } from '../fields/lookup';
import { addDays } from '../format/time';
import type { Typed } from '../format/typed-date';
import { useFormat } from '../format/use-format';
import { useLabel, useT } from '../i18n';
import { Changes } from '../records/timeline';
import { readAgent } from '../session/agent';
import { faultText } from '../session/fault-text';
import { Avatar, Chip, Empty, PageTitle, SkeletonRows, useTitle } from '../ui/bits';
import { Button } from '../ui/button';
import { cx } from '../ui/cx';
import { DateField } from '../ui/date-field';
import { Select } from '../ui/select';

const OPS = [
  'create',
  'update',
  'delete',
  'restore',
  'merge',
  'unmerge',
  'not_same',
  'read',
  'export',
  'import',
  'clean',
  'unclean',
  'share',
  'unshare',
  'sign_in',
  'sign_in_failed',
  'sign_out',
  'see_as',
  'see_as_end',
  'roles',
  'permissions',
  'reset_password',
  'change_password',
  'add_field',
  'change_field',
] as const;
const COLOUR: Record<string, string> = {
  create: 'green',
  update: 'blue',
  delete: 'red',
  restore: 'green',
  merge: 'purple',
  unmerge: 'purple',
  not_same: 'gray',
  read: 'gray',
  export: 'amber',
  import: 'purple',
  clean: 'purple',
  unclean: 'purple',
  sign_in: 'gray',
  sign_in_failed: 'red',
  sign_out: 'gray',
  see_as: 'amber',
  see_as_end: 'gray',
  share: 'cyan',
  unshare: 'cyan',
  roles: 'amber',
  permissions: 'amber',
  reset_password: 'amber',
  change_password: 'gray',
  add_field: 'purple',
  change_field: 'purple',
};
const ANY = 'any';

export default function AuditPage() {
  const t = useT();
  const label = useLabel();
  const format = useFormat();
  const { objects } = useLexicon();
  const [object, setObject] = useState(ANY);
  const [op, setOp] = useState(ANY);
  const [actor, setActor] = useState<Ref | null>(null);
  const [from, setFrom] = useState<Typed | string | null>(null);
  const [to, setTo] = useState<Typed | string | null>(null);
  useTitle(t.admin.audit.title);
  const parameters = {
    object: object === ANY ? null : object,
    op: op === ANY ? null : op,
    actor: actor?.id,
    from: from && typeof from === 'object' ? format.dayStart(from.day) : null,
    to: to && typeof to === 'object' ? format.dayStart(addDays(to.day, 1)) : null,
  };
  const { data, error, isPending, hasNextPage, fetchNextPage, isFetchingNextPage } = useInfiniteQuery({
    queryKey: ['audit', parameters],
    queryFn: ({ pageParam, signal }) =>
      api.get<Page<AuditItem>>(`/audit${query({ ...parameters, cursor: pageParam })}`, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
  });
  const items = data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <div className="flex-1 min-h-0 flex flex-col">
      <PageTitle title={t.admin.audit.title} />
      <div className="shrink-0 grid grid-cols-2 md:flex md:flex-wrap gap-2 px-4 pb-3 border-b border-line">
        <Select
          className="md:w-36!"
          label={t.admin.audit.object}
          value={object}
          onChange={setObject}
          options={[
            { value: ANY, label: `${t.admin.audit.object}: ${t.admin.audit.any}` },
            ...objects.map((one) => ({ value: one.name, label: label(one.label) })),
          ]}
        />
        <Select
          className="md:w-36!"
          label={t.admin.audit.what}
          value={op}
          onChange={setOp}
          options={[
            { value: ANY, label: `${t.admin.audit.what}: ${t.admin.audit.any}` },
            ...OPS.map((one) => ({ value: one, label: opText(one, t) })),
          ]}
        />
        <div className="md:w-40">
          <LookupPicker
            object="user"
            label={t.admin.audit.who}
            placeholder={t.admin.audit.who}
            value={actor}
            onChange={setActor}
          />
        </div>
        <div className="md:w-48">
          <DateField
            id="audit-from"
            placeholder={t.admin.audit.from}
            label={t.admin.audit.from}
            value={from}
            onChange={setFrom}
          />
        </div>
        <div className="md:w-48 max-md:col-span-2">
          <DateField
            id="audit-to"
            placeholder={t.admin.audit.to}
            label={t.admin.audit.to}
            value={to}
            onChange={setTo}
          />
        </div>
      </div>
      <div className="flex-1 min-h-0 overflow-auto thin-bar">
        {isPending ? (
          <SkeletonRows rows={12} />
        ) : error ? (
          <Empty icon={SearchX} title={faultText(error, t)} />
        ) : items.length === 0 ? (
          <Empty icon={ScrollText} title={t.admin.audit.none} />
        ) : (
          <ul>
            {items.map((item) => (
              <Entry key={item.id} item={item} />
            ))}
          </ul>
        )}
        {hasNextPage && (
          <div className="p-4 flex justify-center">
            <Button disabled={isFetchingNextPage} onClick={() => void fetchNextPage()}>
              {t.admin.audit.older}
            </Button>
          </div>
        )}
      </div>
    </div>
  );
}

function opText(op: string, t: ReturnType<typeof useT>): string {
  return (t.admin.audit.op as Record<string, string>)[op] ?? t.admin.audit.op.other;
}

/** Where a sign-in came from. */
function circumstances(item: AuditItem): string {
  const agent = readAgent(item.details?.agent ?? null);
  return [item.details?.ip, agent && `${agent.browser} ${agent.system}`].filter(Boolean).join(' · ');
}

function Entry({ item }: { item: AuditItem }) {
  const t = useT();
  const label = useLabel();
  const format = useFormat();
  const { find } = useLexicon();
  const [open, setOpen] = useState(false);
  const object = item.object ? find(item.object) : undefined;
  const who = item.by?.name ?? t.admin.audit.system;
  const via = item.via ? (t.admin.audit.viaNames as Record<string, string>)[item.via] : null;
  return (
    <li className="border-b border-line">
      <div className="flex items-center gap-x-3 gap-y-1 px-4 min-h-10 touch:min-h-14 py-1 flex-wrap md:flex-nowrap">
        <time
          dateTime={item.at}
          title={format.fullMoment(item.at)}
          className="text-ink-3 w-28 shrink-0 whitespace-nowrap"
        >
          {format.moment(item.at)}
        </time>
        <span className="flex items-center gap-1.5 w-32 shrink-0 min-w-0">
          <Avatar name={who} />
          <span className="truncate">{who}</span>
        </span>
        <span className="w-24 shrink-0">
          <Chip color={COLOUR[item.op]}>{opText(item.op, t)}</Chip>
        </span>
        <span className="flex-1 min-w-0 flex items-center gap-2">
          {object && <span className="text-ink-3 shrink-0">{label(object.label)}</span>}
          {object && item.record_id && item.title ? (
            <Link
              to="/o/$object/$id"
              params={{ object: object.name, id: item.record_id }}
              className="truncate hover:text-brand-ink hover:underline"
            >
              {item.title}
            </Link>
          ) : (
            <span className="truncate text-ink-2">{item.title ?? circumstances(item)}</span>
          )}
        </span>
        {via && <span className="text-ink-3 shrink-0 max-md:hidden">{via}</span>}
        <span className="w-24 text-right shrink-0">
          {item.changes.length > 0 && (
            <Button
              variant="ghost"
              size="sm"
              aria-expanded={open}
              aria-label={`${t.admin.audit.fields(item.changes.length)}: ${item.title ?? ''}`}
              onClick={() => setOpen(!open)}
            >
              {t.admin.audit.fields(item.changes.length)}
              <ChevronRight size={14} aria-hidden className={cx('transition-transform', open && 'rotate-90')} />
            </Button>
          )}
        </span>
      </div>
      {open && (
        <div className="px-4 pb-3 md:pl-[8.75rem]">
          <Changes object={item.object ?? ''} changes={item.changes} />
        </div>
      )}
    </li>
  );
}
