// What stands around sign-in and first run: the mark, the language, the colours.
import { Languages, Monitor, Moon, Sun } from 'lucide-react';
import type { ReactNode } from 'react';
import { useT } from '../i18n';
import { Button } from '../ui/button';
import { Menu, MenuRadio } from '../ui/menu';
import { chooseTheme, useTheme } from './preferences';
import { useCompany } from './session';
import { useLanguageChoice } from './use-language';

/** The company's logo, or ours where it has none. */
export function Mark({ size = 28 }: { size?: number }) {
  const { logo } = useCompany();
  const source = logo ? `/logo?v=${logo}` : '/favicon.svg';
  return <img src={source} alt="" width={size} height={size} className="shrink-0 object-contain rounded-sm" />;
}

export function SessionFrame({ title, text, children }: { title: string; text: string; children: ReactNode }) {
  const t = useT();
  const { language, choose } = useLanguageChoice();
  const theme = useTheme();
  return (
    <div className="min-h-full flex flex-col">
      <div className="flex justify-end gap-1 p-3">
        <Menu
          trigger={
            <Button variant="ghost" icon={Languages}>
              {language === 'zh' ? '简体中文' : 'English'}
            </Button>
          }
        >
          <MenuRadio
            value={language}
            onChange={(next) => void choose(next)}
            options={[
              { value: 'zh', label: '简体中文' },
              { value: 'en', label: 'English' },
            ]}
          />
        </Menu>
        <Menu
          trigger={
            <Button variant="ghost" icon={theme === 'dark' ? Moon : theme === 'light' ? Sun : Monitor}>
              {t.session.themes[theme]}
            </Button>
          }
        >
          <MenuRadio
            value={theme}
            onChange={chooseTheme}
            options={[
              { value: 'light', label: t.session.themes.light, icon: Sun },
              { value: 'dark', label: t.session.themes.dark, icon: Moon },
              { value: 'auto', label: t.session.themes.auto, icon: Monitor },
            ]}
          />
        </Menu>
      </div>
      <main className="flex-1 flex flex-col items-center md:justify-center px-4 pt-6 pb-16 md:pt-0 md:pb-32">
        <div className="w-full max-w-[360px]">
          <div className="flex items-center gap-3 mb-6">
            <Mark size={44} />
            <div>
              <h1 className="text-lg font-semibold leading-tight">{title}</h1>
              <p className="text-ink-2">{text}</p>
            </div>
          </div>
          {children}
        </div>
      </main>
    </div>
  );
}
