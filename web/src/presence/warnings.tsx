// A colleague was just in touch, or the customer doesn't want it now: said before the call, not after.
import { useQuery } from '@tanstack/react-query';
import { TriangleAlert } from 'lucide-react';
import { useEffect } from 'react';
import { fieldOf, useObject } from '../api/dictionary';
import { useFormat } from '../format/use-format';
import { useLabel } from '../i18n';
import { CUSTOMER_OBJECT } from '../shell/nav';
import { cx } from '../ui/cx';
import { setDoing } from './doing';
import { contactCheckQuery, type Warning } from './queries';
import { usePresenceText } from './text';

export function useWarningText() {
  const w = usePresenceText();
  const label = useLabel();
  const format = useFormat();
  const slots = useObject(CUSTOMER_OBJECT);
  return (warning: Warning): string => {
    if (warning.kind === 'recent') {
      const at = warning.at ? format.moment(warning.at) : '';
      if (!warning.by?.name) return w.recent(at);
      return w.recentBy(warning.by.name, at, w.how[warning.how ?? ''] ?? w.contacted);
    }
    const who = warning.who ?? w.somebody;
    const why = warning.reason ? w.reason(warning.reason) : '';
    if (warning.kind === 'do_not_contact') return w.doNotContact(who) + why;
    if (warning.kind === 'paused') return w.paused(who, warning.until ? format.day(warning.until) : '') + why;
    const options = (slots && fieldOf(slots, 'no_contact_at')?.options) ?? [];
    const slot = options.find((option) => option.value === warning.slot);
    return w.notNow(who, slot ? label(slot.label) : '') + why;
  };
}

/** `writing`: whoever sees this is writing about the record. */
export default function Warnings({
  object,
  id,
  writing,
  className,
}: {
  object: string;
  id: string;
  writing?: boolean;
  className?: string;
}) {
  const w = usePresenceText();
  const text = useWarningText();
  const { data } = useQuery(contactCheckQuery(object, id));
  useEffect(() => {
    if (!writing) return;
    setDoing(object, id, 'writing');
    return () => setDoing(object, id, 'looking');
  }, [object, id, writing]);
  if (!data || data.length === 0) return null;
  return (
    <ul aria-label={w.warnings} className={cx('flex flex-col gap-1', className)}>
      {data.map((warning) => (
        <li
          key={warning.kind + ('who' in warning ? (warning.who ?? '') : '')}
          className="flex items-start gap-1.5 rounded-md bg-warn-soft text-warn px-2 py-1 w-fit max-w-full"
        >
          <TriangleAlert size={15} aria-hidden className="shrink-0 mt-0.5" />
          <span className="min-w-0 break-words">{text(warning)}</span>
        </li>
      ))}
    </ul>
  );
}
