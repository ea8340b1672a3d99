import { expect, test } from 'vitest';
import { deleted, type Machine, machineItem, modified } from './doubles.fixture.ts';
import { Indexer } from './indexer.ts';
import type { ProgressMark } from './ports.ts';

const never = new AbortController().signal;

/** Says at which point each wait ended. */
function waits(indexer: Indexer<Machine>, marks: Record<string, ProgressMark>): () => Promise<string[]> {
  const ended: string[] = [];
  for (const [name, mark] of Object.entries(marks)) void indexer.reached(mark, never).then(() => ended.push(name));
  return async () => {
    for (let i = 0; i < 5; i++) await undefined;
    return ended.splice(0);
  };
}

async function synced(resourceVersion: string, ...keys: string[]): Promise<Indexer<Machine>> {
  const indexer = new Indexer<Machine>();
  const replacement = indexer.replace();
  replacement.put(keys.map((key) => machineItem(key)));
  await replacement.commit(resourceVersion);
  return indexer;
}

test('Own writes: Indexer.reached resolves once the cache has seen the version, by change, bookmark or replacement', async () => {
  const indexer = new Indexer<Machine>();
  const ended = waits(indexer, {
    nine: { resourceVersion: '9' },
    ten: { resourceVersion: '10' },
    huge: { resourceVersion: '98765432109876543210' },
    later: { resourceVersion: '98765432109876543211' },
  });
  expect(await ended()).toEqual([]);
  await indexer.replace().commit('9');
  expect(await ended()).toEqual(['nine']);
  indexer.apply([modified('a')], '11');
  expect(await ended()).toEqual(['ten']);
  indexer.apply([], '98765432109876543210');
  expect(await ended()).toEqual(['huge']);
  await indexer.reached({ resourceVersion: '11' }, AbortSignal.abort());
});

test('Own writes: Indexer.reached resolves once an object is gone or another has its key', async () => {
  const indexer = await synced('1', 'a', 'b');
  const ended = waits(indexer, {
    a: { key: 'a', goneUid: 'uid of a' },
    b: { key: 'b', goneUid: 'uid of b' },
    absent: { key: 'c', goneUid: 'any' },
    other: { key: 'a', goneUid: 'an older one' },
  });
  expect(await ended()).toEqual(['absent', 'other']);
  indexer.apply([deleted('a')], '2');
  expect(await ended()).toEqual(['a']);
  indexer.apply([modified('b', { uid: 'new' })], '3');
  expect(await ended()).toEqual(['b']);
});

test('Indexer.reached takes nothing for gone before the first full state', async () => {
  const indexer = new Indexer<Machine>();
  const ended = waits(indexer, { gone: { key: 'a', goneUid: 'any' } });
  expect(await ended()).toEqual([]);
  await indexer.replace().commit('1');
  expect(await ended()).toEqual(['gone']);
});

test('Own writes: versions without an order are reached by the change to exactly that version', async () => {
  const indexer = await synced('x1', 'a');
  const ended = waits(indexer, {
    seen: { resourceVersion: 'x3', key: 'a' },
    deleted: { resourceVersion: 'x5', key: 'a' },
    cache: { resourceVersion: 'x6' },
    never: { resourceVersion: 'x3', key: 'b' },
  });
  indexer.apply([modified('a', { resourceVersion: 'x3' }), modified('a', { resourceVersion: 'x4' })], 'x4');
  expect(await ended()).toEqual(['seen']);
  indexer.apply([deleted('a', { resourceVersion: 'x5' })], 'x5');
  expect(await ended()).toEqual(['deleted']);
  indexer.apply([], 'x6');
  expect(await ended()).toEqual(['cache']);
});

test('Own writes: waits for versions end when the cache goes back to an older state', async () => {
  const indexer = await synced('1000', 'a');
  const ended = waits(indexer, { version: { resourceVersion: '1001' }, gone: { key: 'a', goneUid: 'uid of a' } });
  const replacement = indexer.replace();
  replacement.put([machineItem('a')]);
  await replacement.commit('500');
  expect(await ended()).toEqual(['version']);
  expect(indexer.resourceVersion).toBe('500');
});

test('A replacement that is overtaken by newer changes does not take the version back', async () => {
  const indexer = await synced('10');
  const ended = waits(indexer, { version: { resourceVersion: '20' } });
  const replacement = indexer.replace();
  const committing = replacement.commit('11');
  indexer.apply([], '12');
  await committing;
  expect(indexer.resourceVersion).toBe('12');
  expect(await ended()).toEqual([]);
});

test('Indexer.reached rejects with the reason of its signal, and leaves no listener on it', async () => {
  const indexer = new Indexer<Machine>();
  const stop = new AbortController();
  const waiting = indexer.reached({ resourceVersion: '1' }, stop.signal);
  stop.abort(new Error('enough'));
  await expect(waiting).rejects.toThrow('enough');
  await expect(indexer.reached({ resourceVersion: '1' }, stop.signal)).rejects.toThrow('enough');

  let listeners = 0;
  const signal = new AbortController().signal;
  const { addEventListener, removeEventListener } = signal;
  signal.addEventListener = (...args: Parameters<typeof addEventListener>) => {
    listeners++;
    addEventListener.apply(signal, args);
  };
  signal.removeEventListener = (...args: Parameters<typeof removeEventListener>) => {
    listeners--;
    removeEventListener.apply(signal, args);
  };
  const reached = indexer.reached({ resourceVersion: '1' }, signal);
  expect(listeners).toBe(1);
  indexer.apply([], '1');
  await reached;
  expect(listeners).toBe(0);
});
