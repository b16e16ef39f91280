// The first steps of a new company, each of which may wait: departments, colleagues, customers, or samples to try on.
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import {
  BookOpen,
  Building2,
  Check,
  FileUp,
  FlaskConical,
  Image,
  ListChecks,
  type LucideIcon,
  Users,
} from 'lucide-react';
import { type FormEvent, type ReactNode, useState } from 'react';
import { LogoField } from '../admin/logo';
import { useObject } from '../api/dictionary';
import { batch, queryRecords } from '../api/records';
import { useHomeText } from '../home/home-text';
import { useI18n } from '../i18n';
import { type Plan, plansQuery } from '../journey/queries';
import { useJourneyText } from '../journey/text';
import { TurnOn } from '../journey/turn-on';
import { faultText } from '../session/fault-text';
import { useSession } from '../session/session';
import { CUSTOMER_OBJECT } from '../shell/nav';
import { Chip, FieldFrame, useTitle } from '../ui/bits';
import { Button, buttonClass } from '../ui/button';
import { cx } from '../ui/cx';
import { toast } from '../ui/toast';
import { addSamples, removeSamples, sampleCustomers } from './sample';
import { useWords } from './words';

const DEPARTMENT = 'department';

export default function WelcomePage() {
  const { t } = useI18n();
  const homeWords = useHomeText();
  const words = useWords();
  const { company, admin } = useSession();
  const navigate = useNavigate();
  const customer = useObject(CUSTOMER_OBJECT);
  const department = useObject(DEPARTMENT);
  const { data } = useQuery({
    queryKey: ['home', 'welcome'],
    queryFn: async ({ signal }) => {
      const some = async (object: string) =>
        (await queryRecords(object, { fields: ['id'], limit: 3 }, signal).catch(() => ({ items: [] }))).items.length;
      return { departments: await some(DEPARTMENT), users: await some('user'), customers: await some(CUSTOMER_OBJECT) };
    },
  });
  const { data: plans } = useQuery({ ...plansQuery, retry: false, enabled: admin.includes('settings') });
  useTitle(words.title);
  return (
    <div className="flex-1 min-h-0 overflow-auto thin-bar">
      <div className="max-w-2xl mx-auto px-4 md:px-6 py-8 flex flex-col gap-5">
        <header>
          <h1 className="text-[20px] leading-7 font-semibold">{words.hello(company.name)}</h1>
          <p className="text-ink-2 mt-1">{words.text}</p>
        </header>
        <ol className="flex flex-col gap-3">
          {admin.includes('settings') && (
            <Step icon={Image} title={words.logo} text={words.logoText} done={Boolean(company.logo)}>
              <LogoField />
            </Step>
          )}
          {department?.can.create && (
            <Step
              icon={Building2}
              title={words.departments}
              text={words.departmentsText}
              done={(data?.departments ?? 0) > 1}
            >
              <Departments />
            </Step>
          )}
          {admin.includes('users') && (
            <Step icon={Users} title={words.colleagues} text={words.colleaguesText} done={(data?.users ?? 0) > 1}>
              <Link to="/admin/users" className={buttonClass('default')}>
                {words.invite}
              </Link>
            </Step>
          )}
          {customer?.can.import && (
            <Step icon={FileUp} title={words.import} text={words.importText} done={(data?.customers ?? 0) > 0}>
              <Link to="/imports" search={{ object: CUSTOMER_OBJECT }} className={buttonClass('primary')}>
                {homeWords.firstAction}
              </Link>
            </Step>
          )}
          {admin.includes('settings') && (
            <Step
              icon={ListChecks}
              title={words.plan}
              text={words.planText}
              done={plans?.items.some((plan) => plan.active)}
            >
              <Plans plans={plans?.items ?? []} />
            </Step>
          )}
          {customer?.can.create && (
            <Step icon={FlaskConical} title={words.samples} text={words.samplesText}>
              <Samples />
            </Step>
          )}
          <Step icon={BookOpen} title={t.help.title} text={words.handbookText}>
            <Link to="/help" className={buttonClass('default')}>
              {t.common.open}
            </Link>
          </Step>
        </ol>
        <div>
          <Button variant="ghost" className="-ml-3" onClick={() => void navigate({ to: '/' })}>
            {words.later}
          </Button>
        </div>
      </div>
    </div>
  );
}

function Step({
  icon: Icon,
  title,
  text,
  done,
  children,
}: {
  icon: LucideIcon;
  title: string;
  text: string;
  done?: boolean;
  children: ReactNode;
}) {
  const words = useWords();
  return (
    <li className="rounded-xl border border-line p-4 flex gap-3">
      <span
        aria-hidden
        className={cx(
          'size-9 shrink-0 grid place-items-center rounded-full',
          done ? 'bg-ok-soft text-ok' : 'bg-brand-soft text-brand-ink',
        )}
      >
        {done ? <Check size={17} /> : <Icon size={17} />}
      </span>
      <div className="flex-1 min-w-0 flex flex-col gap-2">
        <div>
          <h2 className="font-semibold text-base">
            {title}
            {done && <span className="ml-2 text-xs font-normal text-ok">{words.done}</span>}
          </h2>
          <p className="text-ink-2">{text}</p>
        </div>
        <div className="flex flex-wrap gap-2">{children}</div>
      </div>
    </li>
  );
}

/** The plans that come with a new company, each turned on after a look at what it would do. */
function Plans({ plans }: { plans: Plan[] }) {
  const words = useWords();
  const j = useJourneyText();
  const [asking, setAsking] = useState<Plan | null>(null);
  return (
    <>
      <ul className="w-full flex flex-col divide-y divide-line rounded-lg border border-line">
        {plans.map((plan) => (
          <li key={plan.id} className="flex items-center gap-3 px-3 py-2">
            <div className="flex-1 min-w-0">
              <h3 className="flex items-center gap-2 font-medium">
                <span className="truncate">{plan.name}</span>
                {plan.active && <Chip color="green">{j.planOn}</Chip>}
              </h3>
              <p className="text-xs text-ink-3">{plan.steps.map((step) => step.action).join(' → ')}</p>
            </div>
            {!plan.active && (
              <Button size="sm" aria-label={`${j.turnOn} ${plan.name}`} onClick={() => setAsking(plan)}>
                {j.turnOn}
              </Button>
            )}
          </li>
        ))}
      </ul>
      <Link to="/journey/plans" className={buttonClass('default')}>
        {words.ownPlan}
      </Link>
      {asking && <TurnOn plan={asking} onClose={() => setAsking(null)} />}
    </>
  );
}

/** Several at once: one a line, as one would write them down. */
function Departments() {
  const { t } = useI18n();
  const words = useWords();
  const client = useQueryClient();
  const [text, setText] = useState('');
  const [busy, setBusy] = useState(false);
  const names = [...new Set(text.split(/[\n,，、;；]/).map((name) => name.trim()))].filter((name) => name !== '');
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (names.length === 0) return;
    setBusy(true);
    try {
      const results = await batch(
        DEPARTMENT,
        names.map((name) => ({ op: 'create', fields: { name } })),
      );
      const made = results.filter((one) => one.status < 400).length;
      const refused = results.find((one) => one.problem)?.problem;
      if (refused) toast(refused.detail ?? refused.title, { tone: 'danger' });
      if (made > 0) toast(words.departmentsMade(made));
      // What was refused stays, to be corrected.
      setText(names.filter((_, index) => (results[index]?.status ?? 400) >= 400).join('\n'));
      await client.invalidateQueries({ queryKey: ['home', 'welcome'] });
    } catch (cause) {
      toast(faultText(cause, t), { tone: 'danger' });
    } finally {
      setBusy(false);
    }
  };
  return (
    <form className="w-full flex flex-col gap-2" onSubmit={(event) => void submit(event)}>
      <FieldFrame id="departments" label={words.departmentNames}>
        <textarea
          id="departments"
          rows={3}
          className="control control-area field-sizing-content"
          placeholder={words.departmentExample}
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
      </FieldFrame>
      <Button type="submit" disabled={busy || names.length === 0} className="self-start">
        {t.common.add}
      </Button>
    </form>
  );
}

/** In by one click, out by one click. */
function Samples() {
  const { t, language } = useI18n();
  const words = useWords();
  const client = useQueryClient();
  const [busy, setBusy] = useState(false);
  const { data } = useQuery({ queryKey: ['home', 'samples'], queryFn: ({ signal }) => sampleCustomers(signal) });
  const there = (data?.length ?? 0) > 0;
  const run = async (work: () => Promise<unknown>, said: string) => {
    setBusy(true);
    try {
      await work();
      await client.invalidateQueries();
      toast(said);
    } catch (cause) {
      toast(faultText(cause, t), { tone: 'danger' });
    } finally {
      setBusy(false);
    }
  };
  return there ? (
    <>
      <Link to="/" className={buttonClass('default')}>
        {words.look}
      </Link>
      <Button disabled={busy} variant="danger" onClick={() => void run(removeSamples, words.samplesOut)}>
        {words.removeSamples}
      </Button>
    </>
  ) : (
    <Button disabled={busy || !data} onClick={() => void run(() => addSamples(language), words.samplesIn)}>
      {words.addSamples}
    </Button>
  );
}
