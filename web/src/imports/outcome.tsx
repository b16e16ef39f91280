// While it runs, and what came of it.
import { useNavigate } from '@tanstack/react-router';
import { Ban, CircleCheckBig, Download, Eye, FileUp, RotateCcw, Square, TriangleAlert } from 'lucide-react';
import { useState } from 'react';
import type { Import, ObjectType } from '../api/types';
import { useFormat } from '../format/use-format';
import { useT } from '../i18n';
import { Button } from '../ui/button';
import { Confirm } from '../ui/dialog';
import { type Correction, FaultGrid } from './grid';
import { downloadErrors } from './report';
import { useImportText } from './text';

export function Progress({ value, onCancel }: { value: Import; onCancel: () => Promise<void> }) {
  const i = useImportText();
  const format = useFormat();
  const { done, total } = value.progress;
  const share = total > 0 ? Math.min(done / total, 1) : 0;
  const title = value.state === 'checking' ? i.checking : value.state === 'undoing' ? i.undoing : i.running;
  return (
    <div className="p-6 flex flex-col items-center gap-4 pt-20 text-center">
      <h2 className="text-lg font-semibold" aria-live="polite">
        {title}
      </h2>
      <div
        role="progressbar"
        aria-label={title}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={Math.round(share * 100)}
        className="w-full max-w-md h-2 rounded-full bg-sunken overflow-hidden"
      >
        <div
          className="h-full rounded-full bg-brand transition-[width] duration-150"
          style={{ width: `${share * 100}%` }}
        />
      </div>
      <p className="text-ink-2">{i.progress(format.fullNumber(done), format.fullNumber(total))}</p>
      {value.state === 'running' && <Counts value={value} />}
      <p className="text-ink-3">{i.keepOpen}</p>
      {value.state === 'running' && (
        <Button icon={Square} onClick={() => void onCancel()}>
          {i.cancelRun}
        </Button>
      )}
    </div>
  );
}

function Counts({ value }: { value: Import }) {
  const i = useImportText();
  const format = useFormat();
  const { created, updated, skipped, failed } = value.progress;
  const figures: [string, number, string][] = [
    [i.created, created, 'text-ok'],
    [i.updated, updated, 'text-brand-ink'],
    [i.skipped, skipped, 'text-ink-2'],
    [i.failed, failed, failed > 0 ? 'text-danger' : 'text-ink-2'],
  ];
  return (
    <dl className="flex gap-8">
      {figures.map(([label, count, tone]) => (
        <div key={label} className="flex flex-col-reverse">
          <dt className="text-ink-3">{label}</dt>
          <dd className={`text-[20px] leading-7 font-semibold ${tone}`}>{format.fullNumber(count)}</dd>
        </div>
      ))}
    </dl>
  );
}

export function Outcome({
  value,
  object,
  onUndo,
  onCorrect,
}: {
  value: Import;
  object: ObjectType;
  onUndo: () => Promise<void>;
  onCorrect: (corrections: Correction[]) => Promise<void>;
}) {
  const t = useT();
  const i = useImportText();
  const navigate = useNavigate();
  const [asking, setAsking] = useState(false);
  const looks = {
    done: { icon: CircleCheckBig, tone: 'bg-ok-soft text-ok', title: i.doneTitle },
    failed: { icon: TriangleAlert, tone: 'bg-danger-soft text-danger', title: i.failedTitle },
    cancelled: { icon: Ban, tone: 'bg-sunken text-ink-2', title: i.cancelledTitle },
    undone: { icon: RotateCcw, tone: 'bg-sunken text-ink-2', title: i.undone },
  } as const;
  const look = looks[value.state as keyof typeof looks] ?? looks.done;
  const Icon = look.icon;
  const wrote = value.progress.created + value.progress.updated > 0;
  return (
    <div className="p-6 flex flex-col items-center gap-5 pt-16 text-center">
      <span className={`size-14 rounded-full grid place-items-center ${look.tone}`}>
        <Icon size={26} aria-hidden />
      </span>
      <div role="status">
        <h2 className="text-lg font-semibold">{look.title}</h2>
      </div>
      {value.message && <p className="text-ink-2 max-w-md">{value.message}</p>}
      <Counts value={value} />
      <div className="flex flex-wrap justify-center gap-2">
        {value.state === 'done' && (
          <Button
            variant="primary"
            icon={Eye}
            onClick={() =>
              void navigate({ to: '/o/$object', params: { object: object.name }, search: { sort: '-created_at' } })
            }
          >
            {i.view}
          </Button>
        )}
        {value.progress.failed > 0 && (
          <Button icon={Download} onClick={() => downloadErrors(value, t)}>
            {i.errors}
          </Button>
        )}
        <Button icon={FileUp} onClick={() => void navigate({ to: '/imports', search: { object: object.name } })}>
          {i.again}
        </Button>
        {wrote && value.state !== 'undone' && (
          <Button variant="ghost" icon={RotateCcw} onClick={() => setAsking(true)}>
            {i.undo}
          </Button>
        )}
      </div>
      {value.progress.failed > 0 && value.state !== 'undone' && (
        <FaultGrid value={value} action={i.correctAgain} onCorrect={onCorrect} />
      )}
      <Confirm
        open={asking}
        onClose={() => setAsking(false)}
        title={i.undoAsk}
        text={i.undoText}
        action={i.undo}
        danger
        onConfirm={onUndo}
      />
    </div>
  );
}
