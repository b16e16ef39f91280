// A record's past: who changed what from what to what, one field's past, and the whole record as of a day.
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { ArrowRight, History, Undo2 } from 'lucide-react';
import { useState } from 'react';
import { Fault } from '../api/client';
import { historyPage, insightKeys, recordAt } from '../api/insight';
import type { Change, Field, ObjectType, Rec } from '../api/types';
import { FieldView, isEmpty, wireValue } from '../fields';
import { addDays } from '../format/time';
import type { Typed } from '../format/typed-date';
import { useFormat } from '../format/use-format';
import { useLabel, useT } from '../i18n';
import { faultText } from '../session/fault-text';
import { Avatar, Empty, FieldFrame, SkeletonRows } from '../ui/bits';
import { Button } from '../ui/button';
import { DateField } from '../ui/date-field';
import { layoutFor, sectionsOf } from './layout';
import { useRecordText } from './record-text';
import { Changes, FieldChangeLine } from './timeline';

function useHistory(object: string, id: string, field: string | null) {
  return useInfiniteQuery({
    queryKey: insightKeys.history(object, id, field),
    queryFn: ({ pageParam }) => historyPage(object, id, { field, cursor: pageParam }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
  });
}

/** All changes of a record, and the way to what it was on a day. */
export default function RecordPast({ object, record }: { object: ObjectType; record: Rec }) {
  const r = useRecordText();
  const format = useFormat();
  const [day, setDay] = useState<Typed | string | null>(null);
  const chosen = day && typeof day === 'object' ? day.day : null;
  return (
    <div className="flex flex-col gap-4 max-w-2xl">
      <FieldFrame id="past-day" label={r.past.asOf} help={chosen ? null : r.past.asOfHint}>
        <div className="flex flex-wrap gap-2 items-start">
          <div className="w-full md:w-56">
            <DateField id="past-day" label={r.past.asOf} value={day} onChange={setDay} />
          </div>
          {chosen && (
            <Button icon={Undo2} onClick={() => setDay(null)}>
              {r.past.leave}
            </Button>
          )}
        </div>
      </FieldFrame>
      {chosen ? (
        <AsOf object={object} record={record} day={chosen} label={format.day(chosen)} />
      ) : (
        <ChangeList object={object} id={record.id} />
      )}
    </div>
  );
}

function ChangeList({ object, id }: { object: ObjectType; id: string }) {
  const t = useT();
  const r = useRecordText();
  const { data, error, isPending, hasNextPage, fetchNextPage, isFetchingNextPage } = useHistory(object.name, id, null);
  const items = data?.pages.flatMap((page) => page.items) ?? [];
  if (isPending) return <SkeletonRows rows={4} />;
  if (error) return <p role="alert">{faultText(error, t)}</p>;
  if (items.length === 0) return <Empty icon={History} title={t.record.history_empty} />;
  return (
    <>
      <ol className="flex flex-col">
        {items.map((change) => (
          <li key={change.id} className="border-b border-line py-2.5">
            <ChangeHead change={change} />
            {change.op === 'create' ? (
              <details className="mt-1 pl-7">
                <summary className="text-ink-3 cursor-pointer touch:min-h-11 touch:py-2.5 w-fit">
                  {r.past.createdWith} · {t.admin.audit.fields(change.changes.length)}
                </summary>
                <Changes object={object.name} changes={change.changes} />
              </details>
            ) : (
              <div className="pl-7">
                <Changes object={object.name} changes={change.changes} />
              </div>
            )}
          </li>
        ))}
      </ol>
      {hasNextPage && (
        <Button className="w-full" disabled={isFetchingNextPage} onClick={() => void fetchNextPage()}>
          {r.past.older}
        </Button>
      )}
    </>
  );
}

function ChangeHead({ change }: { change: Change }) {
  const t = useT();
  const r = useRecordText();
  const format = useFormat();
  const who = change.by?.name ?? t.admin.audit.system;
  const via =
    change.via && change.via !== 'page' ? (t.admin.audit.viaNames as Record<string, string>)[change.via] : null;
  const what: Record<string, string> = {
    create: t.record.created,
    delete: r.past.deleted,
    restore: r.past.restored,
  };
  return (
    <p className="flex flex-wrap items-center gap-x-2 text-ink-2">
      <Avatar name={who} />
      <span className="text-ink font-medium">{who}</span>
      {what[change.op] && <span>{what[change.op]}</span>}
      {via && <span className="text-ink-3">{r.past.via(via)}</span>}
      <time dateTime={change.at} title={format.fullMoment(change.at)} className="ml-auto text-xs text-ink-3">
        {format.moment(change.at)}
      </time>
    </p>
  );
}

/** Who changed one field, newest first. */
export function FieldPast({ object, record, field }: { object: ObjectType; record: Rec; field: Field }) {
  const t = useT();
  const r = useRecordText();
  const { data, error, isPending, hasNextPage, fetchNextPage, isFetchingNextPage } = useHistory(
    object.name,
    record.id,
    field.name,
  );
  const items = data?.pages.flatMap((page) => page.items) ?? [];
  if (isPending) return <SkeletonRows rows={3} />;
  if (error) return <p role="alert">{faultText(error, t)}</p>;
  if (items.length === 0) {
    return (
      <div className="rounded-lg bg-sunken px-3 py-3">
        <p className="font-medium">{r.past.none}</p>
        <p className="text-ink-2">{r.past.noneHint}</p>
      </div>
    );
  }
  return (
    <div className="flex flex-col gap-2">
      <ol className="flex flex-col">
        {items.map((change) => (
          <li key={change.id} className="border-b border-line py-2.5 flex flex-col gap-1">
            <ChangeHead change={change} />
            {change.changes.map((one) => (
              <p key={one.field} className="flex flex-wrap items-baseline gap-x-1.5 pl-7 min-w-0">
                <FieldChangeLine field={field} change={one} />
              </p>
            ))}
          </li>
        ))}
      </ol>
      {hasNextPage && (
        <Button disabled={isFetchingNextPage} onClick={() => void fetchNextPage()}>
          {r.past.older}
        </Button>
      )}
    </div>
  );
}

/** The record at the end of a day; what is otherwise today stands beside it. */
function AsOf({ object, record, day, label: when }: { object: ObjectType; record: Rec; day: string; label: string }) {
  const t = useT();
  const r = useRecordText();
  const label = useLabel();
  const format = useFormat();
  const [onlyDifferent, setOnlyDifferent] = useState(false);
  const midnight = format.dayStart(addDays(day, 1));
  const at = new Date(Date.parse(midnight) - 1).toISOString();
  const { data, error, isPending } = useQuery({
    queryKey: insightKeys.past(object.name, record.id, at),
    queryFn: ({ signal }) => recordAt(object.name, record.id, at, signal),
    retry: false,
  });
  if (isPending) return <SkeletonRows rows={6} />;
  if (error) {
    const absent = error instanceof Fault && error.status === 404;
    return <Empty icon={History} title={absent ? r.past.notYet : faultText(error, t)} />;
  }
  // Computed values are those of now; the past knows only what was written.
  const known = (field: Field) => field.name in data && !field.computed;
  const differs = (field: Field) =>
    JSON.stringify(wireValue(field, data[field.name]) ?? null) !==
    JSON.stringify(wireValue(field, record[field.name]) ?? null);
  const sections = sectionsOf(object, layoutFor(object, record)).map((section) => ({
    ...section,
    fields: section.fields.filter(known),
  }));
  const different = sections.flatMap((section) => section.fields).filter(differs);
  return (
    <section aria-label={r.past.asOfTitle(when)} className="flex flex-col gap-4">
      <header className="flex flex-wrap items-center gap-x-3 gap-y-1 rounded-lg bg-brand-soft px-3 py-2">
        <h3 className="font-semibold text-brand-ink">{r.past.asOfTitle(when)}</h3>
        <span className="text-ink-2">{different.length > 0 ? r.past.differs(different.length) : r.past.sameAsNow}</span>
        {different.length > 0 && (
          <label className="ml-auto flex items-center gap-2 touch:min-h-11">
            <input
              type="checkbox"
              className="check"
              checked={onlyDifferent}
              onChange={(event) => setOnlyDifferent(event.target.checked)}
            />
            {r.past.onlyDifferent}
          </label>
        )}
      </header>
      {sections.map((section, index) => {
        const fields = section.fields.filter(
          (field) => differs(field) || (!onlyDifferent && !isEmpty(data[field.name])),
        );
        if (fields.length === 0) return null;
        return (
          <div key={index}>
            {section.label && <h4 className="text-xs font-semibold text-ink-3 mb-1">{label(section.label)}</h4>}
            <dl>
              {fields.map((field) => (
                <div key={field.name} className="grid grid-cols-[7.5rem_minmax(0,1fr)] gap-2 py-1">
                  <dt className="text-ink-3 truncate">{label(field.label)}</dt>
                  <dd className="min-w-0 flex flex-wrap items-center gap-x-2">
                    <FieldView field={field} value={data[field.name]} record={data} />
                    {differs(field) && (
                      <span className="flex items-center gap-1.5 rounded-sm bg-warn-soft text-warn px-1.5 min-w-0">
                        <ArrowRight size={12} aria-hidden className="shrink-0" />
                        <span className="text-xs shrink-0">{r.past.now}</span>
                        <span className="text-ink truncate">
                          <FieldView field={field} value={record[field.name]} record={record} compact />
                        </span>
                      </span>
                    )}
                  </dd>
                </div>
              ))}
            </dl>
          </div>
        );
      })}
    </section>
  );
}
