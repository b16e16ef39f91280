// The permission matrix of a role: objects down, actions across; levels and single fields one click further.
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { ChevronLeft, RotateCcw, SearchX, SlidersHorizontal } from 'lucide-react';
import { useState } from 'react';
import { api } from '../api/client';
import { useLexicon } from '../api/dictionary';
import type { AdminArea, ObjectPermissions, ObjectType, Permissions, Rec } from '../api/types';
import { useLabel, useT } from '../i18n';
import { faultText } from '../session/fault-text';
import { objectIcon } from '../shell/object-icon';
import { Chip, Empty, SkeletonRows, useTitle } from '../ui/bits';
import { Button, IconButton } from '../ui/button';
import { cx } from '../ui/cx';
import { Select } from '../ui/select';
import { toast } from '../ui/toast';
import { effective, OTHERS, ownRow, SCOPES, type ScopeName, scopeName, withChange, withoutRow } from './permissions';
import { RoleDetail } from './role-detail';
import { useAdminText } from './text';

const AREAS: AdminArea[] = ['users', 'dictionary', 'audit', 'settings'];
const ACTIONS = ['create', 'import', 'export', 'share'] as const;
const SCOPED = ['read', 'update', 'delete'] as const;

export default function RolePage() {
  const t = useT();
  const a = useAdminText();
  const { id } = useParams({ from: '/admin/roles/$id' });
  const client = useQueryClient();
  const role = useQuery({
    queryKey: ['record', 'role', id],
    queryFn: ({ signal }) => api.get<Rec>(`/records/role/${id}`, signal),
  });
  const stored = useQuery({
    queryKey: ['permissions', id],
    queryFn: ({ signal }) => api.get<Permissions>(`/roles/${id}/permissions`, signal),
  });
  const [draft, setDraft] = useState<Permissions | null>(null);
  const [detail, setDetail] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const name = String(role.data?.name ?? '');
  const permissions = draft ?? stored.data;
  useTitle(name || a.roles.title);

  const save = async () => {
    if (!draft) return;
    setBusy(true);
    try {
      client.setQueryData(['permissions', id], await api.put<Permissions>(`/roles/${id}/permissions`, draft));
      setDraft(null);
      toast(a.roles.saved);
      // One's own rights may have changed with it.
      void client.invalidateQueries({ queryKey: ['dictionary'] });
    } catch (cause) {
      toast(faultText(cause, t), { tone: 'danger' });
    } finally {
      setBusy(false);
    }
  };
  if (stored.error) return <Empty icon={SearchX} title={faultText(stored.error, t)} />;
  return (
    <div className="flex-1 min-h-0 flex flex-col">
      <header className="shrink-0 px-4 pt-3 pb-3 border-b border-line flex flex-wrap items-center gap-x-4 gap-y-2">
        <div className="min-w-0">
          <Link to="/admin/roles" className="flex items-center gap-0.5 text-xs text-ink-3 hover:text-ink min-h-6">
            <ChevronLeft size={13} aria-hidden />
            {a.roles.title}
          </Link>
          <h1 className="text-[15px] font-semibold truncate">{name || '\u00a0'}</h1>
        </div>
        {permissions && (
          <fieldset className="flex flex-wrap items-center gap-x-4 gap-y-1 md:ml-6">
            <legend className="sr-only">{a.roles.area}</legend>
            <span aria-hidden className="text-ink-3">
              {a.roles.area}
            </span>
            {AREAS.map((area) => (
              <label key={area} className="flex items-center gap-1.5 touch:h-11">
                <input
                  type="checkbox"
                  className="check"
                  checked={permissions.admin.includes(area)}
                  onChange={(event) =>
                    setDraft({
                      ...permissions,
                      admin: event.target.checked
                        ? [...permissions.admin, area]
                        : permissions.admin.filter((one) => one !== area),
                    })
                  }
                />
                {a.roles.areas[area]}
              </label>
            ))}
          </fieldset>
        )}
        <div className="ml-auto flex items-center gap-2">
          {draft && <span className="text-warn">{a.roles.changed}</span>}
          {draft && <Button onClick={() => setDraft(null)}>{t.common.cancel}</Button>}
          <Button variant="primary" disabled={!draft || busy} onClick={() => void save()}>
            {t.common.save}
          </Button>
        </div>
      </header>
      {permissions ? (
        <Matrix permissions={permissions} onChange={setDraft} onDetail={setDetail} />
      ) : (
        <SkeletonRows rows={12} />
      )}
      {detail && permissions && (
        <RoleDetail permissions={permissions} object={detail} onChange={setDraft} onClose={() => setDetail(null)} />
      )}
    </div>
  );
}

function Matrix({
  permissions,
  onChange,
  onDetail,
}: {
  permissions: Permissions;
  onChange: (next: Permissions) => void;
  onDetail: (object: string) => void;
}) {
  const a = useAdminText();
  const { objects } = useLexicon();
  // What has rules of its own stands first: that is what a role is about.
  const sorted = [...objects].sort((a, b) => Number(ownRow(permissions, b.name)) - Number(ownRow(permissions, a.name)));
  return (
    <div className="flex-1 min-h-0 overflow-auto thin-bar" tabIndex={0} role="region" aria-label={a.roles.matrix}>
      <table className="w-max min-w-full border-separate border-spacing-0">
        <thead className="sticky top-0 z-10 bg-surface">
          <tr className="text-xs text-ink-3 text-left [&>th]:h-9 [&>th]:px-2 [&>th]:font-medium [&>th]:border-b [&>th]:border-line">
            <th scope="col" className="pl-4! sticky left-0 bg-surface">
              {a.roles.object}
            </th>
            <th scope="col">{a.roles.read}</th>
            <th scope="col">{a.roles.create}</th>
            <th scope="col">{a.roles.update}</th>
            <th scope="col">{a.roles.delete}</th>
            <th scope="col">{a.roles.import}</th>
            <th scope="col">{a.roles.export}</th>
            <th scope="col">{a.roles.share}</th>
            <th scope="col">{a.roles.levels}</th>
          </tr>
        </thead>
        <tbody>
          <MatrixRow name={OTHERS} permissions={permissions} onChange={onChange} onDetail={onDetail} />
          {sorted.map((object) => (
            <MatrixRow
              key={object.name}
              name={object.name}
              object={object}
              permissions={permissions}
              onChange={onChange}
              onDetail={onDetail}
            />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function MatrixRow({
  name,
  object,
  permissions,
  onChange,
  onDetail,
}: {
  name: string;
  object?: ObjectType;
  permissions: Permissions;
  onChange: (next: Permissions) => void;
  onDetail: (object: string) => void;
}) {
  const a = useAdminText();
  const label = useLabel();
  const row = effective(permissions, name);
  const own = ownRow(permissions, name);
  const caption = object ? label(object.label) : a.roles.everything;
  const Icon = objectIcon(object?.icon);
  const change = (part: Partial<ObjectPermissions>) => onChange(withChange(permissions, name, part));
  const scopeCell = (action: (typeof SCOPED)[number]) => (
    <td>
      <ScopeSelect
        label={`${caption}: ${a.roles[action]}`}
        value={scopeName(row[action])}
        onChange={(scope) => change({ [action]: scope })}
        quiet={!own && name !== OTHERS}
      />
    </td>
  );
  const flagCell = (action: (typeof ACTIONS)[number]) => (
    <td>
      <input
        type="checkbox"
        className="check align-middle"
        aria-label={`${caption}: ${a.roles[action]}`}
        checked={row[action]}
        onChange={(event) => change({ [action]: event.target.checked })}
      />
    </td>
  );
  return (
    <tr
      className={cx(
        '[&>td]:h-10 touch:[&>td]:h-12 [&>td]:px-2 [&>td]:border-b [&>td]:border-line [&>th]:border-b [&>th]:border-line',
        !own && name !== OTHERS && 'text-ink-3',
      )}
    >
      <th scope="row" className="font-normal text-left pl-4 pr-2 sticky left-0 bg-surface">
        <span className="flex items-center gap-2 w-44 max-md:w-32">
          <Icon size={15} aria-hidden className="text-ink-3 shrink-0" />
          <span className={cx('truncate', (own || name === OTHERS) && 'font-medium text-ink')}>{caption}</span>
        </span>
      </th>
      {scopeCell('read')}
      {flagCell('create')}
      {scopeCell('update')}
      {scopeCell('delete')}
      {flagCell('import')}
      {flagCell('export')}
      {flagCell('share')}
      <td>
        <span className="flex items-center gap-1 whitespace-nowrap">
          <Button
            variant="ghost"
            size="sm"
            icon={SlidersHorizontal}
            aria-label={a.roles.detail(caption)}
            onClick={() => onDetail(name)}
          >
            {a.roles.levels}
          </Button>
          {Object.keys(row.fields ?? {}).length > 0 && own && (
            <Chip color="blue">{Object.keys(row.fields).length}</Chip>
          )}
          {own && name !== OTHERS ? (
            <IconButton
              icon={RotateCcw}
              iconSize={14}
              size="sm"
              label={`${caption}: ${a.roles.removeOverride}`}
              onClick={() => onChange(withoutRow(permissions, name))}
            />
          ) : (
            name !== OTHERS && <span className="text-xs text-ink-3">{a.roles.inherit}</span>
          )}
        </span>
      </td>
    </tr>
  );
}

export function ScopeSelect({
  label,
  value,
  onChange,
  quiet,
}: {
  label: string;
  value: ScopeName;
  onChange: (scope: (typeof SCOPES)[number]) => void;
  quiet?: boolean;
}) {
  const a = useAdminText();
  const options = [...SCOPES, ...(value === 'filter' ? (['filter'] as const) : [])].map((scope) => ({
    value: scope as ScopeName,
    label: a.roles.scope[scope],
    disabled: scope === 'filter',
  }));
  return (
    <Select
      label={label}
      quiet
      className={cx('w-30 touch:w-36', quiet ? 'text-ink-3' : value === 'none' ? 'text-ink-3' : 'text-ink')}
      value={value}
      onChange={(scope) => scope !== 'filter' && onChange(scope)}
      options={options}
    />
  );
}
