import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { systemClock } from '@bowline/apimachinery';
import { seededRandom } from '@bowline/apimachinery/testing';
import { createClient, type KubeConfig, loadKubeConfig } from '@bowline/client';
import { type RealControlPlane, startRealControlPlane } from '@bowline/envtest';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { allGivenBack, belongings, ListenerWarnings } from '../src/belongings.ts';
import { Fleet } from '../src/fleet.ts';
import { RoughProxy } from '../src/rough-proxy.ts';
import { eventually } from '../src/world.ts';

const idleTimeoutMs = 5_000;
/** What the proxy does and what is written follows from it, but for what depends on time. */
const seed = Number(process.env.BOWLINE_SEED ?? 11);

let server: RealControlPlane;
beforeAll(async () => {
  server = await startRealControlPlane(systemClock);
});
afterAll(() => server?.[Symbol.asyncDispose]());

/** How clients reach the server through the proxy. */
interface Route {
  readonly name: string;
  readonly protocol: 'http' | 'https';
  connect(): Socket;
  /** A new connection needs the least for its handshake. */
  readonly cutAfterBytes: readonly [least: number, most: number];
}

const port = (): number => Number(new URL(server.url).port);
const routes: readonly Route[] = [
  {
    name: 'HTTP/2 in TLS: all watches in one connection, cut inside of a record',
    protocol: 'https',
    connect: () => connectTcp({ host: '127.0.0.1', port: port() }),
    cutAfterBytes: [6_000, 60_000],
  },
  {
    name: 'HTTP/1.1 in the clear: a connection for each watch, cut inside of a line',
    protocol: 'http',
    connect: () =>
      connectTls({ host: '127.0.0.1', port: port(), ca: server.certificateAuthority, ALPNProtocols: ['http/1.1'] }),
    cutAfterBytes: [600, 6_000],
  },
];

const sum = (counts: readonly number[]): number => counts.reduce((total, count) => total + count, 0);

function through(config: KubeConfig, protocol: string, proxy: RoughProxy): KubeConfig {
  return config.with({ cluster: { ...config.cluster, server: `${protocol}://127.0.0.1:${proxy.port}` } });
}

test.each(routes)('Informers survive a rough proxy, $name', { timeout: 300_000 }, async (route) => {
  const kubeConfig = await loadKubeConfig({ path: server.kubeconfigPath });
  using warnings = new ListenerWarnings();
  const random = seededRandom(seed);
  const proxy = await RoughProxy.listen(route.connect, random);
  const { counts } = proxy;
  const writer = createClient(kubeConfig);
  const watcher = createClient(through(kubeConfig, route.protocol, proxy));
  const name = `rough-${route.protocol}`;
  const fleet = new Fleet({ writer, watcher, name, size: 8, objectsEach: 40, watchdog: { idleTimeoutMs }, seed });
  const { signal } = fleet.stop;
  const before = belongings([signal]);
  await fleet.start();
  await fleet.under('dropped', async () => {
    for (let round = 0; round < 8; round += 1) {
      await eventually('there is something to drop', async () => proxy.open > 0, 60_000);
      const { refused } = counts;
      const refuses = round % 2 === 1;
      proxy.weather = { refuses };
      proxy.drop();
      await systemClock.sleep(random.next() * 600);
      if (refuses) await eventually('a connection was refused', async () => counts.refused > refused, 60_000);
      proxy.weather = {};
    }
  });
  await fleet.under('delayed', async () => {
    const { delayed } = counts;
    proxy.weather = { delayMs: 300 };
    await eventually('a hundred chunks were late', async () => counts.delayed > delayed + 100, 60_000);
    proxy.weather = {};
  });
  await fleet.under('cut', async () => {
    const { cut } = counts;
    proxy.weather = { cutAfterBytes: route.cutAfterBytes };
    await eventually('twelve connections were cut', async () => counts.cut >= cut + 12, 120_000);
    proxy.weather = {};
  });
  await fleet.under('forgotten', async () => {
    const silent = sum(fleet.failures('silent'));
    const ended = fleet.failures('silent', 'broken');
    proxy.forget();
    await eventually(
      'the watch of each informer has ended',
      async () => fleet.failures('silent', 'broken').every((count, index) => count > (ended[index] ?? 0)),
      120_000,
    );
    // A watchdog retires the connection, which may end the watches of others before theirs bark.
    expect(sum(fleet.failures('silent'))).toBeGreaterThan(silent);
  });
  const { longest } = fleet.staleness;
  console.log('longest staleness in ms:', Object.fromEntries(longest), 'proxy:', counts, 'seed:', seed);
  expect([...longest.keys()].sort()).toEqual(['cut', 'delayed', 'dropped', 'forgotten']);
  expect(counts.sent).toBeLessThan(counts.received); // cut short, and nothing twice
  expect(counts.dropped).toBeGreaterThanOrEqual(8);
  expect(counts.refused).toBeGreaterThan(0);
  expect(counts.cutInLine).toBeGreaterThan(counts.cut / 2);
  expect(fleet.violations).toEqual([]);
  await fleet.end();
  await writer[Symbol.asyncDispose]();
  await watcher[Symbol.asyncDispose]();
  await proxy[Symbol.asyncDispose]();
  await allGivenBack(before, [signal]);
  expect(warnings.messages).toEqual([]);
});

test('Informers find out by a ping that an HTTP/2 connection is dead, long before it is silent for too long', {
  timeout: 180_000,
}, async () => {
  const kubeConfig = await loadKubeConfig({ path: server.kubeconfigPath });
  await using proxy = await RoughProxy.listen(routes[0]?.connect as () => Socket, seededRandom(17));
  await using writer = createClient(kubeConfig);
  await using watcher = createClient(through(kubeConfig, 'https', proxy));
  const watchdog = { idleTimeoutMs: 3_600_000, pingAfterMs: 2_000, pingTimeoutMs: 1_000 };
  const fleet = new Fleet({ writer, watcher, name: 'pinged', size: 4, objectsEach: 5, watchdog, seed: 19 });
  await fleet.start();
  const connections = proxy.counts.connections;
  await fleet.under('forgotten', async () => {
    proxy.forget();
    // The first ping that is not answered ends the connection, and with it the watches of the others.
    await eventually(
      'the watch of each informer has ended',
      async () => fleet.failures('silent', 'broken').every((count) => count > 0),
      120_000,
    );
  });
  const pinged = fleet.failures('silent').flatMap((count, index) => (count > 0 ? [fleet.informers[index]] : []));
  expect(pinged.length).toBeGreaterThan(0);
  for (const informer of pinged) expect(informer?.status().lastError).toContain('a ping was not answered');
  console.log('longest staleness in ms, with pings:', Object.fromEntries(fleet.staleness.longest));
  expect(proxy.counts.connections).toBeGreaterThan(connections);
  expect(fleet.violations).toEqual([]);
  await fleet.end();
});
