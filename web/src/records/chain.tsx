// The people of a record by the part they play in its decision, as a small picture: rows by role, colour by attitude,
// size by influence. Any object whose records carry a role in the decision is drawn so.
import { useQueries } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Network, Phone } from 'lucide-react';
import { expandsOf, fieldOf } from '../api/dictionary';
import { queryRecords, refId, refName } from '../api/records';
import type { Rec } from '../api/types';
import { useLabel, useT } from '../i18n';
import { SkeletonRows } from '../ui/bits';
import { cx } from '../ui/cx';
import { type ChainSource, ROLE } from './chain-sources';
import { phoneOf, recordName } from './name';

const WEIGHT = 'influence';
const STANCE = 'attitude';
const SHOWN = 60;

type Node = {
  id: string;
  object: string;
  name: string;
  hint: string | null;
  role: string | null;
  weight: string | null;
  stance: string | null;
  phone: string | null;
};

function nodeOf({ object, person }: ChainSource, record: Rec, unnamed: string): Node {
  const text = (name: string) => (typeof record[name] === 'string' ? (record[name] as string) : null);
  const linked = person ? refId(record[person.name]) : null;
  return {
    id: linked ?? record.id,
    object: linked ? (person?.reference ?? object.name) : object.name,
    name: linked ? (refName(person && record[person.name]) ?? unnamed) : recordName(object, record, unnamed),
    hint: text('title') ?? text('role_title'),
    role: text(ROLE),
    weight: text(WEIGHT),
    stance: text(STANCE),
    phone: phoneOf(object, record),
  };
}

export default function Chain({ sources, parent }: { sources: ChainSource[]; parent: Rec }) {
  const t = useT();
  const label = useLabel();
  const answers = useQueries({
    queries: sources.map((source) => ({
      queryKey: ['overview', 'chain', source.object.name, source.via, parent.id],
      queryFn: ({ signal }: { signal: AbortSignal }) =>
        queryRecords(
          source.object.name,
          {
            filter: { field: source.via, op: 'eq', value: parent.id },
            expand: expandsOf(source.object.fields),
            limit: SHOWN,
          },
          signal,
        ),
    })),
  });
  if (answers.some((answer) => answer.isPending)) return <SkeletonRows rows={2} />;
  const nodes = new Map<string, Node>();
  sources.forEach((source, index) => {
    for (const record of answers[index]?.data?.items ?? []) {
      const node = nodeOf(source, record, t.common.unnamed);
      const known = nodes.get(node.id);
      nodes.set(node.id, known ? { ...node, ...dropEmpty(known) } : node);
    }
  });
  const role = sources.map((source) => fieldOf(source.object, ROLE)).find((field) => field);
  const stance = sources.map((source) => fieldOf(source.object, STANCE)).find((field) => field);
  const rows = (role?.options ?? [])
    .map((option) => ({ option, people: [...nodes.values()].filter((node) => node.role === option.value) }))
    .filter((row) => row.people.length > 0);
  // Without a single role there is no chain to draw.
  if (rows.length === 0) return null;
  return (
    <figure className="rounded-lg border border-line p-3 flex flex-col gap-1" aria-label={t.around.chainOf(nodes.size)}>
      <figcaption className="flex items-center gap-1.5 text-xs font-semibold text-ink-3 pb-1">
        <Network size={13} aria-hidden />
        {t.around.chain}
        {stance?.options && (
          <span className="ml-auto flex gap-3 font-normal">
            {stance.options.map((option) => (
              <span key={option.value} className="flex items-center gap-1">
                <i aria-hidden className={cx('size-2 rounded-full', DOT[option.color ?? 'gray'])} />
                {label(option.label)}
              </span>
            ))}
          </span>
        )}
      </figcaption>
      <ol>
        {rows.map(({ option, people }, index) => (
          <li key={option.value} className="relative grid grid-cols-[5.5rem_minmax(0,1fr)] gap-2 items-start py-1.5">
            <span className="text-ink-2 pt-1.5 touch:pt-3 truncate">{label(option.label)}</span>
            <span className="flex flex-wrap gap-1.5 relative">
              {index > 0 && <i aria-hidden className="absolute -top-3 left-4 h-3 w-px bg-line-strong" />}
              {people.map((node) => (
                <Person key={node.id} node={node} stance={stance?.options?.find((one) => one.value === node.stance)} />
              ))}
            </span>
          </li>
        ))}
      </ol>
    </figure>
  );
}

function dropEmpty(node: Node): Partial<Node> {
  return Object.fromEntries(Object.entries(node).filter(([, value]) => value !== null));
}

const DOT: Record<string, string> = {
  green: 'bg-ok',
  red: 'bg-danger',
  gray: 'bg-line-strong',
  amber: 'bg-warn',
  blue: 'bg-brand',
};

function Person({
  node,
  stance,
}: {
  node: Node;
  stance: { label: { zh: string; en: string }; color?: string | null } | undefined;
}) {
  const t = useT();
  const label = useLabel();
  const strong = node.weight === 'high';
  return (
    <span
      className={cx(
        'inline-flex items-center rounded-md border min-h-8 touch:min-h-11',
        strong ? 'border-line-strong' : 'border-line',
      )}
    >
      <Link
        to="/o/$object/$id"
        params={{ object: node.object, id: node.id }}
        className="flex items-center gap-1.5 px-2 self-stretch hover:text-brand-ink rounded-md"
      >
        <i
          aria-hidden
          className={cx('size-2 rounded-full shrink-0', DOT[stance?.color ?? ''] ?? 'border border-line-strong')}
        />
        <span className={strong ? 'font-semibold' : ''}>{node.name}</span>
        {node.hint && <span className="text-ink-3 text-xs">{node.hint}</span>}
        {stance && <span className="sr-only">{`${t.around.stance}: ${label(stance.label)}`}</span>}
      </Link>
      {node.phone && (
        <a
          href={`tel:${node.phone}`}
          aria-label={t.list.call(node.name)}
          className="size-8 touch:size-11 grid place-items-center text-brand-ink rounded-md hover:bg-brand-soft"
        >
          <Phone size={13} aria-hidden />
        </a>
      )}
    </span>
  );
}
