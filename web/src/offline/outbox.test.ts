import { beforeEach, describe, expect, it, vi } from 'vitest';
import { Fault, OFFLINE } from '../api/client';
import { discard, isUnreachable, putOff, sendWaiting, type Waiting, watchOutbox } from './outbox';
import { allKept } from './store';

const createRecord = vi.hoisted(() => vi.fn());
vi.mock('../api/records', () => ({ createRecord }));

const entry = (id: string, more: Partial<Waiting> = {}): Waiting => ({
  id,
  user: 'anna',
  object: 'interaction',
  fields: { content: id },
  about: null,
  text: id,
  written_at: `2026-03-05T10:00:0${id}Z`,
  refusal: null,
  ...more,
});

const kept = async () => (await allKept<Waiting>()).map((one) => one.id).sort();

describe('the outbox', () => {
  beforeEach(async () => {
    createRecord.mockReset();
    for (const id of await kept()) await discard(id);
  });

  it('sends in order, each under its own key, and keeps nothing of what arrived', async () => {
    createRecord.mockResolvedValue({ id: 'r', version: 1 });
    const sent: string[] = [];
    const stop = watchOutbox('anna', (one) => sent.push(one.id));
    await sendWaiting();
    await putOff(entry('2'));
    await putOff(entry('1'));
    await sendWaiting();
    expect(sent).toEqual(['1', '2']);
    expect(createRecord.mock.calls.map((call) => call[3])).toEqual(['1', '2']);
    expect(await kept()).toEqual([]);
    stop();
  });

  it('keeps everything while the server is away, and what it refused until a person looks', async () => {
    const stop = watchOutbox('anna', () => {});
    await sendWaiting();
    createRecord.mockRejectedValue(new Fault(0, OFFLINE, '', null));
    await putOff(entry('1'));
    await putOff(entry('2'));
    await sendWaiting();
    expect(createRecord).toHaveBeenCalledTimes(1);
    expect(await kept()).toEqual(['1', '2']);
    createRecord.mockReset();
    createRecord.mockRejectedValueOnce(new Fault(422, 'invalid', '请填写内容', null));
    createRecord.mockResolvedValueOnce({ id: 'r', version: 1 });
    await sendWaiting();
    expect(await kept()).toEqual(['1']);
    await sendWaiting();
    expect(createRecord).toHaveBeenCalledTimes(2);
    stop();
  });

  it('leaves alone what another person wrote on this device', async () => {
    await putOff(entry('1', { user: 'bert' }));
    createRecord.mockResolvedValue({ id: 'r', version: 1 });
    const stop = watchOutbox('anna', () => {});
    await sendWaiting();
    expect(createRecord).not.toHaveBeenCalled();
    expect(await kept()).toEqual(['1']);
    stop();
  });

  it('tells a closed way from a refusal', () => {
    expect(isUnreachable(new Fault(0, OFFLINE, '', null))).toBe(true);
    expect(isUnreachable(new Fault(503, 'x', '', null))).toBe(true);
    expect(isUnreachable(new Fault(422, 'invalid', '', null))).toBe(false);
    expect(isUnreachable(new Error('x'))).toBe(false);
  });
});
