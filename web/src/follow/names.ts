// What the pages of follow-up are called, for the side bar, the palette and the phone's menu.
import { useWordsOf } from '../i18n';

export const zh = {
  notifications: '通知',
  leaks: '漏跟进雷达',
  team: '团队跟进',
  reminders: '提醒规则',
  calendar: '工作日历',
  channels: '通知渠道',
  greetings: '客户祝福',
  promises: '承诺与提醒',
};

export const en: typeof zh = {
  notifications: 'Notifications',
  leaks: 'Leak radar',
  team: 'My team',
  reminders: 'Reminder rules',
  calendar: 'Working calendar',
  channels: 'Channels',
  greetings: 'Greetings',
  promises: 'Promises',
};

export function useFollowNames() {
  return useWordsOf(zh, en);
}
