// Taking one customer out of its pool, by the button of a row.
import { useQueryClient } from '@tanstack/react-query';
import { Hand } from 'lucide-react';
import { useState } from 'react';
import { promisesChanged } from '../follow/queries';
import { useT } from '../i18n';
import { faultText } from '../session/fault-text';
import { IconButton } from '../ui/button';
import { toast } from '../ui/toast';
import { claim, refusal } from './queries';
import { usePoolText } from './text';

/** Says what came of it; whether the customer is the caller's now. */
export function useClaim() {
  const t = useT();
  const p = usePoolText();
  const client = useQueryClient();
  const [busy, setBusy] = useState(false);
  const take = async (id: string, name: string) => {
    setBusy(true);
    try {
      const refused = refusal(await claim(client, [id]));
      if (refused === null) toast(p.claimed(name));
      else toast(refused, { tone: 'danger' });
      promisesChanged(client);
    } catch (cause) {
      toast(faultText(cause, t), { tone: 'danger' });
    }
    setBusy(false);
  };
  return { take, busy };
}

export default function ClaimOne({ id, name }: { id: string; name: string }) {
  const p = usePoolText();
  const { take, busy } = useClaim();
  return <IconButton icon={Hand} label={p.claimOf(name)} disabled={busy} onClick={() => void take(id, name)} />;
}
