// Five slots under the thumb; the middle one writes a follow-up from anywhere.
import { Link } from '@tanstack/react-router';
import { ChartColumn, Inbox, Plus } from 'lucide-react';
import { useObject } from '../api/dictionary';
import { useLabel, useT } from '../i18n';
import { CUSTOMER_OBJECT } from './nav';
import { objectIcon } from './object-icon';
import { openLog } from './overlays';

const SLOT =
  'flex flex-col items-center justify-center gap-0.5 h-14 text-[12px] text-ink-2 [&.active]:text-brand-ink [&.active]:font-medium';

export function TabBar() {
  const t = useT();
  return (
    <nav
      aria-label={t.nav.bottom}
      className="shrink-0 grid grid-cols-5 border-t border-line bg-surface pb-[env(safe-area-inset-bottom)] z-20"
    >
      <Link to="/" activeOptions={{ exact: true }} className={SLOT}>
        <Inbox size={22} aria-hidden />
        {t.nav.homeShort}
      </Link>
      <ObjectSlot name={CUSTOMER_OBJECT} />
      <button type="button" className={SLOT} onClick={() => openLog()}>
        <span className="size-11 -mt-5 rounded-full bg-brand text-white grid place-items-center shadow-[0_4px_14px_rgb(31_94_255/0.35)] ring-4 ring-surface">
          <Plus size={24} aria-hidden />
        </span>
        {t.nav.quickLog}
      </button>
      <ObjectSlot name="opportunity" />
      <Link to="/data" className={SLOT}>
        <ChartColumn size={22} aria-hidden />
        {t.nav.data}
      </Link>
    </nav>
  );
}

function ObjectSlot({ name }: { name: string }) {
  const object = useObject(name);
  const label = useLabel();
  if (!object) return <span />;
  const Icon = objectIcon(object.icon);
  return (
    <Link
      to="/o/$object"
      params={{ object: name }}
      search={{}}
      activeOptions={{ includeSearch: false }}
      className={SLOT}
    >
      <Icon size={22} aria-hidden />
      {label(object.label_plural)}
    </Link>
  );
}
