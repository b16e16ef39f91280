// "Assign by rule" for the chosen customers of a list; loaded when somebody chooses customers.
import { useQueryClient } from '@tanstack/react-query';
import { Split } from 'lucide-react';
import { useState } from 'react';
import { invalidateRecord } from '../api/records';
import type { Rec } from '../api/types';
import { useT } from '../i18n';
import { faultText } from '../session/fault-text';
import { CUSTOMER_OBJECT } from '../shell/nav';
import { Button } from '../ui/button';
import { toast } from '../ui/toast';
import { type Assigned, assignByRule } from './queries';
import { useAssignmentText } from './text';

/** The server takes as many at once. */
const AT_ONCE = 100;

export default function AssignByRule({
  records,
  onDone,
  small,
}: {
  records: Rec[];
  onDone: () => void;
  /** Beside small buttons with a frame it is one too. */
  small?: boolean;
}) {
  const t = useT();
  const a = useAssignmentText();
  const client = useQueryClient();
  const [busy, setBusy] = useState(false);
  const run = async () => {
    setBusy(true);
    try {
      const results: Assigned[] = [];
      for (let start = 0; start < records.length; start += AT_ONCE)
        results.push(...(await assignByRule(records.slice(start, start + AT_ONCE).map((record) => record.id))));
      invalidateRecord(client, CUSTOMER_OBJECT);
      const given = results.filter((one) => one.owner);
      const refused = results.find((one) => one.status >= 400)?.problem;
      if (given.length > 0) {
        const names = [...new Set(given.map((one) => one.owner?.name ?? ''))].slice(0, 5).join(a.comma);
        toast(a.done(given.length, names));
        onDone();
      } else toast(refused?.detail ?? refused?.title ?? results[0]?.why ?? a.nothing, { tone: 'danger' });
    } catch (cause) {
      toast(faultText(cause, t), { tone: 'danger' });
    }
    setBusy(false);
  };
  return (
    <Button
      variant={small ? 'default' : 'ghost'}
      size={small ? 'sm' : undefined}
      icon={Split}
      disabled={busy}
      onClick={() => void run()}
    >
      {a.run}
    </Button>
  );
}
