// The words of the palette, beside it.
import { useWordsOf } from '../i18n';
import { low } from '../i18n/en-words';

export const zh = {
  placeholder: '搜索客户、联系人…，支持拼音首字母',
  go: '前往',
  actions: '操作',
  recent: '最近打开',
  nothing: (q: string) => `没有找到“${q}”`,
  createNamed: (object: string) => `新建${object}`,
  searching: '正在搜索…',
  hint: '可输入两个字、拼音首字母或电话尾号',
  matched: (field: string, text: string) => `${field}：${text}`,
};

export const en: typeof zh = {
  placeholder: 'Search customers, contacts… pinyin initials work too',
  go: 'Go to',
  actions: 'Actions',
  recent: 'Recent',
  nothing: (q) => `Nothing found for “${q}”`,
  createNamed: (object) => `New ${low(object)}`,
  searching: 'Searching…',
  hint: 'Two characters, pinyin initials or the end of a phone number will do',
  matched: (field, text) => `${field}: ${text}`,
};

export function usePaletteText(): typeof zh {
  return useWordsOf(zh, en);
}
