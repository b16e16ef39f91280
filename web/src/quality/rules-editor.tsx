// The definition of quality of one object: weights, rules with whom they are for, and what a rule would find before it counts.

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { FlaskConical, Plus, Trash2 } from 'lucide-react';
import { useId, useState } from 'react';
import { api, Fault } from '../api/client';
import type { Filter, ObjectType } from '../api/types';
import { useLabel, useT } from '../i18n';
import FilterBar from '../records/filter-bar';
import { faultText } from '../session/fault-text';
import { Chip, FieldFrame } from '../ui/bits';
import { Button, IconButton } from '../ui/button';
import { Sheet } from '../ui/dialog';
import { Select } from '../ui/select';
import { toast } from '../ui/toast';
import { figuresQuery, measureNow, type QualityDefinition, type QualityRule, SEVERITY_COLOR } from './queries';
import { EMPTY_RULE, RuleTrial, useRuleTrial } from './rule-trial';
import { useQualityText } from './text';

export default function RulesEditor({ object, onClose }: { object: ObjectType; onClose: () => void }) {
  const t = useT();
  const q = useQualityText();
  const label = useLabel();
  const client = useQueryClient();
  const { data, error } = useQuery({
    queryKey: ['quality-definition', object.name],
    queryFn: ({ signal }) => api.get<QualityDefinition>(`/quality/${object.name}/definition`, signal),
    staleTime: 0,
  });
  const [draft, setDraft] = useState<QualityDefinition | null>(null);
  const [editing, setEditing] = useState<number | null>(null);
  const definition = draft ?? data ?? null;
  const save = useMutation({
    mutationFn: async () => {
      await api.patch(`/dictionary/${object.name}`, { quality: definition });
      return measureNow(object.name);
    },
    onSuccess: async (figures) => {
      client.setQueryData(figuresQuery(object.name).queryKey, figures);
      await client.invalidateQueries({ queryKey: ['quality-by', object.name] });
      toast(q.saved);
      onClose();
    },
  });
  const put = (rule: QualityRule, index: number | null) => {
    if (!definition) return;
    const rules = [...definition.rules];
    if (index === null || index >= rules.length) rules.push(rule);
    else rules[index] = rule;
    setDraft({ ...definition, rules });
    setEditing(null);
  };
  const weigh = (field: string, text: string) => {
    if (!definition) return;
    const weight = Math.max(0, Math.min(100, Math.round(Number(text) || 0)));
    const weights = { ...definition.weights };
    if (weight === 0) delete weights[field];
    else weights[field] = weight;
    setDraft({ ...definition, weights });
  };
  const weighable = object.fields.filter((field) => !field.computed && !field.system && !field.retired);
  const fault = save.error ?? error;
  return (
    <Sheet
      open
      onClose={onClose}
      title={q.editRules}
      footer={
        <Button
          variant="primary"
          className="max-md:flex-1"
          disabled={!draft || save.isPending || editing !== null}
          onClick={() => save.mutate()}
        >
          {save.isPending ? q.measuring : t.common.save}
        </Button>
      }
    >
      <div className="p-4 flex flex-col gap-5">
        {fault && (
          <p role="alert" className="rounded-md bg-danger-soft text-danger px-3 py-2">
            {fault instanceof Fault ? (fault.fields[0]?.message ?? faultText(fault, t)) : faultText(fault, t)}
          </p>
        )}
        {definition && (
          <>
            <section className="flex flex-col gap-2">
              <h2 className="font-semibold">{q.rules}</h2>
              <ul className="flex flex-col">
                {definition.rules.map((rule, index) => (
                  <li key={rule.name} className="border-t border-line first:border-t-0">
                    {editing === index ? (
                      <RuleForm
                        object={object}
                        rule={rule}
                        onDone={(next) => put(next, index)}
                        onCancel={() => setEditing(null)}
                      />
                    ) : (
                      <div className="flex items-center gap-2 min-h-10 touch:min-h-12">
                        <button
                          type="button"
                          className="flex-1 min-w-0 text-left hover:underline touch:min-h-11 py-1"
                          onClick={() => setEditing(index)}
                        >
                          {label(rule.label)}
                        </button>
                        <Chip color={SEVERITY_COLOR[rule.severity]}>{q.severity[rule.severity]}</Chip>
                        <span className="text-ink-3 text-xs">{q.weight(rule.weight)}</span>
                        <IconButton
                          icon={Trash2}
                          size="sm"
                          label={q.removeRule(label(rule.label))}
                          onClick={() =>
                            setDraft({ ...definition, rules: definition.rules.filter((_, place) => place !== index) })
                          }
                        />
                      </div>
                    )}
                  </li>
                ))}
              </ul>
              {editing === definition.rules.length ? (
                <RuleForm
                  object={object}
                  rule={EMPTY_RULE}
                  onDone={(next) => put(next, null)}
                  onCancel={() => setEditing(null)}
                />
              ) : (
                <Button icon={Plus} className="self-start" onClick={() => setEditing(definition.rules.length)}>
                  {q.newRule}
                </Button>
              )}
            </section>
            <section className="flex flex-col gap-1">
              <h2 className="font-semibold">{q.weights}</h2>
              <p className="text-xs text-ink-2 mb-1">{q.weightsHint}</p>
              {weighable.map((field) => (
                <label key={field.name} className="flex items-center gap-2 min-h-9 touch:min-h-11">
                  <span className="flex-1 min-w-0 truncate">{label(field.label)}</span>
                  <input
                    type="number"
                    min={0}
                    max={100}
                    className="control w-20 text-right"
                    value={definition.weights[field.name] ?? 0}
                    onChange={(event) => weigh(field.name, event.target.value)}
                  />
                </label>
              ))}
            </section>
            <label className="flex items-center gap-2 min-h-9">
              <span className="flex-1 font-semibold">{q.target}</span>
              <input
                type="number"
                min={0}
                max={100}
                className="control w-20 text-right"
                value={definition.target ?? ''}
                onChange={(event) =>
                  setDraft({
                    ...definition,
                    target:
                      event.target.value === ''
                        ? null
                        : Math.max(0, Math.min(100, Math.round(Number(event.target.value)))),
                  })
                }
              />
            </label>
          </>
        )}
      </div>
    </Sheet>
  );
}

function RuleForm({
  object,
  rule,
  onDone,
  onCancel,
}: {
  object: ObjectType;
  rule: QualityRule;
  onDone: (rule: QualityRule) => void;
  onCancel: () => void;
}) {
  const t = useT();
  const q = useQualityText();
  const id = useId();
  const [draft, setDraft] = useState(rule);
  const change = (part: Partial<QualityRule>) => setDraft({ ...draft, ...part });
  const named = { ...draft, name: draft.name || `rule_${Date.now().toString(36)}` };
  const sent = { ...named, label: { zh: named.label.zh || named.label.en, en: named.label.en || named.label.zh } };
  const preview = useRuleTrial(object.name);
  const complete = draft.check.trim() !== '' && (draft.label.zh.trim() !== '' || draft.label.en.trim() !== '');
  return (
    <div className="flex flex-col gap-3 rounded-md bg-sunken p-3 my-2">
      <FieldFrame id={`${id}-zh`} label={q.ruleZh}>
        <input
          id={`${id}-zh`}
          className="control"
          value={draft.label.zh}
          maxLength={100}
          onChange={(event) => change({ label: { ...draft.label, zh: event.target.value } })}
        />
      </FieldFrame>
      <FieldFrame id={`${id}-en`} label={q.ruleEn}>
        <input
          id={`${id}-en`}
          className="control"
          value={draft.label.en}
          maxLength={100}
          onChange={(event) => change({ label: { ...draft.label, en: event.target.value } })}
        />
      </FieldFrame>
      <div className="flex flex-col gap-1">
        <span className="text-ink-2">{q.eligible}</span>
        <FilterBar
          object={object}
          filter={draft.eligible ?? null}
          onChange={(eligible: Filter | null) => change({ eligible })}
        />
      </div>
      <FieldFrame id={`${id}-check`} label={q.check} help={q.checkHint}>
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
      <div className="flex flex-wrap items-end gap-3">
        <FieldFrame id={`${id}-severity`} label={q.severityOf}>
          <Select
            id={`${id}-severity`}
            label={q.severityOf}
            value={draft.severity}
            onChange={(severity) => change({ severity })}
            options={(['serious', 'normal', 'minor'] as const).map((value) => ({
              value,
              label: q.severity[value],
            }))}
          />
        </FieldFrame>
        <FieldFrame id={`${id}-dimension`} label={q.dimensionOf}>
          <Select
            id={`${id}-dimension`}
            label={q.dimensionOf}
            value={draft.dimension}
            onChange={(dimension) => change({ dimension })}
            options={(['validity', 'consistency'] as const).map((value) => ({
              value,
              label: q.dimension[value],
            }))}
          />
        </FieldFrame>
        <FieldFrame id={`${id}-weight`} label={q.weightOf}>
          <input
            id={`${id}-weight`}
            type="number"
            min={1}
            max={10}
            className="control w-20 text-right"
            value={draft.weight}
            onChange={(event) =>
              change({ weight: Math.max(1, Math.min(10, Math.round(Number(event.target.value) || 1))) })
            }
          />
        </FieldFrame>
      </div>
      <RuleTrial trial={preview} said={({ hits, eligible, more }) => q.found(hits, eligible, more)} />
      <div className="flex flex-wrap gap-2">
        <Button size="sm" disabled={!complete} onClick={() => onDone(sent)}>
          {q.takeRule}
        </Button>
        <Button
          size="sm"
          icon={FlaskConical}
          disabled={!complete || preview.isPending}
          onClick={() => preview.mutate(sent)}
        >
          {q.preview}
        </Button>
        <Button size="sm" variant="ghost" onClick={onCancel}>
          {t.common.cancel}
        </Button>
      </div>
    </div>
  );
}
