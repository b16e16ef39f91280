import { queryOptions, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '../api/client';
import { queryRecords } from '../api/records';
import type { Rec, Ref } from '../api/types';
import { useT } from '../i18n';
import { faultText } from '../session/fault-text';
import { SkeletonRows } from '../ui/bits';
import { Button } from '../ui/button';
import { Dialog } from '../ui/dialog';
import { toast } from '../ui/toast';
import { useAdminText } from './text';

export function rolesQuery(user: string) {
  return queryOptions({
    queryKey: ['user-roles', user],
    queryFn: ({ signal }) => api.get<{ items: Ref[] }>(`/users/${user}/roles`, signal).then((answer) => answer.items),
    staleTime: 60_000,
    retry: false,
  });
}

export function allRolesQuery() {
  return queryOptions({
    queryKey: ['list', 'role', 'all'],
    queryFn: ({ signal }) => queryRecords('role', { sort: ['name'], limit: 200 }, signal),
    staleTime: 60_000,
  });
}

/** Roles are replaced as a whole, so nothing may be saved before it is known what the person has. */
export function RolesDialog({ user, onClose }: { user: Rec; onClose: () => void }) {
  const t = useT();
  const a = useAdminText();
  const client = useQueryClient();
  const held = useQuery(rolesQuery(user.id));
  const all = useQuery(allRolesQuery());
  const [changed, setChanged] = useState<string[] | null>(null);
  const [busy, setBusy] = useState(false);
  const chosen = changed ?? held.data?.map((role) => role.id);
  const save = async () => {
    if (!chosen) return;
    setBusy(true);
    try {
      await api.put(`/users/${user.id}/roles`, chosen);
      void client.invalidateQueries({ queryKey: ['user-roles', user.id] });
      toast(a.users.rolesSaved);
      onClose();
    } catch (cause) {
      setBusy(false);
      toast(faultText(cause, t), { tone: 'danger' });
    }
  };
  return (
    <Dialog
      open
      onClose={onClose}
      title={`${a.users.roles} · ${String(user.name ?? '')}`}
      footer={
        <>
          <Button onClick={onClose}>{t.common.cancel}</Button>
          <Button variant="primary" disabled={busy || !chosen || !changed} onClick={() => void save()}>
            {t.common.save}
          </Button>
        </>
      }
    >
      {held.error ? (
        <p role="alert" className="text-danger">
          {faultText(held.error, t)}
        </p>
      ) : !chosen || !all.data ? (
        <SkeletonRows rows={4} />
      ) : (
        <ul className="flex flex-col">
          {all.data.items.map((role) => (
            <li key={role.id}>
              <label className="flex items-start gap-3 py-2 touch:py-3">
                <input
                  type="checkbox"
                  className="check mt-0.5"
                  checked={chosen.includes(role.id)}
                  onChange={(event) =>
                    setChanged(event.target.checked ? [...chosen, role.id] : chosen.filter((id) => id !== role.id))
                  }
                />
                <span>
                  <span className="block font-medium">{String(role.name)}</span>
                  {typeof role.description === 'string' && (
                    <span className="block text-xs text-ink-3">{role.description}</span>
                  )}
                </span>
              </label>
            </li>
          ))}
        </ul>
      )}
    </Dialog>
  );
}
