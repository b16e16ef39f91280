// The boxes of a layout with their fields, to be moved by pointer, menu or keyboard.
import { ArrowDown, ArrowUp, EyeOff, GripVertical, ListChecks, MoreHorizontal, Plus, Trash2 } from 'lucide-react';
import { type KeyboardEvent, type ReactNode, useState } from 'react';
import type { Field, ObjectType } from '../api/types';
import { isEmpty } from '../fields';
import { useLabel, useT } from '../i18n';
import { Button, IconButton } from '../ui/button';
import { cx } from '../ui/cx';
import { useDrag } from '../ui/drag';
import { DragGhost, GHOST_LINE } from '../ui/drag-ghost';
import { Menu, MenuItem, MenuSeparator } from '../ui/menu';
import { arrangeable, type Box, type Draft, fieldsIn, moveSection, put, step } from './layout-model';
import { useLayoutText } from './layout-text';
import { useAdminText } from './text';

type Held = { name: string; from: Box };

const NEW_SECTION = { zh: '新分组', en: 'New section' };
/** More than these first fields slow people down. */
const SHORT = 5;

export function LayoutBoxes({
  object,
  draft,
  onChange,
}: {
  object: ObjectType;
  draft: Draft;
  onChange: (draft: Draft) => void;
}) {
  const t = useT();
  const l = useLayoutText();
  const a = useAdminText();
  const label = useLabel();
  const [said, setSaid] = useState('');
  const known = new Map(arrangeable(object).map((field) => [field.name, field]));
  const boxes: { box: Box; title: string }[] = [
    { box: 'short', title: l.short },
    ...draft.sections.map((section, place) => ({ box: `section:${place}` as Box, title: label(section.label) })),
    { box: 'rest', title: l.rest },
    { box: 'hidden', title: l.hidden },
  ];
  const titleOf = (box: Box) => boxes.find((one) => one.box === box)?.title ?? '';
  const move = (held: Held, to: Box, before: string | null) => {
    const next = put(draft, held.name, held.from, to, before);
    if (next === draft) return;
    onChange(next);
    setSaid(l.moved(label(known.get(held.name)?.label), titleOf(to)));
  };
  const drag = useDrag<Held>((held, over) => {
    const [box, before] = over.split('|');
    move(held, box as Box, before || null);
  });
  const onKey = (event: KeyboardEvent<HTMLElement>, name: string, box: Box) => {
    if (!event.altKey || (event.key !== 'ArrowUp' && event.key !== 'ArrowDown')) return;
    event.preventDefault();
    const grip = event.currentTarget;
    onChange(step(object, draft, name, box, event.key === 'ArrowUp' ? -1 : 1));
    requestAnimationFrame(() => grip.focus());
  };
  const row = (name: string, box: Box) => {
    const field = known.get(name);
    if (!field) return null;
    const text = label(field.label);
    return (
      <li
        key={name}
        data-drop={`${box}|${name}`}
        className={cx(
          'flex items-center gap-1 h-9 touch:h-12 pl-1 pr-1 rounded-md border border-line bg-surface select-none',
          drag.dragging?.over === `${box}|${name}` && 'border-brand shadow-[0_-2px_0_var(--brand)]',
          drag.dragging?.item.name === name && drag.dragging.item.from === box && 'opacity-40',
        )}
        onPointerDown={(event) => drag.grab(event, { name, from: box })}
      >
        <button
          type="button"
          aria-label={l.actions(text)}
          aria-keyshortcuts="Alt+ArrowUp Alt+ArrowDown"
          className="size-7 touch:size-11 shrink-0 grid place-items-center rounded-md text-ink-3 cursor-grab"
          onKeyDown={(event) => onKey(event, name, box)}
        >
          <GripVertical size={14} aria-hidden />
        </button>
        <span className="flex-1 truncate">
          {text}
          {field.required && (
            <span aria-hidden className="text-danger ml-0.5">
              *
            </span>
          )}
        </span>
        <span className="text-xs text-ink-3 truncate max-md:hidden">{a.types[field.type]}</span>
        <span onPointerDown={(event) => event.stopPropagation()}>
          <Menu trigger={<IconButton icon={MoreHorizontal} size="sm" label={`${t.record.actions}: ${text}`} />}>
            {box !== 'rest' && (
              <>
                <MenuItem icon={ArrowUp} onClick={() => onChange(step(object, draft, name, box, -1))}>
                  {l.up}
                </MenuItem>
                <MenuItem icon={ArrowDown} onClick={() => onChange(step(object, draft, name, box, 1))}>
                  {l.down}
                </MenuItem>
                <MenuSeparator />
              </>
            )}
            {boxes
              .filter((one) => one.box !== box && !(one.box === 'short' && draft.short.includes(name)))
              .map((one) => (
                <MenuItem
                  key={one.box}
                  icon={one.box === 'hidden' ? EyeOff : one.box === 'short' ? ListChecks : undefined}
                  onClick={() => move({ name, from: box }, one.box, null)}
                >
                  {l.to(one.title)}
                </MenuItem>
              ))}
          </Menu>
        </span>
      </li>
    );
  };
  const list = (box: Box) => {
    const names = fieldsIn(object, draft, box);
    return (
      <ul
        data-drop={`${box}|`}
        className={cx(
          'grid gap-1.5 min-h-11 rounded-md p-1.5 -m-1.5 md:grid-cols-2',
          drag.dragging?.over === `${box}|` && 'bg-brand-soft',
        )}
      >
        {names.map((name) => row(name, box))}
        {names.length === 0 && (
          <li className="h-9 grid place-items-center rounded-md border border-dashed border-line text-ink-3 md:col-span-2">
            {l.none}
          </li>
        )}
      </ul>
    );
  };
  return (
    <>
      <Frame title={l.short} hint={l.shortHint}>
        <ShortHints draft={draft} known={known} />
        {list('short')}
      </Frame>
      <h2 className="text-xs font-semibold text-ink-3 pt-1">{l.sections}</h2>
      {draft.sections.map((section, place) => (
        <Frame
          key={place}
          title={
            <span className="flex flex-wrap gap-2">
              {(['zh', 'en'] as const).map((language) => (
                <input
                  key={language}
                  className="control w-40! font-normal"
                  aria-label={language === 'zh' ? l.sectionZh : l.sectionEn}
                  value={section.label[language]}
                  onChange={(event) =>
                    onChange({
                      ...draft,
                      sections: draft.sections.map((one, index) =>
                        index === place ? { ...one, label: { ...one.label, [language]: event.target.value } } : one,
                      ),
                    })
                  }
                />
              ))}
            </span>
          }
          actions={
            <>
              <IconButton
                icon={ArrowUp}
                size="sm"
                label={`${l.up}: ${label(section.label)}`}
                onClick={() => onChange(moveSection(draft, place, -1))}
              />
              <IconButton
                icon={ArrowDown}
                size="sm"
                label={`${l.down}: ${label(section.label)}`}
                onClick={() => onChange(moveSection(draft, place, 1))}
              />
              <IconButton
                icon={Trash2}
                size="sm"
                label={`${l.removeSection}: ${label(section.label)}`}
                onClick={() => onChange({ ...draft, sections: draft.sections.filter((_, index) => index !== place) })}
              />
            </>
          }
        >
          {list(`section:${place}`)}
        </Frame>
      ))}
      <Button
        size="sm"
        icon={Plus}
        className="self-start"
        onClick={() => onChange({ ...draft, sections: [...draft.sections, { label: { ...NEW_SECTION }, fields: [] }] })}
      >
        {l.addSection}
      </Button>
      <Frame title={l.rest} hint={l.restHint}>
        {list('rest')}
      </Frame>
      <Frame title={l.hidden} hint={l.hiddenHint}>
        {list('hidden')}
      </Frame>
      <p role="status" className="sr-only">
        {said}
      </p>
      <DragGhost drag={drag} className={GHOST_LINE}>
        {(item) => (
          <>
            <GripVertical size={14} /> {label(known.get(item.name)?.label)}
          </>
        )}
      </DragGhost>
    </>
  );
}

function Frame({
  title,
  hint,
  actions,
  children,
}: {
  title: ReactNode;
  hint?: string;
  actions?: ReactNode;
  children: ReactNode;
}) {
  return (
    <section className="rounded-lg border border-line bg-sunken/60 p-3 flex flex-col gap-3">
      <header className="flex flex-wrap items-center gap-2">
        {typeof title === 'string' ? <h2 className="font-semibold">{title}</h2> : title}
        {hint && <p className="text-xs text-ink-3">{hint}</p>}
        {actions && <span className="ml-auto flex">{actions}</span>}
      </header>
      {children}
    </section>
  );
}

function ShortHints({ draft, known }: { draft: Draft; known: Map<string, Field> }) {
  const t = useT();
  const l = useLayoutText();
  const label = useLabel();
  const forced = [...known.values()].filter(
    (field) =>
      field.required &&
      !field.read_only &&
      isEmpty(field.default) &&
      !draft.short.includes(field.name) &&
      !field.system,
  );
  return (
    <>
      {draft.short.length > SHORT && <p className="text-xs text-warn">{l.tooMany(draft.short.length)}</p>}
      {forced.length > 0 && (
        <p className="text-xs text-ink-3">
          {l.requiredToo(forced.map((field) => label(field.label)).join(t.file.comma))}
        </p>
      )}
    </>
  );
}
