// The words of the first page, beside it.
import { useWordsOf } from '../i18n';
import { low, s } from '../i18n/en-words';

export const zh = {
  title: '今日待办',
  overdue: '逾期',
  today: '今天',
  week: '本周',
  noPlan: '无计划',
  allDone: '都处理完了',
  allDoneText: '今天没有要跟进的客户。',
  emptyOverdue: '没有逾期的事',
  emptyToday: '今天没有安排',
  emptyWeek: '本周后面还没有安排',
  emptyNoPlan: '您的客户都有下一步',
  done: '完成',
  snooze: '推迟',
  markedDone: (title: string) => `已完成“${title}”`,
  snoozed: (when: string) => `已推迟到${when}`,
  plan: '安排下一步',
  daysLate: (n: number) => `逾期 ${n} 天`,
  lastContact: (when: string) => `上次联系 ${when}`,
  neverContacted: '还没联系过',
  greeting: (name: string, part: string) => `${name}，${part}好`,
  parts: { morning: '早上', noon: '中午', afternoon: '下午', evening: '晚上' },
  summary: (today: number, overdueShown: string, todayShown: string, late: boolean) =>
    late
      ? `${overdueShown} 件逾期，今天 ${todayShown} 件`
      : today > 0
        ? `今天有 ${todayShown} 件事`
        : '今天没有要办的事',
  firstTitle: '从导入客户开始',
  firstText: '把现有的客户表格拖进来，几分钟就能用起来。',
  firstAction: '导入 Excel',
  firstCreate: '新建第一位客户',
};

export const en: typeof zh = {
  title: 'Today',
  overdue: 'Overdue',
  today: 'Today',
  week: 'This week',
  noPlan: 'No plan',
  allDone: 'All done',
  allDoneText: 'No one left to follow up today.',
  emptyOverdue: 'Nothing overdue',
  emptyToday: 'Nothing planned today',
  emptyWeek: 'Nothing more this week',
  emptyNoPlan: 'All your customers have a next step',
  done: 'Done',
  snooze: 'Snooze',
  markedDone: (title) => `“${title}” done`,
  snoozed: (when) => `Snoozed until ${low(when)}`,
  plan: 'Plan a next step',
  daysLate: (n) => `${n} day${s(n)} late`,
  lastContact: (when) => `Last contact ${low(when)}`,
  neverContacted: 'Never contacted',
  greeting: (name, part) => `Good ${part}, ${name}`,
  parts: { morning: 'morning', noon: 'day', afternoon: 'afternoon', evening: 'evening' },
  summary: (today, overdueShown, todayShown, late) =>
    late
      ? `${overdueShown} overdue, ${todayShown} today`
      : today > 0
        ? `${todayShown} thing${s(today)} to do today`
        : 'Nothing to do today',
  firstTitle: 'Begin with your customers',
  firstText: 'Drop the customer spreadsheet you already have; it takes minutes.',
  firstAction: 'Import from Excel',
  firstCreate: 'Create the first customer',
};

export function useHomeText(): typeof zh {
  return useWordsOf(zh, en);
}
