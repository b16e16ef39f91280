// A tick and a whole number in a line of their own, as the settings of rules have them.

export function Tick({
  caption,
  checked,
  onChange,
}: {
  caption: string;
  checked: boolean;
  onChange: (checked: boolean) => void;
}) {
  return (
    <label className="flex items-center gap-2 min-h-8 touch:min-h-11 w-fit">
      <input
        type="checkbox"
        className="size-4 accent-[var(--color-brand)]"
        checked={checked}
        onChange={(event) => onChange(event.target.checked)}
      />
      {caption}
    </label>
  );
}

/** Where `unset` is given, none is an answer too. */
export function Count({
  caption,
  value,
  unset,
  most = 100_000,
  onChange,
}: {
  caption: string;
  value: number | null;
  unset?: string;
  /** More can't be typed; what is too much below it the server says. */
  most?: number;
  onChange: (value: number | null) => void;
}) {
  return (
    <label className="flex items-center gap-2 min-h-9 touch:min-h-11">
      <span className="flex-1 min-w-0">{caption}</span>
      <input
        type="number"
        min={0}
        max={most}
        className="control w-28 text-right"
        placeholder={unset}
        value={value ?? ''}
        onChange={(event) =>
          onChange(
            event.target.value === '' ? null : Math.min(most, Math.max(0, Math.round(Number(event.target.value) || 0))),
          )
        }
      />
    </label>
  );
}
