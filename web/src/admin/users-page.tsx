// Accounts: who may sign in, with which roles. The people themselves are records of `user`.
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Eye, KeyRound, LockOpen, MoreHorizontal, Pencil, Plus, UserCheck, UserCog, UserX } from 'lucide-react';
import { useState } from 'react';
import { api } from '../api/client';
import { expandsOf, useObject } from '../api/dictionary';
import { keys, patchRecord, queryRecords, refName } from '../api/records';
import type { ObjectType, Rec, Ref } from '../api/types';
import { FieldView } from '../fields';
import { useFormat } from '../format/use-format';
import { useT } from '../i18n';
import { faultText } from '../session/fault-text';
import { seeAs } from '../session/seen-as';
import { useSession } from '../session/session';
import { NotFound } from '../shell/not-found';
import { openCreate } from '../shell/overlays';
import { router } from '../shell/router';
import { Avatar, Chip, Empty, PageTitle, SkeletonRows, useTitle } from '../ui/bits';
import { Button, IconButton } from '../ui/button';
import { CopyBox } from '../ui/copy-box';
import { Confirm, Dialog } from '../ui/dialog';
import { Menu, MenuItem, MenuSeparator } from '../ui/menu';
import { toast } from '../ui/toast';
import { useAdminText } from './text';
import { RolesDialog, rolesQuery } from './user-roles';

export default function UsersPage() {
  const object = useObject('user');
  if (!object) return <NotFound />;
  return <Users object={object} />;
}

function Users({ object }: { object: ObjectType }) {
  const t = useT();
  const a = useAdminText();
  const [text, setText] = useState('');
  const [rolesFor, setRolesFor] = useState<Rec | null>(null);
  const [given, setGiven] = useState<{ name: string; password: string } | null>(null);
  const { data, isPending } = useQuery({
    queryKey: [...keys.lists('user'), 'accounts'],
    queryFn: ({ signal }) =>
      queryRecords('user', { sort: ['name'], limit: 200, expand: expandsOf(object.fields) }, signal),
  });
  useTitle(a.users.title);
  const needle = text.trim().toLowerCase();
  const users = (data?.items ?? []).filter((user) =>
    `${user.name} ${user.login} ${refName(user.department) ?? ''}`.toLowerCase().includes(needle),
  );
  const created = async (ref: Ref) => {
    // A new account gets its first password at once, and then its roles.
    try {
      const { password } = await api.post<{ password: string }>(`/users/${ref.id}/password`, {});
      setGiven({ name: ref.name ?? '', password });
    } catch (cause) {
      toast(faultText(cause, t), { tone: 'danger' });
    }
    setRolesFor({ id: ref.id, version: 1, name: ref.name });
  };
  return (
    <div className="flex-1 min-h-0 flex flex-col">
      <PageTitle title={a.users.title} count={data ? users.length : undefined}>
        <input
          aria-label={a.users.find}
          placeholder={a.users.find}
          className="control w-44! max-md:w-32!"
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
        <Button
          variant="primary"
          icon={Plus}
          aria-label={a.users.new}
          onClick={() => openCreate('user', undefined, (ref) => void created(ref))}
        >
          <span className="max-md:hidden">{a.users.new}</span>
        </Button>
      </PageTitle>
      <div className="flex-1 min-h-0 overflow-auto border-t border-line thin-bar">
        {isPending ? (
          <SkeletonRows rows={8} />
        ) : users.length === 0 ? (
          <Empty icon={UserCog} title={a.users.empty} />
        ) : (
          <ul>
            {users.map((user) => (
              <UserRow
                key={user.id}
                object={object}
                user={user}
                onRoles={() => setRolesFor(user)}
                onPassword={setGiven}
              />
            ))}
          </ul>
        )}
      </div>
      {rolesFor && !given && <RolesDialog user={rolesFor} onClose={() => setRolesFor(null)} />}
      {given && (
        <Dialog
          open
          onClose={() => setGiven(null)}
          title={`${a.users.temporary} · ${given.name}`}
          footer={
            <Button variant="primary" onClick={() => setGiven(null)}>
              {t.common.done}
            </Button>
          }
        >
          <CopyBox text={given.password} hint={a.users.temporaryText} />
        </Dialog>
      )}
    </div>
  );
}

function UserRow({
  object,
  user,
  onRoles,
  onPassword,
}: {
  object: ObjectType;
  user: Rec;
  onRoles: () => void;
  onPassword: (given: { name: string; password: string }) => void;
}) {
  const t = useT();
  const a = useAdminText();
  const format = useFormat();
  const client = useQueryClient();
  const { user: me, admin } = useSession();
  const [asking, setAsking] = useState(false);
  const name = String(user.name ?? t.common.unnamed);
  const active = user.active !== false;
  const position = object.fields.find((field) => field.name === 'position');
  const run = async (call: () => Promise<unknown>, text: string) => {
    try {
      await call();
      toast(text);
      void client.invalidateQueries({ queryKey: keys.lists('user') });
    } catch (cause) {
      toast(faultText(cause, t), { tone: 'danger' });
    }
  };
  const reset = async () => {
    try {
      const { password } = await api.post<{ password: string }>(`/users/${user.id}/password`, {});
      onPassword({ name, password });
    } catch (cause) {
      toast(faultText(cause, t), { tone: 'danger' });
    }
  };
  return (
    <li className="flex items-center gap-3 px-4 min-h-13 touch:min-h-[72px] py-1.5 border-b border-line hover:bg-[color-mix(in_srgb,var(--sunken)_60%,var(--surface))]">
      <Avatar name={name} size="md" />
      <div className="min-w-0 flex-1 md:flex-none md:w-64">
        <p className="flex items-center gap-2">
          <span className={`font-medium truncate ${active ? '' : 'text-ink-3'}`}>{name}</span>
          {user.id === me.id && <Chip color="blue">{a.users.you}</Chip>}
          {!active && <Chip>{a.users.inactive}</Chip>}
        </p>
        <p className="text-xs text-ink-3 truncate">
          {[user.login, refName(user.department)].filter(Boolean).join(' · ')}
        </p>
      </div>
      <span className="w-32 text-ink-2 truncate max-md:hidden">
        {position && user.position ? <FieldView field={position} value={user.position} compact /> : null}
      </span>
      <UserRoles id={user.id} onClick={onRoles} />
      <span className="w-28 text-ink-3 text-right max-lg:hidden">
        {typeof user.updated_at === 'string' ? format.moment(user.updated_at) : ''}
      </span>
      <Menu trigger={<IconButton icon={MoreHorizontal} label={a.users.actions(name)} />}>
        <MenuItem icon={UserCog} onClick={onRoles}>
          {a.users.roles}
        </MenuItem>
        <MenuItem
          icon={Pencil}
          onClick={() => void router.navigate({ to: '/o/$object/$id', params: { object: 'user', id: user.id } })}
        >
          {t.common.edit}
        </MenuItem>
        <MenuItem icon={KeyRound} onClick={() => setAsking(true)}>
          {a.users.resetPassword}
        </MenuItem>
        <MenuItem
          icon={LockOpen}
          onClick={() => void run(() => api.post(`/users/${user.id}/unlock`), a.users.unlocked)}
        >
          {a.users.unlock}
        </MenuItem>
        {active && user.id !== me.id && admin.includes('audit') && (
          <MenuItem icon={Eye} onClick={() => void run(() => seeAs(user.id), a.users.seeing)}>
            {a.users.seeAs}
          </MenuItem>
        )}
        {user.id !== me.id && <MenuSeparator />}
        {user.id !== me.id && (
          <MenuItem
            icon={active ? UserX : UserCheck}
            danger={active}
            onClick={() =>
              void run(
                () => patchRecord('user', user.id, { active: !active }),
                active ? a.users.deactivated : a.users.activated,
              )
            }
          >
            {active ? a.users.deactivate : a.users.activate}
          </MenuItem>
        )}
      </Menu>
      <Confirm
        open={asking}
        onClose={() => setAsking(false)}
        title={a.users.resetAsk(name)}
        text={a.users.resetText}
        action={a.users.resetPassword}
        onConfirm={reset}
      />
    </li>
  );
}

/** Roles as far as the server tells them with the user; the dialog asks for the rest. */
function UserRoles({ id, onClick }: { id: string; onClick: () => void }) {
  const t = useT();
  const a = useAdminText();
  const { data } = useQuery(rolesQuery(id));
  return (
    <button
      type="button"
      className="flex-1 min-w-0 flex flex-wrap gap-1 min-h-8 items-center rounded-md px-2 hover:bg-sunken max-md:hidden text-left"
      aria-label={`${a.users.roles}: ${(data ?? []).map((role) => role.name).join(', ') || t.common.none}`}
      onClick={onClick}
    >
      {data?.map((role) => (
        <Chip key={role.id}>{role.name}</Chip>
      ))}
      {data?.length === 0 && <span className="text-warn text-xs">{a.users.noRoles}</span>}
    </button>
  );
}
