import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '../api/client';
import { addMonths } from '../format/time';
import type { Typed } from '../format/typed-date';
import { useFormat } from '../format/use-format';
import { useT } from '../i18n';
import { FieldFrame, Segments } from '../ui/bits';
import { Button } from '../ui/button';
import { CopyBox } from '../ui/copy-box';
import { DateField } from '../ui/date-field';
import { Dialog } from '../ui/dialog';
import { faultText } from './fault-text';

export function NewKey({ onClose }: { onClose: () => void }) {
  const t = useT();
  const format = useFormat();
  const client = useQueryClient();
  const [name, setName] = useState('');
  const [scope, setScope] = useState<'read' | 'write'>('read');
  const [expires, setExpires] = useState<Typed | string | null>({ day: addMonths(format.today(), 12), time: null });
  const [fault, setFault] = useState<string | null>(null);
  const [key, setKey] = useState<string | null>(null);
  const make = async () => {
    if (name.trim() === '') return setFault(t.form.required(t.session.keyName));
    if (typeof expires === 'string') return setFault(t.form.date);
    try {
      const made = await api.post<{ id: string; key: string }>('/keys', {
        name: name.trim(),
        scopes: scope === 'write' ? ['read', 'write'] : ['read'],
        expires_at: expires ? format.instant(expires.day, '23:59') : null,
      });
      setKey(made.key);
      void client.invalidateQueries({ queryKey: ['keys'] });
    } catch (cause) {
      setFault(faultText(cause, t));
    }
  };
  return (
    <Dialog
      open
      onClose={onClose}
      title={t.session.newKey}
      footer={
        key ? (
          <Button variant="primary" onClick={onClose}>
            {t.common.done}
          </Button>
        ) : (
          <>
            <Button onClick={onClose}>{t.common.cancel}</Button>
            <Button variant="primary" onClick={() => void make()}>
              {t.common.create}
            </Button>
          </>
        )
      }
    >
      {key ? (
        <CopyBox text={key} hint={t.session.keyOnce} />
      ) : (
        <div className="flex flex-col gap-4">
          <FieldFrame id="key-name" label={t.session.keyName} required fault={fault}>
            <input
              id="key-name"
              className="control"
              value={name}
              maxLength={60}
              onChange={(event) => {
                setName(event.target.value);
                setFault(null);
              }}
            />
          </FieldFrame>
          <div className="flex flex-col gap-1">
            <span className="text-ink-2" aria-hidden>
              {t.session.scopes}
            </span>
            <Segments
              label={t.session.scopes}
              value={scope}
              onChange={setScope}
              className="self-start"
              options={[
                { value: 'read', label: t.session.readOnly },
                { value: 'write', label: t.session.readWrite },
              ]}
            />
          </div>
          <FieldFrame id="key-expires" label={t.session.keyExpires}>
            <DateField id="key-expires" label={t.session.keyExpires} value={expires} onChange={setExpires} />
          </FieldFrame>
        </div>
      )}
    </Dialog>
  );
}
