// Invented customers to try things on, in by one click and out by one click. They are ordinary records, made and removed
// like any other; a line in their remark tells them.
import { type BatchOperation, batch, queryRecords } from '../api/records';
import type { Language, Rec } from '../api/types';
import { CUSTOMER_OBJECT, LOG_OBJECT, TASK_OBJECT } from '../shell/nav';

/** Stands in the remark of every sample customer, in whatever language it was made. */
const MARK = '[huike-sample]';
const OPPORTUNITY = 'opportunity';
const CONTACT = 'contact';
/** What belongs to a sample customer, in the order in which it is taken away. */
const BELONGINGS = [TASK_OBJECT, LOG_OBJECT, OPPORTUNITY, CONTACT];
const DAY_MS = 86_400_000;

type Words = Record<Language, string>;
type Sample = {
  name: Words;
  stage: string;
  tier: string;
  contact: Words;
  title: Words;
  role: string;
  said: Words;
  /** Days from now; negative is overdue. */
  next: { text: Words; days: number } | null;
  deal: { title: Words; amount: number; stage: string } | null;
};

const SAMPLES: Sample[] = [
  {
    name: { zh: '示例·海川精密机械有限公司', en: 'Sample Haichuan Precision Ltd' },
    stage: 'interested',
    tier: 'a',
    contact: { zh: '王建国', en: 'Wang Jianguo' },
    title: { zh: '总经理', en: 'Managing director' },
    role: 'decision_maker',
    said: {
      zh: '看了样机，认可精度，希望本月报价。',
      en: 'Saw the machine, likes its precision, wants a quote this month.',
    },
    next: { text: { zh: '发送报价单', en: 'Send the quote' }, days: 0 },
    deal: { title: { zh: '加工中心两台', en: 'Two machining centres' }, amount: 560_000, stage: 'proposal' },
  },
  {
    name: { zh: '示例·远山食品有限公司', en: 'Sample Yuanshan Foods Ltd' },
    stage: 'potential',
    tier: 'b',
    contact: { zh: '李娜', en: 'Li Na' },
    title: { zh: '采购经理', en: 'Purchasing manager' },
    role: 'purchaser',
    said: { zh: '明年扩产，先了解设备。', en: 'Expanding next year, looking at equipment.' },
    next: { text: { zh: '寄产品资料', en: 'Send the brochure' }, days: -2 },
    deal: { title: { zh: '包装线一条', en: 'One packing line' }, amount: 320_000, stage: 'need' },
  },
  {
    name: { zh: '示例·晨光印务有限公司', en: 'Sample Chenguang Printing Ltd' },
    stage: 'won',
    tier: 'a',
    contact: { zh: '陈志强', en: 'Chen Zhiqiang' },
    title: { zh: '厂长', en: 'Plant manager' },
    role: 'influencer',
    said: { zh: '设备运行稳定，问了备件价格。', en: 'The machine runs well; asked for spare parts prices.' },
    next: { text: { zh: '回访使用情况', en: 'Ask how it runs' }, days: 3 },
    deal: { title: { zh: '备件年度合同', en: 'Spare parts for a year' }, amount: 85_000, stage: 'negotiation' },
  },
  {
    name: { zh: '示例·蓝湾水处理有限公司', en: 'Sample Lanwan Water Ltd' },
    stage: 'lead',
    tier: 'c',
    contact: { zh: '赵敏', en: 'Zhao Min' },
    title: { zh: '技术主管', en: 'Head of engineering' },
    role: 'user',
    said: { zh: '展会上交换了名片。', en: 'Exchanged cards at the fair.' },
    next: null,
    deal: null,
  },
];

const at = (days: number) => new Date(Date.now() + days * DAY_MS).toISOString();

/** Makes everything in five requests; what failed of it is counted. */
export async function addSamples(language: Language): Promise<number> {
  const customers = await batch(
    CUSTOMER_OBJECT,
    SAMPLES.map(({ name, stage, tier }) => ({
      op: 'create' as const,
      fields: { name: name[language], stage, tier, source: 'exhibition', remark: MARK },
    })),
  );
  let failed = customers.filter((one) => one.status >= 400).length;
  const each = (make: (sample: Sample, customer: string) => Record<string, unknown> | null): BatchOperation[] =>
    SAMPLES.flatMap((sample, index) => {
      const customer = customers[index]?.id;
      const fields = customer ? make(sample, customer) : null;
      return fields ? [{ op: 'create' as const, fields }] : [];
    });
  const parts: [string, BatchOperation[]][] = [
    [
      CONTACT,
      each(({ contact, title, role }, customer) => ({
        customer,
        name: contact[language],
        title: title[language],
        chain_role: role,
        influence: 'high',
        attitude: 'support',
      })),
    ],
    [
      OPPORTUNITY,
      each(
        ({ deal }, customer) =>
          deal && {
            customer,
            name: deal.title[language],
            amount: deal.amount,
            stage: deal.stage,
            expected_close: at(30).slice(0, 10),
          },
      ),
    ],
    [
      LOG_OBJECT,
      each(({ said }, customer) => ({ customer, kind: 'visit', content: said[language], occurred_at: at(-5) })),
    ],
    [
      TASK_OBJECT,
      each(
        ({ next }, customer) => next && { customer, title: next.text[language], due_at: at(next.days), status: 'open' },
      ),
    ],
  ];
  for (const [object, operations] of parts) {
    if (operations.length > 0) failed += (await batch(object, operations)).filter((one) => one.status >= 400).length;
  }
  return failed;
}

export async function sampleCustomers(signal?: AbortSignal): Promise<Rec[]> {
  const filter = { field: 'remark', op: 'contains' as const, value: MARK };
  return (await queryRecords(CUSTOMER_OBJECT, { filter, fields: ['name'], limit: 200 }, signal)).items;
}

export async function removeSamples(): Promise<void> {
  const customers = await sampleCustomers();
  if (customers.length === 0) return;
  const drop = (records: Rec[]): BatchOperation[] => records.map(({ id }) => ({ op: 'delete', id }));
  for (const object of BELONGINGS) {
    const filter = { field: 'customer', op: 'in' as const, value: customers.map(({ id }) => id) };
    const { items } = await queryRecords(object, { filter, fields: ['id'], limit: 200 });
    if (items.length > 0) await batch(object, drop(items));
  }
  await batch(CUSTOMER_OBJECT, drop(customers));
}
