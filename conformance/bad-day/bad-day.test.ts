import { ConfigMap, Namespace } from '@bowline/api/core/v1';
import { formatKey, systemClock } from '@bowline/apimachinery';
import { seededRandom } from '@bowline/apimachinery/testing';
import { type Client, createClient, loadKubeConfig } from '@bowline/client';
import { type RealControlPlane, startRealControlPlane } from '@bowline/envtest';
import { type Handler, type RunningInformer, startInformer } from '@bowline/informer';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { History } from '../src/history.ts';
import { randomWrites } from '../src/random-writes.ts';
import { eventually } from '../src/world.ts';

const informerCount = 20;
const objectCount = 5_000;
const idleTimeoutMs = 10_000;
const namespaces = Array.from({ length: informerCount }, (_, index) => `bad-day-${index}`);

let server: RealControlPlane;
beforeAll(async () => {
  server = await startRealControlPlane(systemClock);
});
afterAll(() => server?.[Symbol.asyncDispose]());

const sleep = (ms: number): Promise<void> => systemClock.sleep(ms);
const sockets = (): number => process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length;
const timers = (): number => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;

/** How long what was written stayed unseen, in milliseconds, by fault. */
class Staleness {
  readonly longest: Map<string, number> = new Map();
  readonly #waiting = new Map<string, number>();
  readonly #seen = new Set<string>();
  fault = 'none';

  /** The server has accepted it; a handler may know already. */
  written(key: string, version: string): void {
    const write = `${key} ${version}`;
    if (this.#seen.has(write)) this.#took(0);
    else this.#waiting.set(write, performance.now());
  }

  seen(key: string, version: string): void {
    const write = `${key} ${version}`;
    this.#seen.add(write);
    const sinceMs = this.#waiting.get(write);
    if (sinceMs === undefined || !this.#waiting.delete(write)) return;
    this.#took(Math.round(performance.now() - sinceMs));
  }

  #took(ms: number): void {
    this.longest.set(this.fault, Math.max(ms, this.longest.get(this.fault) ?? 0));
  }
}

async function etcd(path: string, body: object): Promise<{ readonly header: { readonly revision: string } }> {
  const answer = await fetch(`${server.etcdUrl}/v3/${path}`, { method: 'POST', body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(`etcd answered ${answer.status}: ${await answer.text()}`);
  return (await answer.json()) as { header: { revision: string } };
}

/** Forgets everything but the newest versions. */
async function compact(): Promise<void> {
  const { header } = await etcd('maintenance/status', {});
  await etcd('kv/compaction', { revision: header.revision, physical: true });
}

/** Writes at random until `signal` aborts; what fails because the server is away is tried again with something else. */
async function writeOn(
  client: Client,
  random: ReturnType<typeof seededRandom>,
  staleness: Staleness,
  signal: AbortSignal,
): Promise<number> {
  let written = 0;
  while (!signal.aborted) {
    try {
      await randomWrites(client, random, namespaces, 10);
      const namespace = namespaces[(written / 10) % namespaces.length] ?? '';
      const { metadata } = await client.create(ConfigMap, { metadata: { namespace, generateName: 'probe-' } });
      staleness.written(formatKey(metadata), metadata.resourceVersion ?? '');
      written += 10;
    } catch {
      await sleep(100); // the server is away: that is what the day is about
    }
  }
  return written;
}

/** A marker in each namespace reaches each informer, and every cache then equals a fresh list. */
async function expectEqual(
  client: Client,
  informers: readonly RunningInformer<ConfigMap>[],
  histories: readonly History[],
  staleness: Staleness,
): Promise<void> {
  for (const namespace of namespaces) {
    const { metadata } = await client.create(ConfigMap, { metadata: { namespace, generateName: 'marker-' } });
    staleness.written(formatKey(metadata), metadata.resourceVersion ?? '');
  }
  const versionsOf = (objects: Iterable<ConfigMap>): Map<string, string> =>
    new Map([...objects].map(({ metadata }) => [formatKey(metadata), metadata.resourceVersion ?? '']));
  const sorted = (versions: ReadonlyMap<string, string>): [string, string][] => [...versions].sort();
  await Promise.all(
    informers.map((informer, index) =>
      eventually(
        `informer ${index} equals the server`,
        async () => {
          const { items } = await client.list(ConfigMap, { namespace: namespaces[index] ?? '' });
          expect(sorted(versionsOf(informer.list()))).toEqual(sorted(versionsOf(items)));
          expect(sorted(histories[index]?.versions ?? new Map())).toEqual(sorted(versionsOf(items)));
          return true;
        },
        60_000,
      ),
    ),
  );
}

test('Informers survive a server that is killed, frozen and compacted', { timeout: 330_000 }, async () => {
  const kubeConfig = await loadKubeConfig({ path: server.kubeconfigPath });
  const before = { sockets: sockets(), timers: timers() };
  const staleness = new Staleness();
  const writer = createClient(kubeConfig);
  const watcher = createClient(kubeConfig);
  for (const name of namespaces) await writer.create(Namespace, { metadata: { name } });
  const perNamespace = objectCount / informerCount;
  await Promise.all(
    namespaces.map(async (namespace) => {
      for (let index = 0; index < perNamespace; index += 1)
        await writer.create(ConfigMap, { metadata: { namespace, name: `object-${index}` } });
    }),
  );
  const histories = namespaces.map(() => new History((key, version) => staleness.seen(key, version)));
  const reflector = { idleTimeoutMs, minBackoffMs: 100, maxBackoffMs: 2_000 };
  const informers = await Promise.all(
    namespaces.map((namespace, index) =>
      startInformer(watcher, ConfigMap, { namespace, reflector, handler: histories[index] as Handler<ConfigMap> }),
    ),
  );
  const random = seededRandom(5);
  const under = async (fault: string, work: () => Promise<void>): Promise<void> => {
    staleness.fault = fault;
    const stop = new AbortController();
    const writing = writeOn(writer, random, staleness, stop.signal);
    await sleep(500);
    await work();
    await sleep(500);
    stop.abort();
    expect(await writing).toBeGreaterThan(0);
    await expectEqual(writer, informers, histories, staleness);
  };
  for (let round = 0; round < 10; round += 1)
    await under('killed', async () => {
      await server.apiserver.kill();
      await server.apiserver.start();
    });
  await under('frozen', async () => {
    server.apiserver.freeze();
    await sleep(2.2 * idleTimeoutMs);
    server.apiserver.thaw();
  });
  await under('compacted', async () => {
    await server.apiserver.kill();
    await compact();
    await server.apiserver.start();
  });
  const relists = (cause: string): number =>
    informers.reduce((sum, informer) => sum + (Reflect.get(informer.status().relists, cause) ?? 0), 0);
  console.log(
    'longest staleness in ms:',
    Object.fromEntries(staleness.longest),
    'relists after 410:',
    relists('expired'),
  );
  expect([...staleness.longest.keys()].sort()).toEqual(['compacted', 'frozen', 'killed']);
  expect(relists('expired')).toBeGreaterThan(0);
  expect(histories.flatMap(({ violations }) => violations)).toEqual([]);
  for (const informer of informers) await informer[Symbol.asyncDispose]();
  await writer[Symbol.asyncDispose]();
  await watcher[Symbol.asyncDispose]();
  await eventually('sockets and timers are back to what they were', async () => {
    expect(sockets()).toBeLessThanOrEqual(before.sockets);
    expect(timers()).toBeLessThanOrEqual(before.timers + 1); // the timer of this very wait
    return true;
  });
});
