// How tiers are worked out: two formulas with thresholds, the table of tiers, how often each is talked with, and what a change would do.

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Eye } from 'lucide-react';
import { useId, useState } from 'react';
import { api } from '../api/client';
import { fieldOf, useObject, valueType } from '../api/dictionary';
import type { ObjectType } from '../api/types';
import { useFormat } from '../format/use-format';
import { useLabel, useT } from '../i18n';
import FilterBar from '../records/filter-bar';
import { FaultBox } from '../session/fault-box';
import { LOG_OBJECT } from '../shell/nav';
import { FieldFrame } from '../ui/bits';
import { Button } from '../ui/button';
import { Sheet } from '../ui/dialog';
import { Select } from '../ui/select';
import { toast } from '../ui/toast';
import { Check, Checks } from './checks';
import { type Axis, ifMatch, type Rhythm, type Tiers, type TiersPreview, tiersQuery } from './queries';
import { useJourneyText } from './text';

const NUMBERS = new Set(['integer', 'decimal', 'money', 'percent', 'rating']);

export default function TiersEditor({ object, onClose }: { object: ObjectType; onClose: () => void }) {
  const t = useT();
  const j = useJourneyText();
  const label = useLabel();
  const format = useFormat();
  const client = useQueryClient();
  const id = useId();
  const log = useObject(LOG_OBJECT);
  const { data, error } = useQuery({ ...tiersQuery, retry: false });
  const [draft, setDraft] = useState<Tiers | null>(null);
  const tiers = draft ?? data ?? null;
  const written = ({ version: _version, faults: _faults, ...rest }: Tiers) => rest;
  const preview = useMutation({ mutationFn: (what: Tiers) => api.post<TiersPreview>('/tiers/preview', written(what)) });
  const save = useMutation({
    mutationFn: (what: Tiers) => api.put<Tiers>('/tiers', written(what), ifMatch(what.version)),
    onSuccess: (saved) => {
      client.setQueryData(tiersQuery.queryKey, saved);
      for (const key of ['behind', 'behind-counts', 'tier']) void client.invalidateQueries({ queryKey: [key] });
      toast(j.tiersSaved);
      onClose();
    },
  });
  const change = (part: Partial<Tiers>) => {
    if (!tiers) return;
    setDraft({ ...tiers, ...part });
    preview.reset();
  };
  const options = (fieldOf(object, 'tier')?.options ?? []).filter((option) => !option.retired);
  const nameOf = (tier: string | null) =>
    tier === null ? j.noTier : label(options.find((option) => option.value === tier)?.label) || tier;
  const kinds = (log?.fields.find((field) => field.name === 'kind')?.options ?? []).filter((one) => !one.retired);
  const rhythmOf = (tier: string): Rhythm =>
    tiers?.rhythm.find((one) => one.tier === tier) ?? { tier, talks: 1, days: 30, kinds: ['visit', 'meeting', 'call'] };
  const putRhythm = (rhythm: Rhythm) =>
    change({ rhythm: options.map((option) => (option.value === rhythm.tier ? rhythm : rhythmOf(option.value))) });
  const whole = (text: string) => Math.max(0, Math.round(Number(text) || 0));
  const fault = save.error ?? preview.error ?? error;
  const seen = preview.data;
  return (
    <Sheet
      open
      onClose={onClose}
      title={j.tiersTitle}
      footer={
        <>
          <Button icon={Eye} disabled={!tiers || preview.isPending} onClick={() => tiers && preview.mutate(tiers)}>
            {j.preview}
          </Button>
          <Button
            variant="primary"
            // What it would do is looked at before it is switched on.
            disabled={!draft || save.isPending || (draft.active && !data?.active && !seen)}
            onClick={() => draft && save.mutate(draft)}
          >
            {t.common.save}
          </Button>
        </>
      }
    >
      <div className="p-4 flex flex-col gap-6">
        <FaultBox cause={fault} stale={j.stale} />
        {seen && (
          <div role="status" className="rounded-md bg-sunken px-3 py-2 flex flex-col gap-1">
            <p className="font-medium">
              {j.tierPreview(format.fullNumber(seen.moved), format.fullNumber(seen.looked_at), seen.more)}
            </p>
            {seen.moves.map((move) => (
              <p key={`${move.from}-${move.to}`}>
                {j.moves(nameOf(move.from), nameOf(move.to), format.fullNumber(move.count))}
              </p>
            ))}
            {seen.examples.length > 0 && (
              <p className="text-ink-2 break-words">
                {j.examples}{' '}
                {seen.examples
                  .slice(0, 5)
                  .map((one) => `${one.record.name ?? t.common.hidden} ${nameOf(one.from)} → ${nameOf(one.to)}`)
                  .join(j.comma)}
              </p>
            )}
            <p className="text-ink-2">
              {j.nowThenTitle} ·{' '}
              {seen.tiers
                .map(
                  (one) => `${nameOf(one.tier)} ${j.nowThen(format.fullNumber(one.now), format.fullNumber(one.then))}`,
                )
                .join(j.comma)}
            </p>
            {seen.kept > 0 && <p className="text-ink-2">{j.tierKept(format.fullNumber(seen.kept))}</p>}
          </div>
        )}
        {tiers && (
          <>
            <Check checked={tiers.active} onChange={(active) => change({ active })}>
              {j.tiersActive}
            </Check>
            {(['value', 'potential'] as const).map((side) => (
              <AxisForm
                key={side}
                object={object}
                title={j.axis[side]}
                axis={tiers[side]}
                onChange={(axis) => change({ [side]: axis })}
              />
            ))}
            <section className="flex flex-col gap-2">
              <h2 className="font-semibold">{j.matrix}</h2>
              <div className="grid grid-cols-[3rem_1fr_1fr_1fr] gap-2 items-center">
                <span />
                {j.levels.map((level) => (
                  <span key={level} className="text-xs text-ink-3">
                    {level}
                  </span>
                ))}
                {tiers.matrix.map((row, value) => (
                  <MatrixRow
                    key={j.levels[value]}
                    name={j.levels[value] ?? ''}
                    levels={j.levels}
                    row={row}
                    options={options.map((option) => ({ value: option.value, label: label(option.label) }))}
                    onChange={(next) =>
                      change({ matrix: tiers.matrix.map((one, place) => (place === value ? next : one)) })
                    }
                  />
                ))}
              </div>
            </section>
            <section className="flex flex-col gap-1">
              <span className="text-ink-2">{j.tierFilter}</span>
              <FilterBar object={object} filter={tiers.filter} onChange={(filter) => change({ filter })} />
            </section>
            <section className="flex flex-col gap-3">
              <h2 className="font-semibold">{j.rhythm}</h2>
              {options.map((option) => {
                const rhythm = rhythmOf(option.value);
                return (
                  <div key={option.value} className="rounded-md bg-sunken p-3 flex flex-col gap-3">
                    <h3 className="font-medium">{label(option.label)}</h3>
                    <div className="grid grid-cols-2 gap-3">
                      <FieldFrame id={`${id}-${option.value}-talks`} label={j.talks}>
                        <input
                          id={`${id}-${option.value}-talks`}
                          type="number"
                          min={1}
                          className="control"
                          value={rhythm.talks}
                          onChange={(event) => putRhythm({ ...rhythm, talks: whole(event.target.value) })}
                        />
                      </FieldFrame>
                      <FieldFrame id={`${id}-${option.value}-days`} label={j.within}>
                        <input
                          id={`${id}-${option.value}-days`}
                          type="number"
                          min={1}
                          className="control"
                          value={rhythm.days}
                          onChange={(event) => putRhythm({ ...rhythm, days: whole(event.target.value) })}
                        />
                      </FieldFrame>
                    </div>
                    <Checks
                      label={j.kinds}
                      options={kinds}
                      chosen={rhythm.kinds}
                      onChange={(chosen) => putRhythm({ ...rhythm, kinds: chosen })}
                    />
                  </div>
                );
              })}
            </section>
          </>
        )}
      </div>
    </Sheet>
  );
}

function MatrixRow({
  name,
  levels,
  row,
  options,
  onChange,
}: {
  name: string;
  levels: string[];
  row: string[];
  options: { value: string; label: string }[];
  onChange: (row: string[]) => void;
}) {
  const j = useJourneyText();
  return (
    <>
      <span className="text-xs text-ink-3">{name}</span>
      {row.map((tier, potential) => (
        <Select
          key={levels[potential]}
          label={`${j.axis.value} ${name} · ${j.axis.potential} ${levels[potential]}`}
          value={tier}
          onChange={(next: string) => onChange(row.map((one, place) => (place === potential ? next : one)))}
          options={options}
        />
      ))}
    </>
  );
}

/** A field, or a sum of fields, and where it counts as middling and as high. */
function AxisForm({
  object,
  title,
  axis,
  onChange,
}: {
  object: ObjectType;
  title: string;
  axis: Axis;
  onChange: (axis: Axis) => void;
}) {
  const j = useJourneyText();
  const label = useLabel();
  const id = useId();
  const fields = object.fields.filter((field) => NUMBERS.has(valueType(field)) && !field.system);
  const field = fields.find((one) => one.name === axis.formula.trim());
  return (
    <section aria-label={title} className="flex flex-col gap-3">
      <h2 className="font-semibold">{title}</h2>
      <div className="grid grid-cols-1 md:grid-cols-2 gap-3">
        <FieldFrame id={`${id}-field`} label={j.field}>
          <Select
            id={`${id}-field`}
            label={j.field}
            placeholder={j.formula}
            value={field?.name ?? null}
            onChange={(formula: string) => onChange({ ...axis, formula })}
            options={fields.map((one) => ({ value: one.name, label: label(one.label) }))}
          />
        </FieldFrame>
        <FieldFrame id={`${id}-formula`} label={j.formula} help={j.formulaHint}>
          <input
            id={`${id}-formula`}
            className="control font-mono"
            spellCheck={false}
            maxLength={2000}
            value={axis.formula}
            aria-describedby={`${id}-formula-help`}
            onChange={(event) => onChange({ ...axis, formula: event.target.value })}
          />
        </FieldFrame>
        {(['middling', 'high'] as const).map((level) => (
          <FieldFrame key={level} id={`${id}-${level}`} label={j[level]}>
            <input
              id={`${id}-${level}`}
              type="number"
              className="control"
              value={axis[level]}
              onChange={(event) => onChange({ ...axis, [level]: Number(event.target.value) || 0 })}
            />
          </FieldFrame>
        ))}
      </div>
    </section>
  );
}
