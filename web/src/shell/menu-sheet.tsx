// On a phone: everything that has no slot of its own.
import { Link } from '@tanstack/react-router';
import { Languages, LogOut, type LucideIcon, Monitor, Moon, Search, Sun, UserRoundCog } from 'lucide-react';
import type { ReactNode } from 'react';
import { useLabel, useT } from '../i18n';
import { asTheme, chooseTheme, useTheme } from '../session/preferences';
import { signOut, updateSession, useSession } from '../session/session';
import { useLanguageChoice } from '../session/use-language';
import { Avatar, Segments } from '../ui/bits';
import { Button } from '../ui/button';
import { Sheet } from '../ui/dialog';
import { useNavigation } from './nav';
import { objectIcon } from './object-icon';
import { openOverlay } from './overlays';
import { useAdminTools, useTools } from './tools';

export default function MenuSheet({ onClose }: { onClose: () => void }) {
  const t = useT();
  const label = useLabel();
  const { user } = useSession();
  const { main, rest } = useNavigation();
  const tools = useTools();
  const admin = useAdminTools();
  const theme = useTheme();
  const { language, choose } = useLanguageChoice();
  return (
    <Sheet open onClose={onClose} title={t.nav.menu}>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: a tap on any link below also closes the sheet */}
      {/* biome-ignore lint/a11y/useKeyWithClickEvents: links answer to the keyboard themselves */}
      <div
        className="p-4 flex flex-col gap-5"
        onClick={(event) => (event.target as HTMLElement).closest('a') && onClose()}
      >
        <Link to="/account" className="flex items-center gap-3 min-h-12">
          <Avatar name={user.name} size="lg" />
          <span>
            <span className="block font-semibold text-base">{user.name}</span>
            <span className="block text-ink-3 text-xs">
              {[user.department?.name, ...user.roles.map((role) => role.name)].filter(Boolean).join(' · ')}
            </span>
          </span>
        </Link>
        <Button icon={Search} className="justify-start! text-ink-3!" onClick={() => openOverlay({ kind: 'palette' })}>
          {t.nav.searchOrJump}
        </Button>
        <Grid title={t.nav.business}>
          {[...main, ...rest].map((object) => (
            <Link key={object.name} to="/o/$object" params={{ object: object.name }} search={{}} className={TILE}>
              <Tile icon={objectIcon(object.icon)} label={label(object.label_plural)} />
            </Link>
          ))}
        </Grid>
        <Grid title={t.nav.tools}>
          {[...tools, ...admin].map((tool) => (
            <Link key={tool.to} to={tool.to} className={TILE}>
              <Tile icon={tool.icon} label={tool.label} />
            </Link>
          ))}
          <Link to="/account" className={TILE}>
            <Tile icon={UserRoundCog} label={t.session.account} />
          </Link>
        </Grid>
        <div className="flex items-center justify-between gap-3">
          <span className="flex items-center gap-2 text-ink-2">
            <Sun size={18} aria-hidden />
            {t.session.theme}
          </span>
          <Segments
            label={t.session.theme}
            value={theme}
            onChange={(next) => {
              chooseTheme(next);
              void updateSession({ theme: asTheme(next) });
            }}
            options={[
              { value: 'light', label: <IconText icon={Sun} text={t.session.themes.light} /> },
              { value: 'dark', label: <IconText icon={Moon} text={t.session.themes.dark} /> },
              { value: 'auto', label: <IconText icon={Monitor} text={t.session.themes.auto} /> },
            ]}
          />
        </div>
        <div className="flex items-center justify-between gap-3">
          <span className="flex items-center gap-2 text-ink-2">
            <Languages size={18} aria-hidden />
            {t.session.language}
          </span>
          <Segments
            label={t.session.language}
            value={language}
            onChange={(next) => void choose(next)}
            options={[
              { value: 'zh', label: '中文' },
              { value: 'en', label: 'English' },
            ]}
          />
        </div>
        <Button icon={LogOut} onClick={() => void signOut()}>
          {t.session.signOut}
        </Button>
      </div>
    </Sheet>
  );
}

const TILE = 'flex flex-col items-center justify-center gap-1.5 min-h-20 rounded-lg active:bg-sunken text-center';

function Grid({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section>
      <h2 className="text-xs text-ink-3 mb-1">{title}</h2>
      <div className="grid grid-cols-4 gap-1">{children}</div>
    </section>
  );
}

function Tile({ icon: Icon, label }: { icon: LucideIcon; label: string }) {
  return (
    <>
      <Icon size={22} aria-hidden className="text-ink-2" />
      <span className="text-[12px] leading-tight line-clamp-2">{label}</span>
    </>
  );
}

function IconText({ icon: Icon, text }: { icon: LucideIcon; text: string }) {
  return (
    <span className="inline-flex items-center gap-1" title={text}>
      <Icon size={16} aria-hidden />
      <span className="sr-only">{text}</span>
    </span>
  );
}
