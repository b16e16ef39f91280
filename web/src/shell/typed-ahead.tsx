// Stands in for the palette until its code is there: what is typed meanwhile is the first of what it looks for.
import { useT } from '../i18n';

let typed = '';

export function takeTypedAhead(): string {
  const taken = typed;
  typed = '';
  return taken;
}

export function TypedAhead({ onClose }: { onClose: () => void }) {
  const t = useT();
  return (
    <div className="fixed z-50 inset-x-0 top-0 md:inset-x-auto md:left-1/2 md:top-[10vh] md:-translate-x-1/2 w-full md:w-[620px] flex px-4 bg-surface md:rounded-xl shadow-float">
      <input
        autoFocus
        aria-label={t.nav.searchOrJump}
        className="flex-1 h-12 touch:h-14 bg-transparent outline-none text-base touch:text-[16px] min-w-0"
        onChange={(event) => {
          typed = event.target.value;
        }}
        onKeyDown={(event) => {
          event.stopPropagation();
          if (event.key !== 'Escape' || event.nativeEvent.isComposing) return;
          typed = '';
          onClose();
        }}
      />
    </div>
  );
}
