// The words of what waits to be sent, beside it.
import { useWordsOf } from '../i18n';

export const zh = {
  title: '等待发送',
  text: '连不上服务器时写的内容保存在本机，网络恢复后自动发送，每条只发一次。',
  waiting: (n: number) => `${n} 条等待发送`,
  refused: (n: number) => `${n} 条没有被接受`,
  sendNow: '立即发送',
  sent: (name: string) => (name ? `“${name}”的跟进已发送` : '跟进已发送'),
  kept: '连不上服务器，跟进已存在本机，网络恢复后自动发送',
  notSent: '等待发送',
  notAccepted: '服务器没有接受',
  drop: (text: string) => `丢弃：${text}`,
  dropAsk: '丢弃这条没有发送的内容？',
  dropIt: '丢弃',
};

export const en: typeof zh = {
  title: 'Waiting to be sent',
  text: 'What you write while the server is out of reach stays on this device and is sent once, by itself, when it is back.',
  waiting: (n) => `${n} waiting to be sent`,
  refused: (n) => `${n} not accepted`,
  sendNow: 'Send now',
  sent: (name) => (name ? `Follow-up for ${name} sent` : 'Follow-up sent'),
  kept: 'The server is out of reach. The follow-up is kept on this device and will be sent by itself.',
  notSent: 'waiting',
  notAccepted: 'not accepted by the server',
  drop: (text) => `Discard: ${text}`,
  dropAsk: 'Discard what was not sent?',
  dropIt: 'Discard',
};

export function useOutboxText(): typeof zh {
  return useWordsOf(zh, en);
}
