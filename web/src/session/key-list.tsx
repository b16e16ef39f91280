// Keys for programs, each with a way to end it: one's own, or everybody's for who administers people.
import { useQueryClient } from '@tanstack/react-query';
import { KeyRound } from 'lucide-react';
import { useState } from 'react';
import { api } from '../api/client';
import type { KeyItem } from '../api/types';
import { useFormat } from '../format/use-format';
import { useT } from '../i18n';
import { Button } from '../ui/button';
import { Confirm } from '../ui/dialog';
import { toast } from '../ui/toast';
import { faultText } from './fault-text';

export function KeyList({ items, empty }: { items: KeyItem[]; empty: string }) {
  const t = useT();
  const format = useFormat();
  const client = useQueryClient();
  const [revoking, setRevoking] = useState<KeyItem | null>(null);
  const access = ({ scopes }: KeyItem) => {
    if (scopes.includes('calendar')) return t.session.calendarOnly;
    return scopes.includes('write') ? t.session.readWrite : t.session.readOnly;
  };
  const revoke = async (item: KeyItem) => {
    await api.delete(`/keys/${item.id}`).catch((cause: unknown) => toast(faultText(cause, t), { tone: 'danger' }));
    void client.invalidateQueries({ queryKey: ['keys'] });
  };
  return (
    <>
      {items.length === 0 ? (
        <p className="text-ink-3">{empty}</p>
      ) : (
        <ul className="flex flex-col divide-y divide-line">
          {items.map((item) => (
            <li key={item.id} className="flex items-center gap-3 py-2">
              <KeyRound size={18} aria-hidden className="text-ink-3 shrink-0" />
              <div className="flex-1 min-w-0">
                <p className="truncate">
                  {item.user ? `${item.name} · ${item.user.name ?? t.common.unnamed}` : item.name}
                </p>
                <p className="text-xs text-ink-3">
                  {[
                    access(item),
                    item.expires_at
                      ? `${t.session.keyExpires} ${format.day(format.wallClock(item.expires_at).day)}`
                      : t.session.never,
                    item.last_used_at
                      ? `${t.session.keyUsed} ${format.moment(item.last_used_at)}`
                      : t.session.keyUnused,
                  ].join(' · ')}
                </p>
              </div>
              <Button size="sm" variant="danger" onClick={() => setRevoking(item)}>
                {t.session.keyRevoke}
              </Button>
            </li>
          ))}
        </ul>
      )}
      <Confirm
        open={revoking !== null}
        onClose={() => setRevoking(null)}
        title={`${t.session.keyRevoke} ${revoking?.name ?? ''}`}
        text={t.session.keyRevokeAsk}
        action={t.session.keyRevoke}
        danger
        onConfirm={async () => {
          if (revoking) await revoke(revoking);
        }}
      />
    </>
  );
}
