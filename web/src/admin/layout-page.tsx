// How forms and record pages of one object are laid out: dragged, by menu or by keyboard, for everybody or for some roles and
// stages. What the change touches is told before it is saved.
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { ChevronLeft, Plus } from 'lucide-react';
import { useEffect, useMemo, useState } from 'react';
import { api } from '../api/client';
import { useObject } from '../api/dictionary';
import { keys, queryRecords } from '../api/records';
import type { LayoutDefinition, LayoutWhen, ObjectType, Rec } from '../api/types';
import { useFormat } from '../format/use-format';
import { useLabel, useT } from '../i18n';
import { faultText } from '../session/fault-text';
import { useMay } from '../session/session';
import { NotFound } from '../shell/not-found';
import { useTitle } from '../ui/bits';
import { Button } from '../ui/button';
import { Dialog } from '../ui/dialog';
import { toast } from '../ui/toast';
import { nameFrom } from './definition-name';
import { LayoutBoxes } from './layout-boxes';
import { LayoutCaseSettings } from './layout-case';
import { type Draft, differences, draftOf } from './layout-model';
import { LayoutPreview } from './layout-preview';
import { useLayoutText } from './layout-text';

/** A layout in the editor; the object's own has no name. */
export type Case = {
  name: string;
  label: { zh: string; en: string };
  roles: string[];
  when: LayoutWhen | null;
  draft: Draft;
};

type Impact = { people: number; layouts: { name: string; people: number; records: number | null }[] };

/** Up to here records are counted. */
const COUNTED = 10_000;

export default function LayoutPage() {
  const { object: name } = useParams({ from: '/admin/dictionary/$object/layout' });
  const object = useObject(name);
  const may = useMay('dictionary');
  if (!object || !may) return <NotFound />;
  return <Editor key={name} object={object} />;
}

function casesOf(object: ObjectType): Case[] {
  const own: Case = { name: '', label: { zh: '', en: '' }, roles: [], when: null, draft: draftOf(object.layout) };
  const others = (object.all_layouts ?? []).map((one) => ({
    name: one.name,
    label: one.label,
    roles: one.roles,
    when: one.when ?? null,
    draft: draftOf(one),
  }));
  return [own, ...others];
}

function definitionOf({ name, label, roles, when, draft }: Case): LayoutDefinition {
  return { name, label: { zh: label.zh.trim(), en: label.en.trim() }, roles, ...(when ? { when } : {}), ...draft };
}

function Editor({ object }: { object: ObjectType }) {
  const t = useT();
  const l = useLayoutText();
  const label = useLabel();
  const client = useQueryClient();
  // By its words: a dictionary read anew, as after a change of language, must not take away what was moved here.
  const stored = JSON.stringify(casesOf(object));
  const before = useMemo(() => JSON.parse(stored) as Case[], [stored]);
  const [cases, setCases] = useState(before);
  const [at, setAt] = useState(0);
  const [impact, setImpact] = useState<Impact | null>(null);
  const [busy, setBusy] = useState(false);
  const current = cases[Math.min(at, cases.length - 1)] as Case;
  const changed = JSON.stringify(cases) !== stored;
  useTitle(`${label(object.label)} · ${l.title}`);
  const { data: roles } = useQuery({
    queryKey: [...keys.lists('role'), 'layout'],
    queryFn: ({ signal }) => queryRecords('role', { sort: ['name'], limit: 200 }, signal),
  });
  const change = (part: Partial<Case>) =>
    setCases(cases.map((one, place) => (place === at ? { ...one, ...part } : one)));
  const add = () => {
    const base = cases[0] as Case;
    let number = cases.length;
    while (cases.some((one) => one.name === `layout_${number}`)) number++;
    const made: Case = {
      ...base,
      name: `layout_${number}`,
      label: { zh: '', en: '' },
      draft: structuredClone(base.draft),
    };
    setCases([...cases, made]);
    setAt(cases.length);
  };
  const body = () => {
    const own = cases[0] as Case;
    return { layout: { card: object.layout.card, ...own.draft }, layouts: cases.slice(1).map(definitionOf) };
  };
  const fault = () => {
    const unnamed = cases.findIndex((one) => one.name && !(one.label.zh.trim() && one.label.en.trim()));
    const valueless = cases.findIndex((one) => one.when?.values.length === 0);
    const wrong = unnamed >= 0 ? unnamed : valueless;
    if (wrong < 0) return null;
    setAt(wrong);
    return unnamed >= 0 ? l.needsName : l.needsValues;
  };
  const ask = async () => {
    const wrong = fault();
    if (wrong) return toast(wrong, { tone: 'danger' });
    setBusy(true);
    try {
      setImpact(await api.post<Impact>(`/dictionary/${object.name}/preview`, body()));
    } catch (cause) {
      toast(faultText(cause, t), { tone: 'danger' });
    } finally {
      setBusy(false);
    }
  };
  const save = async () => {
    setBusy(true);
    try {
      await api.patch(`/dictionary/${object.name}`, body());
      await client.invalidateQueries({ queryKey: ['dictionary'] });
      toast(l.saved);
      setImpact(null);
    } catch (cause) {
      toast(faultText(cause, t), { tone: 'danger' });
    } finally {
      setBusy(false);
    }
  };
  // What was saved comes back with the dictionary.
  useEffect(() => setCases(before), [before]);
  return (
    <div className="flex-1 min-h-0 flex flex-col">
      <header className="shrink-0 px-4 pt-3 pb-3 flex flex-wrap items-end gap-3">
        <div className="min-w-0 flex-1">
          <Link
            to="/admin/dictionary/$object"
            params={{ object: object.name }}
            className="flex items-center gap-0.5 text-xs text-ink-3 hover:text-ink min-h-6 touch:min-h-11"
          >
            <ChevronLeft size={13} aria-hidden />
            {label(object.label)}
          </Link>
          <h1 className="text-[15px] font-semibold">{l.title}</h1>
          <p className="text-ink-3 max-md:hidden">{l.intro}</p>
        </div>
        {changed && <span className="text-warn h-8 content-center">{l.unsaved}</span>}
        <Button onClick={() => setCases(before)} disabled={!changed || busy}>
          {t.common.cancel}
        </Button>
        <Button variant="primary" onClick={() => void ask()} disabled={!changed || busy}>
          {t.common.save}
        </Button>
      </header>
      <div className="flex items-center gap-1 px-4 border-b border-line overflow-x-auto no-bar shrink-0">
        <div role="tablist" aria-label={l.title} className="flex">
          {cases.map((one, place) => (
            <button
              key={one.name}
              type="button"
              role="tab"
              aria-selected={one === current}
              aria-controls="layout-panel"
              className={`h-9 touch:h-12 px-2.5 whitespace-nowrap border-b-2 -mb-px focus-visible:-outline-offset-2 ${
                one === current ? 'border-brand text-ink font-medium' : 'border-transparent text-ink-2 hover:text-ink'
              }`}
              onClick={() => setAt(place)}
            >
              {one.name ? label(one.label) || t.common.unnamed : l.standard}
            </button>
          ))}
        </div>
        <Button variant="ghost" size="sm" icon={Plus} onClick={add}>
          {l.add}
        </Button>
      </div>
      <div
        id="layout-panel"
        role="tabpanel"
        aria-label={l.title}
        className="flex-1 min-h-0 flex max-md:flex-col max-md:overflow-auto"
      >
        <div className="flex-1 min-w-0 md:overflow-auto thin-bar p-4 flex flex-col gap-4" tabIndex={-1}>
          {current.name && (
            <LayoutCaseSettings
              object={object}
              value={current}
              roles={roles?.items ?? []}
              onChange={(part) => {
                const named = part.label?.en ? nameFrom(part.label.en) : '';
                const free = named && !cases.some((one) => one !== current && one.name === named);
                const isNew = !before.some((one) => one.name === current.name);
                change(isNew && free ? { ...part, name: named } : part);
              }}
              onRemove={() => {
                setCases(cases.filter((one) => one !== current));
                setAt(0);
              }}
              onMove={(by) => {
                const to = at + by;
                if (to < 1 || to >= cases.length) return;
                const next = cases.filter((one) => one !== current);
                next.splice(to, 0, current);
                setCases(next);
                setAt(to);
              }}
            />
          )}
          <LayoutBoxes object={object} draft={current.draft} onChange={(draft) => change({ draft })} />
        </div>
        <LayoutPreview object={object} draft={current.draft} />
      </div>
      {impact && (
        <ImpactDialog
          object={object}
          before={before}
          after={cases}
          impact={impact}
          roles={roles?.items ?? []}
          busy={busy}
          onClose={() => setImpact(null)}
          onSave={() => void save()}
        />
      )}
    </div>
  );
}

function ImpactDialog({
  object,
  before,
  after,
  impact,
  roles,
  busy,
  onClose,
  onSave,
}: {
  object: ObjectType;
  before: Case[];
  after: Case[];
  impact: Impact;
  roles: Rec[];
  busy: boolean;
  onClose: () => void;
  onSave: () => void;
}) {
  const t = useT();
  const l = useLayoutText();
  const label = useLabel();
  const format = useFormat();
  const fieldName = (name: string) => label(object.fields.find((field) => field.name === name)?.label) || name;
  const lines = after.flatMap((one) => {
    const known = before.find((old) => old.name === one.name);
    const found = differences((known ?? (before[0] as Case)).draft, one.draft);
    const same = known && JSON.stringify({ ...known, draft: 0 }) === JSON.stringify({ ...one, draft: 0 });
    if (same && found.length === 0) return [];
    const measured = impact.layouts.find((each) => each.name === one.name);
    return [
      { one, found, isNew: !known, people: measured?.people ?? impact.people, records: measured?.records ?? null },
    ];
  });
  const gone = before.filter((one) => one.name && !after.some((each) => each.name === one.name));
  return (
    <Dialog
      open
      onClose={onClose}
      title={l.saveAsk}
      className="md:w-[480px]!"
      footer={
        <>
          <Button onClick={onClose}>{t.common.cancel}</Button>
          <Button variant="primary" disabled={busy} onClick={onSave}>
            {t.common.save}
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-4">
        {lines.length === 0 && gone.length === 0 && <p className="text-ink-2">{l.nobody}</p>}
        {lines.map(({ one, found, isNew, people, records }) => (
          <section key={one.name} className="flex flex-col gap-1">
            <h3 className="font-semibold">
              {one.name ? (isNew ? l.addedCase(label(one.label)) : label(one.label)) : l.standard}
            </h3>
            <p className="text-ink-2">
              {[
                people > 0 ? l.people(people) : l.nobody,
                one.roles
                  .map((id) => roles.find((role) => role.id === id)?.name)
                  .filter(Boolean)
                  .join(t.file.comma),
                records !== null && l.records(format.number(records), records >= COUNTED),
              ]
                .filter(Boolean)
                .join(' · ')}
            </p>
            {found.map((difference) => (
              <p key={difference.kind} className="text-ink-2">
                <span className="text-ink">{l.difference[difference.kind]}</span>
                {difference.fields.length > 0 && `: ${difference.fields.map(fieldName).join(t.file.comma)}`}
              </p>
            ))}
          </section>
        ))}
        {gone.map((one) => (
          <p key={one.name}>{l.removedCase(label(one.label))}</p>
        ))}
      </div>
    </Dialog>
  );
}
