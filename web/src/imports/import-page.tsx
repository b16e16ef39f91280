// The wizard: columns → check → import. Each step shows what the next will do.
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate, useParams } from '@tanstack/react-router';
import { Check, SearchX } from 'lucide-react';
import { api } from '../api/client';
import { useLexicon } from '../api/dictionary';
import type { Import, ImportState } from '../api/types';
import { useT } from '../i18n';
import { faultText } from '../session/fault-text';
import { Empty, useTitle } from '../ui/bits';
import { buttonClass } from '../ui/button';
import { cx } from '../ui/cx';
import { toast } from '../ui/toast';
import type { Correction } from './grid';
import { Mapping } from './mapping';
import { Outcome, Progress } from './outcome';
import { importQuery } from './queries';
import { Report } from './report';
import { useImportText } from './text';

const STEP: Record<ImportState, number> = {
  draft: 1,
  checking: 2,
  checked: 2,
  running: 3,
  done: 3,
  cancelled: 3,
  failed: 3,
  undoing: 3,
  undone: 3,
};

export default function ImportPage() {
  const t = useT();
  const i = useImportText();
  const { id } = useParams({ from: '/imports/$id' });
  const client = useQueryClient();
  const navigate = useNavigate();
  const { find } = useLexicon();
  const { data, error } = useQuery(importQuery(id));
  useTitle(data?.file_name ?? i.title);

  const adopt = (next: Import) => {
    client.setQueryData(['import', id], next);
    void client.invalidateQueries({ queryKey: ['imports'] });
  };
  const run = async (call: () => Promise<Import>) => {
    try {
      adopt(await call());
    } catch (cause) {
      toast(faultText(cause, t), { tone: 'danger' });
    }
  };
  const change = (changes: Record<string, unknown>) => run(() => api.patch<Import>(`/imports/${id}`, changes));
  const act = (action: 'check' | 'start' | 'cancel' | 'undo') =>
    run(() => api.post<Import>(`/imports/${id}/${action}`));

  const correct = async (corrections: Correction[]) => {
    try {
      await api.patch<Import>(`/imports/${id}`, { corrections });
      adopt(await api.post<Import>(`/imports/${id}/check`));
    } catch (cause) {
      toast(faultText(cause, t), { tone: 'danger' });
      throw cause;
    }
  };
  /** Corrected rows come in as an import of their own, which is shown at once. */
  const again = async (corrections: Correction[]) => {
    try {
      const made = await api.post<Import>(`/imports/${id}/again`, { corrections });
      client.setQueryData(['import', made.id], await api.post<Import>(`/imports/${made.id}/start`));
      void client.invalidateQueries({ queryKey: ['import', id] });
      void client.invalidateQueries({ queryKey: ['imports'] });
      void navigate({ to: '/imports/$id', params: { id: made.id } });
    } catch (cause) {
      toast(faultText(cause, t), { tone: 'danger' });
      throw cause;
    }
  };

  if (error) {
    return (
      <Empty icon={SearchX} title={faultText(error, t)}>
        <Link to="/imports" className={buttonClass('primary')}>
          {t.common.back}
        </Link>
      </Empty>
    );
  }
  const object = data ? find(data.object) : undefined;
  if (!data || !object)
    return (
      <div aria-hidden className="p-6">
        <span className="skeleton block h-64" />
      </div>
    );
  const busy = data.state === 'checking' || data.state === 'running' || data.state === 'undoing';
  return (
    <div className="flex-1 min-h-0 flex flex-col">
      <header className="shrink-0 px-4 md:px-6 pt-3 pb-3 border-b border-line flex flex-wrap items-center gap-x-6 gap-y-2">
        <div className="min-w-0">
          <h1 className="text-[15px] font-semibold truncate">{data.file_name}</h1>
        </div>
        <Steps current={STEP[data.state]} finished={data.state === 'done'} />
      </header>
      <div className="flex-1 min-h-0 overflow-auto thin-bar">
        {data.state === 'draft' && (
          <Mapping value={data} object={object} onChange={change} onCheck={() => act('check')} />
        )}
        {busy && <Progress value={data} onCancel={() => act('cancel')} />}
        {data.state === 'checked' && (
          <Report
            value={data}
            object={object}
            onStart={() => act('start')}
            onCorrect={correct}
            onBack={() => change({ header_row: data.header_row })}
          />
        )}
        {(data.state === 'done' ||
          data.state === 'failed' ||
          data.state === 'cancelled' ||
          data.state === 'undone') && (
          <Outcome value={data} object={object} onUndo={() => act('undo')} onCorrect={again} />
        )}
      </div>
    </div>
  );
}

function Steps({ current, finished }: { current: number; finished: boolean }) {
  const i = useImportText();
  return (
    <ol className="flex items-center gap-1 md:gap-2 text-xs">
      {i.steps.map((text, index) => {
        const done = index < current || finished;
        return (
          <li
            key={text}
            aria-current={index === current ? 'step' : undefined}
            className={cx('flex items-center gap-1.5', index === current ? 'text-ink font-medium' : 'text-ink-3')}
          >
            {index > 0 && <span aria-hidden className="w-3 md:w-6 h-px bg-line-strong/60" />}
            <span
              className={cx(
                'size-5 rounded-full grid place-items-center text-[11px]',
                done ? 'bg-ok-soft text-ok' : index === current ? 'bg-brand text-white' : 'bg-sunken',
              )}
            >
              {done ? <Check size={12} aria-hidden /> : index + 1}
            </span>
            {text}
          </li>
        );
      })}
    </ol>
  );
}
