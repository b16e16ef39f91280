// Greetings that wait for a word from whoever looks after the customer; and, for administrators, what they say.
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Gift } from 'lucide-react';
import { useState } from 'react';
import { api } from '../api/client';
import { useFormat } from '../format/use-format';
import { useT, useWordsOf } from '../i18n';
import { faultText } from '../session/fault-text';
import { Panel } from '../session/panel';
import { useSession } from '../session/session';
import { Chip, Empty, FieldFrame, PageTitle, SkeletonRows, useTitle } from '../ui/bits';
import { Button, buttonClass } from '../ui/button';
import { toast } from '../ui/toast';
import { reachQuery } from './queries';

type State = 'proposed' | 'approved' | 'skipped' | 'sent' | 'failed' | 'over';
type Greeting = {
  id: string;
  occasion: 'birthday' | 'cooperation' | 'founding';
  contact: { id: string; name: string | null };
  owner: { id: string; name: string | null };
  way: 'email' | 'sms';
  day: string;
  subject: string;
  text: string;
  state: State;
  send_at: string | null;
};
type Settings = {
  active: boolean;
  days_before: number;
  send_at: string;
  before_free_days: boolean;
  templates: Record<string, { subject: string; text: string }>;
};

const TEXT = {
  zh: {
    title: '客户祝福',
    intro: '联系人生日、合作和成立周年的前几天会出现在这里。确认后在当天发给同意接收的联系人；没有确认的不会发出。',
    none: '近期没有要送的祝福',
    noChannel: '公司还没有设置邮件或短信渠道，祝福发不出去；设置后才会出现在这里。',
    setUp: '设置通知渠道',
    noneText: '在联系人资料里填写生日，并在“同意接收祝福”里选择邮件或短信。',
    occasions: { birthday: '生日', cooperation: '合作周年', founding: '成立周年' },
    ways: { email: '邮件', sms: '短信' },
    smsText: '短信按渠道里的模板发送，只带姓名和标题。',
    states: {
      proposed: '待确认',
      approved: '已确认',
      skipped: '不发',
      sent: '已送出',
      failed: '没有送出',
      over: '已过',
    } as Record<State, string>,
    subject: '标题',
    text: '内容',
    approve: '确认发送',
    edit: '修改',
    skip: '不发',
    withdraw: '撤回',
    approved: '已确认，当天发出',
    skipped: '已选择不发',
    at: (when: string) => `${when}发出`,
    settings: '祝福设置',
    active: '自动提出祝福',
    before: '提前几天提出',
    sendAt: '发送时间',
    free: '遇休息日提前到前一个工作日发送',
    words: '可以使用 {name} 联系人、{customer} 客户、{company} 本公司、{owner} 负责人、{years} 周年数',
    saved: '祝福设置已保存',
  },
  en: {
    title: 'Greetings',
    intro:
      'Birthdays and anniversaries stand here some days ahead. What you approve is sent on the day to contacts who agreed to it; nothing else is.',
    none: 'No greeting is due',
    noChannel: 'The company has no channel for e-mail or SMS yet: greetings can’t be sent, and none are proposed.',
    setUp: 'Set a channel up',
    noneText: 'Fill in a contact’s birthday and choose e-mail or SMS under “Agrees to greetings”.',
    occasions: { birthday: 'Birthday', cooperation: 'Anniversary of cooperation', founding: 'Anniversary of founding' },
    ways: { email: 'E-mail', sms: 'SMS' },
    smsText: 'An SMS goes out by the channel’s template, with name and subject only.',
    states: {
      proposed: 'To be decided',
      approved: 'Approved',
      skipped: 'Not sent',
      sent: 'Sent',
      failed: 'Could not be sent',
      over: 'Over',
    } as Record<State, string>,
    subject: 'Subject',
    text: 'Text',
    approve: 'Approve',
    edit: 'Edit',
    skip: 'Don’t send',
    withdraw: 'Withdraw',
    approved: 'Approved; it is sent on the day',
    skipped: 'It won’t be sent',
    at: (when: string) => `sent ${when}`,
    settings: 'What greetings say',
    active: 'Propose greetings',
    before: 'Days ahead',
    sendAt: 'Sent at',
    free: 'Sent on the working day before when the day is free',
    words: '{name} contact, {customer} customer, {company} our company, {owner} owner, {years} years',
    saved: 'Saved',
  },
};
const TONE: Record<State, string> = {
  proposed: 'amber',
  approved: 'blue',
  skipped: 'gray',
  sent: 'green',
  failed: 'red',
  over: 'gray',
};
const LIST = ['greetings'];

function useText() {
  return useWordsOf(TEXT.zh, TEXT.en);
}

export default function GreetingsPage() {
  const c = useText();
  const { admin } = useSession();
  const { data, isPending } = useQuery({
    queryKey: LIST,
    queryFn: ({ signal }) => api.get<{ items: Greeting[] }>('/greetings', signal),
  });
  useTitle(c.title);
  const { data: reach } = useQuery(reachQuery);
  const none = reach && !reach.ways.email.channel && !reach.ways.sms.channel;
  const items = data?.items ?? [];
  const waiting = items.filter((one) => one.state === 'proposed').length;
  return (
    <div className="flex-1 min-h-0 overflow-auto thin-bar">
      <PageTitle title={c.title} count={data ? waiting : undefined} />
      <div className="px-4 pb-10 flex flex-col gap-4 md:max-w-3xl">
        <p className="text-ink-2">{c.intro}</p>
        {none && (
          <p role="note" className="rounded-lg border border-line bg-surface p-3 flex flex-wrap items-center gap-3">
            <span className="flex-1 min-w-48">{c.noChannel}</span>
            {admin.includes('settings') && (
              <Link to="/admin/channels" className={buttonClass()}>
                {c.setUp}
              </Link>
            )}
          </p>
        )}
        {isPending ? (
          <SkeletonRows rows={4} />
        ) : items.length === 0 ? (
          <Empty icon={Gift} title={c.none} text={c.noneText} />
        ) : (
          <ul className="flex flex-col gap-2">
            {items.map((one) => (
              <Card key={`${one.id}${one.state}`} one={one} />
            ))}
          </ul>
        )}
        {admin.includes('settings') && <SettingsPanel />}
      </div>
    </div>
  );
}

function Card({ one }: { one: Greeting }) {
  const t = useT();
  const c = useText();
  const format = useFormat();
  const client = useQueryClient();
  const [editing, setEditing] = useState(false);
  const [subject, setSubject] = useState(one.subject);
  const [text, setText] = useState(one.text);
  const [busy, setBusy] = useState(false);
  const decide = async (path: 'approve' | 'skip') => {
    setBusy(true);
    try {
      await api.post(`/greetings/${one.id}/${path}`, path === 'approve' ? { subject, text } : undefined);
      toast(path === 'approve' ? c.approved : c.skipped);
    } catch (cause) {
      toast(faultText(cause, t), { tone: 'danger' });
    } finally {
      setBusy(false);
      void client.invalidateQueries({ queryKey: LIST });
    }
  };
  return (
    <li className="rounded-lg border border-line p-3 flex flex-col gap-2">
      <div className="flex flex-wrap items-center gap-2">
        <Link
          to="/o/$object/$id"
          params={{ object: 'contact', id: one.contact.id }}
          className="font-medium hover:text-brand-ink hover:underline"
        >
          {one.contact.name ?? t.common.empty}
        </Link>
        <span className="text-ink-2">
          {[c.occasions[one.occasion], format.day(one.day), c.ways[one.way], one.owner.name]
            .filter(Boolean)
            .join(' · ')}
        </span>
        <Chip color={TONE[one.state]}>{c.states[one.state]}</Chip>
        {one.state === 'approved' && one.send_at && (
          <span className="text-xs text-ink-3">{c.at(format.moment(one.send_at))}</span>
        )}
      </div>
      {editing ? (
        <>
          <FieldFrame id={`subject-${one.id}`} label={c.subject}>
            <input
              id={`subject-${one.id}`}
              className="control"
              maxLength={100}
              value={subject}
              onChange={(event) => setSubject(event.target.value)}
            />
          </FieldFrame>
          <FieldFrame id={`text-${one.id}`} label={c.text} help={one.way === 'sms' ? c.smsText : null}>
            <textarea
              id={`text-${one.id}`}
              className="control h-36!"
              maxLength={1000}
              value={text}
              onChange={(event) => setText(event.target.value)}
            />
          </FieldFrame>
        </>
      ) : (
        <details>
          <summary className="cursor-pointer text-ink-2">{subject}</summary>
          <p className="whitespace-pre-line pt-1">{text}</p>
        </details>
      )}
      {one.state === 'proposed' && (
        <div className="flex gap-2">
          <Button size="sm" variant="primary" disabled={busy} onClick={() => void decide('approve')}>
            {c.approve}
          </Button>
          {!editing && (
            <Button size="sm" onClick={() => setEditing(true)}>
              {c.edit}
            </Button>
          )}
          <Button size="sm" disabled={busy} onClick={() => void decide('skip')}>
            {c.skip}
          </Button>
        </div>
      )}
      {one.state === 'approved' && (
        <Button size="sm" className="self-start" disabled={busy} onClick={() => void decide('skip')}>
          {c.withdraw}
        </Button>
      )}
    </li>
  );
}

function SettingsPanel() {
  const c = useText();
  const { data } = useQuery({
    queryKey: ['greeting-settings'],
    queryFn: ({ signal }) => api.get<Settings>('/greeting-settings', signal),
  });
  return (
    <Panel title={c.settings} text={c.words}>
      {data && <Form stored={data} />}
    </Panel>
  );
}

function Form({ stored }: { stored: Settings }) {
  const t = useT();
  const c = useText();
  const client = useQueryClient();
  const [values, setValues] = useState(stored);
  const [busy, setBusy] = useState(false);
  const change = (part: Partial<Settings>) => setValues({ ...values, ...part });
  const save = async () => {
    setBusy(true);
    try {
      client.setQueryData(['greeting-settings'], await api.put<Settings>('/greeting-settings', values));
      toast(c.saved);
    } catch (cause) {
      toast(faultText(cause, t), { tone: 'danger' });
    } finally {
      setBusy(false);
    }
  };
  return (
    <div className="flex flex-col gap-4">
      <label className="flex items-center gap-2">
        <input
          type="checkbox"
          className="check"
          checked={values.active}
          onChange={(event) => change({ active: event.target.checked })}
        />
        {c.active}
      </label>
      <div className="flex flex-wrap gap-4">
        <FieldFrame id="days-before" label={c.before}>
          <input
            id="days-before"
            type="number"
            min={0}
            max={30}
            className="control w-24!"
            value={values.days_before}
            onChange={(event) => change({ days_before: Number(event.target.value) })}
          />
        </FieldFrame>
        <FieldFrame id="send-at" label={c.sendAt}>
          <input
            id="send-at"
            type="time"
            className="control w-28!"
            value={values.send_at}
            onChange={(event) => event.target.value && change({ send_at: event.target.value })}
          />
        </FieldFrame>
      </div>
      <label className="flex items-center gap-2">
        <input
          type="checkbox"
          className="check"
          checked={values.before_free_days}
          onChange={(event) => change({ before_free_days: event.target.checked })}
        />
        {c.free}
      </label>
      {(Object.keys(c.occasions) as Greeting['occasion'][]).map((occasion) => {
        const template = values.templates[occasion] ?? { subject: '', text: '' };
        const put = (part: Partial<typeof template>) =>
          change({ templates: { ...values.templates, [occasion]: { ...template, ...part } } });
        return (
          <fieldset key={occasion} className="flex flex-col gap-2">
            <legend className="font-medium pb-1">{c.occasions[occasion]}</legend>
            <input
              className="control"
              aria-label={`${c.occasions[occasion]} · ${c.subject}`}
              maxLength={100}
              value={template.subject}
              onChange={(event) => put({ subject: event.target.value })}
            />
            <textarea
              className="control h-28!"
              aria-label={`${c.occasions[occasion]} · ${c.text}`}
              maxLength={1000}
              value={template.text}
              onChange={(event) => put({ text: event.target.value })}
            />
          </fieldset>
        );
      })}
      <Button className="self-start" disabled={busy} onClick={() => void save()}>
        {t.common.save}
      </Button>
    </div>
  );
}
