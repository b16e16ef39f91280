// What the dry run found, before anything is written.
import { Download, Play } from 'lucide-react';
import { useState } from 'react';
import { api } from '../api/client';
import type { Import, ObjectType } from '../api/types';
import { useFormat } from '../format/use-format';
import { useT } from '../i18n';
import { faultText } from '../session/fault-text';
import { Button } from '../ui/button';
import { cx } from '../ui/cx';
import { toast } from '../ui/toast';
import { type Correction, FaultGrid } from './grid';
import { usePathLabel } from './mapping';
import { useImportText } from './text';

export function percent(share: number): string {
  const value = share * 100;
  return `${value >= 99.95 || value === 0 ? Math.round(value) : value.toFixed(1)}%`;
}

export function downloadErrors(value: Import, t: ReturnType<typeof useT>) {
  void api
    .download(`/imports/${value.id}/errors.xlsx`, `${value.file_name}-errors.xlsx`)
    .catch((cause: unknown) => toast(faultText(cause, t), { tone: 'danger' }));
}

export function Report({
  value,
  object,
  onStart,
  onCorrect,
  onBack,
}: {
  value: Import;
  object: ObjectType;
  onStart: () => Promise<void>;
  onCorrect: (corrections: Correction[]) => Promise<void>;
  onBack: () => Promise<void>;
}) {
  const t = useT();
  const i = useImportText();
  const format = useFormat();
  const pathLabel = usePathLabel(object);
  const [busy, setBusy] = useState(false);
  const report = value.report;
  if (!report) return null;
  const run = (call: () => Promise<void>) => {
    setBusy(true);
    void call().finally(() => setBusy(false));
  };
  return (
    <div className="p-4 md:px-6 flex flex-col gap-6 md:max-w-5xl pb-24">
      <div className="grid grid-cols-2 md:grid-cols-5 gap-2">
        <Figure label={i.valid} value={format.fullNumber(report.valid)} tone="text-ok" />
        <Figure
          label={i.faulty}
          value={format.fullNumber(report.faulty)}
          tone={report.faulty > 0 ? 'text-danger' : ''}
        />
        <Figure
          label={i.dup}
          value={format.fullNumber(report.duplicates)}
          tone={report.duplicates > 0 ? 'text-warn' : ''}
        />
        <Figure label={i.completeness} value={percent(report.completeness)} />
        <Figure label={i.validity} value={percent(report.validity)} />
      </div>
      {report.faults.length > 0 && (
        <section>
          <div className="flex items-center gap-3 mb-2">
            <h2 className="font-semibold">{i.firstFaults}</h2>
            <Button size="sm" icon={Download} onClick={() => downloadErrors(value, t)}>
              {i.errors}
            </Button>
          </div>
          <p className="text-ink-3 mb-2">{i.faultyStay}</p>
          <FaultGrid value={value} action={i.correctCheck} onCorrect={onCorrect} />
        </section>
      )}
      {report.fields.length > 0 && (
        <section>
          <h2 className="font-semibold mb-2">{i.byField}</h2>
          <table className="w-full md:max-w-2xl">
            <thead>
              <tr className="text-xs text-ink-3 text-left">
                <th scope="col" className="font-medium h-8">
                  {i.field}
                </th>
                <th scope="col" className="font-medium">
                  {i.filled}
                </th>
                <th scope="col" className="font-medium">
                  {i.right}
                </th>
              </tr>
            </thead>
            <tbody>
              {report.fields.map((one) => (
                <tr key={one.field} className="border-t border-line">
                  <td className="py-1.5 pr-3">{pathLabel(one.field)}</td>
                  <td className="pr-4">
                    <Meter share={shareOf(one.filled, report.rows)} />
                  </td>
                  <td className="pr-4">
                    <Meter share={shareOf(one.valid, one.filled)} good />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      )}
      <div className="sticky bottom-0 -mx-4 md:-mx-6 px-4 md:px-6 py-3 bg-surface border-t border-line flex gap-2 justify-end">
        <Button disabled={busy} onClick={() => run(onBack)}>
          {i.backToMapping}
        </Button>
        <Button
          variant="primary"
          icon={Play}
          disabled={busy || report.valid === 0}
          className="max-md:flex-1"
          onClick={() => run(onStart)}
        >
          {i.startRows(format.fullNumber(report.valid))}
        </Button>
      </div>
    </div>
  );
}

function shareOf(part: number, whole: number): number {
  return part / Math.max(whole, 1);
}

function Figure({ label, value, tone }: { label: string; value: string; tone?: string }) {
  return (
    <div className="rounded-lg border border-line px-3 py-2">
      <div className={cx('text-[20px] leading-7 font-semibold', tone)}>{value}</div>
      <div className="text-ink-3">{label}</div>
    </div>
  );
}

function Meter({ share, good }: { share: number; good?: boolean }) {
  return (
    <span className="flex items-center gap-2">
      <span aria-hidden className="w-24 h-1.5 rounded-full bg-sunken overflow-hidden">
        <span
          className={cx('block h-full rounded-full', good && share < 0.95 ? 'bg-warn' : 'bg-brand')}
          style={{ width: `${Math.min(share, 1) * 100}%` }}
        />
      </span>
      <span className="text-xs text-ink-2">{percent(share)}</span>
    </span>
  );
}
