import { Link } from '@tanstack/react-router';
import { Compass } from 'lucide-react';
import { useT } from '../i18n';
import { Empty } from '../ui/bits';
import { buttonClass } from '../ui/button';

export function NotFound() {
  const t = useT();
  return (
    <Empty icon={Compass} title={t.fault.notFound}>
      <Link to="/" className={buttonClass('primary')}>
        {t.nav.home}
      </Link>
    </Empty>
  );
}
