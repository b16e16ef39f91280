// The stages as an administrator sets them: what each asks for, what moves by itself, and what a change would mean.

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Eye, Plus, Trash2, X } from 'lucide-react';
import { useId, useState } from 'react';
import { api } from '../api/client';
import { fieldOf, isEditable } from '../api/dictionary';
import type { Field, ObjectType, Option } from '../api/types';
import { editKind } from '../fields';
import { useFormat } from '../format/use-format';
import { useLabel, useT } from '../i18n';
import FilterBar from '../records/filter-bar';
import { FaultBox } from '../session/fault-box';
import { Chip, FieldFrame, Segments } from '../ui/bits';
import { Button, IconButton } from '../ui/button';
import { Sheet } from '../ui/dialog';
import { Select } from '../ui/select';
import { toast } from '../ui/toast';
import { Check, Checks } from './checks';
import {
  type AutomaticMove,
  ifMatch,
  type Lifecycle,
  type LifecyclePreview,
  lifecycleQuery,
  type StageRule,
} from './queries';
import { useJourneyText } from './text';

const NEW_MOVE: AutomaticMove = {
  to: '',
  from: [],
  when: null,
  silent_days: null,
  warn_only: false,
  warn_days: 0,
  set: {},
};

export default function LifecycleEditor({ object, onClose }: { object: ObjectType; onClose: () => void }) {
  const t = useT();
  const j = useJourneyText();
  const client = useQueryClient();
  const { data, error } = useQuery(lifecycleQuery(object.name));
  const [draft, setDraft] = useState<Lifecycle | null>(null);
  const lifecycle = draft ?? data ?? null;
  const field = lifecycle ? fieldOf(object, lifecycle.field) : undefined;
  const options = (field?.options ?? []).filter((option) => !option.retired);
  const preview = useMutation({
    mutationFn: (what: Lifecycle) => api.post<LifecyclePreview>(`/lifecycles/${object.name}/preview`, written(what)),
  });
  const save = useMutation({
    mutationFn: (what: Lifecycle) =>
      api.put<Lifecycle>(`/lifecycles/${object.name}`, written(what), ifMatch(what.version)),
    onSuccess: (saved) => {
      client.setQueryData(lifecycleQuery(object.name).queryKey, saved);
      void client.invalidateQueries({ queryKey: ['stage-figures'] });
      void client.invalidateQueries({ queryKey: ['transitions'] });
      toast(j.saved);
      onClose();
    },
  });
  const change = (part: Partial<Lifecycle>) => {
    if (!lifecycle) return;
    setDraft({ ...lifecycle, ...part });
    preview.reset();
  };
  const ruleOf = (value: string): StageRule =>
    lifecycle?.stages.find((stage) => stage.value === value) ?? {
      value,
      meaning: 'open',
      from: [],
      required: [],
      entry: null,
    };
  const putRule = (rule: StageRule) =>
    change({
      stages: options.map((option) => (option.value === rule.value ? rule : ruleOf(option.value))),
    });
  const moves = lifecycle?.automatic ?? [];
  const putMove = (index: number, move: AutomaticMove) =>
    change({ automatic: moves.map((one, place) => (place === index ? move : one)) });
  const fault = save.error ?? preview.error ?? error;
  return (
    <Sheet
      open
      onClose={onClose}
      title={j.editTitle}
      footer={
        <>
          <Button
            icon={Eye}
            className="max-md:flex-1"
            disabled={!lifecycle || preview.isPending}
            onClick={() => lifecycle && preview.mutate(lifecycle)}
          >
            {j.preview}
          </Button>
          <Button
            variant="primary"
            className="max-md:flex-1"
            disabled={!draft || save.isPending}
            onClick={() => draft && save.mutate(draft)}
          >
            {t.common.save}
          </Button>
        </>
      }
    >
      <div className="p-4 flex flex-col gap-6">
        <FaultBox cause={fault} stale={j.stale} />
        {lifecycle && (
          <>
            <div className="flex flex-col gap-1">
              <Check checked={lifecycle.active} onChange={(active) => change({ active })}>
                {j.active}
              </Check>
              <Check checked={lifecycle.strict_new} onChange={(strict_new) => change({ strict_new })}>
                {j.strictNew}
              </Check>
              <p className="text-xs text-ink-3">{j.options}</p>
            </div>
            {options.map((option) => (
              <StageForm
                key={option.value}
                object={object}
                option={option}
                options={options}
                rule={ruleOf(option.value)}
                effect={preview.data?.stages.find((one) => one.value === option.value)}
                onChange={putRule}
              />
            ))}
            <section className="flex flex-col gap-3">
              <h2 className="font-semibold">{j.automaticMoves}</h2>
              {moves.map((move, index) => (
                <MoveForm
                  key={index}
                  object={object}
                  number={index + 1}
                  options={options}
                  move={move}
                  effect={preview.data?.automatic[index]}
                  onChange={(next) => putMove(index, next)}
                  onRemove={() => change({ automatic: moves.filter((_, place) => place !== index) })}
                />
              ))}
              <Button
                icon={Plus}
                className="self-start"
                onClick={() => change({ automatic: [...moves, { ...NEW_MOVE, to: options[0]?.value ?? '' }] })}
              >
                {j.addMove}
              </Button>
            </section>
          </>
        )}
      </div>
    </Sheet>
  );
}

function written({ object: _object, version: _version, faults: _faults, ...rest }: Lifecycle) {
  return rest;
}

function StageForm({
  object,
  option,
  options,
  rule,
  effect,
  onChange,
}: {
  object: ObjectType;
  option: Option;
  options: Option[];
  rule: StageRule;
  effect: LifecyclePreview['stages'][number] | undefined;
  onChange: (rule: StageRule) => void;
}) {
  const j = useJourneyText();
  const label = useLabel();
  const format = useFormat();
  const id = useId();
  const free = object.fields.filter(
    (field) => isEditable(field) && !field.system && !field.required && !rule.required.includes(field.name),
  );
  return (
    <section aria-label={label(option.label)} className="flex flex-col gap-3 rounded-md bg-sunken p-3">
      <h2 className="flex items-center gap-2">
        <Chip color={option.color ?? null}>{label(option.label)}</Chip>
        <Segments
          className="ml-auto bg-surface"
          label={j.meaning}
          value={rule.meaning}
          onChange={(meaning) => onChange({ ...rule, meaning })}
          options={(['open', 'won', 'lost'] as const).map((value) => ({ value, label: j.meanings[value] }))}
        />
      </h2>
      <div className="flex flex-col gap-1">
        <label htmlFor={`${id}-field`} className="text-ink-2">
          {j.required}
        </label>
        <div className="flex flex-wrap items-center gap-1.5">
          {rule.required.map((name) => (
            <span key={name} className="inline-flex items-center rounded-md bg-surface border border-line pl-2 h-8">
              {label(fieldOf(object, name)?.label) || name}
              <IconButton
                icon={X}
                size="sm"
                label={j.removeField(label(fieldOf(object, name)?.label) || name)}
                onClick={() => onChange({ ...rule, required: rule.required.filter((one) => one !== name) })}
              />
            </span>
          ))}
          <Select
            id={`${id}-field`}
            label={j.addField}
            placeholder={j.addField}
            value={null}
            onChange={(name: string) => onChange({ ...rule, required: [...rule.required, name] })}
            options={free.map((field) => ({ value: field.name, label: label(field.label) }))}
          />
        </div>
      </div>
      <div className="flex flex-col gap-1">
        <span className="text-ink-2">{j.entry}</span>
        <FilterBar
          object={object}
          label={`${j.entry} ${label(option.label)}`}
          filter={rule.entry}
          onChange={(entry) => onChange({ ...rule, entry })}
        />
      </div>
      <Checks
        options={options.filter((one) => one.value !== option.value)}
        chosen={rule.from}
        label={j.fromStages}
        onChange={(from) => onChange({ ...rule, from })}
      />
      {effect && (
        <p role="status" className="rounded-md bg-surface px-3 py-2">
          {j.unmet(format.fullNumber(effect.unmet), format.fullNumber(effect.records))}
        </p>
      )}
    </section>
  );
}

function MoveForm({
  object,
  number,
  options,
  move,
  effect,
  onChange,
  onRemove,
}: {
  object: ObjectType;
  number: number;
  options: Option[];
  move: AutomaticMove;
  effect: LifecyclePreview['automatic'][number] | undefined;
  onChange: (move: AutomaticMove) => void;
  onRemove: () => void;
}) {
  const j = useJourneyText();
  const label = useLabel();
  const format = useFormat();
  const id = useId();
  const change = (part: Partial<AutomaticMove>) => onChange({ ...move, ...part });
  const count = (text: string) => Math.max(0, Math.round(Number(text) || 0));
  const free = object.fields.filter(
    (field) => isEditable(field) && !field.system && editKind(field).Edit && !(field.name in move.set),
  );
  return (
    <div className="flex flex-col gap-3 rounded-md bg-sunken p-3">
      <div className="flex items-end gap-2">
        <FieldFrame id={`${id}-to`} label={j.to} className="flex-1">
          <Select
            id={`${id}-to`}
            label={j.to}
            value={move.to}
            onChange={(to: string) => change({ to })}
            options={options.map((option) => ({ value: option.value, label: label(option.label) }))}
          />
        </FieldFrame>
        <IconButton icon={Trash2} label={j.removeMove} onClick={onRemove} />
      </div>
      <Checks
        options={options.filter((one) => one.value !== move.to)}
        chosen={move.from}
        label={j.fromStages}
        onChange={(from) => change({ from })}
      />
      <div className="flex flex-col gap-1">
        <span className="text-ink-2">{j.when}</span>
        <FilterBar
          object={object}
          label={`${j.when} ${number}`}
          filter={move.when}
          onChange={(when) => change({ when })}
        />
      </div>
      <div className="grid grid-cols-2 gap-3">
        <FieldFrame id={`${id}-silent`} label={j.silentDays}>
          <input
            id={`${id}-silent`}
            type="number"
            min={0}
            className="control"
            value={move.silent_days ?? ''}
            onChange={(event) => change({ silent_days: count(event.target.value) || null })}
          />
        </FieldFrame>
        <FieldFrame id={`${id}-warn`} label={j.warnDays}>
          <input
            id={`${id}-warn`}
            type="number"
            min={0}
            className="control"
            value={move.warn_days}
            onChange={(event) => change({ warn_days: count(event.target.value) })}
          />
        </FieldFrame>
      </div>
      <Check checked={move.warn_only} onChange={(warn_only) => change({ warn_only })}>
        {j.warnOnly}
      </Check>
      {!move.warn_only && (
        <div className="flex flex-col gap-2">
          <span className="text-ink-2">{j.setOnMove}</span>
          {Object.entries(move.set).map(([name, value]) => {
            const field = fieldOf(object, name);
            const title = label(field?.label) || name;
            const { [name]: _gone, ...others } = move.set;
            return (
              <div key={name} className="flex items-end gap-1">
                <div className="flex-1 min-w-0">
                  {field && (
                    <SetField
                      id={`${id}-${name}`}
                      field={field}
                      value={value}
                      onChange={(next) => change({ set: { ...move.set, [name]: next } })}
                    />
                  )}
                </div>
                <IconButton icon={X} label={j.removeSet(title)} onClick={() => change({ set: others })} />
              </div>
            );
          })}
          <Select
            id={`${id}-set`}
            label={j.addSet}
            placeholder={j.addSet}
            value={null}
            onChange={(name: string) => change({ set: { ...move.set, [name]: null } })}
            options={free.map((field) => ({ value: field.name, label: label(field.label) }))}
          />
        </div>
      )}
      {effect && (
        <p role="status" className="rounded-md bg-surface px-3 py-2">
          {effect.warn_only ? j.wouldWarn(format.fullNumber(effect.now)) : j.wouldMove(format.fullNumber(effect.now))}
          {effect.soon > 0 && ` · ${j.wouldSoon(format.fullNumber(effect.soon))}`}
        </p>
      )}
    </div>
  );
}

function SetField({
  id,
  field,
  value,
  onChange,
}: {
  id: string;
  field: Field;
  value: unknown;
  onChange: (value: unknown) => void;
}) {
  const label = useLabel();
  const { Edit } = editKind(field);
  if (!Edit) return null;
  return (
    <FieldFrame id={id} label={label(field.label)}>
      <Edit id={id} field={field} label={label(field.label)} value={value} onChange={onChange} />
    </FieldFrame>
  );
}
