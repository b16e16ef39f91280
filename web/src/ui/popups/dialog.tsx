import { Dialog as Base } from '@base-ui/react/dialog';
import { X } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { useT } from '../../i18n';
import { Button, IconButton } from '../button';
import { cx } from '../cx';

export type PanelProps = {
  open: boolean;
  onClose: () => void;
  title: ReactNode;
  /** Said by screen readers only, when the title alone doesn't tell. */
  description?: string;
  children: ReactNode;
  footer?: ReactNode;
  actions?: ReactNode;
  className?: string;
};

function Header({ title, actions }: { title: ReactNode; actions?: ReactNode }) {
  const t = useT();
  return (
    <div className="flex items-center gap-1 h-12 shrink-0 pl-4 pr-2 border-b border-line">
      <Base.Title className="text-base font-semibold truncate flex-1">{title}</Base.Title>
      {actions}
      <Base.Close render={<IconButton icon={X} label={t.common.close} />} />
    </div>
  );
}

const BACKDROP = 'fixed inset-0 z-40 bg-shade anim-appear';

/** A window in the middle; on a phone it stands at the bottom, within the thumb's reach. */
export function Dialog({ open, onClose, title, description, children, footer, className }: PanelProps) {
  return (
    <Base.Root open={open} onOpenChange={(next) => !next && onClose()}>
      <Base.Portal>
        <Base.Backdrop className={BACKDROP} />
        <Base.Popup
          className={cx(
            'fixed z-50 flex flex-col bg-surface shadow-float outline-none overflow-hidden',
            'inset-x-0 bottom-0 max-h-[92dvh] rounded-t-xl anim-up pb-[env(safe-area-inset-bottom)]',
            'md:inset-x-auto md:bottom-auto md:left-1/2 md:top-[12vh] md:-translate-x-1/2 md:w-[min(480px,calc(100vw-48px))] md:max-h-[76vh] md:rounded-xl md:pb-0 md:animate-[appear_120ms_ease-out]',
            className,
          )}
        >
          <Header title={title} />
          {description && <Base.Description className="sr-only">{description}</Base.Description>}
          <div className="flex-1 min-h-0 overflow-auto p-4 thin-bar">{children}</div>
          {footer && (
            <div className="flex justify-end gap-2 p-3 border-t border-line shrink-0 max-md:[&>button]:flex-1">
              {footer}
            </div>
          )}
        </Base.Popup>
      </Base.Portal>
    </Base.Root>
  );
}

/** A panel from the right; on a phone a sheet from the bottom with its actions fixed below. */
export function Sheet({ open, onClose, title, description, children, footer, actions, className }: PanelProps) {
  return (
    <Base.Root open={open} onOpenChange={(next) => !next && onClose()}>
      <Base.Portal>
        <Base.Backdrop className={BACKDROP} />
        <Base.Popup
          className={cx(
            'fixed z-50 flex flex-col bg-surface shadow-float outline-none',
            'inset-x-0 bottom-0 top-10 rounded-t-xl anim-up',
            'md:inset-y-0 md:left-auto md:right-0 md:top-0 md:w-[460px] md:rounded-none md:animate-[slide-in_140ms_ease-out]',
            className,
          )}
        >
          <Header title={title} actions={actions} />
          {description && <Base.Description className="sr-only">{description}</Base.Description>}
          <div className="flex-1 min-h-0 overflow-auto overscroll-contain thin-bar">{children}</div>
          {footer && (
            <div className="flex gap-2 p-3 border-t border-line shrink-0 pb-[max(0.75rem,env(safe-area-inset-bottom))]">
              {footer}
            </div>
          )}
        </Base.Popup>
      </Base.Portal>
    </Base.Root>
  );
}

export type ConfirmProps = {
  open: boolean;
  onClose: () => void;
  title: string;
  text?: string;
  action: string;
  danger?: boolean;
  onConfirm: () => Promise<unknown> | unknown;
};

export function Confirm({ open, onClose, title, text, action, danger, onConfirm }: ConfirmProps) {
  const t = useT();
  const [busy, setBusy] = useState(false);
  const run = async () => {
    setBusy(true);
    try {
      await onConfirm();
      onClose();
    } finally {
      setBusy(false);
    }
  };
  return (
    <Dialog
      open={open}
      onClose={onClose}
      title={title}
      className="md:w-[400px]!"
      footer={
        <>
          <Button onClick={onClose}>{t.common.cancel}</Button>
          <Button variant={danger ? 'danger' : 'primary'} disabled={busy} onClick={() => void run()}>
            {action}
          </Button>
        </>
      }
    >
      <p className="text-ink-2">{text}</p>
    </Dialog>
  );
}
