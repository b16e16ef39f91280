// What a record lacks, where one reads it: the score, what is missing, and what wants checking, confirmed in one tap.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { BadgeCheck } from 'lucide-react';
import { lazy, Suspense } from 'react';
import { invalidateRecord, overviewQuery } from '../api/records';
import type { ObjectType, Rec } from '../api/types';
import { useLabel, useT } from '../i18n';
import { faultText } from '../session/fault-text';
import { Button } from '../ui/button';
import { cx } from '../ui/cx';
import { toast } from '../ui/toast';
import { toneOf, verifyFields } from './queries';

const Sources = lazy(() => import('./sources'));

const TONE = { ok: 'bg-ok-soft text-ok', warn: 'bg-warn-soft text-warn', danger: 'bg-danger-soft text-danger' };

export function Score({ value, className }: { value: number; className?: string }) {
  return (
    <span
      className={cx(
        'inline-grid place-items-center min-w-9 h-6 px-1.5 rounded-sm font-semibold tabular-nums',
        TONE[toneOf(value)],
        className,
      )}
    >
      {value}
    </span>
  );
}

export function RecordQuality({ object, record }: { object: ObjectType; record: Rec }) {
  const t = useT();
  const label = useLabel();
  const client = useQueryClient();
  const { data } = useQuery(overviewQuery(object.name, record.id));
  const quality = data?.quality;
  const verify = useMutation({
    mutationFn: () => verifyFields(object.name, record.id, quality?.stale.map((one) => one.field) ?? []),
    onSuccess: () => {
      invalidateRecord(client, object.name, record.id);
      toast(t.quality.verified);
    },
    onError: (cause) => toast(faultText(cause, t)),
  });
  if (!quality) return null;
  const may = record._can?.update ?? object.can.update;
  return (
    <section aria-label={t.quality.record} className="flex items-start gap-3 rounded-md bg-sunken p-3">
      <Score value={quality.score} />
      <div className="min-w-0 flex-1 flex flex-col gap-1">
        <p className={cx('min-h-6 flex items-center', quality.text ? '' : 'text-ink-2')}>
          <span className="break-words min-w-0">{quality.text || t.quality.complete}</span>
        </p>
        {quality.broken.map((rule) => (
          <p key={rule.name} className="text-ink-2">
            {t.quality.broken(label(rule.label))}
          </p>
        ))}
        <Suspense fallback={null}>
          <Sources object={object.name} record={record.id} />
        </Suspense>
        {may && quality.stale.length > 0 && (
          <Button
            size="sm"
            icon={BadgeCheck}
            className="self-start mt-1"
            disabled={verify.isPending}
            onClick={() => verify.mutate()}
          >
            {t.quality.verify}
          </Button>
        )}
      </div>
    </section>
  );
}
