import { Deployment } from '@bowline/api/apps/v1';
import { FakeClock } from '@bowline/apimachinery/testing';
import { describe, expect, test } from 'vitest';
import type { Client } from './client.ts';
import { loadKubeConfig } from './config/load-kube-config.ts';
import { createTransport } from './config/resolve-config.ts';
import { createClient } from './create-client.ts';
import { FakeTransport } from './fake-transport.ts';

// What plain JavaScript can call, whatever the types say.
const make = createClient as unknown as (...given: unknown[]) => Client;
const server = 'https://host:6443';
const key = { namespace: 'a', name: 'b' };
type Verbs = Record<string, (...given: unknown[]) => unknown>;

/** What a call throws or rejects with. */
async function failureOf(call: () => unknown): Promise<Error> {
  try {
    await call();
  } catch (error) {
    return error as Error;
  }
  throw new Error('Nothing was thrown');
}

describe('createClient', () => {
  test.each([
    ['nothing', [], /config must be what loadKubeConfig\(\) gives, .*\{ cluster: \{ server \} \}, got undefined$/],
    ['null', [null], /config must be .*, got null$/],
    ['a string', ['x'], /config must be .*, got "x"$/],
    ['an array', [[]], /config must be .*, got an array$/],
    ['a promise', [Promise.resolve({})], /got a promise; await loadKubeConfig\(\) first$/],
    ['an empty object', [{}], /cluster must be an object with a server, got undefined$/],
    ['an empty cluster', [{ cluster: {} }], /cluster\.server must be an http:\/\/ or https:\/\/ URL.*, got undefined$/],
    ['a number', [{ cluster: { server: 5 } }], /cluster\.server must be .*, got 5$/],
    ['no scheme', [{ cluster: { server: 'host:6443' } }], /got "host:6443"; did you mean "https:\/\/host:6443"\?$/],
    ['a raw kubeconfig', [{ clusters: [], users: [] }], /got the content of a kubeconfig; use loadKubeConfig\(\{ text/],
    ['a typo', [{ cluster: { server, caData: 'x' } }], /cluster must have known names, got "caData"/],
    ['a dashed name', [{ cluster: { server, 'insecure-skip-tls-verify': true } }], /mean "insecureSkipTlsVerify"\?$/],
    ['a wrong user', [{ cluster: { server }, user: 'me' }], /user must be an object, got "me"$/],
    ['a user typo', [{ cluster: { server }, user: { Token: 'x' } }], /got "Token"; did you mean "token"\?$/],
    ['an empty exec', [{ cluster: { server }, user: { exec: {} } }], /user\.exec\.command must be a non-empty string/],
    [
      'no impersonated',
      [{ cluster: { server }, user: { impersonate: { groups: ['a'] } } }],
      /impersonate\.user must be/,
    ],
    [
      'no transport',
      [{ cluster: { server }, ports: { transport: {} } }],
      /ports\.transport must be a transport \(an obj/,
    ],
    ['transport: {}', [{ cluster: { server } }, { transport: {} }], /transport must be a transport .*got an object$/],
    ['a clock', [{ cluster: { server } }, { clock: Date }], /clock must be a clock/],
    ['an option typo', [{ cluster: { server } }, { timeout: 5 }], /got "timeout"; did you mean "timeoutMs"\?$/],
    ['options', [{ cluster: { server } }, 5], /options must be an object, got 5$/],
    [
      'userAgent: empty',
      [{ cluster: { server } }, { userAgent: '' }],
      /userAgent must be a non-empty string of printable/,
    ],
    ['userAgent: lines', [{ cluster: { server } }, { userAgent: 'a\r\nb: c' }], /userAgent must be .*printable ASCII/],
    ['timeoutMs: NaN', [{ cluster: { server } }, { timeoutMs: Number.NaN }], /timeoutMs must be more than 0.*got NaN$/],
    ['rateLimit', [{ cluster: { server } }, { rateLimit: { qps: 5 } }], /rateLimit\.burst must be .*got undefined$/],
    ['onWarning', [{ cluster: { server } }, { onWarning: true }], /onWarning must be a function, got true$/],
  ])(
    'createClient says which field is wrong, what it must be and what it is: %s (Early errors)',
    async (_, given, message) => {
      const error = await failureOf(() => make(...given));
      expect(['TypeError', 'RangeError']).toContain(error.name);
      expect(error.message).toMatch(/^Cannot create client: /);
      expect(error.message).toMatch(message);
    },
  );

  test.each([
    { user: { token: { value: 's3cret' } } },
    { user: { password: ['s3cret'] } },
    { user: { exec: { apiVersion: 'v1', command: 'x', env: { KEY: { value: 's3cret' } } } } },
    { cluster: { server: 'https://me:s3cret@host' } },
    { cluster: { server: 'https://me:s3cr@et:s3cret@host' } },
    { cluster: { server, proxyUrl: 'ftp://me:s3cret@proxy' } },
    { cluster: { server, proxyUrl: ['s3cret'] } },
  ])('createClient shows no credential when it refuses %j (No secrets)', async (config) => {
    const error = await failureOf(() => make({ cluster: { server }, ...config }));
    expect(error.message).toMatch(/^Cannot create client: /);
    expect(error.message).not.toContain('s3cr');
  });

  test('createTransport and loadKubeConfig check their arguments as well', async () => {
    const transport = createTransport as unknown as (...given: unknown[]) => unknown;
    expect(() => transport()).toThrow('Cannot create client: config must be');
    expect(() => transport({ cluster: { server } }, { http3: true })).toThrow('did you mean "http2"?');
    const load = loadKubeConfig as unknown as (...given: unknown[]) => Promise<unknown>;
    await expect(load('~/.kube/config')).rejects.toThrow('Cannot load kubeconfig: options must be an object');
    await expect(load({ file: 'x' })).rejects.toThrow(
      'Cannot load kubeconfig: options must have known names, got "file"',
    );
    await expect(load({ path: '' })).rejects.toThrow('Cannot load kubeconfig: path must be a non-empty string, got ""');
    await expect(load({ path: 'a', text: 'b' })).rejects.toThrow('text must be absent where a path is given');
  });
});

describe('Client', () => {
  const calls: [string, (client: Verbs) => unknown, RegExp][] = [
    ['no kind', (c) => c.get?.(), /^Cannot get: resource must be a kind like Deployment .*, got undefined$/],
    ['a name as kind', (c) => c.list?.('pods'), /^Cannot list: resource must be .*, got "pods"$/],
    [
      'half a resource',
      (c) => c.list?.({ resource: 'pods' }),
      /^Cannot list: resource\.group must be .*got undefined$/,
    ],
    [
      'no key',
      (c) => c.get?.(Deployment),
      /^Cannot get deployments: key must be \{ namespace, name \}, got undefined$/,
    ],
    ['a text as key', (c) => c.get?.(Deployment, 'a/b'), /key must be \{ namespace, name \}, got "a\/b"$/],
    ['a number as name', (c) => c.get?.(Deployment, { name: 5 }), /name must be a non-empty string, got 5$/],
    [
      'an empty name',
      (c) => c.delete?.(Deployment, { namespace: 'a', name: '' }),
      /name must be a non-empty string, got ""$/,
    ],
    [
      'a number as namespace',
      (c) => c.get?.(Deployment, { name: 'b', namespace: 1 }),
      /namespace must be a string, got 1$/,
    ],
    ['get: typo', (c) => c.get?.(Deployment, key, { timeout: 1 }), /got "timeout"; did you mean "timeoutMs"\?$/],
    [
      'get: signal',
      (c) => c.get?.(Deployment, key, { signal: new AbortController() }),
      /signal must be an AbortSignal/,
    ],
    ['get: timeoutMs', (c) => c.get?.(Deployment, key, { timeoutMs: '5' }), /timeoutMs must be more than 0.*got "5"$/],
    [
      'get: version',
      (c) => c.get?.(Deployment, key, { resourceVersion: 7 }),
      /resourceVersion must be a string, got 7$/,
    ],
    [
      'list: selector',
      (c) => c.list?.(Deployment, { labelSelector: { app: 'x' } }),
      /labelSelector must be a string like "app=web" or/,
    ],
    ['list: limit', (c) => c.list?.(Deployment, { limit: 1.5 }), /limit must be a whole number, 1 or more, got 1\.5$/],
    [
      'list: match',
      (c) => c.list?.(Deployment, { resourceVersionMatch: 'exact' }),
      /must be "Exact" or "NotOlderThan", got "exact"$/,
    ],
    ['pages: typo', (c) => c.pages?.(Deployment, { namespaces: 'a' }), /did you mean "namespace"\?$/],
    ['watch: typo', (c) => c.watch?.(Deployment, { labelselector: 'a' }), /did you mean "labelSelector"\?$/],
    [
      'watch: timeout',
      (c) => c.watch?.(Deployment, { timeoutSeconds: Number.NaN }),
      /timeoutSeconds must be .*got NaN$/,
    ],
    [
      'create: nothing',
      (c) => c.create?.(Deployment),
      /^Cannot create deployments: object must be an object, got undefined$/,
    ],
    ['create: no metadata', (c) => c.create?.(Deployment, {}), /object\.metadata must be an object, got undefined$/],
    ['create: dryrun', (c) => c.create?.(Deployment, { metadata: key }, { dryrun: true }), /did you mean "dryRun"\?$/],
    [
      'create: dryRun',
      (c) => c.create?.(Deployment, { metadata: key }, { dryRun: 'All' }),
      /dryRun must be true or false, got "All"$/,
    ],
    [
      'create: owner',
      (c) => c.create?.(Deployment, { metadata: key }, { controller: {} }),
      /controller must be an object as it was read/,
    ],
    [
      'update: name',
      (c) => c.update?.(Deployment, { metadata: { name: 1 } }),
      /object\.metadata\.name must be a string, got 1$/,
    ],
    ['update: mode', (c) => c.update?.(Deployment, { metadata: key }, { fieldValidation: 'strict' }), /got "strict"$/],
    [
      'patch: nothing',
      (c) => c.patch?.(Deployment, key),
      /^Cannot patch deployments: patch must be an object, got undefined$/,
    ],
    [
      'patch: no body',
      (c) => c.patch?.(Deployment, key, { type: 'merge' }),
      /patch\.body must be an object, got undefined$/,
    ],
    [
      'patch: no type',
      (c) => c.patch?.(Deployment, key, { body: {} }),
      /patch\.type must be "json", "merge" or "strategic", got undefined$/,
    ],
    ['patch: bare', (c) => c.patch?.(Deployment, key, { spec: {} }), /patch must have known names, got "spec"/],
    [
      'patch: json',
      (c) => c.patch?.(Deployment, key, { type: 'json', body: {} }),
      /patch\.body must be an array of operations/,
    ],
    ['apply: typo', (c) => c.apply?.(Deployment, { metadata: key }, { forced: true }), /did you mean "force"\?$/],
    ['applyStatus', (c) => c.applyStatus?.(Deployment, key, 5), /status must be an object, got 5$/],
    [
      'delete: grace',
      (c) => c.delete?.(Deployment, key, { gracePeriodSeconds: Number.NaN }),
      /gracePeriodSeconds must be a whole number, 0 or more, got NaN$/,
    ],
    ['delete: policy', (c) => c.delete?.(Deployment, key, { propagationPolicy: 'foreground' }), /got "foreground"$/],
    [
      'delete: preconditions',
      (c) => c.delete?.(Deployment, key, { preconditions: { UID: 'x' } }),
      /did you mean "uid"\?$/,
    ],
    [
      'deleteCollection',
      (c) => c.deleteCollection?.(Deployment, { namespace: 5 }),
      /namespace must be a string, got 5$/,
    ],
    [
      'updateStatus',
      (c) => c.updateStatus?.(Deployment),
      /^Cannot update status of deployments: object must be an object/,
    ],
    [
      'patchStatus',
      (c) => c.patchStatus?.(Deployment, key, 'x'),
      /^Cannot patch status of deployments: patch must be an object/,
    ],
    ['updateScale', (c) => c.updateScale?.(Deployment, key), /scale must be an object, got undefined$/],
    ['createSubresource', (c) => c.createSubresource?.(Deployment, key, 'x'), /body must be an object, got undefined$/],
    ['raw', (c) => c.raw?.(), /^Cannot send request: request must be an object, got undefined$/],
    ['raw: no path', (c) => c.raw?.({}), /request\.path must be a path that begins with "\/", got undefined$/],
    ['raw: method', (c) => c.raw?.({ path: '/', method: 'get' }), /request\.method must be "GET".*got "get"$/],
    ['raw: body', (c) => c.raw?.({ path: '/', method: 'POST', body: {} }), /request\.body must be a string or bytes/],
    [
      'listItems: nothing',
      (c) => c.listItems?.(),
      /^Cannot list items: resource must be \{ group, version, resource \}/,
    ],
    ['listItems: no call', (c) => c.listItems?.(Deployment), /^Cannot list items: call must be/],
    ['listItems: a typo', (c) => c.listItems?.(Deployment, { lmit: 5 }), /did you mean "limit"\?$/],
    [
      'listItems: limit',
      (c) => c.listItems?.(Deployment, { limit: Number.NaN }),
      /^Cannot list items: call\.limit must be/,
    ],
    [
      'listItems: selector',
      (c) => c.listItems?.({ ...Deployment, labelSelector: 5 }, {}),
      /resource\.labelSelector must be/,
    ],
    ['watchItems: a typo', (c) => c.watchItems?.(Deployment, { timeoutSecs: 5 }), /did you mean "timeoutSeconds"\?$/],
    [
      'with',
      (c) => c.with?.({ fieldmanager: 'x' }),
      /^Cannot make client with defaults: .*did you mean "fieldManager"\?$/,
    ],
  ];

  test.each(calls)(
    'Client says which argument is wrong, before anything is sent: %s (Early errors)',
    async (_, call, message) => {
      const transport = new FakeTransport();
      const client = createClient({ cluster: { server } }, { transport, clock: new FakeClock() });
      const error = await failureOf(() => call(client as unknown as Verbs));
      expect(['TypeError', 'RangeError']).toContain(error.name);
      expect(error.message).toMatch(message);
      expect(error.message).toMatch(/^Cannot /);
      expect(transport.requests).toEqual([]);
    },
  );

  test('Client says that the server speaks HTTPS when it is asked in plain HTTP (Plain words)', async () => {
    const transport = new FakeTransport();
    const client = createClient({ cluster: { server: 'http://host:6443' } }, { transport, clock: new FakeClock() });
    const asking = failureOf(() => client.list(Deployment));
    (await transport.next()).respond({ status: 400, body: 'Client sent an HTTP request to an HTTPS server.\n' });
    expect(await asking).toMatchObject({
      code: 'CLIENT_BAD_RESPONSE',
      message: 'Cannot reach "http://host:6443": it speaks HTTPS; "server" should begin with https://',
    });
  });

  test('Client passes a shard selector on', async () => {
    const transport = new FakeTransport();
    const client = createClient({ cluster: { server } }, { transport, clock: new FakeClock() });
    const shardSelector = "shardRange(object.metadata.uid, '0x0', '0x8')";
    void client.watch(Deployment, { shardSelector }).next();
    expect(decodeURIComponent((await transport.next()).request.path)).toContain(`shardSelector=${shardSelector}`);
  });
});

describe('Client, before anything is sent', () => {
  const nodes = { group: '', version: 'v1', resource: 'nodes', kind: 'Node', scope: 'Cluster' } as const;
  const webs = { group: 'example.com', version: 'v1', resource: 'webs', kind: 'Web', scope: 'Namespaced' } as const;
  const signal = new AbortController().signal;
  const [namespace, name] = ['default', 'a'];
  const bad = { metadata: { namespace, name }, spec: { n: Number.NaN } };

  test.each<[string, (client: Client) => unknown]>([
    ['list', (client) => client.list(nodes, { namespace })],
    ['pages', (client) => client.pages(nodes, { namespace })],
    ['watch', (client) => client.watch(nodes, { namespace })],
    ['deleteCollection', (client) => client.deleteCollection(nodes, { namespace })],
    ['get', (client) => client.get(nodes, { namespace, name })],
    ['listItems', (client) => client.listItems({ ...nodes, namespace }, { signal })],
    [
      'watchItems',
      (client) =>
        client.watchItems(
          { ...nodes, namespace },
          { signal, resourceVersion: '', allowWatchBookmarks: true, timeoutSeconds: 1 },
        ),
    ],
  ])('Client.%s refuses a namespace for what lives in none (Early errors)', async (_, call) => {
    const transport = new FakeTransport();
    const client = createClient({ cluster: { server } }, { transport });
    const error = await failureOf(() => call(client));
    expect(error).toBeInstanceOf(TypeError);
    expect(error.message).toContain('namespace must be absent for a cluster-scoped resource, got "default"');
    expect(transport.requests).toHaveLength(0);
  });

  test.each<[string, string, (client: Client) => unknown]>([
    ['create', 'create Web "default/a": spec.n', (client) => client.create(webs, bad)],
    ['update', 'update Web "default/a": spec.n', (client) => client.update(webs, bad)],
    ['updateStatus', 'update status of Web "default/a": spec.n', (client) => client.updateStatus(webs, bad)],
    ['apply', 'apply Web "default/a": spec.n', (client) => client.apply(webs, bad)],
    [
      'patch',
      'patch Web "default/a": spec.n',
      (client) => client.patch(webs, { namespace, name }, { type: 'merge', body: { spec: bad.spec } }),
    ],
    [
      'createSubresource',
      'create eviction of Web "default/a": n',
      (client) => client.createSubresource(webs, { namespace, name }, 'eviction', bad.spec),
    ],
  ])('Client.%s refuses what JSON cannot hold (Early errors)', async (_, what, call) => {
    const transport = new FakeTransport();
    const client = createClient({ cluster: { server } }, { transport });
    const error = await failureOf(() => call(client));
    expect(error).toBeInstanceOf(TypeError);
    expect(error.message).toBe(`Cannot ${what} must be a finite number, got NaN`);
    expect(transport.requests).toHaveLength(0);
  });
});
