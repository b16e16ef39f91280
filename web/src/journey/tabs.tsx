// The three sides of looking after customers, side by side.
import { Link } from '@tanstack/react-router';
import { useSession } from '../session/session';
import { useJourneyText } from './text';

const TAB =
  'flex items-center h-8 touch:h-11 px-3 rounded-md text-ink-2 whitespace-nowrap hover:bg-sunken [&.active]:bg-brand-soft [&.active]:text-brand-ink [&.active]:font-medium';

export function JourneyTabs() {
  const j = useJourneyText();
  const { admin } = useSession();
  return (
    <nav aria-label={j.title} className="flex gap-1 px-4 pb-3 overflow-x-auto no-bar">
      <Link to="/journey" activeOptions={{ exact: true }} className={TAB}>
        {j.tabs.stages}
      </Link>
      {admin.includes('settings') && (
        <Link to="/journey/plans" className={TAB}>
          {j.tabs.plans}
        </Link>
      )}
      <Link to="/journey/tiers" className={TAB}>
        {j.tabs.rhythm}
      </Link>
    </nav>
  );
}
