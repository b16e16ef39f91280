import { Fault, OFFLINE } from '../api/client';
import type { Messages } from '../i18n/zh';

/** One sentence for a person; field faults stand next to their fields. */
export function faultText(cause: unknown, t: Messages): string {
  if (cause instanceof Fault) {
    if (cause.code === OFFLINE) return t.fault.offline;
    if (cause.code === 'stale') return t.fault.stale;
    const first = cause.fields[0];
    if (first && cause.fields.length === 1) return first.message;
    return cause.message || t.fault.unexpected;
  }
  return t.fault.unexpected;
}
