// Who looks as somebody else sees it all the time, and ends it with one press. Its words stand here: few ever load them.
import { Eye } from 'lucide-react';
import { api } from '../api/client';
import type { Ref } from '../api/types';
import { useT, useWordsOf } from '../i18n';
import { forgetKept } from '../offline/worker';
import { toast } from '../ui/toast';
import { faultText } from './fault-text';

export const zh = {
  seeing: (name: string) => `您正以${name}的身份查看：只能看，不能改，已写入操作日志`,
  end: '结束查看',
};

export const en: typeof zh = {
  seeing: (name) => `You are looking as ${name}: nothing can be changed, and the audit log notes it`,
  end: 'Stop',
};

/** From here on everything is somebody else's: the page starts anew, so that nothing of before is left in it. */
export async function seeAs(user: string) {
  await api.put('/session/see-as', { user });
  await forgetKept();
  location.assign('/');
}

export default function SeenAs({ user }: { user: Ref }) {
  const t = useT();
  const words = useWordsOf(zh, en);
  const end = () =>
    api
      .delete('/session/see-as')
      .then(forgetKept)
      .then(
        () => location.assign('/admin/users'),
        (cause: unknown) => toast(faultText(cause, t), { tone: 'danger' }),
      );
  return (
    <aside
      aria-label={words.seeing(user.name ?? '')}
      className="shrink-0 flex items-center gap-2 min-h-10 px-4 bg-warn-soft text-warn"
    >
      <Eye size={16} aria-hidden className="shrink-0" />
      <p className="flex-1 min-w-0 font-medium">{words.seeing(user.name ?? '')}</p>
      <button
        type="button"
        className="h-7 touch:h-11 px-2.5 rounded-md font-medium underline underline-offset-2 hover:bg-surface"
        onClick={() => void end()}
      >
        {words.end}
      </button>
    </aside>
  );
}
