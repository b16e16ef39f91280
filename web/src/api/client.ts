// The one door to the server. Everything it answers is either the promised value or a `Fault`.
import type { FieldFault, Problem, Rec } from './types';

export const BASE = '/api/v1';

let csrf: string | null = null;
let language = 'zh';
let onSignedOut: () => void = () => {};

export function configureClient(options: { csrf?: string | null; language?: string; onSignedOut?: () => void }) {
  if (options.csrf !== undefined) csrf = options.csrf;
  if (options.language !== undefined) language = options.language;
  if (options.onSignedOut !== undefined) onSignedOut = options.onSignedOut;
}

/** What went wrong, in the caller's language, with every fault of every field. */
export class Fault extends Error {
  readonly status: number;
  readonly code: string;
  readonly fields: FieldFault[];
  readonly problem: Problem | null;

  constructor(status: number, code: string, message: string, problem: Problem | null) {
    super(message);
    this.name = 'Fault';
    this.status = status;
    this.code = code;
    this.problem = problem;
    this.fields = problem?.errors ?? [];
  }

  get current(): Rec | undefined {
    return this.problem?.current;
  }
}

/** No answer at all: offline, or the server is away. */
export const OFFLINE = 'offline';

type Options = {
  method?: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE';
  body?: unknown;
  headers?: Record<string, string>;
  signal?: AbortSignal;
};

async function send(path: string, { method = 'GET', body, headers = {}, signal }: Options): Promise<Response> {
  const all: Record<string, string> = { 'Accept-Language': language === 'en' ? 'en' : 'zh-CN', ...headers };
  if (method !== 'GET' && csrf) all['X-CSRF-Token'] = csrf;
  const form = body instanceof FormData;
  if (body !== undefined && !form) all['Content-Type'] = 'application/json';
  const payload = body === undefined ? undefined : form ? body : JSON.stringify(body);
  let response: Response;
  try {
    response = await fetch(BASE + path, { method, headers: all, body: payload, signal, credentials: 'same-origin' });
  } catch (cause) {
    if (cause instanceof DOMException && cause.name === 'AbortError') throw cause;
    throw new Fault(0, OFFLINE, '', null);
  }
  if (!response.ok) throw await faultOf(response);
  return response;
}

async function faultOf(response: Response): Promise<Fault> {
  const problem = (await response.json().catch(() => null)) as Problem | null;
  const code = problem?.code ?? `http_${response.status}`;
  if (code === 'not_signed_in') onSignedOut();
  return new Fault(response.status, code, problem?.detail ?? problem?.title ?? '', problem);
}

async function json<T>(path: string, options: Options): Promise<T> {
  const response = await send(path, options);
  if (response.status === 204) return undefined as T;
  return (await response.json()) as T;
}

export const api = {
  get: <T>(path: string, signal?: AbortSignal) => json<T>(path, { signal }),
  post: <T>(path: string, body?: unknown, options: Options = {}) => json<T>(path, { ...options, method: 'POST', body }),
  patch: <T>(path: string, body: unknown, options: Options = {}) =>
    json<T>(path, { ...options, method: 'PATCH', body }),
  put: <T>(path: string, body: unknown, options: Options = {}) => json<T>(path, { ...options, method: 'PUT', body }),
  delete: <T = void>(path: string, body?: unknown) => json<T>(path, { method: 'DELETE', body }),

  /** Fetches a file and hands it to the browser to save. */
  async download(path: string, fallbackName: string, body?: unknown) {
    const response = await send(path, body === undefined ? {} : { method: 'POST', body });
    const blob = await response.blob();
    const link = document.createElement('a');
    link.href = URL.createObjectURL(blob);
    link.download = fileName(response.headers.get('Content-Disposition')) ?? fallbackName;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
  },
};

/** The name in a Content-Disposition header; RFC 6266 §4.3 prefers the encoded one. */
export function fileName(header: string | null): string | null {
  const encoded = header?.match(/filename\*=UTF-8''([^;]+)/i)?.[1];
  if (encoded) return decodeURIComponent(encoded);
  return header?.match(/filename="([^"]+)"/)?.[1] ?? null;
}

export function query(parameters: Record<string, string | number | null | undefined>): string {
  const search = new URLSearchParams();
  for (const [key, value] of Object.entries(parameters)) {
    if (value !== null && value !== undefined && value !== '') search.set(key, String(value));
  }
  const text = search.toString();
  return text ? `?${text}` : '';
}
