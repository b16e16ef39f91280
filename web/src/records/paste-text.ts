// The words of pasting into a form, beside the form that uses them.
import { useWordsOf } from '../i18n';
import { low } from '../i18n/en-words';

const zh = {
  open: '粘贴识别',
  hint: '把微信聊天、邮件签名、名片文字或通讯录里的一行粘贴到这里，自动填好表单',
  label: '粘贴的文字',
  placeholder: '例如：杭州某某科技有限公司 采购部 王女士 手机 …',
  marked: '识别到的内容',
  none: '没有识别出可以填写的内容，请检查文字或直接填写',
  fillAll: '全部填入',
  fill: '填入',
  filled: '已填入',
  fillOne: (label: string) => `填入${label}`,
  unsure: '请核对',
  beside: (object: string) => `保存时一并新建${object}`,
  besideDone: (object: string, name: string) => `已一并新建${object}“${name}”`,
  besideFailed: (object: string) => `${object}没有建成，请手工新建`,
  left: '没有对应字段的内容',
};

const en: typeof zh = {
  open: 'Paste text',
  hint: 'Paste a chat message, a mail signature, the text of a card or a line of an address book, and the form fills itself',
  label: 'Pasted text',
  placeholder: 'Such as: Brightwave Electronics Co., Ltd., Purchasing, Ms Li, mobile …',
  marked: 'What was found',
  none: 'Nothing to fill in was found. Check the text or type the fields yourself',
  fillAll: 'Fill in all',
  fill: 'Fill in',
  filled: 'Filled in',
  fillOne: (label: string) => `Fill in ${low(label)}`,
  unsure: 'Please check',
  beside: (object: string) => `Also make the ${low(object)} on saving`,
  besideDone: (object: string, name: string) => `The ${low(object)} “${name}” was made too`,
  besideFailed: (object: string) => `The ${low(object)} was not made; please make it yourself`,
  left: 'Without a field of its own',
};

export function usePasteText() {
  return useWordsOf(zh, en);
}
