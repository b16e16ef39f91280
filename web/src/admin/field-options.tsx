// The options of a choice: their names, colours, order, which of them are an end, and which are no longer offered.
import { ArrowDown, ArrowUp, Plus, RotateCcw, X } from 'lucide-react';
import type { Option } from '../api/types';
import { useLabel, useT } from '../i18n';
import { Chip } from '../ui/bits';
import { Button, IconButton } from '../ui/button';
import { Select } from '../ui/select';
import { freshValue } from './definition-name';
import { useFieldText } from './field-text';
import { useAdminText } from './text';

const COLOURS = ['blue', 'green', 'amber', 'red', 'purple', 'cyan', 'gray', 'orange'] as const;
type Colour = (typeof COLOURS)[number];

export function newOption(existing: Option[]): Option {
  return {
    value: freshValue(existing.map((option) => option.value)),
    label: { zh: '', en: '' },
    color: COLOURS[existing.length % COLOURS.length],
  };
}

export function Options({
  options,
  stored,
  single,
  fault,
  onChange,
}: {
  options: Option[];
  /** What records may already say: retired, never removed. */
  stored: Option[];
  /** Of one choice the options may be stages, and some of them an end. */
  single: boolean;
  fault?: string;
  onChange: (options: Option[]) => void;
}) {
  const t = useT();
  const a = useAdminText();
  const d = a.dictionary;
  const f = useFieldText();
  const label = useLabel();
  const set = (index: number, part: Partial<Option>) =>
    onChange(options.map((option, place) => (place === index ? { ...option, ...part } : option)));
  const move = (index: number, by: -1 | 1) => {
    const next = [...options];
    const [one] = next.splice(index, 1);
    if (!one || index + by < 0 || index + by > next.length) return;
    next.splice(index + by, 0, one);
    onChange(next);
  };
  return (
    <fieldset className="flex flex-col gap-2">
      <legend className="text-ink-2 pb-1">{d.options}</legend>
      {options.map((option, index) => {
        const name = label(option.label) || String(index + 1);
        const kept = stored.some((one) => one.value === option.value);
        return (
          <div key={option.value} className="flex flex-col gap-1.5 rounded-lg border border-line p-2">
            <div className="grid grid-cols-2 gap-2">
              {(['zh', 'en'] as const).map((language) => (
                <input
                  key={language}
                  className="control"
                  aria-label={`${language === 'zh' ? d.labelZh : d.labelEn} ${index + 1}`}
                  placeholder={language === 'zh' ? d.labelZh : d.labelEn}
                  value={option.label[language]}
                  onChange={(event) => set(index, { label: { ...option.label, [language]: event.target.value } })}
                />
              ))}
            </div>
            <div className="flex flex-wrap items-center gap-x-2 gap-y-1">
              <Chip color={option.color}>{name}</Chip>
              <Select<Colour>
                label={`${f.color} ${index + 1}`}
                quiet
                value={(option.color as Colour) ?? 'gray'}
                onChange={(color) => set(index, { color })}
                options={COLOURS.map((color) => ({ value: color, label: f.colors[color] }))}
              />
              {single && (
                <label className="flex items-center gap-1.5 touch:h-11" title={f.closedHint}>
                  <input
                    type="checkbox"
                    className="check"
                    checked={option.closed ?? false}
                    onChange={(event) => set(index, { closed: event.target.checked })}
                  />
                  {f.closed}
                </label>
              )}
              {option.retired && <span className="text-xs text-ink-3">{f.retired}</span>}
              <span className="ml-auto flex">
                <IconButton icon={ArrowUp} size="sm" label={f.optionUp(name)} onClick={() => move(index, -1)} />
                <IconButton icon={ArrowDown} size="sm" label={f.optionDown(name)} onClick={() => move(index, 1)} />
                {kept ? (
                  <IconButton
                    icon={option.retired ? RotateCcw : X}
                    size="sm"
                    label={option.retired ? f.restoreOption(name) : f.retireOption(name)}
                    onClick={() => set(index, { retired: !option.retired })}
                  />
                ) : (
                  <IconButton
                    icon={X}
                    size="sm"
                    label={`${t.common.remove} ${index + 1}`}
                    onClick={() => onChange(options.filter((_, place) => place !== index))}
                  />
                )}
              </span>
            </div>
          </div>
        );
      })}
      {fault && <p className="text-xs text-danger">{fault}</p>}
      <Button size="sm" icon={Plus} className="self-start" onClick={() => onChange([...options, newOption(options)])}>
        {d.addOption}
      </Button>
    </fieldset>
  );
}
