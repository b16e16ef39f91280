// Ways out of the house as the server knows them.
import { queryOptions } from '@tanstack/react-query';
import { api } from '../api/client';

export type Way = 'email' | 'robot' | 'sms' | 'browser';
export type ChannelKind = 'email' | 'wecom' | 'dingtalk' | 'feishu' | 'aliyun_sms' | 'tencent_sms' | 'push';
export type Channel = {
  id: string;
  kind: ChannelKind;
  way: Way;
  name: string;
  active: boolean;
  department: { id: string; name: string } | null;
  settings: Record<string, unknown>;
  secrets: string[];
  has_secrets: boolean;
  state: 'unused' | 'ok' | 'down';
  fault: string | null;
  retry_at: string | null;
  sent_at: string | null;
  waiting: number;
  dead: number;
  sent_week: number;
  stale_week: number;
};
export type DeliveryState = 'waiting' | 'sending' | 'sent' | 'stale' | 'dropped' | 'dead';
export type Delivery = {
  id: string;
  channel: { id: string; name: string | null };
  user: { id: string; name: string | null } | null;
  kind: string | null;
  state: DeliveryState;
  attempts: number;
  next_at: string | null;
  fault: string | null;
  at: string;
  done_at: string | null;
};
export type DeadLetter = {
  id: string;
  object: string;
  about: string | null;
  fault: string;
  attempts: number;
  at: string;
};

export type Occasion = 'own' | 'urgent' | 'team' | 'digest' | 'alert';
export type Quiet = { from: string; to: string; free_days: boolean };
export type Reach = Record<Occasion, Way[]> & {
  quiet: Quiet | null;
  digest_at: string | null;
  daily_limit: number | null;
  ways: Record<Way, { channel: string | null; has_address: boolean }>;
  company: { quiet: Quiet; digest_at: string; daily_limit: number };
};

export const channelsQuery = queryOptions({
  queryKey: ['channels'],
  queryFn: ({ signal }) => api.get<{ items: Channel[] }>('/channels', signal),
});

export const reachQuery = queryOptions({
  queryKey: ['reach'],
  queryFn: ({ signal }) => api.get<Reach>('/reach', signal),
});
