// This browser as one that shows notifications while the page is closed: asking for it, and keeping the server's knowledge of it fresh.
import { queryOptions } from '@tanstack/react-query';
import { api } from '../api/client';

export type PushDevice = { id: string; at: string; agent: string | null; current: boolean };
export type PushDevices = { key: string | null; devices: PushDevice[] };

/** Who allowed it in this browser, by id: their next session here goes on with it. */
const ALLOWED = 'huike.push';

export const pushQuery = queryOptions({
  queryKey: ['push'],
  queryFn: ({ signal }) => api.get<PushDevices>('/push', signal),
});

export function canPush(): boolean {
  return 'serviceWorker' in navigator && 'PushManager' in window && 'Notification' in window;
}

function base64url(bytes: ArrayBuffer | null): string {
  const text = String.fromCharCode(...new Uint8Array(bytes ?? new ArrayBuffer(0)));
  return btoa(text).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

async function subscribe(key: string): Promise<PushDevices> {
  const { pushManager } = await navigator.serviceWorker.ready;
  const known = await pushManager.getSubscription();
  // A subscription belongs to the key it was made with: another channel has another.
  if (known && base64url(known.options.applicationServerKey) !== key) await known.unsubscribe();
  const subscription = await pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key });
  return api.put<PushDevices>('/push/device', {
    endpoint: subscription.endpoint,
    p256dh: base64url(subscription.getKey('p256dh')),
    auth: base64url(subscription.getKey('auth')),
  });
}

/** Asks the person, then the browser; throws where its push service can't be reached. None when the person says no. */
export async function allowPush(key: string, user: string): Promise<PushDevices | null> {
  if ((await Notification.requestPermission()) !== 'granted') return null;
  const devices = await subscribe(key);
  localStorage.setItem(ALLOWED, user);
  return devices;
}

export async function stopPush(device: PushDevice): Promise<void> {
  await api.delete(`/push/devices/${device.id}`);
  if (!device.current) return;
  localStorage.removeItem(ALLOWED);
  const { pushManager } = await navigator.serviceWorker.ready;
  await (await pushManager.getSubscription())?.unsubscribe();
}

/** Whoever allowed it before is signed in here again: the server knows this browser by the session that is over. */
export async function renewPush(user: string): Promise<void> {
  if (localStorage.getItem(ALLOWED) !== user || !canPush() || Notification.permission !== 'granted') return;
  const { key, devices } = await api.get<PushDevices>('/push');
  if (key && !devices.some((device) => device.current)) await subscribe(key);
}
