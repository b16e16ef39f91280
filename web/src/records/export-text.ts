// The words of the export, beside it.
import { useWordsOf } from '../i18n';
import { low } from '../i18n/en-words';

export const zh = {
  title: (objects: string) => `导出${objects}`,
  which: '导出哪些',
  asShown: '当前列表',
  everything: '全部',
  file: '文件格式',
  columns: (n: number) => `导出 ${n} 列`,
};

export const en: typeof zh = {
  title: (objects) => `Export ${low(objects)}`,
  which: 'Which records',
  asShown: 'This list',
  everything: 'Everything',
  file: 'Kind of file',
  columns: (n) => `${n} ${n === 1 ? 'column' : 'columns'}`,
};

export function useExportText(): typeof zh {
  return useWordsOf(zh, en);
}
