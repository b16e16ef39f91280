import { Link, useNavigate, useParams, useRouter } from '@tanstack/react-router';
import { ChevronLeft, SearchX } from 'lucide-react';
import { lazy, Suspense } from 'react';
import { useObject } from '../api/dictionary';
import type { ObjectType } from '../api/types';
import { useLabel, useT } from '../i18n';
import { faultText } from '../session/fault-text';
import { useHotkeys } from '../shell/hotkeys';
import { NotFound } from '../shell/not-found';
import { openLog } from '../shell/overlays';
import { Tip } from '../tips/tip';
import { Empty, useTitle } from '../ui/bits';
import { buttonClass, IconButton } from '../ui/button';
import { useWide } from '../ui/use-media';
import { Details } from './details';
import { Facts, QuickActions } from './facts';
import { mapAddress, useLogTarget, useRecord } from './record-body';
import { RecordHeader } from './record-header';
import { RecordStanding } from './record-standing';
import { RecordTabs } from './record-tabs';

// Without a network it may be out of reach; the record is what matters.
const StageBar = lazy(() => import('../journey/stage-bar').catch(() => ({ default: (): null => null })));
/** The room that the way of a record takes, so that nothing moves when it is there. */
const BAR = 'px-4 md:px-6 pb-3 min-h-[76px] shrink-0';

export default function RecordPage() {
  const { object: name, id } = useParams({ from: '/o/$object/$id' });
  const object = useObject(name);
  if (!object) return <NotFound />;
  return <RecordView key={`${name}/${id}`} object={object} id={id} />;
}

function RecordView({ object, id }: { object: ObjectType; id: string }) {
  const t = useT();
  const label = useLabel();
  const wide = useWide();
  const navigate = useNavigate();
  const router = useRouter();
  const { record, overview, name, gone, fault } = useRecord(object, id);
  const target = useLogTarget(object, id, name);
  const toList = () => void navigate({ to: '/o/$object', params: { object: object.name }, search: {} });
  const back = () => (window.history.length > 1 ? router.history.back() : toList());

  useTitle(name ?? label(object.label));
  useHotkeys({
    l: () => openLog(target),
    e: () => document.querySelector<HTMLElement>('[data-inline]')?.click(),
    Escape: back,
  });

  if (gone || fault) {
    return (
      <Empty icon={SearchX} title={gone ? t.record.gone : faultText(fault, t)}>
        <Link to="/o/$object" params={{ object: object.name }} search={{}} className={buttonClass('primary')}>
          {t.record.backToList}
        </Link>
      </Empty>
    );
  }
  if (!record || !name) {
    return (
      <div aria-hidden className="p-6 flex flex-col gap-5">
        <span className="skeleton h-6 w-64" />
        <span className="skeleton h-12 w-full max-w-2xl" />
        <span className="skeleton h-64" />
      </div>
    );
  }
  const crumb = wide ? (
    <nav aria-label={t.record.backToList} className="flex items-center px-6 pt-3 -mb-3 text-xs">
      <Link
        to="/o/$object"
        params={{ object: object.name }}
        search={{}}
        className="flex items-center gap-0.5 text-ink-3 hover:text-ink h-6"
      >
        <ChevronLeft size={13} aria-hidden />
        {label(object.label_plural)}
      </Link>
    </nav>
  ) : null;
  return (
    <div className="flex-1 min-h-0 flex flex-col max-md:overflow-auto">
      {crumb}
      <RecordHeader
        object={object}
        record={record}
        name={name}
        onDeleted={toList}
        leading={
          wide ? undefined : (
            <IconButton icon={ChevronLeft} iconSize={22} label={t.common.back} className="-ml-2" onClick={back} />
          )
        }
      />
      {wide && <Tip of="record" />}
      <Facts object={object} record={record} target={target} narrow={!wide} className="px-4 md:px-6 pt-1 pb-3" />
      {object.fields.some((field) => field.name === 'stage' && field.type === 'choice') && (
        <Suspense fallback={<div aria-hidden className={BAR} />}>
          <StageBar object={object} record={record} className={BAR} />
        </Suspense>
      )}
      <RecordStanding object={object} record={record} name={name} className="px-4 md:px-6 pb-3" />
      {!wide && (
        <QuickActions
          object={object}
          record={record}
          target={target}
          address={mapAddress(record, object)}
          className="px-4 pb-3"
        />
      )}
      {wide ? (
        <div className="flex-1 min-h-0 flex border-t border-line">
          <section
            aria-label={t.record.details}
            className="w-[min(400px,36%)] shrink-0 border-r border-line overflow-auto px-6 py-4 thin-bar"
          >
            <Details object={object} record={record} />
          </section>
          <RecordTabs
            object={object}
            record={record}
            name={name}
            overview={overview}
            withDetails={false}
            className="flex-1 min-w-0"
          />
        </div>
      ) : (
        <RecordTabs
          object={object}
          record={record}
          name={name}
          overview={overview}
          withDetails
          className="border-t border-line"
        />
      )}
    </div>
  );
}
