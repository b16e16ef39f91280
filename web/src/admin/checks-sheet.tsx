// What no record of a kind may break when it is saved: each rule with its condition, where it is told and in which words, tried on what
// is there before it counts.

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { FlaskConical, Plus, Trash2 } from 'lucide-react';
import { useId, useState } from 'react';
import { api } from '../api/client';
import type { ObjectType, SavingRule } from '../api/types';
import { useLabel, useT } from '../i18n';
import { EMPTY_RULE, RuleTrial, useRuleTrial } from '../quality/rule-trial';
import { FaultBox } from '../session/fault-box';
import { FieldFrame } from '../ui/bits';
import { Button, IconButton } from '../ui/button';
import { Sheet } from '../ui/dialog';
import { Select } from '../ui/select';
import { toast } from '../ui/toast';
import { useAdminText } from './text';

const EMPTY: SavingRule = { name: '', check: '', field: null, message: { zh: '', en: '' } };

export function ChecksSheet({ object, onClose }: { object: ObjectType; onClose: () => void }) {
  const t = useT();
  const a = useAdminText();
  const label = useLabel();
  const client = useQueryClient();
  const [rules, setRules] = useState(object.rules ?? []);
  const [editing, setEditing] = useState<number | null>(null);
  const save = useMutation({
    mutationFn: () => api.patch(`/dictionary/${object.name}`, { rules }),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ['dictionary'] });
      toast(a.dictionary.saved);
      onClose();
    },
  });
  const put = (rule: SavingRule, place: number) => {
    setRules(place < rules.length ? rules.map((one, index) => (index === place ? rule : one)) : [...rules, rule]);
    setEditing(null);
  };
  const form = (rule: SavingRule, place: number) => (
    <CheckForm object={object} rule={rule} onDone={(next) => put(next, place)} onCancel={() => setEditing(null)} />
  );
  return (
    <Sheet
      open
      onClose={onClose}
      title={a.checks.title(label(object.label))}
      footer={
        <Button
          variant="primary"
          className="max-md:flex-1"
          disabled={rules === object.rules || save.isPending || editing !== null}
          onClick={() => save.mutate()}
        >
          {t.common.save}
        </Button>
      }
    >
      <div className="p-4 flex flex-col gap-3">
        <p className="text-ink-2">{a.checks.text}</p>
        <FaultBox cause={save.error} />
        <ul className="flex flex-col">
          {rules.map((rule, place) => (
            <li key={rule.name} className="border-t border-line first:border-t-0">
              {editing === place ? (
                form(rule, place)
              ) : (
                <div className="flex items-center gap-2 py-1 min-h-10 touch:min-h-12">
                  <button
                    type="button"
                    className="flex-1 min-w-0 text-left hover:underline touch:min-h-11"
                    onClick={() => setEditing(place)}
                  >
                    <span className="block">{label(rule.message)}</span>
                    <code className="block text-xs text-ink-3 truncate">{rule.check}</code>
                  </button>
                  <IconButton
                    icon={Trash2}
                    size="sm"
                    label={a.checks.remove(label(rule.message))}
                    onClick={() => setRules(rules.filter((one) => one !== rule))}
                  />
                </div>
              )}
            </li>
          ))}
        </ul>
        {editing === rules.length ? (
          form(EMPTY, rules.length)
        ) : (
          <Button icon={Plus} className="self-start" onClick={() => setEditing(rules.length)}>
            {a.checks.add}
          </Button>
        )}
      </div>
    </Sheet>
  );
}

function CheckForm({
  object,
  rule,
  onDone,
  onCancel,
}: {
  object: ObjectType;
  rule: SavingRule;
  onDone: (rule: SavingRule) => void;
  onCancel: () => void;
}) {
  const t = useT();
  const a = useAdminText();
  const label = useLabel();
  const id = useId();
  const [draft, setDraft] = useState(rule);
  const change = (part: Partial<SavingRule>) => setDraft({ ...draft, ...part });
  const { zh, en } = draft.message;
  const whole: SavingRule = {
    ...draft,
    name: draft.name || `rule_${Date.now().toString(36)}`,
    message: { zh: zh || en, en: en || zh },
  };
  const trial = useRuleTrial(object.name);
  // What is there is tried by the same condition.
  const tried = { ...EMPTY_RULE, name: whole.name, label: whole.message, check: whole.check };
  const complete = draft.check.trim() !== '' && (zh.trim() !== '' || en.trim() !== '');
  const fields = object.fields.filter((field) => !field.system && !field.retired);
  return (
    <div className="flex flex-col gap-3 rounded-md bg-sunken p-3 my-2">
      <FieldFrame id={`${id}-check`} label={a.checks.check} help={a.checks.checkHint}>
        <textarea
          id={`${id}-check`}
          rows={3}
          spellCheck={false}
          className="control control-area font-mono"
          value={draft.check}
          maxLength={2000}
          aria-describedby={`${id}-check-help`}
          onChange={(event) => change({ check: event.target.value })}
        />
      </FieldFrame>
      {(['zh', 'en'] as const).map((language) => (
        <FieldFrame key={language} id={`${id}-${language}`} label={a.checks[language]}>
          <input
            id={`${id}-${language}`}
            className="control"
            value={draft.message[language]}
            maxLength={100}
            onChange={(event) => change({ message: { ...draft.message, [language]: event.target.value } })}
          />
        </FieldFrame>
      ))}
      <FieldFrame id={`${id}-field`} label={a.checks.field}>
        <Select
          id={`${id}-field`}
          value={draft.field ?? ''}
          onChange={(field) => change({ field: field || null })}
          options={[
            { value: '', label: a.checks.noField },
            ...fields.map((field) => ({ value: field.name, label: label(field.label) })),
          ]}
        />
      </FieldFrame>
      <RuleTrial trial={trial} said={({ hits, eligible, more }) => a.checks.found(hits, eligible, more)} />
      <div className="flex flex-wrap gap-2">
        <Button size="sm" disabled={!complete} onClick={() => onDone(whole)}>
          {t.common.done}
        </Button>
        <Button
          size="sm"
          icon={FlaskConical}
          disabled={!complete || trial.isPending}
          onClick={() => trial.mutate(tried)}
        >
          {a.checks.tryIt}
        </Button>
        <Button size="sm" variant="ghost" onClick={onCancel}>
          {t.common.cancel}
        </Button>
      </div>
    </div>
  );
}
