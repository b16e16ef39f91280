import { describe, expect, it } from 'vitest';
import type { TimelineItem } from '../api/types';
import { entriesOf, netChanges } from './timeline-days';

function item(id: string, at: string, kind: string, by = 'anna'): TimelineItem {
  return { id, at, kind, object: 'customer', record_id: '1', by: { id: by, name: by } };
}

const shape = (items: TimelineItem[]) =>
  entriesOf(items, (iso) => iso.slice(0, 10)).map(({ day, entries }) => [
    day.slice(5),
    ...entries.map((entry) => entry.items.map((one) => one.id).join('+')),
  ]);

describe('the timeline by days', () => {
  it('draws together what one person changed in one go', () => {
    expect(
      shape([
        item('5', '2026-03-05T10:06:00Z', 'change'),
        item('4', '2026-03-05T10:01:00Z', 'change'),
        item('3', '2026-03-05T09:40:00Z', 'change'),
        item('2', '2026-03-04T09:40:00Z', 'interaction'),
        item('1', '2026-03-04T09:39:00Z', 'change'),
      ]),
    ).toEqual([
      ['03-05', '5+4', '3'],
      ['03-04', '2', '1'],
    ]);
  });

  it('keeps apart what two people did, what lies between, and the creation', () => {
    expect(
      shape([
        item('5', '2026-03-05T10:04:00Z', 'change'),
        item('4', '2026-03-05T10:03:00Z', 'change', 'bert'),
        item('3', '2026-03-05T10:02:00Z', 'task'),
        item('2', '2026-03-05T10:01:00Z', 'change', 'bert'),
        item('1', '2026-03-05T10:00:00Z', 'created', 'bert'),
      ]),
    ).toEqual([['03-05', '5', '4', '3', '2', '1']]);
  });
});

describe('changes made in one go', () => {
  const change = (field: string, before: unknown, after: unknown) => ({ field, before, after });
  const step = (id: string, ...changes: ReturnType<typeof change>[]) => ({
    ...item(id, '2026-03-05T10:00:00Z', 'change'),
    changes,
  });

  it('come to one for each field, and to none where it was put back', () => {
    const net = netChanges([
      step('3', change('name', 'b', 'c'), change('tier', 'b', 'a')),
      step('2', change('tier', 'a', 'b')),
      step('1', change('name', 'a', 'b'), change('city', null, 'x')),
    ]);
    expect(net).toEqual([change('name', 'a', 'c'), change('city', null, 'x')]);
  });
});
