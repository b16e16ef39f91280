// What happens when a new record looks like one that is there: by how sure that is, and where the record comes from.
import { ShieldAlert } from 'lucide-react';
import { useState } from 'react';
import type { DuplicatePolicy, ObjectType, Strength } from '../api/types';
import { useLabel } from '../i18n';
import { Button } from '../ui/button';
import { Select } from '../ui/select';
import { Fold, useDefinition } from './fold';
import { useDeskText } from './text';

const TIERS = ['certain', 'likely', 'possible'] as const;
const CHANNELS = ['page', 'api', 'import', 'cli'] as const;
const KEY_STRENGTHS = ['block', 'warn', 'hint'] as const;
type Then = Strength | 'nothing';

export default function Policy({ object }: { object: ObjectType }) {
  const d = useDeskText();
  if (!object.duplicates) return null;
  return (
    <Fold icon={ShieldAlert} title={d.policy.title} summary={d.policy.summary}>
      <Editor object={object} kept={object.duplicates} />
    </Fold>
  );
}

function Editor({ object, kept }: { object: ObjectType; kept: DuplicatePolicy }) {
  const d = useDeskText();
  const label = useLabel();
  const [draft, setDraft] = useState<DuplicatePolicy | null>(null);
  const { keys, policy } = draft ?? kept;
  const save = useDefinition(object, d.policy.saved, () => setDraft(null));
  const options = <T extends Then>(strengths: readonly T[]) =>
    strengths.map((value) => ({ value, label: d.policy.strength[value] }));
  const cell = (tier: (typeof TIERS)[number], channel: (typeof CHANNELS)[number]) => {
    const at = policy.findIndex((one) => one.tier === tier && one.channel === channel);
    return (
      <Select<Then>
        label={d.policy.cell(d.policy.tiers[tier], d.policy.channels[channel])}
        value={policy[at]?.then ?? 'nothing'}
        options={options<Then>([...KEY_STRENGTHS, 'nothing'])}
        onChange={(then) =>
          setDraft({
            keys,
            policy: policy.map((one, place) =>
              // biome-ignore lint/suspicious/noThenProperty: the server's word for what follows, and no function
              place === at ? { ...one, then: then === 'nothing' ? null : then } : one,
            ),
          })
        }
      />
    );
  };
  return (
    <div className="px-3 pb-3 flex flex-col gap-4">
      <p className="text-ink-2">{d.policy.hint}</p>
      <ul className="flex flex-col gap-3">
        {TIERS.map((tier) => (
          <li key={tier}>
            <h2 className="font-medium pb-1">{d.policy.tiers[tier]}</h2>
            <div className="grid grid-cols-2 md:grid-cols-4 gap-2">
              {CHANNELS.map((channel) => (
                <div key={channel} className="min-w-0">
                  <p aria-hidden className="text-xs text-ink-3 pb-0.5">
                    {d.policy.channels[channel]}
                  </p>
                  {cell(tier, channel)}
                </div>
              ))}
            </div>
          </li>
        ))}
      </ul>
      {keys.length > 0 && (
        <div>
          <h2 className="font-medium">{d.policy.keys}</h2>
          <p className="text-xs text-ink-3 pb-1">{d.policy.keysHint}</p>
          <div className="grid grid-cols-2 md:grid-cols-4 gap-2">
            {keys.map((key, at) => {
              const field = object.fields.find((one) => one.name === key.field);
              const name = field ? label(field.label) : key.field;
              return (
                <div key={key.field} className="min-w-0">
                  <p aria-hidden className="text-xs text-ink-3 pb-0.5 truncate">
                    {name}
                  </p>
                  <Select<Strength>
                    label={name}
                    value={key.strength}
                    options={options(KEY_STRENGTHS)}
                    onChange={(strength) =>
                      setDraft({ keys: keys.map((one, place) => (place === at ? { ...one, strength } : one)), policy })
                    }
                  />
                </div>
              );
            })}
          </div>
        </div>
      )}
      <Button
        variant="primary"
        className="self-start"
        disabled={!draft || save.isPending}
        onClick={() => save.mutate({ duplicates: { keys, policy } })}
      >
        {d.policy.save}
      </Button>
    </div>
  );
}
