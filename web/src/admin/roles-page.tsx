import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { ChevronRight, Plus, ShieldCheck } from 'lucide-react';
import { useObject } from '../api/dictionary';
import { openCreate } from '../shell/overlays';
import { Tip } from '../tips/tip';
import { Chip, Empty, PageTitle, SkeletonRows, useTitle } from '../ui/bits';
import { Button } from '../ui/button';
import { useAdminText } from './text';
import { allRolesQuery } from './user-roles';

export default function RolesPage() {
  const a = useAdminText();
  const navigate = useNavigate();
  const object = useObject('role');
  const { data, isPending } = useQuery(allRolesQuery());
  useTitle(a.roles.title);
  return (
    <div className="flex-1 min-h-0 flex flex-col">
      <PageTitle title={a.roles.title}>
        {object?.can.create && (
          <Button
            variant="primary"
            icon={Plus}
            onClick={() =>
              openCreate('role', undefined, (ref) => void navigate({ to: '/admin/roles/$id', params: { id: ref.id } }))
            }
          >
            {a.roles.new}
          </Button>
        )}
      </PageTitle>
      <Tip of="roles" />
      <div className="flex-1 min-h-0 overflow-auto border-t border-line thin-bar">
        {isPending ? (
          <SkeletonRows rows={6} />
        ) : !data || data.items.length === 0 ? (
          <Empty icon={ShieldCheck} title={a.roles.none} />
        ) : (
          <ul className="md:max-w-4xl">
            {data.items.map((role) => (
              <li key={role.id}>
                <Link
                  to="/admin/roles/$id"
                  params={{ id: role.id }}
                  className="flex items-center gap-3 px-4 min-h-13 py-2 border-b border-line hover:bg-sunken"
                >
                  <ShieldCheck size={18} aria-hidden className="text-ink-3 shrink-0" />
                  <span className="flex-1 min-w-0">
                    <span className="flex items-center gap-2 font-medium">
                      {String(role.name)}
                      {role.builtin === true && <Chip>{a.roles.builtin}</Chip>}
                    </span>
                    {typeof role.description === 'string' && (
                      <span className="block text-ink-3 truncate">{role.description}</span>
                    )}
                  </span>
                  <ChevronRight size={16} aria-hidden className="text-ink-3" />
                </Link>
              </li>
            ))}
          </ul>
        )}
      </div>
    </div>
  );
}
