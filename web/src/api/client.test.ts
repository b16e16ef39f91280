import { afterEach, describe, expect, it, vi } from 'vitest';
import { api, configureClient, Fault, fileName, OFFLINE, query } from './client';

afterEach(() => vi.unstubAllGlobals());

function answer(status: number, body: unknown) {
  const fetch = vi.fn(
    async (_path: string, _init: RequestInit) => new Response(status === 204 ? null : JSON.stringify(body), { status }),
  );
  vi.stubGlobal('fetch', fetch);
  return fetch;
}

describe('the client', () => {
  it('sends the token with what changes something, and not with what reads', async () => {
    configureClient({ csrf: 'token', language: 'en' });
    const fetch = answer(200, {});
    await api.get('/x');
    await api.post('/x', { a: 1 });
    const headers = fetch.mock.calls.map(([, init]) => init.headers as Record<string, string>);
    expect(headers[0]?.['X-CSRF-Token']).toBeUndefined();
    expect(headers[1]).toMatchObject({
      'X-CSRF-Token': 'token',
      'Accept-Language': 'en',
      'Content-Type': 'application/json',
    });
  });

  it('turns a problem into a fault with every field it names', async () => {
    answer(422, {
      title: '请检查',
      status: 422,
      code: 'invalid',
      errors: [{ field: 'name', code: 'required', message: '必填' }],
    });
    const fault = await api.post('/x', {}).catch((cause: unknown) => cause);
    expect(fault).toBeInstanceOf(Fault);
    expect(fault).toMatchObject({ status: 422, code: 'invalid', message: '请检查', fields: [{ field: 'name' }] });
  });

  it('tells of a session that has ended, once for every page to know', async () => {
    const ended = vi.fn();
    configureClient({ onSignedOut: ended });
    answer(401, { title: 'x', status: 401, code: 'not_signed_in' });
    await expect(api.get('/x')).rejects.toMatchObject({ code: 'not_signed_in' });
    expect(ended).toHaveBeenCalledOnce();
  });

  it('tells a missing answer from a refused one', async () => {
    vi.stubGlobal('fetch', async () => {
      throw new TypeError('Failed to fetch');
    });
    await expect(api.get('/x')).rejects.toMatchObject({ code: OFFLINE, status: 0 });
  });

  it('survives an error that is no problem document', async () => {
    vi.stubGlobal('fetch', async () => new Response('<html>', { status: 502 }));
    await expect(api.get('/x')).rejects.toMatchObject({ status: 502, code: 'http_502' });
  });

  it('reads file names in both spellings', () => {
    expect(fileName(`attachment; filename="a.xlsx"; filename*=UTF-8''${encodeURIComponent('客户.xlsx')}`)).toBe(
      '客户.xlsx',
    );
    expect(fileName('attachment; filename="a.xlsx"')).toBe('a.xlsx');
    expect(fileName(null)).toBeNull();
  });

  it('leaves empty parameters out', () => {
    expect(query({ a: 1, b: null, c: '', d: '中' })).toBe('?a=1&d=%E4%B8%AD');
    expect(query({ a: undefined })).toBe('');
  });
});
