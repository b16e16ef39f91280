// The words of presence and of warnings before a contact, beside the parts that use them.
import { useWordsOf } from '../i18n';

export const zh = {
  here: '同时在这里的同事',
  doing: { looking: '正在看', writing: '正在写跟进', calling: '正在打电话' },
  warnings: '联系前请注意',
  how: { call: '通过电话', visit: '上门拜访', wechat: '发过微信', email: '发过邮件', meeting: '开过会' } as Record<
    string,
    string
  >,
  recentBy: (who: string, at: string, how: string) => `${who}${at}${how}`,
  recent: (at: string) => `同事${at}刚联系过`,
  contacted: '联系过',
  somebody: '对方',
  doNotContact: (who: string) => `${who}要求不再联系`,
  paused: (who: string, day: string) => `${who}暂停联系至${day}`,
  notNow: (who: string, slot: string) => `${who}现在不便联系：${slot}`,
  reason: (why: string) => `（${why}）`,
};

export const en: typeof zh = {
  here: 'Colleagues here now',
  doing: { looking: 'is looking', writing: 'is writing', calling: 'is calling' },
  warnings: 'Before you get in touch',
  how: { call: 'called', visit: 'visited', wechat: 'wrote on WeChat', email: 'sent an email', meeting: 'met them' },
  recentBy: (who, at, how) => `${who} ${how} ${at}`,
  recent: (at) => `A colleague was in touch ${at}`,
  contacted: 'was in touch',
  somebody: 'They',
  doNotContact: (who) => `${who} asked not to be contacted`,
  paused: (who, day) => `${who}: no contact until ${day}`,
  notNow: (who, slot) => `${who} can’t be contacted now: ${slot}`,
  reason: (why) => ` (${why})`,
};

export function usePresenceText() {
  return useWordsOf(zh, en);
}
