// What did not succeed, record by record, with the reason for each.
import { Link } from '@tanstack/react-router';
import type { ObjectType, Rec } from '../api/types';
import { useT } from '../i18n';
import { Button } from '../ui/button';
import { Dialog } from '../ui/dialog';

export type Failure = { record: Rec; name: string; reason: string };

const SHOWN = 200;

export function BulkResults({
  object,
  failures,
  onClose,
}: {
  object: ObjectType;
  failures: Failure[];
  onClose: () => void;
}) {
  const t = useT();
  return (
    <Dialog
      open
      onClose={onClose}
      title={t.list.bulkFailed(failures.length)}
      footer={
        <Button variant="primary" onClick={onClose}>
          {t.common.done}
        </Button>
      }
    >
      <p className="text-ink-2 mb-2">{t.bulk.failedStay}</p>
      <ul className="divide-y divide-line max-h-80 overflow-auto thin-bar">
        {failures.slice(0, SHOWN).map((failure) => (
          <li key={failure.record.id} className="py-2">
            <Link
              to="/o/$object/$id"
              params={{ object: object.name, id: failure.record.id }}
              className="font-medium hover:text-brand-ink"
            >
              {failure.name}
            </Link>
            <p className="text-danger text-xs">{failure.reason}</p>
          </li>
        ))}
      </ul>
    </Dialog>
  );
}
