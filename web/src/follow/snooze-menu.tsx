// 今天晚些 / 明天 / 下周一 / 选时间: one menu for promises and for reminders.
import { Clock3 } from 'lucide-react';
import { type ReactElement, useId, useState } from 'react';
import type { Typed } from '../format/typed-date';
import { useFormat } from '../format/use-format';
import { useT } from '../i18n';
import { FieldFrame } from '../ui/bits';
import { Button, IconButton } from '../ui/button';
import { Dialog } from '../ui/dialog';
import { DateField } from '../ui/lazy-date-field';
import { Menu, MenuItem, MenuSeparator } from '../ui/menu';
import { choicesOf, MORNING } from './snooze';
import { useFollowText } from './text';

export function SnoozeMenu({
  title,
  label,
  time = MORNING,
  onSnooze,
  trigger,
}: {
  title: string;
  /** What the button does, spoken. */
  label: string;
  /** The hour that another day keeps. */
  time?: string;
  onSnooze: (until: string) => void;
  trigger?: ReactElement;
}) {
  const f = useFollowText();
  const format = useFormat();
  const [asking, setAsking] = useState(false);
  return (
    <>
      <Menu trigger={trigger ?? <IconButton icon={Clock3} label={label} />}>
        {choicesOf(format, Date.now(), time).map(({ key, at }) => (
          <MenuItem key={key} onClick={() => onSnooze(at)} kbd={format.moment(at)}>
            {f.snooze[key]}
          </MenuItem>
        ))}
        <MenuSeparator />
        <MenuItem onClick={() => setAsking(true)}>{f.snooze.own}…</MenuItem>
      </Menu>
      {asking && <OwnTime title={title} time={time} onClose={() => setAsking(false)} onSnooze={onSnooze} />}
    </>
  );
}

function OwnTime({
  title,
  time,
  onClose,
  onSnooze,
}: {
  title: string;
  time: string;
  onClose: () => void;
  onSnooze: (until: string) => void;
}) {
  const t = useT();
  const f = useFollowText();
  const format = useFormat();
  const id = useId();
  const [value, setValue] = useState<Typed | string | null>(null);
  const [fault, setFault] = useState<string | null>(null);
  const save = () => {
    const at = value && typeof value === 'object' ? format.instant(value.day, value.time ?? time) : null;
    if (!at || Date.parse(at) <= Date.now()) return setFault(f.needWhen);
    onClose();
    onSnooze(at);
  };
  return (
    <Dialog
      open
      onClose={onClose}
      title={f.snoozeTo(title)}
      footer={
        <>
          <Button onClick={onClose}>{t.common.cancel}</Button>
          <Button variant="primary" onClick={save}>
            {f.snoozeDo}
          </Button>
        </>
      }
    >
      <FieldFrame id={id} label={f.snoozeWhen} fault={fault}>
        <DateField
          id={id}
          label={f.snoozeWhen}
          withTime
          autoFocus
          value={value}
          invalid={fault !== null}
          onChange={(next) => {
            setValue(next);
            setFault(null);
          }}
        />
      </FieldFrame>
    </Dialog>
  );
}
