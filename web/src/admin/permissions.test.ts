import { describe, expect, it } from 'vitest';
import type { Permissions } from '../api/types';
import { effective, NOTHING, withChange, withoutRow } from './permissions';

const role: Permissions = { admin: [], objects: { '*': { ...NOTHING, read: 'own' } } };

describe('a role’s matrix', () => {
  it('lets an object without its own row follow all other records', () => {
    expect(effective(role, 'customer').read).toBe('own');
    expect(effective({ admin: [], objects: {} }, 'customer')).toEqual(NOTHING);
  });

  it('gives an object its own row with everything it followed, when one thing changes', () => {
    const changed = withChange(role, 'customer', { create: true });
    expect(changed.objects.customer).toEqual({ ...NOTHING, read: 'own', create: true });
    expect(role.objects.customer).toBeUndefined();
    expect(withoutRow(changed, 'customer')).toEqual(role);
  });
});
