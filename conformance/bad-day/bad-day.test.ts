import { systemClock } from '@bowline/apimachinery';
import { createClient, createTransport, loadKubeConfig } from '@bowline/client';
import { type RealControlPlane, startRealControlPlane } from '@bowline/envtest';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { allGivenBack, belongings, ListenerWarnings } from '../src/belongings.ts';
import { Fleet } from '../src/fleet.ts';
import { eventually } from '../src/world.ts';

const informerCount = 20;
const objectCount = 5_000;
const idleTimeoutMs = 10_000;

let server: RealControlPlane;
beforeAll(async () => {
  server = await startRealControlPlane(systemClock);
});
afterAll(() => server?.[Symbol.asyncDispose]());

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

test('Informers survive a server that is killed, frozen and compacted', { timeout: 480_000 }, async () => {
  const kubeConfig = await loadKubeConfig({ path: server.kubeconfigPath });
  using warnings = new ListenerWarnings();
  const transport = createTransport(kubeConfig);
  const retired = vi.spyOn(transport, 'retireConnections');
  const writer = createClient(kubeConfig);
  const watcher = createClient(kubeConfig, { transport });
  const objectsEach = objectCount / informerCount;
  const fleet = new Fleet({
    writer,
    watcher,
    name: 'bad-day',
    size: informerCount,
    objectsEach,
    watchdog: { idleTimeoutMs },
    seed: 5,
  });
  const { signal } = fleet.stop;
  const before = belongings([signal]);
  await fleet.start();
  expect(belongings([signal]).listeners).toBeGreaterThan(before.listeners); // or counting them would prove nothing
  for (let round = 0; round < 10; round += 1)
    await fleet.under('killed', async () => {
      await server.apiserver.kill();
      await server.apiserver.start();
    });
  await fleet.under('frozen', async () => {
    const ended = fleet.failures('silent', 'broken');
    retired.mockClear();
    server.apiserver.freeze();
    try {
      const acted = eventually(
        'the watch of each informer has ended',
        async () => fleet.failures('silent', 'broken').every((count, index) => count > (ended[index] ?? 0)),
        120_000,
      );
      await Promise.all([acted, systemClock.sleep(2.2 * idleTimeoutMs)]);
      // Watchdogs retire the connection, which may end the watches of others before theirs bark.
      expect(retired).toHaveBeenCalled();
    } finally {
      server.apiserver.thaw();
    }
  });
  await fleet.under('compacted', async () => {
    await server.apiserver.kill();
    await compact();
    await server.apiserver.start();
  });
  const { longest } = fleet.staleness;
  console.log('longest staleness in ms:', Object.fromEntries(longest), 'relists after 410:', fleet.relists('expired'));
  expect([...longest.keys()].sort()).toEqual(['compacted', 'frozen', 'killed']);
  expect(fleet.relists('expired')).toBeGreaterThan(0);
  expect(fleet.violations).toEqual([]);
  await fleet.end();
  await writer[Symbol.asyncDispose]();
  await watcher[Symbol.asyncDispose]();
  await allGivenBack(before, [signal]);
  expect(warnings.messages).toEqual([]);
});
