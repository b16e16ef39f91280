// What the page of first steps says: seen once or twice, so not carried with every page.
import { useWordsOf } from '../i18n';
import { s } from '../i18n/en-words';

export const zh = {
  title: '开始使用',
  hello: (company: string) => `欢迎，${company}`,
  text: '下面几步都可以以后再做。从导入客户开始，五分钟就能用起来。',
  done: '已完成',
  later: '以后再说，先看看',
  logo: '公司标志',
  logoText: '让同事一眼认出这是自己公司的系统。',
  departments: '建立部门',
  departmentsText: '部门决定谁能看到谁的客户。',
  departmentNames: '部门名称，一行一个',
  departmentExample: '销售一部\n销售二部\n客户服务部',
  departmentsMade: (n: number) => `已建立 ${n} 个部门`,
  colleagues: '添加同事',
  colleaguesText: '给每位同事一个账号和角色，首次登录时自己设密码。',
  invite: '添加账号',
  import: '导入客户',
  importText: '把现有的 Excel 客户表拖进来，表头自动识别，导错了可以撤销。',
  plan: '第一个跟进计划',
  planText: '客户到了某个阶段，系统自动排好每一步：谁、哪天、做什么。启用之前会先告诉您影响多少客户。',
  ownPlan: '修改或新建计划',
  samples: '先用示例数据试试',
  samplesText: '四位示例客户，带联系人、商机和待办，看完一键清除。',
  addSamples: '加入示例数据',
  removeSamples: '清除示例数据',
  samplesIn: '已加入示例数据',
  samplesOut: '已清除示例数据',
  look: '去看看',
  handbookText: '每天怎么用、权限怎么定，都写在这里。',
};

export const en: typeof zh = {
  title: 'Getting started',
  hello: (company) => `Welcome, ${company}`,
  text: 'Each of these steps can wait. Begin with your customers and you are ready in five minutes.',
  done: 'Done',
  later: 'Later, let me look around',
  logo: 'Company logo',
  logoText: 'So that colleagues see at once whose system this is.',
  departments: 'Departments',
  departmentsText: 'They decide who sees whose customers.',
  departmentNames: 'Names, one a line',
  departmentExample: 'Sales\nService\nFinance',
  departmentsMade: (n) => `${n} department${s(n)} created`,
  colleagues: 'Colleagues',
  colleaguesText: 'Give everybody an account and a role; they choose their own password at the first sign-in.',
  invite: 'Add accounts',
  import: 'Import customers',
  importText: 'Drop your spreadsheet; its header is recognised, and an import can be undone.',
  plan: 'Your first follow-up plan',
  planText:
    'When a customer reaches a stage, every step is set up by itself: who, when, what. Before it is turned on you are told how many customers it meets.',
  ownPlan: 'Change or add plans',
  samples: 'Try it on samples',
  samplesText: 'Four invented customers with contacts, opportunities and tasks; gone again in one click.',
  addSamples: 'Add samples',
  removeSamples: 'Remove samples',
  samplesIn: 'Samples added',
  samplesOut: 'Samples removed',
  look: 'Have a look',
  handbookText: 'How to use it every day, and how to set up who sees what.',
};

export function useWords(): typeof zh {
  return useWordsOf(zh, en);
}
