import { describe, expect, it } from 'vitest';
import * as fieldText from '../admin/field-text';
import * as layout from '../admin/layout-text';
import * as logo from '../admin/logo';
import * as admin from '../admin/text';
import * as desk from '../desk/text';
import * as calendar from '../follow/calendar-text';
import * as leaks from '../follow/leaks-text';
import * as followNames from '../follow/names';
import * as rules from '../follow/rules-text';
import * as follow from '../follow/text';
import * as home from '../home/home-text';
import * as imports from '../imports/text';
import * as offline from '../offline/offline-notice';
import * as outbox from '../offline/outbox-text';
import * as care from '../quality/care-text';
import * as quality from '../quality/text';
import * as exports from '../records/export-text';
import * as files from '../records/files-text';
import * as extras from '../records/log-extras-text';
import * as record from '../records/record-text';
import * as seenAs from '../session/seen-as';
import * as keyboard from '../shell/keyboard-text';
import * as palette from '../shell/palette-text';
import * as welcome from '../welcome/words';
import { en as allEn } from './en';
import { zh as allZh } from './zh';

const zh = {
  ...allZh,
  adminPages: admin.zh,
  layoutPage: layout.zh,
  logo: logo.zh,
  offline: offline.zh,
  files: files.zh,
  fieldDesign: fieldText.zh,
  logExtras: extras.zh,
  recordPages: record.zh,
  outbox: outbox.zh,
  paletteWindow: palette.zh,
  exportWindow: exports.zh,
  homePage: home.zh,
  seenAs: seenAs.zh,
  deskPage: desk.zh,
  follow: follow.zh,
  followNames: followNames.zh,
  leakPages: leaks.zh,
  rulesPage: rules.zh,
  calendarPage: calendar.zh,
  importPages: imports.zh,
  keyboard: keyboard.zh,
  qualityPage: quality.zh,
  qualityCare: care.zh,
  welcome: welcome.zh,
};
const en = {
  ...allEn,
  adminPages: admin.en,
  layoutPage: layout.en,
  logo: logo.en,
  offline: offline.en,
  files: files.en,
  fieldDesign: fieldText.en,
  logExtras: extras.en,
  recordPages: record.en,
  outbox: outbox.en,
  paletteWindow: palette.en,
  exportWindow: exports.en,
  homePage: home.en,
  seenAs: seenAs.en,
  deskPage: desk.en,
  follow: follow.en,
  followNames: followNames.en,
  leakPages: leaks.en,
  rulesPage: rules.en,
  calendarPage: calendar.en,
  importPages: imports.en,
  keyboard: keyboard.en,
  qualityPage: quality.en,
  qualityCare: care.en,
  welcome: welcome.en,
};

type Tree = { [key: string]: unknown };

/** Every text with its path; functions are called with examples. */
function texts(tree: Tree, path = ''): [string, string][] {
  return Object.entries(tree).flatMap(([key, value]): [string, string][] => {
    const place = path ? `${path}.${key}` : key;
    if (typeof value === 'string') return [[place, value]];
    if (typeof value === 'function') return [[place, String(value(2, 3))]];
    return texts(value as Tree, place);
  });
}

// Names that stay as they are in both languages.
const SAME = new Set(['common.empty', 'leakPages.team.noFigure']);

describe('the two languages', () => {
  it('have the same keys', () => {
    expect(
      texts(en)
        .map(([path]) => path)
        .sort(),
    ).toEqual(
      texts(zh)
        .map(([path]) => path)
        .sort(),
    );
  });

  it('leave nothing empty', () => {
    for (const [path, text] of [...texts(zh), ...texts(en)]) expect(text.trim(), path).not.toBe('');
  });

  it('keep Chinese out of English', () => {
    for (const [path, text] of texts(en)) expect(text, path).not.toMatch(/[\u4e00-\u9fff，。：；？！（）]/);
  });

  it('say everything in Chinese, but for names that have none', () => {
    const latin = texts(zh).filter(([path, text]) => !/[\u4e00-\u9fff]/.test(text) && !SAME.has(path));
    expect(latin.map(([path]) => path).sort()).toEqual([
      'date.understood',
      'deskPage.policy.cell',
      'file.comma',
      'importPages.by',
      'importPages.progress',
      'list.count',
      'paletteWindow.matched',
      'qualityCare.broughtBy',
      'qualityCare.percent',
      'qualityPage.bands.1',
      'qualityPage.bands.2',
      'rulesPage.sentence.counted',
      'rulesPage.sentence.join',
      'session.browserOn',
    ]);
  });
});
