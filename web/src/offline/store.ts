// A small store on this device that outlives the page: one table of IndexedDB, and the page's memory where that is closed
// (private windows of some browsers).

const NAME = 'huike';
const TABLE = 'outbox';

let opened: Promise<IDBDatabase> | null = null;

function open(): Promise<IDBDatabase> {
  opened ??= new Promise<IDBDatabase>((resolve, reject) => {
    if (typeof indexedDB === 'undefined') return reject(new Error('no IndexedDB'));
    const asked = indexedDB.open(NAME, 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore(TABLE, { keyPath: 'id' });
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error);
  });
  return opened;
}

async function run<T>(mode: IDBTransactionMode, work: (table: IDBObjectStore) => IDBRequest<T>): Promise<T> {
  const database = await open();
  return new Promise((resolve, reject) => {
    const transaction = database.transaction(TABLE, mode);
    const asked = work(transaction.objectStore(TABLE));
    // Kept only once the transaction is through, not when the request is.
    transaction.oncomplete = () => resolve(asked.result);
    transaction.onerror = () => reject(transaction.error);
    transaction.onabort = () => reject(transaction.error);
  });
}

const memory = new Map<string, { id: string }>();

export async function allKept<T extends { id: string }>(): Promise<T[]> {
  try {
    return await run<T[]>('readonly', (table) => table.getAll());
  } catch {
    return [...memory.values()] as T[];
  }
}

export async function keep<T extends { id: string }>(value: T): Promise<void> {
  try {
    await run('readwrite', (table) => table.put(value));
  } catch {
    memory.set(value.id, value);
  }
}

export async function forget(id: string): Promise<void> {
  memory.delete(id);
  await run('readwrite', (table) => table.delete(id)).catch(() => undefined);
}
