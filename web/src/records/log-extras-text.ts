// The words of what goes with a follow-up, beside it.
import { useWordsOf } from '../i18n';

export const zh = {
  mention: '提到同事',
  colleagues: '提到',
  onlyReaders: '能看到这条跟进的同事会收到提醒',
  picture: '照片',
  record: '录音',
  stop: (time: string) => `停止 ${time}`,
  recording: '录音',
  noMicrophone: '无法使用麦克风，请在浏览器里允许',
  file: '文件',
};

export const en: typeof zh = {
  mention: 'Mention',
  colleagues: 'Mention',
  onlyReaders: 'Colleagues who may read this are told',
  picture: 'Picture',
  record: 'Voice memo',
  stop: (time) => `Stop ${time}`,
  recording: 'Voice memo',
  noMicrophone: 'The microphone can’t be used; allow it in the browser',
  file: 'File',
};

export function useExtrasText(): typeof zh {
  return useWordsOf(zh, en);
}
