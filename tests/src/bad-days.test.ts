import { createServer } from 'node:http';
import { Deployment } from '@bowline/api/apps/v1';
import { ConfigMap, Secret } from '@bowline/api/core/v1';
import type { Draft, KubernetesObject, UnstructuredObject } from '@bowline/apimachinery';
import { FakeClock, RecordingLogger, seededRandom } from '@bowline/apimachinery/testing';
import { ApiServer } from '@bowline/apiserver';
import { createClient, type KubeConfigData } from '@bowline/client';
import { Manager } from '@bowline/controller-runtime';
import { defineCrd, s } from '@bowline/crd';
import { SharedInformerFactory, startInformer } from '@bowline/informer';
import { expect, test } from 'vitest';
import { connectionError, type Fault, refusal } from './faulty-transport.ts';
import { put, startWorld, type World } from './world.ts';

interface BadDay {
  readonly name: string;
  readonly fault: Fault;
  readonly kind: string;
  /** What `status()` says: what is wrong, and what to do. */
  readonly says: string;
}

const badDays: readonly BadDay[] = [
  {
    name: 'an unreachable server',
    fault: () => {
      throw connectionError('ECONNREFUSED');
    },
    kind: 'refused',
    says: 'the connection was refused; is the server running, and is this its address?',
  },
  {
    name: 'a server whose name cannot be resolved',
    fault: () => {
      throw connectionError('ENOTFOUND');
    },
    kind: 'unreachable',
    says: 'its name cannot be resolved; check "server" of the cluster and the DNS',
  },
  {
    name: 'a wrong certificate authority',
    fault: () => {
      throw connectionError('UNABLE_TO_VERIFY_LEAF_SIGNATURE');
    },
    kind: 'certificate',
    says: 'check "certificate-authority-data" or "certificate-authority" of the cluster',
  },
  {
    name: 'an expired token',
    fault: () => refusal(401, 'Unauthorized', 'Unauthorized'),
    kind: 'unauthorized',
    says: 'check that the token or client certificate is there, is meant for this cluster and has not expired',
  },
  {
    name: 'an RBAC denial',
    fault: () =>
      refusal(
        403,
        'Forbidden',
        'configmaps is forbidden: User "jane" cannot list resource "configmaps" in API group "" at the cluster scope',
      ),
    kind: 'forbidden',
    says: 'grant the verbs "list" and "watch" on configmaps',
  },
  {
    name: 'a missing CustomResourceDefinition',
    fault: () => refusal(404, 'NotFound', 'the server could not find the requested resource'),
    kind: 'not-found',
    says: 'install its CustomResourceDefinition, or correct group, version or plural name',
  },
  {
    name: 'a proxy that answers with a page',
    fault: () => ({ status: 502, headers: { 'content-type': 'text/html' }, body: page() }),
    kind: 'internal',
    says: 'it is tried again',
  },
];

async function* page(): AsyncGenerator<Uint8Array> {
  yield new TextEncoder().encode('<html>Bad Gateway</html>');
}

/** When requests were made, in seconds of virtual time. */
function attempts({ transport, clock }: World, fault: Fault): number[] {
  const times: number[] = [];
  transport.fault = (request) => {
    times.push(clock.monotonic());
    return fault(request);
  };
  return times;
}

test.each(badDays)(
  'Informer retries for ever with backoff after $name, says what to do, and recovers',
  async ({ fault, kind, says }) => {
    await using world = await startWorld();
    const { env, clock, transport, client, ports } = world;
    await put(env, 'one', '1');
    await clock.settle();
    const before = clock.pending;
    const times = attempts(world, fault);
    const factory = new SharedInformerFactory(client, ports);
    const informer = factory.informer(ConfigMap);
    factory.start();
    await clock.advance(3_600_000);

    const status = informer.status();
    expect(status).toMatchObject({ synced: false, lastErrorKind: kind, state: 'waiting' });
    expect(status.lastError).toContain(says);
    expect(status.lastError).toContain('configmaps');
    expect(status.lastError).not.toContain('\n');
    // At most 60 s apart, and never in a hurry: an hour has between 60 and 400 attempts.
    expect(times.length).toBeGreaterThan(60);
    expect(times.length).toBeLessThan(400);
    expect(clock.monotonic() - (times.at(-1) ?? 0)).toBeLessThanOrEqual(61_000);

    transport.fault = undefined;
    await clock.advance(61_000);
    expect(informer.status()).toMatchObject({ synced: true, failures: 0, state: 'watching' });
    expect(informer.indexer.keys()).toContain('default/one');
    await factory.shutdown();
    await clock.settle();
    expect(clock.pending).toBe(before);
    expect(transport.watches).toHaveLength(0);
  },
);

test.each(badDays)('Informer keeps what it has through $name in the middle, and catches up', async ({ fault }) => {
  await using world = await startWorld();
  const { env, clock, transport, client, ports } = world;
  await put(env, 'one', '1');
  await using informer = await startInformer(client, ConfigMap, ports);
  await clock.settle();
  transport.fault = fault;
  for (const watch of transport.watches) watch.reset();
  await put(env, 'one', '2');
  await clock.advance(600_000);
  expect(informer.get('default/one')?.data).toEqual({ value: '1' });
  expect(informer.status().failures).toBeGreaterThan(3);
  transport.fault = undefined;
  await clock.advance(61_000);
  expect(informer.get('default/one')?.data).toEqual({ value: '2' });
  expect(transport.watches).toHaveLength(1);
});

test('startInformer gives up after syncTimeoutMs with the cause, and leaves nothing behind', async () => {
  await using world = await startWorld();
  const { clock, transport, client, ports } = world;
  transport.fault = () => refusal(403, 'Forbidden', 'secrets is forbidden: User "jane" cannot list resource "secrets"');
  await clock.settle();
  const before = clock.pending;
  const starting = startInformer(client, Secret, { ...ports, syncTimeoutMs: 30_000 });
  const failure = starting.then(
    () => undefined,
    (error: unknown) => error,
  );
  await clock.advance(30_000);
  expect(await failure).toMatchObject({
    code: 'INFORMER_NOT_SYNCED',
    message: expect.stringContaining('grant the verbs "list" and "watch" on secrets'),
  });
  expect(clock.pending).toBe(before);
});

test('startInformer that is stopped while it syncs leaves nothing behind', async () => {
  await using world = await startWorld();
  const { clock, transport, client, ports } = world;
  await clock.settle();
  const before = clock.pending;
  // An answer that never comes.
  transport.request = ({ signal }) =>
    new Promise((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason), { once: true }));
  const stop = new AbortController();
  const starting = startInformer(client, ConfigMap, { ...ports, signal: stop.signal });
  const failure = starting.then(
    () => undefined,
    (error: unknown) => error,
  );
  await clock.advance(2_000);
  stop.abort();
  expect(await failure).toMatchObject({ code: 'INFORMER_NOT_SYNCED' });
  await clock.settle();
  expect(clock.pending).toBe(before);
});

const Widget = defineCrd({
  group: 'tests.example.com',
  version: 'v1',
  kind: 'Widget',
  spec: s.object({ size: s.integer() }),
});

test.each([
  { name: 'a missing CustomResourceDefinition', fault: undefined, cause: 'install its CustomResourceDefinition' },
  { name: 'an unreachable server', fault: badDays[0]?.fault, cause: 'is the server running, and is this its address?' },
  { name: 'an expired token', fault: badDays[3]?.fault, cause: 'has not expired' },
])('Manager.run rejects only after cacheSyncTimeoutMs, with kind and cause, on $name', async ({ fault, cause }) => {
  await using world = await startWorld();
  const { clock, transport, kubeConfig } = world;
  transport.fault = fault;
  await clock.settle();
  const before = clock.pending;
  const manager = new Manager({ kubeConfig, cacheSyncTimeoutMs: 90_000 });
  manager
    .controller(Widget)
    .owns(Deployment)
    .reconcile(async () => {});
  let ended = false;
  const running = manager.run(new AbortController().signal).then(
    () => undefined,
    (error: unknown) => error,
  );
  void running.then(() => {
    ended = true;
  });
  await clock.advance(89_999);
  expect(ended).toBe(false);
  await clock.advance(60_000);
  expect(ended).toBe(true);
  const error = (await running) as Error;
  expect(error).toMatchObject({ code: 'CONTROLLER_RUNTIME_CACHE_SYNC_TIMEOUT' });
  expect(error.message.toLowerCase()).toContain('widget');
  expect(error.message).toContain(cause);
  expect(error.message).not.toContain('\n');
  expect(clock.pending).toBe(before);
  expect(transport.watches).toHaveLength(0);
});

test('Manager starts when the CustomResourceDefinition comes before cacheSyncTimeoutMs', async () => {
  await using world = await startWorld();
  const { env, clock, kubeConfig } = world;
  const seen: string[] = [];
  const manager = new Manager({ kubeConfig });
  manager.controller(Widget).reconcile(async ({ key }) => void seen.push(key.name));
  const stop = new AbortController();
  const running = manager.run(stop.signal);
  await clock.advance(60_000);
  const definitions = {
    group: 'apiextensions.k8s.io',
    version: 'v1',
    kind: 'CustomResourceDefinition',
    resource: 'customresourcedefinitions',
    scope: 'Cluster',
  } as const;
  await env.client.create(definitions, Widget.manifest() as object as Draft<UnstructuredObject>);
  await clock.advance(1_000);
  await env.client.create(Widget, { metadata: { namespace: 'default', name: 'one' }, spec: { size: 1 } });
  await clock.advance(60_000);
  expect(seen).toContain('one');
  stop.abort();
  await clock.advance(30_000);
  await running;
});

test('Manager that runs already goes on through a bad day and does not end', async () => {
  await using world = await startWorld();
  const { env, clock, transport, kubeConfig } = world;
  const seen: string[] = [];
  const manager = new Manager({ kubeConfig, cacheSyncTimeoutMs: 10_000 });
  manager.controller(ConfigMap).reconcile(async ({ key }) => void seen.push(key.name));
  const stop = new AbortController();
  const running = manager.run(stop.signal);
  await clock.advance(1_000);
  transport.fault = badDays[0]?.fault;
  for (const watch of transport.watches) watch.reset();
  await put(env, 'during', '1');
  await clock.advance(600_000);
  expect(seen).not.toContain('during');
  transport.fault = undefined;
  await clock.advance(61_000);
  expect(seen).toContain('during');
  stop.abort();
  await clock.advance(30_000);
  await running;
  expect(transport.watches).toHaveLength(0);
});

test('No token and no Secret data appear in errors, logs or status', async () => {
  const clock = new FakeClock();
  const [random, logger] = [seededRandom(1), new RecordingLogger()];
  const server = new ApiServer({ clock, random }, { tokens: { 'good-token-1234': { name: 'jane' } } });
  await server.start();
  const config = (token: string): KubeConfigData => ({
    cluster: { server: 'http://embedded.invalid' },
    user: { token },
    ports: { transport: { request: server.handle.bind(server) }, clock, random, logger },
  });
  const good = createClient(config('good-token-1234'));
  const hidden = Buffer.from('hidden-value').toString('base64');
  await good.create(Secret, { metadata: { namespace: 'default', name: 'one' }, data: { key: hidden } });
  const texts: string[] = [];
  const tell = (error: unknown): void => {
    for (let each = error; each instanceof Error; each = each.cause)
      texts.push(each.message, String(each.stack), JSON.stringify(each), JSON.stringify({ ...each }));
  };

  const stale = createClient(config('expired-token-5678'));
  await stale.list(Secret).catch(tell);
  const ports = { clock, random, logger };
  const factory = new SharedInformerFactory(stale, ports);
  const informer = factory.informer(Secret);
  factory.start();
  await clock.advance(120_000);
  expect(informer.status()).toMatchObject({ synced: false, lastErrorKind: 'unauthorized' });
  texts.push(JSON.stringify(informer.status()), JSON.stringify(factory.status()));
  await factory.shutdown();

  await using secrets = await startInformer(good, Secret, {
    ...ports,
    indexes: {
      broken: (secret: KubernetesObject) => {
        throw new Error(`no index for ${secret.metadata.name}`);
      },
    },
    handler: {
      onAdd: () => {
        throw new Error('a handler failed');
      },
    },
  });
  await good.create(Secret, { metadata: { namespace: 'default', name: 'one' }, data: { key: hidden } }).catch(tell);
  await good.update(Secret, { metadata: { namespace: 'default', name: 'none' }, data: { key: hidden } }).catch(tell);
  const bad = { metadata: { namespace: 'default', name: 'one' }, type: 'kubernetes.io/tls', data: { key: hidden } };
  await good.create(Secret, { ...bad, metadata: { namespace: 'default', name: 'two' } }).catch(tell);
  await clock.advance(1_000);
  texts.push(JSON.stringify(secrets.status()), JSON.stringify(config('good-token-1234').cluster));
  const { inspect } = await import('node:util');
  texts.push(inspect(good, { depth: 10 }), inspect(secrets.status(), { depth: 10 }));
  for (const line of logger.lines) texts.push(inspect(line, { depth: 10 }));
  expect(texts.length).toBeGreaterThan(15);
  expect(logger.lines.length).toBeGreaterThan(0);
  for (const text of texts)
    expect(text).not.toMatch(/good-token-1234|expired-token-5678|hidden-value|aGlkZGVuLXZhbHVl/);
  await secrets[Symbol.asyncDispose]();
  await server.close();
});

test('Client says what is wrong over a real connection that nobody accepts', async () => {
  const probe = createServer();
  const port = await new Promise<number>((resolve) =>
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      resolve(typeof address === 'object' && address !== null ? address.port : 0);
    }),
  );
  await new Promise((resolve) => probe.close(resolve));
  await using client = createClient({
    cluster: { server: `http://127.0.0.1:${port}` },
    user: { token: 'sealed-token' },
  });
  const error = await client.list(ConfigMap, { timeoutMs: 2_000 }).then(
    () => undefined,
    (failure: unknown) => failure,
  );
  expect(error).toBeInstanceOf(Error);
  expect(String((error as Error).message)).toContain(`127.0.0.1:${port}`);
  expect(String((error as Error).message)).not.toContain('sealed-token');
});
