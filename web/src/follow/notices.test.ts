import { describe, expect, it } from 'vitest';
import { groupsOf } from './notices';
import type { Notice } from './queries';

const NOW = Date.parse('2026-11-19T02:00:00Z');

function notice(id: string, part: Partial<Notice>): Notice {
  return {
    id,
    kind: 'reminder',
    title: '发报价单',
    text: '',
    object: 'customer',
    record: { id: 'c1', name: '杭州示例有限公司' },
    obligation: null,
    owner: null,
    state: 'open',
    can: [],
    due_at: null,
    at: '2026-11-19T01:00:00Z',
    live: true,
    read_at: null,
    ...part,
  };
}

describe('the groups of the bell', () => {
  it('make one entry of several reminders of a promise and count what is unread', () => {
    const groups = groupsOf(
      [
        notice('3', { obligation: 'o1', due_at: '2026-11-19T01:30:00Z' }),
        notice('2', { obligation: 'o1', due_at: '2026-11-19T01:30:00Z', read_at: '2026-11-19T01:10:00Z' }),
        notice('1', { obligation: 'o1', due_at: '2026-11-19T01:30:00Z' }),
      ],
      NOW,
    );
    expect(groups.map(({ key, entries }) => [key, entries.length])).toEqual([['late', 1]]);
    expect(groups[0]?.entries[0]).toMatchObject({ times: 3, unread: ['3', '1'] });
  });

  it('put what a colleague has not done first and what is settled last', () => {
    const groups = groupsOf(
      [
        notice('1', { obligation: 'o1', state: 'done' }),
        notice('2', { kind: 'digest', state: null }),
        notice('3', { obligation: 'o3', due_at: '2026-11-20T01:00:00Z' }),
        notice('4', { obligation: 'o4', kind: 'escalation', due_at: '2026-11-18T01:00:00Z' }),
      ],
      NOW,
    );
    expect(groups.map(({ key }) => key)).toEqual(['escalation', 'due', 'system', 'ended']);
  });
});
