// What a role grants, as the matrix edits it. An object without its own row follows `*`, "all other records".
import type { FieldAccess, Level, Levels, ObjectPermissions, Permissions, Scope } from '../api/types';

export const OTHERS = '*';
export const LEVELS: Level[] = ['general', 'business', 'sensitive', 'core'];
export const ACCESS: FieldAccess[] = ['hidden', 'masked', 'read', 'write'];
export const SCOPES = ['none', 'own', 'department', 'department_tree', 'all'] as const;
export type ScopeName = (typeof SCOPES)[number] | 'filter';

const CLOSED: Levels = { general: 'hidden', business: 'hidden', sensitive: 'hidden', core: 'hidden' };

export const NOTHING: ObjectPermissions = {
  read: 'none',
  create: false,
  update: 'none',
  delete: 'none',
  import: false,
  export: false,
  share: false,
  levels: CLOSED,
  fields: {},
};

export function scopeName(scope: Scope | undefined): ScopeName {
  if (scope === undefined) return 'none';
  return typeof scope === 'string' ? scope : 'filter';
}

export function ownRow(permissions: Permissions, object: string): boolean {
  return permissions.objects[object] !== undefined;
}

export function effective(permissions: Permissions, object: string): ObjectPermissions {
  return { ...NOTHING, ...(permissions.objects[object] ?? permissions.objects[OTHERS]) };
}

/** Changes one object's row; a row that followed `*` becomes its own first. */
export function withChange(permissions: Permissions, object: string, change: Partial<ObjectPermissions>): Permissions {
  return {
    ...permissions,
    objects: { ...permissions.objects, [object]: { ...effective(permissions, object), ...change } },
  };
}

export function withoutRow(permissions: Permissions, object: string): Permissions {
  const { [object]: _removed, ...objects } = permissions.objects;
  return { ...permissions, objects };
}
