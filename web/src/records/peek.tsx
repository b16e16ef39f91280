import { useNavigate } from '@tanstack/react-router';
import { ChevronDown, ChevronUp, Maximize2, SearchX, X } from 'lucide-react';
import type { ObjectType } from '../api/types';
import { useT } from '../i18n';
import { faultText } from '../session/fault-text';
import { Empty } from '../ui/bits';
import { IconButton } from '../ui/button';
import { Facts } from './facts';
import { useLogTarget, useRecord } from './record-body';
import { RecordHeader } from './record-header';
import { RecordStanding } from './record-standing';
import { RecordTabs } from './record-tabs';

export function Peek({
  object,
  id,
  onClose,
  onMove,
}: {
  object: ObjectType;
  id: string;
  onClose: () => void;
  onMove?: (step: number) => void;
}) {
  const t = useT();
  const navigate = useNavigate();
  const { record, overview, name, gone, fault } = useRecord(object, id);
  const target = useLogTarget(object, id, name);
  return (
    <aside
      aria-label={t.record.peekOf(name ?? '')}
      className="w-[min(480px,42vw)] shrink-0 border-l border-line flex flex-col min-h-0 anim-slide"
    >
      <div className="flex items-center gap-0.5 px-2 h-10 shrink-0">
        <IconButton icon={X} label={t.common.close} size="sm" onClick={onClose} />
        <IconButton
          icon={Maximize2}
          iconSize={14}
          label={t.list.openFull}
          size="sm"
          onClick={() => void navigate({ to: '/o/$object/$id', params: { object: object.name, id } })}
        />
        {onMove && (
          <span className="ml-auto flex">
            <IconButton icon={ChevronUp} label={t.list.previous} size="sm" onClick={() => onMove(-1)} />
            <IconButton icon={ChevronDown} label={t.list.nextRecord} size="sm" onClick={() => onMove(1)} />
          </span>
        )}
      </div>
      {record && name ? (
        <div className="flex-1 min-h-0 flex flex-col gap-3 -mt-2">
          <RecordHeader object={object} record={record} name={name} compact onDeleted={onClose} />
          <Facts object={object} record={record} target={target} narrow className="px-4" />
          <RecordStanding object={object} record={record} name={name} className="px-4" />
          <RecordTabs object={object} record={record} name={name} overview={overview} withDetails className="flex-1" />
        </div>
      ) : gone || fault ? (
        <Empty icon={SearchX} title={gone ? t.record.gone : faultText(fault, t)} />
      ) : (
        <div aria-hidden className="p-4 flex flex-col gap-4">
          <span className="skeleton h-5 w-2/3" />
          <span className="skeleton h-12" />
          <span className="skeleton h-40" />
        </div>
      )}
    </aside>
  );
}
