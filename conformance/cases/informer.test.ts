import { ConfigMap, Secret } from '@bowline/api/core/v1';
import { formatKey, type KubernetesObject } from '@bowline/apimachinery';
import { seededRandom } from '@bowline/apimachinery/testing';
import { type Client, createTransport } from '@bowline/client';
import { defineCrd, s } from '@bowline/crd';
import { type RunningInformer, SharedInformerFactory, startInformer } from '@bowline/informer';
import { describe, expect, test } from 'vitest';
import { CuttableTransport } from '../src/cuttable-transport.ts';
import { clientOver } from '../src/forms.ts';
import { randomWrites } from '../src/random-writes.ts';
import { eventually, useWorld } from '../src/world.ts';

const world = useWorld();

/** A client whose watches can be cut. */
function cuttable(): { readonly transport: CuttableTransport; readonly client: Client } {
  const { kubeConfig } = world().env;
  const transport = new CuttableTransport(kubeConfig.ports?.transport ?? createTransport(kubeConfig));
  return { transport, client: clientOver(transport, world().env) };
}

/** Caches keep no managed fields. */
const byKey = (objects: Iterable<KubernetesObject>): Record<string, unknown> =>
  Object.fromEntries(
    [...objects].map(({ metadata: { managedFields: _, ...metadata }, ...object }) => [
      formatKey(metadata),
      { ...object, metadata },
    ]),
  );

/** Writes one more object, waits until the informer has it, and compares the whole cache with the server. */
async function expectEqual(informer: RunningInformer<ConfigMap>, namespace: string): Promise<void> {
  const { client } = world().env;
  const marker = await client.create(ConfigMap, { metadata: { namespace, generateName: 'marker-' } });
  const { resourceVersion = '' } = marker.metadata;
  await informer.informer.indexer.reached({ resourceVersion }, AbortSignal.timeout(20_000));
  const { items } = await client.list(ConfigMap);
  expect(items.length).toBeGreaterThan(20);
  expect(byKey(informer.list())).toEqual(byKey(items));
}

describe.each([
  ['WatchList', true],
  ['list and watch', false],
])('Informer with %s', (_mode, watchList) => {
  const prefix = watchList ? 'stream' : 'list';

  test('equals the server after 500 random writes in several namespaces', async () => {
    const namespaces = await Promise.all(['a', 'b', 'c'].map((each) => world().namespace(`${prefix}-writes-${each}`)));
    await using informer = await startInformer(world().env.client, ConfigMap, { reflector: { watchList } });
    const written = await randomWrites(world().env.client, seededRandom(7), namespaces, 500);
    expect(Object.values(written).every((count) => count > 10)).toBe(true);
    await expectEqual(informer, namespaces[0] as string);
    expect(informer.status().relists).toEqual({ initial: 1 });
  });

  test('starts equal to the server when there are many objects already', async () => {
    const namespace = await world().namespace(`${prefix}-start`);
    await randomWrites(world().env.client, seededRandom(3), [namespace], 60);
    await using informer = await startInformer(world().env.client, ConfigMap, { reflector: { watchList } });
    await expectEqual(informer, namespace);
  });

  test('resumes a watch that was cut without losing anything and without a new list', async () => {
    const { transport, client } = cuttable();
    const namespace = await world().namespace(`${prefix}-cut`);
    const informer = await startInformer(client, ConfigMap, { reflector: { watchList, minBackoffMs: 20 } });
    await eventually('the watch is open', async () => transport.watches === 1);
    const before = transport.opened;
    let cuts = 0;
    await randomWrites(world().env.client, seededRandom(11), [namespace], 200, async (index) => {
      if (index % 40 !== 20) return;
      await eventually('the watch is open again', async () => transport.opened === before + cuts);
      transport.cut();
      cuts += 1;
    });
    await expectEqual(informer, namespace);
    expect(informer.status().relists).toEqual({ initial: 1 });
    expect(cuts).toBe(5);
    expect(transport.opened).toBe(before + cuts);
    await informer[Symbol.asyncDispose]();
    await eventually('no watch is open', async () => transport.watches === 0);
  });

  test('reads everything again after 410 Expired, and goes on', async () => {
    const Ring = ringKind(watchList ? 'Ring' : 'Band');
    const { transport, client } = cuttable();
    const namespace = await world().namespace(`${prefix}-expired`);
    await establish(Ring);
    await client.create(Ring, { metadata: { namespace, name: 'first' }, spec: { size: 1 } });
    const deleted: string[] = [];
    const handler = { onDelete: (ring: KubernetesObject) => void deleted.push(ring.metadata.name) };
    const reflector = { watchList, minBackoffMs: 20 };
    await using informer = await startInformer(client, Ring, { reflector, handler });
    // The next watch asks for a version from before the kind existed: no server has that any more.
    let rewritten = 0;
    transport.rewrite = (request) => {
      if (!/[?&]watch=(true|1)/.test(request.path) || request.path.includes('sendInitialEvents') || rewritten > 0)
        return request;
      rewritten += 1;
      return { ...request, path: request.path.replace(/resourceVersion=\d+/, 'resourceVersion=1') };
    };
    transport.cut();
    await world().env.client.create(Ring, { metadata: { namespace, name: 'second' }, spec: { size: 2 } });
    await world().env.client.delete(Ring, { namespace, name: 'first' });
    await eventually('the informer has read everything again', async () => informer.status().relists.expired === 1);
    await eventually('the informer equals the server', async () => {
      const { items } = await world().env.client.list(Ring);
      expect(byKey(informer.list())).toEqual(byKey(items));
      return true;
    });
    expect(rewritten).toBe(1);
    // A handler is told in turns of its own, after the cache has changed.
    await eventually('the handler has been told', async () => deleted.length > 0);
    expect(deleted).toEqual(['first']);
    expect(informer.status()).toMatchObject({ synced: true, failures: 0 });
  });
});

test('Informer with a selector holds what matches, also what moves in and out', async () => {
  const { client } = world().env;
  const namespace = await world().namespace('selected');
  const key = { namespace, name: 'moving' };
  await client.create(ConfigMap, { metadata: { ...key, labels: { tier: 'front' } } });
  await client.create(ConfigMap, { metadata: { namespace, name: 'other', labels: { tier: 'back' } } });
  await using informer = await startInformer(client, ConfigMap, { namespace, labelSelector: 'tier in (front,edge)' });
  const names = (): string[] => [...informer.list()].map(({ metadata }) => metadata.name).sort();
  expect(names()).toEqual(['moving']);
  await client.patch(ConfigMap, key, { type: 'merge', body: { metadata: { labels: { tier: 'back' } } } });
  await eventually('it has moved out', async () => names().length === 0);
  await client.patch(
    ConfigMap,
    { namespace, name: 'other' },
    { type: 'merge', body: { metadata: { labels: { tier: 'edge' } } } },
  );
  await eventually('the other one has moved in', async () => names().join() === 'other');
});

test('Informer with metadata only has the metadata of each object and nothing else', async () => {
  const { client } = world().env;
  const namespace = await world().namespace('metadata-only');
  await client.create(Secret, {
    metadata: { namespace, name: 'sealed', labels: { a: 'b' } },
    stringData: { key: 'hidden' },
  });
  await using informer = await startInformer(client, Secret, { namespace, metadataOnly: true });
  expect([...informer.list()]).toMatchObject([
    { apiVersion: 'meta.k8s.io/v1', kind: 'PartialObjectMetadata', metadata: { name: 'sealed', labels: { a: 'b' } } },
  ]);
  await client.create(Secret, { metadata: { namespace, name: 'later' }, stringData: { key: 'hidden' } });
  await eventually('the second one has come', async () => informer.size === 2);
  for (const object of informer.list()) expect(Object.keys(object).sort()).toEqual(['apiVersion', 'kind', 'metadata']);
});

test('SharedInformerFactory keeps two kinds equal to the server', async () => {
  const { client } = world().env;
  const namespace = await world().namespace('factory');
  await using factory = new SharedInformerFactory(client, { namespace });
  const [configMaps, secrets] = [factory.informer(ConfigMap), factory.informer(Secret)];
  const seen: string[] = [];
  configMaps.addHandler({ onAdd: ({ metadata }) => void seen.push(`ConfigMap ${metadata.name}`) });
  secrets.addHandler({ onAdd: ({ metadata }) => void seen.push(`Secret ${metadata.name}`) });
  factory.start();
  await factory.waitForSync(AbortSignal.timeout(10_000));
  await client.create(ConfigMap, { metadata: { namespace, name: 'one' } });
  await client.create(Secret, { metadata: { namespace, name: 'two' } });
  await eventually('both handlers were told', async () => seen.length === 2);
  expect(seen.sort()).toEqual(['ConfigMap one', 'Secret two']);
  expect(byKey(configMaps.lister.list())).toEqual(byKey((await client.list(ConfigMap, { namespace })).items));
  expect(byKey(secrets.lister.list())).toEqual(byKey((await client.list(Secret, { namespace })).items));
});

function ringKind(kind: string) {
  return defineCrd({
    group: 'conformance.example.com',
    version: 'v1',
    kind,
    spec: s.object({ size: s.integer() }),
  });
}

async function establish(Ring: ReturnType<typeof ringKind>): Promise<void> {
  const { client } = world().env;
  const definitions = {
    group: 'apiextensions.k8s.io',
    version: 'v1',
    kind: 'CustomResourceDefinition',
    resource: 'customresourcedefinitions',
    scope: 'Cluster',
  } as const;
  await client.create(definitions, Ring.manifest() as never);
  await eventually('the kind is served', () => client.list(Ring));
}
