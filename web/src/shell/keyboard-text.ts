// The words of the sheet of keys: no other page loads them.
import { useWordsOf } from '../i18n';

export const zh = {
  title: '键盘快捷键',
  palette: '搜索或跳转',
  create: '新建',
  filter: '筛选',
  down: '下一条',
  up: '上一条',
  open: '打开整页',
  peek: '预览',
  edit: '编辑',
  select: '选择',
  log: '写跟进',
  go: '前往',
  goHome: '今日待办',
  goCustomers: '客户',
  goOpportunities: '商机',
  goContacts: '联系人',
  goTasks: '任务',
  help: '显示这张表',
  escape: '关闭',
  save: '保存',
  list: '列表',
  anywhere: '任何地方',
  find: '查找',
};

export const en: typeof zh = {
  title: 'Keyboard shortcuts',
  palette: 'Search or jump',
  create: 'New record',
  filter: 'Filter',
  down: 'Next record',
  up: 'Previous record',
  open: 'Open full page',
  peek: 'Preview',
  edit: 'Edit',
  select: 'Select',
  log: 'Log follow-up',
  go: 'Go to',
  goHome: 'Today',
  goCustomers: 'Customers',
  goOpportunities: 'Opportunities',
  goContacts: 'Contacts',
  goTasks: 'Tasks',
  help: 'Show this sheet',
  escape: 'Close',
  save: 'Save',
  list: 'In a list',
  anywhere: 'Anywhere',
  find: 'Find',
};

export function useKeyboardText() {
  return useWordsOf(zh, en);
}
