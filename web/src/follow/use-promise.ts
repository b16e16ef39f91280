// What one tap does to a promise, with the way back in the toast.
import { useQueryClient } from '@tanstack/react-query';
import { patchRecord } from '../api/records';
import type { Page } from '../api/types';
import { useFormat } from '../format/use-format';
import { useHomeText } from '../home/home-text';
import { useT } from '../i18n';
import { faultText } from '../session/fault-text';
import { TASK_OBJECT } from '../shell/nav';
import { toast } from '../ui/toast';
import { type Act, act, type Obligation, promisesChanged } from './queries';
import { useFollowText } from './text';

/** As much of a promise as acting on it takes. */
export type Actable = { id: string; title: string; task: string | null; due_at: string | null };

export function usePromise() {
  const t = useT();
  const homeWords = useHomeText();
  const f = useFollowText();
  const format = useFormat();
  const client = useQueryClient();
  const changed = () => promisesChanged(client);

  const run = async (promise: Actable, action: Act, body: Record<string, unknown>, text: string) => {
    // Off the list at once; what fails comes back with the next look.
    client.setQueriesData<Page<Obligation>>(
      { queryKey: ['home', 'promises'] },
      (page) => page && { ...page, items: page.items.filter((item) => item.id !== promise.id) },
    );
    try {
      const after = await act(promise.id, action, body);
      changed();
      const undo = async () => {
        // A task is opened again with the task; what a rule promised, by itself.
        const task = after.task ?? promise.task;
        if (task) {
          const before = action === 'snooze' ? { due_at: promise.due_at } : { status: 'open' };
          await patchRecord(TASK_OBJECT, task, before);
        } else await act(promise.id, 'reopen');
        changed();
      };
      toast(text, {
        action: {
          label: t.common.undo,
          run: () => void undo().catch((cause: unknown) => toast(faultText(cause, t), { tone: 'danger' })),
        },
      });
      return true;
    } catch (cause) {
      changed();
      toast(faultText(cause, t), { tone: 'danger' });
      return false;
    }
  };
  return {
    done: (promise: Actable) => run(promise, 'done', {}, homeWords.markedDone(promise.title)),
    waive: (promise: Actable, reason: string) => run(promise, 'waive', { reason }, f.waived(promise.title)),
    snooze: (promise: Actable, until: string) =>
      run(promise, 'snooze', { until }, homeWords.snoozed(format.moment(until))),
  };
}
