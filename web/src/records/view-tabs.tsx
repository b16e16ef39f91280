// Saved views as tabs. What was changed about a view is told, and one tap keeps or drops it.
import { useQuery } from '@tanstack/react-query';
import { ChevronDown, MoreHorizontal, Pencil, RotateCcw, Save, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { useLexicon } from '../api/dictionary';
import { keys, queryRecords } from '../api/records';
import type { ObjectType } from '../api/types';
import { useLabel, useT } from '../i18n';
import { faultText } from '../session/fault-text';
import { useMay } from '../session/session';
import { FieldFrame } from '../ui/bits';
import { Button, IconButton } from '../ui/button';
import { cx } from '../ui/cx';
import { Confirm, Dialog } from '../ui/dialog';
import { Menu, MenuItem, MenuSeparator } from '../ui/menu';
import { Select } from '../ui/select';
import { toast } from '../ui/toast';
import { type ListState, useViewActions, VIEW_OBJECT, viewFields } from './list-state';

const SHOWN = 6;

/** The chosen tab is in sight, also on a phone where the others may hide it. */
function intoView(tab: HTMLElement | null) {
  tab?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
}

export function ViewTabs({ object, state }: { object: ObjectType; state: ListState }) {
  const t = useT();
  const label = useLabel();
  const actions = useViewActions(object);
  const [dialog, setDialog] = useState<'save' | 'rename' | 'delete' | null>(null);
  const { find } = useLexicon();
  const maySave = find(VIEW_OBJECT)?.can.create ?? false;
  const current = state.views.findIndex((view) => view.key === state.view.key);
  // The chosen view is always among the tabs, wherever it stands in the list.
  const shown = state.views.filter((_, index) => index < SHOWN - (current >= SHOWN ? 1 : 0) || index === current);
  const rest = state.views.filter((view) => !shown.includes(view));
  const saved = state.view.saved;
  return (
    <div className="flex items-center gap-1 min-w-0 flex-1 overflow-x-auto no-bar">
      <div role="tablist" aria-label={t.list.moreViews} className="flex gap-0.5">
        {shown.map((view) => (
          <button
            key={view.key}
            type="button"
            role="tab"
            aria-selected={view.key === state.view.key}
            ref={view.key === state.view.key ? intoView : undefined}
            className={cx(
              'h-7 touch:h-11 px-2.5 rounded-md whitespace-nowrap',
              view.key === state.view.key ? 'bg-sunken text-ink font-medium' : 'text-ink-2 hover:bg-sunken',
            )}
            onClick={() => state.setView(view.key)}
          >
            {label(view.label)}
          </button>
        ))}
      </div>
      {rest.length > 0 && (
        <Menu
          align="start"
          trigger={
            <Button variant="ghost" size="sm">
              {t.common.more}
              <ChevronDown size={14} aria-hidden />
            </Button>
          }
        >
          {rest.map((view) => (
            <MenuItem key={view.key} onClick={() => state.setView(view.key)}>
              {label(view.label)}
            </MenuItem>
          ))}
        </Menu>
      )}
      {state.changed && (
        <span className="flex items-center gap-1 pl-1 shrink-0">
          <span className="text-xs text-ink-3">{t.list.changed}</span>
          {saved?.mine && (
            <Button
              variant="ghost"
              size="sm"
              icon={Save}
              onClick={() =>
                void actions
                  .update(saved.id, viewFields(state))
                  .then(() => {
                    state.resetView();
                    toast(t.list.viewSaved);
                  })
                  .catch((cause: unknown) => toast(faultText(cause, t), { tone: 'danger' }))
              }
            >
              {t.list.updateView}
            </Button>
          )}
          {maySave && (
            <Button variant="ghost" size="sm" icon={saved?.mine ? undefined : Save} onClick={() => setDialog('save')}>
              {t.list.saveView}
            </Button>
          )}
          <IconButton
            icon={RotateCcw}
            label={t.common.reset}
            size="sm"
            iconSize={14}
            onClick={() => state.resetView()}
          />
        </span>
      )}
      {saved?.mine && !state.changed && (
        <Menu
          align="start"
          trigger={<IconButton icon={MoreHorizontal} label={t.list.viewMenu(label(state.view.label))} size="sm" />}
        >
          <MenuItem icon={Pencil} onClick={() => setDialog('rename')}>
            {t.list.renameView}
          </MenuItem>
          <MenuSeparator />
          <MenuItem icon={Trash2} danger onClick={() => setDialog('delete')}>
            {t.list.deleteView}
          </MenuItem>
        </Menu>
      )}
      {(dialog === 'save' || dialog === 'rename') && (
        <ViewDialog
          title={dialog === 'save' ? t.list.saveView : t.list.renameView}
          initial={dialog === 'rename' ? label(state.view.label) : ''}
          withAudience={dialog === 'save'}
          onClose={() => setDialog(null)}
          onSave={async (name, audience) => {
            if (dialog === 'rename' && saved) await actions.update(saved.id, { name });
            else state.setView(await actions.save(name, audience, state));
            toast(t.list.viewSaved);
          }}
        />
      )}
      <Confirm
        open={dialog === 'delete'}
        onClose={() => setDialog(null)}
        title={t.record.deleteAsk(label(state.view.label))}
        action={t.list.deleteView}
        danger
        onConfirm={async () => {
          if (!saved) return;
          await actions.remove(saved.id);
          state.setView(state.views[0]?.key ?? '');
        }}
      />
    </div>
  );
}

/** Who may shape what others see may also say which role begins with a view. */
function useRoles(wanted: boolean) {
  const may = useMay('users');
  const { data } = useQuery({
    queryKey: [...keys.lists('role'), 'names'],
    queryFn: ({ signal }) => queryRecords('role', { fields: ['name'], sort: ['name'], limit: 200 }, signal),
    enabled: may && wanted,
    staleTime: 60_000,
  });
  return data?.items ?? [];
}

function ViewDialog({
  title,
  initial,
  withAudience,
  onClose,
  onSave,
}: {
  title: string;
  initial: string;
  withAudience: boolean;
  onClose: () => void;
  onSave: (name: string, audience: Record<string, unknown>) => Promise<void>;
}) {
  const t = useT();
  const label = useLabel();
  const { find } = useLexicon();
  const [name, setName] = useState(initial);
  const [visibility, setVisibility] = useState('private');
  const [role, setRole] = useState('');
  const roles = useRoles(withAudience);
  const [fault, setFault] = useState<string | null>(null);
  const audience = find(VIEW_OBJECT)?.fields.find((field) => field.name === 'visibility');
  const save = async () => {
    if (name.trim() === '') return setFault(t.form.required(t.list.viewName));
    try {
      await onSave(name.trim(), { visibility, ...(visibility === 'company' && role ? { role } : {}) });
      onClose();
    } catch (cause) {
      setFault(faultText(cause, t));
    }
  };
  return (
    <Dialog
      open
      onClose={onClose}
      title={title}
      className="md:w-[400px]!"
      footer={
        <>
          <Button onClick={onClose}>{t.common.cancel}</Button>
          <Button variant="primary" onClick={() => void save()}>
            {t.common.save}
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-4">
        <FieldFrame id="view-name" label={t.list.viewName} required fault={fault}>
          <input
            id="view-name"
            className="control"
            value={name}
            maxLength={60}
            aria-invalid={fault !== null || undefined}
            aria-describedby={fault ? 'view-name-fault' : undefined}
            onChange={(event) => {
              setName(event.target.value);
              setFault(null);
            }}
            onKeyDown={(event) => event.key === 'Enter' && !event.nativeEvent.isComposing && void save()}
          />
        </FieldFrame>
        {withAudience && audience?.options && (
          <FieldFrame id="view-for" label={t.list.viewFor}>
            <Select
              id="view-for"
              value={visibility}
              onChange={setVisibility}
              options={audience.options.map((option) => ({ value: option.value, label: label(option.label) }))}
            />
          </FieldFrame>
        )}
        {visibility === 'company' && roles.length > 0 && (
          <FieldFrame id="view-role" label={t.list2.roleDefault}>
            <Select
              id="view-role"
              value={role}
              onChange={setRole}
              options={[
                { value: '', label: t.list2.noRole },
                ...roles.map((one) => ({ value: one.id, label: String(one.name) })),
              ]}
            />
          </FieldFrame>
        )}
      </div>
    </Dialog>
  );
}
