// One of many, found by typing. The text one types lives in the pop-up alone and is thrown away when it closes,
// so that a half-composed pinyin can never stay behind in the field (base-ui #5574).
import { Combobox } from '@base-ui/react/combobox';
import { Check, ChevronDown, X } from 'lucide-react';
import { type ReactElement, type ReactNode, useEffect, useState } from 'react';
import { useT } from '../../i18n';
import { cx } from '../cx';
import { usePatientEnter } from '../patient-enter';

export type PickerItem = { value: string; label: string; hint?: string | null; node?: ReactNode };

type Shared = {
  items: PickerItem[];
  id?: string;
  label: string;
  placeholder?: string;
  disabled?: boolean;
  invalid?: boolean;
  describedBy?: string;
  loading?: boolean;
  /** Asks the server for what is typed; without it the items are filtered here. */
  onSearch?: (text: string) => void;
  onOpenChange?: (open: boolean) => void;
  footer?: ReactNode;
  className?: string;
  searchable?: boolean;
  defaultOpen?: boolean;
  trigger?: ReactElement;
};

type SingleProps = Shared & {
  multiple?: false;
  value: PickerItem | null;
  onChange: (item: PickerItem | null) => void;
  clearable?: boolean;
};
type MultipleProps = Shared & {
  multiple: true;
  value: PickerItem[];
  onChange: (items: PickerItem[]) => void;
  clearable?: boolean;
};

export type PickerProps = SingleProps | MultipleProps;

export function Picker(props: PickerProps) {
  const {
    items,
    id,
    label,
    placeholder,
    disabled,
    invalid,
    describedBy,
    loading,
    onSearch,
    footer,
    className,
    clearable,
    trigger,
  } = props;
  const t = useT();
  const [open, setOpen] = useState(props.defaultOpen ?? false);
  const [text, setText] = useState('');
  const [asked, setAsked] = useState('');
  const waitWithEnter = usePatientEnter(!onSearch || (asked === text && !loading));
  const searchable = props.searchable ?? (onSearch !== undefined || items.length > 7);

  // The text is asked for once composing ends or pauses; each key would otherwise ask for broken pinyin.
  useEffect(() => {
    if (!open || !onSearch) return;
    const ask = () => {
      setAsked(text);
      onSearch(text);
    };
    const timer = setTimeout(ask, text ? 120 : 0);
    return () => clearTimeout(timer);
  }, [text, open, onSearch]);

  const changeOpen = (next: boolean) => {
    setOpen(next);
    if (!next) setText('');
    props.onOpenChange?.(next);
  };
  const chosen = props.multiple ? props.value : props.value ? [props.value] : [];
  const shared = {
    items,
    open,
    onOpenChange: changeOpen,
    inputValue: text,
    onInputValueChange: setText,
    itemToStringLabel: (item: PickerItem) => item.label,
    itemToStringValue: (item: PickerItem) => item.value,
    isItemEqualToValue: (a: PickerItem, b: PickerItem) => a.value === b.value,
    disabled,
    autoHighlight: true,
    ...(onSearch ? { filter: null } : {}),
  };
  const body = (
    <>
      <div className="relative">
        <Combobox.Trigger
          id={id}
          aria-label={id ? undefined : label}
          aria-invalid={invalid || undefined}
          aria-describedby={describedBy}
          className={
            trigger
              ? undefined
              : cx(
                  'control flex items-center gap-1.5 text-left',
                  props.multiple && chosen.length > 1 && 'h-auto! min-h-8 py-1',
                  className,
                )
          }
          render={trigger}
        >
          {trigger ? undefined : (
            <>
              <span
                className={cx(
                  'flex-1 min-w-0 flex gap-1',
                  props.multiple ? 'flex-wrap' : 'truncate',
                  chosen.length === 0 && 'text-ink-3',
                )}
              >
                {chosen.length === 0 && (placeholder ?? t.common.choose)}
                {chosen.map((item) => (
                  <span key={item.value} className="truncate">
                    {item.node ?? item.label}
                  </span>
                ))}
              </span>
              {!(clearable && chosen.length > 0 && !disabled) && (
                <ChevronDown size={14} aria-hidden className="text-ink-3 shrink-0" />
              )}
            </>
          )}
        </Combobox.Trigger>
        {!trigger && clearable && chosen.length > 0 && !disabled && (
          <button
            type="button"
            aria-label={`${t.common.clear}: ${label}`}
            className="absolute right-1 top-1/2 -translate-y-1/2 size-6 touch:size-9 grid place-items-center rounded text-ink-3 hover:bg-sunken hover:text-ink"
            onClick={() => (props.multiple ? props.onChange([]) : props.onChange(null))}
          >
            <X size={14} aria-hidden />
          </button>
        )}
      </div>
      <Combobox.Portal>
        <Combobox.Positioner className="z-50" sideOffset={4} align="start" collisionPadding={8}>
          <Combobox.Popup
            aria-label={label}
            onKeyDownCapture={waitWithEnter}
            className="float-panel anim-appear flex flex-col min-w-(--anchor-width) w-64 max-w-[calc(100vw-16px)] max-h-[min(22rem,var(--available-height))] overflow-hidden"
          >
            <div className={searchable ? 'p-1.5 border-b border-line shrink-0' : 'sr-only'}>
              <Combobox.Input
                aria-label={label}
                placeholder={onSearch ? t.lookup.placeholder : t.common.typeToSearch}
                className="w-full h-7 touch:h-11 touch:text-[16px] px-1.5 bg-transparent outline-none rounded"
              />
            </div>
            <Combobox.Empty className="empty:hidden px-3 py-4 text-ink-3 text-center">
              {loading ? t.common.loading : t.lookup.none}
            </Combobox.Empty>
            <Combobox.List className="flex-1 min-h-0 overflow-auto p-1 empty:hidden thin-bar outline-none">
              {(item: PickerItem) => (
                <Combobox.Item key={item.value} value={item} className="menu-item">
                  <span className="flex-1 min-w-0 truncate">{item.node ?? item.label}</span>
                  {item.hint && <span className="text-ink-3 text-xs truncate max-w-32">{item.hint}</span>}
                  <Combobox.ItemIndicator>
                    <Check size={14} aria-hidden className="text-brand-ink" />
                  </Combobox.ItemIndicator>
                </Combobox.Item>
              )}
            </Combobox.List>
            {footer && <div className="border-t border-line p-1 shrink-0">{footer}</div>}
          </Combobox.Popup>
        </Combobox.Positioner>
      </Combobox.Portal>
    </>
  );
  if (props.multiple) {
    return (
      <Combobox.Root multiple value={props.value} onValueChange={(next) => props.onChange(next)} {...shared}>
        {body}
      </Combobox.Root>
    );
  }
  return (
    <Combobox.Root value={props.value} onValueChange={(next) => props.onChange(next)} {...shared}>
      {body}
    </Combobox.Root>
  );
}
