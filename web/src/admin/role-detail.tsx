// Levels of fields, single fields, and what is seen beyond the row scope.
import { X } from 'lucide-react';
import { useLexicon } from '../api/dictionary';
import type { FieldAccess, Levels, ObjectPermissions, Permissions } from '../api/types';
import { useLabel, useT } from '../i18n';
import { Button, IconButton } from '../ui/button';
import { Sheet } from '../ui/dialog';
import { Picker } from '../ui/picker';
import { Select } from '../ui/select';
import { ACCESS, effective, LEVELS, OTHERS, scopeName, withChange } from './permissions';
import { ScopeSelect } from './role-page';
import { useAdminText } from './text';

export function RoleDetail({
  permissions,
  object: name,
  onChange,
  onClose,
}: {
  permissions: Permissions;
  object: string;
  onChange: (next: Permissions) => void;
  onClose: () => void;
}) {
  const t = useT();
  const a = useAdminText();
  const label = useLabel();
  const { find } = useLexicon();
  const object = find(name);
  const row = effective(permissions, name);
  const change = (part: Partial<ObjectPermissions>) => onChange(withChange(permissions, name, part));
  const single = Object.entries(row.fields ?? {});
  const choices = (object?.fields ?? []).filter((field) => row.fields?.[field.name] === undefined);
  return (
    <Sheet
      open
      onClose={onClose}
      title={a.roles.detail(name === OTHERS ? a.roles.everything : label(object?.label))}
      footer={
        <Button variant="primary" onClick={onClose}>
          {t.common.done}
        </Button>
      }
    >
      <div className="p-4 flex flex-col gap-6">
        <section>
          <h3 className="font-semibold mb-2">{a.roles.levels}</h3>
          <LevelList levels={row.levels} onChange={(levels) => change({ levels })} />
        </section>
        {object && (
          <section>
            <h3 className="font-semibold mb-2">{a.roles.fields}</h3>
            <ul className="flex flex-col gap-1.5 mb-2">
              {single.map(([field, access]) => (
                <li key={field} className="flex items-center gap-2">
                  <span className="flex-1 truncate">
                    {label(object.fields.find((one) => one.name === field)?.label) || field}
                  </span>
                  <AccessSelect
                    label={field}
                    value={access}
                    onChange={(next) => change({ fields: { ...row.fields, [field]: next } })}
                  />
                  <IconButton
                    icon={X}
                    size="sm"
                    label={t.common.remove}
                    onClick={() => {
                      const { [field]: _removed, ...fields } = row.fields;
                      change({ fields });
                    }}
                  />
                </li>
              ))}
            </ul>
            <Picker
              label={a.roles.addField}
              placeholder={a.roles.addField}
              items={choices.map((field) => ({
                value: field.name,
                label: label(field.label),
                hint: a.roles.level[field.level],
              }))}
              value={null}
              onChange={(item) => item && change({ fields: { ...row.fields, [item.value]: 'read' } })}
              searchable
            />
          </section>
        )}
        <section>
          <h3 className="font-semibold">{a.roles.beyond}</h3>
          <p className="text-ink-3 mb-2">{a.roles.beyondHint}</p>
          <ScopeSelect
            label={a.roles.beyond}
            value={scopeName(row.beyond?.scope)}
            onChange={(scope) =>
              change({
                beyond:
                  scope === 'none'
                    ? null
                    : {
                        scope,
                        levels: row.beyond?.levels ?? {
                          general: 'read',
                          business: 'hidden',
                          sensitive: 'hidden',
                          core: 'hidden',
                        },
                      },
              })
            }
          />
          {row.beyond && row.beyond.scope !== 'none' && (
            <div className="mt-3">
              <LevelList
                levels={row.beyond.levels}
                onChange={(levels) => row.beyond && change({ beyond: { ...row.beyond, levels } })}
              />
            </div>
          )}
        </section>
      </div>
    </Sheet>
  );
}

function LevelList({ levels, onChange }: { levels: Levels; onChange: (levels: Levels) => void }) {
  const a = useAdminText();
  return (
    <ul className="flex flex-col gap-1.5">
      {LEVELS.map((level) => (
        <li key={level} className="flex items-center gap-3">
          <span className="flex-1 min-w-0">
            <span className="block">{a.roles.level[level]}</span>
            <span className="block text-xs text-ink-3">{a.roles.levelHint[level]}</span>
          </span>
          <AccessSelect
            label={a.roles.level[level]}
            value={levels[level] ?? 'hidden'}
            onChange={(access) => onChange({ ...levels, [level]: access })}
          />
        </li>
      ))}
    </ul>
  );
}

function AccessSelect({
  label,
  value,
  onChange,
}: {
  label: string;
  value: FieldAccess;
  onChange: (value: FieldAccess) => void;
}) {
  const a = useAdminText();
  return (
    <Select
      label={label}
      className="w-28!"
      value={value}
      onChange={onChange}
      options={ACCESS.map((access) => ({ value: access, label: a.roles.access[access] }))}
    />
  );
}
