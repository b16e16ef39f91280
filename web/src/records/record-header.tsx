// The name of a record and what one can do with it.
import { useQueryClient } from '@tanstack/react-query';
import { Link2, MapPin, MoreHorizontal, PenLine, Phone, ScanEye, Share2, Trash2 } from 'lucide-react';
import { lazy, type ReactNode, Suspense, useEffect, useState } from 'react';
import { deleteRecord, invalidateRecord, restoreRecord } from '../api/records';
import type { ObjectType, Rec } from '../api/types';
import { useT } from '../i18n';
import { faultText } from '../session/fault-text';
import { setLogContext } from '../shell/log-context';
import { openLog } from '../shell/overlays';
import { Button, buttonClass, IconButton } from '../ui/button';
import { cx } from '../ui/cx';
import { Confirm } from '../ui/dialog';
import { Menu, MenuItem, MenuSeparator } from '../ui/menu';
import { toast } from '../ui/toast';
import { phoneOf } from './name';
import { mapAddress, useLogTarget } from './record-body';
import { useRecordText } from './record-text';

const ShareSheet = lazy(() => import('./share-sheet'));
const AccessSheet = lazy(() => import('./access-sheet'));

export function RecordHeader({
  object,
  record,
  name,
  onDeleted,
  leading,
  trailing,
  compact,
}: {
  object: ObjectType;
  record: Rec;
  name: string;
  onDeleted: () => void;
  leading?: ReactNode;
  trailing?: ReactNode;
  compact?: boolean;
}) {
  const t = useT();
  const r = useRecordText();
  const client = useQueryClient();
  const [deleting, setDeleting] = useState(false);
  const [sheet, setSheet] = useState<'share' | 'access' | null>(null);
  const target = useLogTarget(object, record.id, name);
  const phone = phoneOf(object, record);
  const address = mapAddress(record, object);
  const mayDelete = record._can?.delete ?? object.can.delete;

  useEffect(() => {
    setLogContext(target);
    return () => setLogContext(null);
  }, [target]);

  const remove = async () => {
    try {
      await deleteRecord(object.name, record.id);
      invalidateRecord(client, object.name, record.id);
      onDeleted();
      toast(t.record.deleted(name), {
        action: {
          label: t.common.undo,
          run: () =>
            void restoreRecord(object.name, record.id).then(() => {
              invalidateRecord(client, object.name, record.id);
              toast(t.record.restored);
            }),
        },
      });
    } catch (cause) {
      toast(faultText(cause, t), { tone: 'danger' });
    }
  };
  return (
    <header className={cx('flex items-start gap-2 shrink-0', compact ? 'px-4 pt-3' : 'px-4 md:px-6 pt-3 md:pt-5')}>
      {leading}
      <div className="flex-1 min-w-0 flex flex-wrap items-center gap-x-2 gap-y-1 min-h-8 touch:min-h-11">
        <h1 className={cx('font-semibold break-words', compact ? 'text-base' : 'text-lg')}>{name}</h1>
      </div>
      <div className="flex items-center gap-1 shrink-0">
        {target && (
          <Button
            variant={compact ? 'default' : 'primary'}
            icon={PenLine}
            size={compact ? 'sm' : 'md'}
            className="max-md:hidden"
            onClick={() => openLog(target)}
          >
            {t.log.title}
          </Button>
        )}
        {phone && (
          <a
            href={`tel:${phone}`}
            aria-label={t.list.call(name)}
            title={t.record.callNow}
            className={cx(buttonClass('ghost'), 'px-2! max-md:hidden')}
          >
            <Phone size={16} aria-hidden />
          </a>
        )}
        <Menu trigger={<IconButton icon={MoreHorizontal} label={t.record.actions} />}>
          {address && (
            <MenuItem
              icon={MapPin}
              onClick={() =>
                window.open(`https://uri.amap.com/search?keyword=${encodeURIComponent(address)}`, '_blank', 'noopener')
              }
            >
              {t.record.navigate}
            </MenuItem>
          )}
          <MenuItem
            icon={Link2}
            onClick={() =>
              void navigator.clipboard
                .writeText(`${location.origin}/o/${object.name}/${record.id}`)
                .then(() => toast(t.record.linkCopied))
                .catch(() => toast(t.fault.unexpected, { tone: 'danger' }))
            }
          >
            {t.record.copyLink}
          </MenuItem>
          {record._can?.share && (
            <MenuItem icon={Share2} onClick={() => setSheet('share')}>
              {r.share.open}
            </MenuItem>
          )}
          <MenuItem icon={ScanEye} onClick={() => setSheet('access')}>
            {r.access.open}
          </MenuItem>
          {mayDelete && (
            <>
              <MenuSeparator />
              <MenuItem icon={Trash2} danger onClick={() => setDeleting(true)}>
                {t.common.delete}
              </MenuItem>
            </>
          )}
        </Menu>
        {trailing}
      </div>
      <Confirm
        open={deleting}
        onClose={() => setDeleting(false)}
        title={t.record.deleteAsk(name)}
        text={t.list.deleteText}
        action={t.common.delete}
        danger
        onConfirm={remove}
      />
      <Suspense fallback={null}>
        {sheet === 'share' && <ShareSheet object={object} record={record} name={name} onClose={() => setSheet(null)} />}
        {sheet === 'access' && (
          <AccessSheet object={object} id={record.id} name={name} onClose={() => setSheet(null)} />
        )}
      </Suspense>
    </header>
  );
}
