import { defineKind, silentLogger, systemClock } from '@bowline/apimachinery';
import { FakeClock, RecordingMetrics, seededRandom } from '@bowline/apimachinery/testing';
import { createClient } from '@bowline/client';
import { expect, test } from 'vitest';
import { Cache } from './cache/cache.ts';
import { CachedClient } from './cached-client.ts';
import { FakeCluster } from './fake-cluster.ts';
import type { LiveClient } from './live-client.ts';
import { Manager } from './manager.ts';

// What plain JavaScript can call, whatever the types say.
type Verbs = Record<string, (...given: unknown[]) => unknown>;

const App = defineKind({
  group: 'example.com',
  version: 'v1',
  kind: 'App',
  resource: 'apps',
  scope: 'Namespaced',
  subresources: ['status', 'scale'],
});
const key = { namespace: 'default', name: 'web' };
const draft = { metadata: key };
const owner = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { namespace: 'default', name: 'a', uid: '1' } };
const patch = { type: 'merge', body: {} };

/** A client of a cache that runs nowhere, and of a server that nothing may reach. */
function setup(live: LiveClient) {
  const informers = {
    create(): never {
      throw new Error('nothing is watched here');
    },
  };
  const waitSeconds = new RecordingMetrics().histogram({ name: 'wait', help: '' });
  const ports = { informers, clock: systemClock, random: seededRandom(1), waitSeconds };
  const cache = new Cache(ports, { syncTimeoutMs: 1 });
  return { cache, client: new CachedClient({ live, cache }) as unknown as Verbs };
}

async function failureOf(call: () => unknown): Promise<Error> {
  try {
    await call();
  } catch (error) {
    return error as Error;
  }
  throw new Error('nothing was thrown');
}

/** The verb, what it is given, and what it says. */
const rows: [verb: string, given: unknown[], message: string][] = [
  ['get', [], 'Cannot get: resource must be a kind, or { group, version, resource, scope }, got undefined'],
  ['get', ['apps', key], 'Cannot get: resource must be a kind, or { group, version, resource, scope }, got "apps"'],
  ['get', [{ ...App, scope: 'Everywhere' }, key], 'Cannot get: resource must be a kind'],
  ['get', [App], 'Cannot get apps: key must be { namespace, name }, got undefined'],
  ['get', [App, ''], 'Cannot get apps: key must be { namespace, name }, got ""'],
  ['get', [App, 'default/web'], 'Cannot get apps: key must be { namespace, name }, got "default/web"'],
  ['get', [App, {}], 'Cannot get apps: name must be a non-empty string, got undefined'],
  ['get', [App, { name: '' }], 'Cannot get apps: name must be a non-empty string, got ""'],
  ['get', [App, { name: 'a', namespace: 5 }], 'Cannot get apps: namespace must be a string, got 5'],
  ['get', [App, key, null], 'Cannot get apps: options must be an object, got null'],
  ['get', [App, key, { consistent: 'live' }], 'got "consistent"; did you mean "consistency"?'],
  [
    'get',
    [App, key, { consistency: 'fresh' }],
    'Cannot get apps: consistency must be "cached", "own-writes" or "live", got "fresh"',
  ],
  ['get', [App, key, { signal: 5 }], 'Cannot get apps: signal must be an AbortSignal, got 5'],
  [
    'get',
    [App, key, { resourceVersion: '5' }],
    'Cannot get apps from the cache: resourceVersion must be absent with consistency \'own-writes\', got "5"',
  ],
  [
    'get',
    [App, key, { consistency: 'live', timeoutMs: 0 }],
    'Cannot get apps: timeoutMs must be more than 0 and finite, got 0',
  ],
  ['list', [], 'Cannot list: resource must be a kind'],
  ['list', [App, 'default'], 'Cannot list apps: options must be an object, got "default"'],
  ['list', [App, { labelselector: 'a' }], 'got "labelselector"; did you mean "labelSelector"?'],
  ['list', [App, { namespace: 5 }], 'Cannot list apps: namespace must be a string, got 5'],
  [
    'list',
    [App, { labelSelector: { app: 'web' } }],
    'Cannot list apps: labelSelector must be a string or a LabelSelector',
  ],
  ['list', [App, { fieldSelector: 5 }], 'Cannot list apps: fieldSelector must be a string or a FieldSelector'],
  ['list', [App, { limit: 0 }], 'Cannot list apps: limit must be a whole number, 1 or more, got 0'],
  [
    'list',
    [App, { consistency: 'cached', shardSelector: 'a' }],
    'Cannot list apps from the cache: shardSelector must be absent with consistency \'cached\', got "a"',
  ],
  ['pages', [], 'Cannot list: resource must be a kind'],
  ['pages', [App, { limit: -1 }], 'Cannot list apps: limit must be a whole number, 1 or more, got -1'],
  ['watch', [], 'Cannot watch: resource must be a kind'],
  ['watch', [App, { timeout: 5 }], 'got "timeout"; did you mean "timeoutSeconds"?'],
  ['create', [], 'Cannot create: resource must be a kind'],
  ['create', [App], 'Cannot create apps: object must be an object with metadata, got undefined'],
  ['create', [App, { name: 'web' }], 'Cannot create apps: object must be an object with metadata, got an object'],
  ['create', [App, draft, 'x'], 'Cannot create apps: options must be an object, got "x"'],
  ['create', [App, draft, { dryrun: true }], 'got "dryrun"; did you mean "dryRun"?'],
  ['create', [App, draft, { controller: {} }], 'Cannot create apps: controller must be an object as it was read'],
  ['update', [App, null], 'Cannot update apps: object must be an object with metadata, got null'],
  [
    'update',
    [App, draft, { controller: owner }],
    'Cannot update apps: options must have known names, got "controller"',
  ],
  ['patch', [App], 'Cannot patch apps: key must be { namespace, name }, got undefined'],
  ['patch', [App, key], 'Cannot patch apps: patch must be an object, got undefined'],
  ['patch', [App, key, { type: 'merge' }], 'Cannot patch apps: patch.body must be an object, got undefined'],
  ['patch', [App, key, patch, { force: true }], 'Cannot patch apps: options must have known names, got "force"'],
  ['apply', [App], 'Cannot apply apps: object must be an object with metadata, got undefined'],
  ['apply', [App, draft, { force: 'yes' }], 'Cannot apply apps: force must be true or false, got "yes"'],
  ['delete', [App], 'Cannot delete apps: key must be { namespace, name }, got undefined'],
  [
    'delete',
    [App, key, { propagationPolicy: 'background' }],
    'propagationPolicy must be "Foreground", "Background" or "Orphan"',
  ],
  ['deleteCollection', [], 'Cannot delete collection of: resource must be a kind'],
  ['deleteCollection', [App, { namespaces: 'a' }], 'got "namespaces"; did you mean "namespace"?'],
  ['updateStatus', [App], 'Cannot update status of apps: object must be an object with metadata, got undefined'],
  ['patchStatus', [App, '', patch], 'Cannot patch status of apps: key must be { namespace, name }, got ""'],
  ['applyStatus', [App, key], 'Cannot apply status of apps: status must be an object, got undefined'],
  ['applyStatus', [App, key, {}, { controller: owner }], 'options must have known names, got "controller"'],
  ['getScale', [], 'Cannot get scale of: resource must be a kind'],
  ['getScale', [App, {}], 'name must be a non-empty string, got undefined'],
  ['updateScale', [App, key], 'Cannot update scale of apps: scale must be an object, got undefined'],
  ['patchScale', [App, key, { body: {} }], 'patch.type must be "json", "merge" or "strategic", got undefined'],
  ['getSubresource', [undefined], 'Cannot get subresource of: resource must be a kind'],
  [
    'createSubresource',
    [App, key, 'eviction'],
    'Cannot create eviction of apps: body must be an object, got undefined',
  ],
  [
    'createSubresource',
    [App, key, 'eviction', {}, null],
    'Cannot create subresource of apps: options must be an object',
  ],
  ['raw', [], 'Cannot send request: request must be an object, got undefined'],
  [
    'raw',
    [{ path: 'version' }],
    'Cannot send request: request.path must be a path that begins with "/", got "version"',
  ],
  ['with', [], 'Cannot make client with defaults: defaults must be an object, got undefined'],
  ['with', [{ fieldmanager: 'a' }], 'got "fieldmanager"; did you mean "fieldManager"?'],
  ['bind', [{}], 'Cannot bind client: scope.signal must be an AbortSignal, got undefined'],
];

const titled = rows.map(([verb, given, message]) => [verb, message, given] as const);

test.each(titled)('CachedClient.%s says: %s', async (verb, message, given) => {
  const transport = {
    request(): never {
      throw new Error('a wrong call was sent');
    },
  };
  const live = createClient({ cluster: { server: 'https://host' } }, { transport, logger: silentLogger });
  const { client } = setup(live);
  const error = await failureOf(() => client[verb]?.(...given));
  expect(error.message).toContain(message);
  expect([TypeError, RangeError]).toContain(error.constructor);
});

test('CachedClient does not ask the server about a write that was refused for a wrong argument', async () => {
  const cluster = new FakeCluster();
  const clock = new FakeClock();
  const manager = new Manager({ client: cluster, clock, random: seededRandom(1), logger: silentLogger });
  manager.cache.informer(App);
  cluster.server.put(App, draft);
  const stop = new AbortController();
  const running = manager.run(stop.signal);
  await clock.settle();
  for (const refusal of [new TypeError('Cannot update apps'), new RangeError('Cannot update apps')]) {
    cluster.loseNextAnswer(refusal);
    await expect(manager.client.update(App, draft)).rejects.toBe(refusal);
  }
  const reading = manager.client.get(App, key);
  await clock.settle();
  expect(await reading).toMatchObject(draft);
  expect(cluster.reads).toEqual([]);
  // A call that its caller ended may have been carried out, whatever the reason was.
  const ended = AbortSignal.abort(new TypeError('enough'));
  cluster.loseNextAnswer(ended.reason);
  await expect(manager.client.update(App, draft, { signal: ended })).rejects.toBe(ended.reason);
  await manager.client.get(App, key);
  expect(cluster.reads).toEqual(['get apps default/web']);
  stop.abort();
  await clock.advance(60_000);
  await running;
});
