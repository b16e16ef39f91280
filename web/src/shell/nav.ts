// Which objects stand where. What is first in the dictionary is first in the menu; the rest is one click further.
import { useMemo } from 'react';
import { useLexicon } from '../api/dictionary';
import type { ObjectType } from '../api/types';

const MAIN = 7;
/** Rows of these are shown inside other pages or have pages of their own. */
const ELSEWHERE = new Set([
  'contact_role',
  'team_member',
  'file',
  'view',
  'role',
  'user',
  'department',
  'position',
  'team',
]);
/** What a salesperson opens all day comes first, if the company has it. */
const FIRST = ['customer', 'contact', 'opportunity', 'task', 'interaction', 'quote', 'contract', 'order', 'ticket'];

export function useNavigation(): { main: ObjectType[]; rest: ObjectType[] } {
  const { objects } = useLexicon();
  return useMemo(() => {
    const shown = objects.filter((object) => object.layer !== 'system' && !ELSEWHERE.has(object.name));
    const rank = (object: ObjectType) => {
      const index = FIRST.indexOf(object.name);
      return index >= 0 ? index : FIRST.length + shown.indexOf(object);
    };
    const sorted = [...shown].sort((a, b) => rank(a) - rank(b));
    return { main: sorted.slice(0, MAIN), rest: sorted.slice(MAIN) };
  }, [objects]);
}

export const LOG_OBJECT = 'interaction';
export const TASK_OBJECT = 'task';
export const CUSTOMER_OBJECT = 'customer';
