// What goes out of the house, for whoever looks after the settings: channels, what was sent, what failed.
import { useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/react-query';
import { BellRing, Mail, MessageSquare, Plus, Smartphone } from 'lucide-react';
import { useState } from 'react';
import { api } from '../api/client';
import { useFormat } from '../format/use-format';
import { useT } from '../i18n';
import { faultText } from '../session/fault-text';
import { Chip, Empty, PageTitle, SkeletonRows, useTitle } from '../ui/bits';
import { Button } from '../ui/button';
import { Confirm } from '../ui/dialog';
import { Select } from '../ui/select';
import { toast } from '../ui/toast';
import { ChannelForm } from './channel-form';
import { type Channel, channelsQuery, type DeadLetter, type Delivery, type DeliveryState, type Way } from './queries';
import { useChannelText } from './text';

const ICON = { email: Mail, robot: MessageSquare, sms: Smartphone, browser: BellRing } satisfies Record<Way, unknown>;
const TONE = { unused: 'gray', ok: 'green', down: 'red' };
const STATE_TONE = { waiting: 'blue', sending: 'blue', sent: 'green', stale: 'amber', dropped: 'gray', dead: 'red' };

export default function ChannelsPage() {
  const c = useChannelText();
  const { data, isPending } = useQuery({ ...channelsQuery, refetchInterval: 30_000 });
  const [editing, setEditing] = useState<Channel | 'new' | null>(null);
  useTitle(c.title);
  const items = data?.items ?? [];
  return (
    <div className="flex-1 min-h-0 overflow-auto thin-bar">
      <PageTitle title={c.title} count={data ? items.length : undefined}>
        <Button variant="primary" icon={Plus} onClick={() => setEditing('new')}>
          {c.add}
        </Button>
      </PageTitle>
      <div className="px-4 pb-10 flex flex-col gap-5 md:max-w-4xl">
        <p className="text-ink-2">{c.intro}</p>
        {isPending ? (
          <SkeletonRows rows={3} />
        ) : items.length === 0 ? (
          <Empty icon={Mail} title={c.none} />
        ) : (
          <ul className="flex flex-col gap-2">
            {items.map((channel) => (
              <Row key={channel.id} channel={channel} onEdit={() => setEditing(channel)} />
            ))}
          </ul>
        )}
        <Letters />
        <Log channels={items} />
      </div>
      {editing && <ChannelForm channel={editing === 'new' ? null : editing} onClose={() => setEditing(null)} />}
    </div>
  );
}

function Row({ channel, onEdit }: { channel: Channel; onEdit: () => void }) {
  const t = useT();
  const c = useChannelText();
  const format = useFormat();
  const client = useQueryClient();
  const [busy, setBusy] = useState(false);
  const [removing, setRemoving] = useState(false);
  const Icon = ICON[channel.way];
  const renew = () => void client.invalidateQueries({ queryKey: channelsQuery.queryKey });
  const test = async () => {
    setBusy(true);
    try {
      const outcome = await api.post<{ delivered: boolean; fault: string | null }>(`/channels/${channel.id}/test`);
      if (outcome.delivered) toast(c.tested);
      else toast(c.testFailed(outcome.fault ?? ''), { tone: 'danger' });
    } catch (cause) {
      toast(faultText(cause, t), { tone: 'danger' });
    } finally {
      setBusy(false);
      renew();
    }
  };
  const figures = [
    channel.department?.name,
    c.week(channel.sent_week),
    channel.waiting > 0 && c.waiting(channel.waiting),
    channel.dead > 0 && c.dead(channel.dead),
    channel.stale_week > 0 && c.stale(channel.stale_week),
  ].filter(Boolean);
  return (
    <li className="rounded-lg border border-line p-3 flex flex-wrap items-center gap-3">
      <Icon size={20} aria-hidden className="text-ink-3 shrink-0" />
      <div className="flex-1 min-w-48">
        <p className="flex items-center gap-2 flex-wrap">
          <span className="font-medium">{channel.name}</span>
          <span className="text-ink-3">{c.kinds[channel.kind]}</span>
          {channel.active ? (
            <Chip color={TONE[channel.state]}>{c.states[channel.state]}</Chip>
          ) : (
            <Chip color="gray">{c.off}</Chip>
          )}
        </p>
        <p className="text-xs text-ink-3">{figures.join(' · ')}</p>
        {channel.fault && (
          <p className="text-danger">
            {channel.fault}
            {channel.retry_at && <span className="text-ink-3"> · {c.retry(format.moment(channel.retry_at))}</span>}
          </p>
        )}
      </div>
      <div className="flex gap-2 max-md:w-full">
        <Button size="sm" disabled={busy} onClick={() => void test()}>
          {c.test}
        </Button>
        <Button size="sm" onClick={onEdit}>
          {c.edit}
        </Button>
        <Button size="sm" variant="danger" onClick={() => setRemoving(true)}>
          {c.remove}
        </Button>
      </div>
      <Confirm
        open={removing}
        onClose={() => setRemoving(false)}
        title={c.removeAsk(channel.name)}
        text={c.removeText}
        action={c.remove}
        danger
        onConfirm={async () => {
          await api
            .delete(`/channels/${channel.id}`)
            .catch((cause: unknown) => toast(faultText(cause, t), { tone: 'danger' }));
          renew();
        }}
      />
    </li>
  );
}

/** What failed for good, to be tried once more. */
function Letters() {
  const t = useT();
  const c = useChannelText();
  const format = useFormat();
  const client = useQueryClient();
  const { data } = useQuery({
    queryKey: ['dead-letters'],
    queryFn: ({ signal }) => api.get<{ items: DeadLetter[] }>('/dead-letters', signal),
  });
  const letters = (data?.items ?? []).filter((letter) => letter.object === 'delivery');
  if (letters.length === 0) return null;
  const again = async (id: string) => {
    try {
      await api.post(`/dead-letters/${id}/retry`);
      toast(c.againDone);
    } catch (cause) {
      toast(faultText(cause, t), { tone: 'danger' });
    }
    for (const key of ['dead-letters', 'channels', 'deliveries']) void client.invalidateQueries({ queryKey: [key] });
  };
  return (
    <section aria-labelledby="letters" className="flex flex-col gap-2">
      <h2 id="letters" className="font-semibold">
        {c.letters}
      </h2>
      <ul className="flex flex-col divide-y divide-line">
        {letters.map((letter) => (
          <li key={letter.id} className="py-2 flex items-center gap-3">
            <span className="flex-1 min-w-0">
              {letter.about}
              <span className="block text-danger break-words">{letter.fault}</span>
            </span>
            <span className="text-xs text-ink-3">{format.moment(letter.at)}</span>
            <Button size="sm" onClick={() => void again(letter.id)}>
              {c.again}
            </Button>
          </li>
        ))}
      </ul>
    </section>
  );
}

type Page = { items: Delivery[]; next_cursor: string | null };
const STATES: DeliveryState[] = ['waiting', 'sent', 'dead', 'stale', 'dropped'];

function Log({ channels }: { channels: Channel[] }) {
  const c = useChannelText();
  const format = useFormat();
  const [channel, setChannel] = useState('');
  const [state, setState] = useState<DeliveryState | ''>('');
  const { data, hasNextPage, fetchNextPage, isPending } = useInfiniteQuery({
    queryKey: ['deliveries', channel, state],
    initialPageParam: '',
    queryFn: ({ pageParam, signal }) => {
      const query = new URLSearchParams({ limit: '30' });
      if (channel) query.set('channel', channel);
      if (state) query.set('state', state);
      if (pageParam) query.set('cursor', pageParam);
      return api.get<Page>(`/deliveries?${query}`, signal);
    },
    getNextPageParam: (page) => page.next_cursor ?? undefined,
  });
  const items = data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <section aria-labelledby="deliveries" className="flex flex-col gap-2">
      <div className="flex flex-wrap items-center gap-2">
        <h2 id="deliveries" className="font-semibold flex-1">
          {c.log}
        </h2>
        <Select
          className="w-44! max-md:flex-1"
          label={c.title}
          value={channel}
          onChange={setChannel}
          options={[{ value: '', label: c.all }, ...channels.map((one) => ({ value: one.id, label: one.name }))]}
        />
        <Select
          className="w-32!"
          label={c.log}
          value={state}
          onChange={setState}
          options={[
            { value: '' as DeliveryState | '', label: c.all },
            ...STATES.map((one) => ({ value: one, label: c.deliveryStates[one] })),
          ]}
        />
      </div>
      {isPending ? (
        <SkeletonRows rows={4} />
      ) : items.length === 0 ? (
        <p className="text-ink-3">{c.logEmpty}</p>
      ) : (
        <ul className="flex flex-col divide-y divide-line">
          {items.map((one) => (
            <li key={one.id} className="py-2 flex flex-wrap items-center gap-x-3 gap-y-1">
              <Chip color={STATE_TONE[one.state]}>{c.deliveryStates[one.state]}</Chip>
              <span className="flex-1 min-w-40">
                {[c.what[one.kind ?? ''] ?? c.other, one.user?.name, one.channel.name].filter(Boolean).join(' · ')}
              </span>
              <span className="text-xs text-ink-3">
                {[format.moment(one.at), one.attempts > 1 && c.tried(one.attempts)].filter(Boolean).join(' · ')}
              </span>
              {one.fault && <span className="w-full text-xs text-ink-3">{one.fault}</span>}
            </li>
          ))}
        </ul>
      )}
      {hasNextPage && (
        <Button className="self-start" onClick={() => void fetchNextPage()}>
          {c.more}
        </Button>
      )}
    </section>
  );
}
