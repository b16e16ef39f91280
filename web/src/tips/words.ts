// What the tips say. Where a keyboard helps, the desk's text tells the key; a phone's tells the gesture.
import { useWordsOf } from '../i18n';

export const TIPS = [
  'home',
  'list',
  'record',
  'board',
  'import',
  'dictionary',
  'roles',
  'duplicates',
  'leaks',
] as const;
export type TipName = (typeof TIPS)[number];
type Advice = { desk: string; phone: string };

const same = (text: string): Advice => ({ desk: text, phone: text });

export const zh = {
  label: '提示',
  understood: '知道了',
  again: '重新显示各页提示',
  shownAgain: '各页提示会再次出现',
  tips: {
    home: {
      desk: '每天从这里开始：先处理逾期。J、K 上下移动，X 完成，S 推迟到明天；按 L 随时写跟进。',
      phone: '每天从这里开始：先处理逾期。点圆圈完成，点底部的加号写跟进。',
    },
    list: {
      desk: '点单元格直接修改，点表头排序，条件可存成视图。按 Ctrl K 可用两个字或拼音首字母找到任何客户。',
      phone: '点卡片上的电话直接拨打，通话后顺手写跟进。筛选好的条件可以存成视图。',
    },
    record: same('点任何一个值直接修改。按 L 写跟进，写上“明天下午3点回访”，日期会自动识别。'),
    board: {
      desk: '拖动卡片换阶段。也可以用键盘：空格拿起，方向键移动，再按空格放下。',
      phone: '长按卡片后拖到别的阶段。',
    },
    import: same('表头在第几行都能识别，繁简、英文列名也认得。导入前先看检查报告，导错了可以整批撤销。'),
    dictionary: same('字段、选项、布局都可以随时改。每次改动之前，系统会先告诉您影响多少条资料。'),
    roles: same('先选角色再勾权限。不确定时，用“以此人身份查看”看一眼同事看到的页面。'),
    duplicates: same('先抽查几组“确定相同”的，没问题再整批合并。合并后 30 天内可以撤销。'),
    leaks: same('这里列出没人管的客户：没有负责人、没有下一步，或者太久没联系。点一下就能安排好。'),
  } satisfies Record<TipName, Advice>,
};

export const en: typeof zh = {
  label: 'Tip',
  understood: 'Got it',
  again: 'Show the tips of all pages again',
  shownAgain: 'The tips will appear again',
  tips: {
    home: {
      desk: 'Start each day here, overdue first. J and K move, X completes, S puts off till tomorrow; press L to log a follow-up at any time.',
      phone: 'Start each day here, overdue first. Tap a circle to complete, the plus below to log a follow-up.',
    },
    list: {
      desk: 'Click a cell to change it, a heading to sort; filters can be kept as views. Ctrl K finds any customer by two characters or initials.',
      phone: 'Tap the phone on a card to call, and log the call right after it. Filters can be kept as views.',
    },
    record: same(
      'Click any value to change it. Press L to log a follow-up; write “call back tomorrow 3pm” and the date is understood.',
    ),
    board: {
      desk: 'Drag a card to another stage. By keyboard: space picks it up, the arrows move it, space puts it down.',
      phone: 'Press and hold a card, then drag it to another stage.',
    },
    import: same(
      'The heading may stand in any of the first rows, in Chinese or English. Look at the report first; a wrong import can be undone as a whole.',
    ),
    dictionary: same(
      'Fields, options and layouts can be changed at any time. Before each change you are told how many records it affects.',
    ),
    roles: same(
      'Choose a role, then its rights. When in doubt, use “see as this user” to look at what a colleague sees.',
    ),
    duplicates: same(
      'Check a few of the certain groups first, then merge the rest at once. A merge can be undone for 30 days.',
    ),
    leaks: same(
      'Customers nobody looks after: without owner or next step, or silent for too long. One click puts it right.',
    ),
  },
};

export function useTipWords() {
  return useWordsOf(zh, en);
}
