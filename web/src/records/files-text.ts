// The words of a record's files, beside them.
import { useWordsOf } from '../i18n';
import { s } from '../i18n/en-words';

export const zh = {
  add: '添加文件',
  added: (n: number) => `已添加 ${n} 个文件`,
  none: '还没有文件',
  noneText: '合同扫描件、现场照片、往来附件都会列在这里。',
};

export const en: typeof zh = {
  add: 'Add files',
  added: (n) => `${n} file${s(n)} added`,
  none: 'No files yet',
  noneText: 'Scanned contracts, pictures from visits and attachments are listed here.',
};

export function useFilesText(): typeof zh {
  return useWordsOf(zh, en);
}
