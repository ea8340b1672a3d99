import {
  defineKind,
  type ListCall,
  type Page,
  type ResourceQuery,
  statusError,
  type WatchCall,
  type WatchFrame,
} from '@bowline/apimachinery';
import { FakeClock, RecordingLogger, seededRandom } from '@bowline/apimachinery/testing';
import { expect, test } from 'vitest';
import { FakeCluster } from '../fake-cluster.ts';
import { Manager } from '../manager.ts';
import type { CacheOptions } from './options.ts';

const scope = 'Namespaced';
const App = defineKind({ group: 'example.com', version: 'v1', kind: 'App', resource: 'apps', scope });
const namespaces = Array.from({ length: 100 }, (_, index) => `team-${index}`);

/** A manager of many namespaces, whose server takes 100 ms to show what exists, and refuses to show some of them. */
function setup(cache: CacheOptions = {}, forbidden: readonly string[] = []) {
  const clock = new FakeClock();
  const lists = { active: 0, most: 0, count: 0 };
  const answer = async (namespace: string | undefined, signal: AbortSignal): Promise<void> => {
    lists.count++;
    lists.most = Math.max(lists.most, ++lists.active);
    await clock.sleep(100, signal).finally(() => lists.active--);
    if (!forbidden.includes(namespace ?? '')) return;
    throw statusError({ kind: 'Status', apiVersion: 'v1', status: 'Failure', code: 403, reason: 'Forbidden' });
  };
  class SlowCluster extends FakeCluster {
    override async listItems<T>(query: ResourceQuery, call: ListCall<T>): Promise<Page<T>> {
      await answer(query.namespace, call.signal);
      return super.listItems<T>(query, call);
    }
    override async *watchItems<T>(query: ResourceQuery, call: WatchCall): AsyncGenerator<readonly WatchFrame<T>[]> {
      if (call.sendInitialEvents) await answer(query.namespace, call.signal);
      yield* super.watchItems<T>(query, call);
    }
  }
  const client = new SlowCluster();
  const ports = { client, clock, random: seededRandom(1), logger: new RecordingLogger() };
  const manager = new Manager({ ...ports, namespaces, cache });
  const seen = new Set<string | undefined>();
  manager.controller(App).reconcile(({ key }) => void seen.add(key.namespace));
  for (const namespace of namespaces) client.server.put(App, { metadata: { namespace, name: 'web' } });
  const stop = new AbortController();
  const running = manager.run(stop.signal);
  running.catch(() => {});
  const end = async () => {
    stop.abort();
    await clock.advance(60_000);
    expect(clock.pending).toBe(0);
    expect(client.server.openWatches).toBe(0);
    return running;
  };
  return { clock, lists, manager, seen, end };
}

test('Cache starts the watches of many namespaces 16 at a time', async () => {
  const t = setup();
  await t.clock.advance(650);
  expect(t.seen.size).toBe(0);
  await t.clock.advance(10_000);
  expect(t.seen.size).toBe(100);
  expect(t.lists).toEqual({ active: 0, most: 16, count: 100 });
  await t.end();
});

test('Cache starts as many watches at a time as startConcurrency says', async () => {
  const t = setup({ startConcurrency: 3 });
  await t.clock.advance(10_000);
  expect(t.lists).toEqual({ active: 0, most: 3, count: 100 });
  await t.end();
});

test('Cache lets a namespace that cannot be listed hold up none of the others', async () => {
  const t = setup({ startConcurrency: 4 }, namespaces.slice(0, 10));
  await t.clock.advance(5_000);
  const behind = t.manager.cache.kinds.flatMap(({ partitions }) =>
    partitions.filter(({ informer }) => !informer.hasSynced),
  );
  expect(behind.map(({ namespace }) => namespace)).toEqual(namespaces.slice(0, 10));
  await t.end();
});

test('Cache starts nothing more once it has to stop', async () => {
  const t = setup({ startConcurrency: 1 });
  await t.clock.advance(450);
  await t.end();
  expect(t.lists.count).toBe(5);
});
