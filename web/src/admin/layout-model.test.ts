import { describe, expect, it } from 'vitest';
import type { ObjectType } from '../api/types';
import { type Draft, differences, put, restOf, step } from './layout-model';

const label = { zh: '基本', en: 'Basics' };
const draft: Draft = {
  short: ['name', 'phone'],
  sections: [
    { label, fields: ['name', 'phone', 'stage'] },
    { label: { zh: '其他', en: 'Other' }, fields: ['note'] },
  ],
  hidden: [],
};
const object = {
  fields: ['name', 'phone', 'stage', 'note', 'fax'].map((name) => ({ name })),
  layout: { short: [], sections: [], card: [] },
} as unknown as ObjectType;

describe('the editor of layouts', () => {
  it('puts a field before another one, and asks for it first without taking it from its section', () => {
    const moved = put(draft, 'note', 'section:1', 'section:0', 'phone');
    expect(moved.sections.map((one) => one.fields)).toEqual([['name', 'note', 'phone', 'stage'], []]);
    const asked = put(draft, 'stage', 'section:0', 'short', 'phone');
    expect(asked.short).toEqual(['name', 'stage', 'phone']);
    expect(asked.sections[0]?.fields).toContain('stage');
  });
  it('takes a hidden field out of everything, and back', () => {
    const gone = put(draft, 'phone', 'section:0', 'hidden');
    expect([gone.short, gone.sections[0]?.fields, gone.hidden]).toEqual([['name'], ['name', 'stage'], ['phone']]);
    expect(restOf(object, gone)).toEqual(['fax']);
    expect(restOf(object, put(gone, 'phone', 'hidden', 'rest'))).toEqual(['phone', 'fax']);
  });
  it('moves by one step and stops at the ends', () => {
    expect(step(object, draft, 'phone', 'section:0', 1).sections[0]?.fields).toEqual(['name', 'stage', 'phone']);
    expect(step(object, draft, 'phone', 'section:0', -1).sections[0]?.fields).toEqual(['phone', 'name', 'stage']);
    expect(step(object, draft, 'stage', 'section:0', 1)).toBe(draft);
  });
  it('tells what would be noticed', () => {
    expect(differences(draft, put(draft, 'phone', 'section:0', 'hidden'))).toEqual([
      { kind: 'not_asked', fields: ['phone'] },
      { kind: 'hidden', fields: ['phone'] },
    ]);
    expect(differences(draft, put(draft, 'note', 'section:1', 'section:0'))).toEqual([
      { kind: 'moved', fields: ['note'] },
    ]);
    expect(differences(draft, step(object, draft, 'phone', 'short', -1))).toEqual([{ kind: 'reordered', fields: [] }]);
    expect(differences(draft, draft)).toEqual([]);
  });
});
