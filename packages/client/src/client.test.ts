import { getEventListeners } from 'node:events';
import { inspect } from 'node:util';
import type { Scale } from '@bowline/api/autoscaling/v1';
import {
  createMergePatch,
  defineKind,
  type Item,
  type KubernetesObject,
  type StatusError,
  type UnstructuredObject,
} from '@bowline/apimachinery';
import { FakeClock } from '@bowline/apimachinery/testing';
import { describe, expect, expectTypeOf, test } from 'vitest';
import type { Client } from './client.ts';
import { createClient } from './create-client.ts';
import { type FakeAnswer, FakeTransport } from './fake-transport.ts';
import type { ClientOptions } from './options.ts';

interface Web extends KubernetesObject {
  readonly spec?: {
    readonly replicas: number;
    readonly hosts?: readonly { readonly name: string; readonly port: number }[];
  };
  readonly status?: { readonly ready: number; readonly phase: string };
}
const Web = defineKind<Web>({
  group: 'example.com',
  version: 'v1',
  kind: 'Web',
  resource: 'webs',
  scope: 'Namespaced',
});
const Zone = defineKind({ group: 'example.com', version: 'v1', kind: 'Zone', resource: 'zones', scope: 'Cluster' });
const dynamic = { group: '', version: 'v1', resource: 'pods', scope: 'Namespaced' } as const;

const root = '/apis/example.com/v1/namespaces/default/webs';
const key = { namespace: 'default', name: 'a' };
const meta = {
  name: 'a',
  namespace: 'default',
  uid: 'u1',
  resourceVersion: '7',
  creationTimestamp: '2026-01-01T00:00:00Z',
};
const web: Web = { apiVersion: 'example.com/v1', kind: 'Web', metadata: meta, spec: { replicas: 1 } };

interface Bench {
  readonly client: Client;
  readonly transport: FakeTransport;
  readonly clock: FakeClock;
}

function bench(options: ClientOptions = {}): Bench {
  const transport = new FakeTransport();
  const clock = new FakeClock();
  return {
    client: createClient(
      { cluster: { server: 'https://fake' } },
      { transport, clock, userAgent: 'tests/1', ...options },
    ),
    transport,
    clock,
  };
}

interface Sent {
  readonly line: string;
  readonly contentType: string | undefined;
  readonly body: unknown;
  readonly result: unknown;
}

/** What one call sends, and what it gives when it is answered. */
async function sent(
  call: (client: Client) => Promise<unknown>,
  answer: FakeAnswer = { body: web },
  options?: ClientOptions,
): Promise<Sent> {
  const { client, transport, clock } = bench(options);
  const calling = call(client);
  calling.catch(() => {});
  const exchange = await transport.next();
  const { method, path, headers } = exchange.request;
  const body = exchange.json();
  exchange.respond(answer);
  const result = await calling;
  expect(clock.pending).toBe(0);
  return { line: `${method} ${path}`, contentType: headers['content-type'], body, result };
}

function status(code: number, reason: string, details?: object): FakeAnswer {
  return {
    status: code,
    body: { kind: 'Status', apiVersion: 'v1', status: 'Failure', reason, code, details, message: `said ${reason}` },
  };
}

function list(items: readonly object[], metadata: object = { resourceVersion: '9' }): FakeAnswer {
  return { body: { kind: 'WebList', apiVersion: 'example.com/v1', metadata, items } };
}

describe('Client reads', () => {
  test('Client.get gives the object, undefined when there is none, and an error when the server knows no such resource (Missing is undefined)', async () => {
    const got = await sent((client) => client.get(Web, key, { resourceVersion: '0' }));
    expect(got).toMatchObject({ line: `GET ${root}/a?resourceVersion=0`, result: web });
    expect(
      (await sent((client) => client.get(Web, key), status(404, 'NotFound', { name: 'a', kind: 'webs' }))).result,
    ).toBeUndefined();
    expect((await sent((client) => client.get(Web, key), status(404, 'NotFound'))).result).toBeUndefined();
    for (const answer of [status(404, 'NotFound', {}), { status: 404, body: '404 page not found\n' }]) {
      await expect(sent((client) => client.get(Web, key), answer)).rejects.toMatchObject({ code: 'API_NOT_FOUND' });
    }
    await expect(sent((client) => client.get(Web, key), status(403, 'Forbidden'))).rejects.toMatchObject({
      code: 'API_FORBIDDEN',
      message: 'said Forbidden',
    });
  });

  test('Client.list follows pages of 500 and completes the type of items', async () => {
    const { client, transport } = bench();
    const listing = client.list(Web, {
      namespace: 'default',
      labelSelector: 'app in (a,b)',
      fieldSelector: 'metadata.name=a',
      resourceVersion: '5',
    });
    const selectors = 'labelSelector=app%20in%20(a%2Cb)&fieldSelector=metadata.name%3Da';
    const first = await transport.next();
    expect(first.request.path).toBe(`${root}?${selectors}&limit=500&resourceVersion=5`);
    first.respond(
      list([{ metadata: meta, spec: { replicas: 1 } }], {
        resourceVersion: '9',
        continue: 'next',
        remainingItemCount: 1,
      }),
    );
    const second = await transport.next();
    expect(second.request.path).toBe(`${root}?${selectors}&limit=500&continue=next`);
    second.respond(list([{ metadata: { ...meta, name: 'b' } }]));
    expect(await listing).toEqual({
      kind: 'WebList',
      apiVersion: 'example.com/v1',
      metadata: { resourceVersion: '9' },
      items: [web, { ...web, metadata: { ...meta, name: 'b' }, spec: undefined }].map((item) =>
        JSON.parse(JSON.stringify(item)),
      ),
    });
  });

  test('Client.list gives one page when limit or continue says so', async () => {
    const metadata = { resourceVersion: '9', continue: 'more', remainingItemCount: 3 };
    const page = await sent((client) => client.list(Web, { limit: 1 }), list([web], metadata));
    expect(page.line).toBe('GET /apis/example.com/v1/webs?limit=1');
    expect(page.result).toMatchObject({ metadata, items: [web] });
    expect((await sent((client) => client.list(Web, { continue: 'x' }), list([]))).line).toBe(
      'GET /apis/example.com/v1/webs?continue=x',
    );
  });

  test('Client.pages gives page after page, and says by its code that reading on took too long', async () => {
    const { client, transport } = bench();
    const pages = client.pages(Web, { limit: 1 });
    const first = pages.next();
    (await transport.next()).respond(list([web], { resourceVersion: '9', continue: 'next' }));
    expect((await first).value?.items).toEqual([web]);
    const second = pages.next();
    (await transport.next()).respond(status(410, 'Expired'));
    await expect(second).rejects.toMatchObject({ code: 'API_EXPIRED' });
  });

  test('Client.list rejects when the server sends an object that cannot be used', async () => {
    await expect(sent((client) => client.list(Web), list([{ metadata: {} }]))).rejects.toMatchObject({
      code: 'CLIENT_BAD_RESPONSE',
      message: 'Cannot list webs: "an object" cannot be used: No metadata.name',
    });
    await expect(sent((client) => client.list(Web), { body: web })).rejects.toMatchObject({
      code: 'CLIENT_BAD_RESPONSE',
      message: 'Cannot understand the answer of "https://fake" to GET /apis/example.com/v1/webs: it is not a JSON list',
    });
  });

  test('Client gives plain data that belongs to the caller', async () => {
    const { result } = await sent((client) => client.list(Web), list([web]));
    expect(Object.isFrozen((result as { items: object[] }).items[0])).toBe(false);
  });

  test('Client.watch gives events until the server ends the watch, and throws what the server says instead of one', async () => {
    const { client, transport, clock } = bench();
    const stop = new AbortController();
    const events: unknown[] = [];
    const watching = (async () => {
      const options = { namespace: 'default', resourceVersion: '5', timeoutSeconds: 60, signal: stop.signal };
      for await (const event of client.watch(Web, options)) events.push(event);
    })();
    const exchange = await transport.next();
    expect(exchange.request.path).toBe(
      `${root}?watch=true&resourceVersion=5&allowWatchBookmarks=true&timeoutSeconds=60`,
    );
    exchange.open();
    exchange.event('ADDED', web);
    exchange.event('BOOKMARK', { ...web, metadata: { resourceVersion: '8' } });
    await clock.settle();
    expect(events).toEqual([
      { type: 'added', object: web },
      { type: 'bookmark', resourceVersion: '8', initialEventsEnd: false },
    ]);
    exchange.end();
    await watching;
    expect(getEventListeners(stop.signal, 'abort')).toHaveLength(0);

    const failing = client.watch(Web, { allowWatchBookmarks: false }).next();
    const other = await transport.next();
    expect(other.request.path).toBe('/apis/example.com/v1/webs?watch=true&allowWatchBookmarks=false');
    other.open();
    other.event('ERROR', { kind: 'Status', apiVersion: 'v1', reason: 'Expired', code: 410, message: 'too old' });
    await expect(failing).rejects.toMatchObject({ code: 'API_EXPIRED', message: 'too old' });
    expect(clock.pending).toBe(0);
  });

  test('Client.watch is asked for again when the server says so, or the connection was lost before it was accepted (Patient)', async () => {
    const { client, transport, clock } = bench();
    const opening = client.watch(Web).next();
    (await transport.next()).respond({ status: 429, headers: { 'retry-after': '1' }, body: 'busy' });
    await clock.settle();
    await clock.advance(1_000);
    (await transport.next()).fail('ECONNRESET');
    await clock.settle();
    await clock.advance(1_000);
    const exchange = await transport.next();
    exchange.open();
    exchange.event('ADDED', web);
    expect(await opening).toEqual({ done: false, value: { type: 'added', object: web } });
    expect(transport.requests).toHaveLength(3);
  });

  test.each(['list', 'watch'] as const)(
    'Client tells whoever lists or watches items of each try that it repeats, before the next one: %s (Candid)',
    async (verb) => {
      const { client, transport, clock } = bench();
      const told: unknown[] = [];
      const call = { signal: new AbortController().signal, onRetry: (error: unknown) => told.push(error) };
      const asking =
        verb === 'list'
          ? client.listItems(Web, call)
          : client
              .watchItems(Web, { ...call, resourceVersion: '', allowWatchBookmarks: true, timeoutSeconds: 9 })
              .next();
      (await transport.next()).fail('ECONNRESET');
      await clock.settle();
      expect(told).toMatchObject([{ code: 'CLIENT_CONNECTION_FAILED', message: expect.stringContaining('closed') }]);
      await clock.advance(1_000);
      (await transport.next()).respond({ status: 429, headers: { 'retry-after': '1' }, body: 'busy' });
      await clock.settle();
      expect(told).toMatchObject([{}, { code: 'API_TOO_MANY_REQUESTS' }]);
      await clock.advance(1_000);
      (await transport.next()).respond({
        body: { kind: 'WebList', apiVersion: 'example.com/v1', metadata: {}, items: [] },
      });
      await asking;
      expect(told).toHaveLength(2);
    },
  );

  test('Client.watch ends with the reason of the signal, and frees the connection when it is left', async () => {
    const { client, transport, clock } = bench();
    const stop = new AbortController();
    const watching = client.watch(Web, { signal: stop.signal }).next();
    watching.catch(() => {});
    const exchange = await transport.next();
    exchange.open();
    await clock.settle();
    stop.abort(new Error('enough'));
    await expect(watching).rejects.toThrow('enough');

    const left = (async () => {
      for await (const _ of client.watch(Web)) break;
    })();
    const second = await transport.next();
    second.open();
    second.event('ADDED', web);
    await left;
    await clock.settle();
    expect(second.over).toBe(true);
    expect(clock.pending).toBe(0);
  });
});

describe('Client writes', () => {
  const draft = { metadata: { name: 'a', namespace: 'default' }, spec: { replicas: 1 } };
  const typed = { apiVersion: 'example.com/v1', kind: 'Web', ...draft };
  const json = 'application/json';

  test('Client.create and Client.update send the draft with its type, and leave the draft as it is', async () => {
    const created = await sent((client) => client.create(Web, Object.freeze(draft)));
    expect(created).toEqual({ line: `POST ${root}`, contentType: json, body: typed, result: web });
    const updated = await sent((client) => client.update(Web, web));
    expect(updated).toEqual({ line: `PUT ${root}/a`, contentType: json, body: web, result: web });
    const generated = await sent((client) => client.create(Zone, { metadata: { generateName: 'z-' } }));
    expect(generated.line).toBe('POST /apis/example.com/v1/zones');
  });

  test('Client.update refuses an object with an integer that was rounded when it was read; a patch of another field goes (Nothing is lost)', async () => {
    const read = { ...web, spec: JSON.parse('{"replicas":1,"max":9007199254740993}') };
    await expect(bench().client.update(Web, read)).rejects.toThrow(
      'Cannot update Web "default/a": spec.max must be an integer between -(2^53 - 1) and 2^53 - 1, got 9007199254740992',
    );
    const body = createMergePatch(read, { ...read, spec: { ...read.spec, replicas: 2 } }) as object;
    const patched = await sent((client) =>
      client.patch(Web, { namespace: 'default', name: 'a' }, { type: 'merge', body }),
    );
    expect(patched.body).toEqual({ spec: { replicas: 2 } });
  });

  test('Client.patch sends each notation under its own content type (Right content type)', async () => {
    const patch = (type: 'merge' | 'strategic') =>
      sent((client) => client.patch(Web, key, { type, body: { spec: null } }));
    expect(await patch('merge')).toMatchObject({
      line: `PATCH ${root}/a`,
      contentType: 'application/merge-patch+json',
      body: { spec: null },
    });
    expect(await patch('strategic')).toMatchObject({ contentType: 'application/strategic-merge-patch+json' });
    const operations = [{ op: 'remove', path: '/spec' }] as const;
    expect(await sent((client) => client.patch(Web, key, { type: 'json', body: operations }))).toMatchObject({
      contentType: 'application/json-patch+json',
      body: operations,
    });
    await expect(bench().client.patch(Web, key, { type: 'apply' as 'json', body: [] })).rejects.toThrow(
      'Cannot patch webs: patch.type must be "json", "merge" or "strategic", got "apply"',
    );
  });

  test('Client.apply names its field manager, and takes over only by force (Right content type)', async () => {
    expect(await sent((client) => client.apply(Web, draft))).toEqual({
      line: `PATCH ${root}/a?fieldManager=tests`,
      contentType: 'application/apply-patch+yaml',
      body: typed,
      result: web,
    });
    const forced = await sent((client) => client.apply(Web, draft, { fieldManager: 'me', force: true, dryRun: true }));
    expect(forced.line).toBe(`PATCH ${root}/a?fieldManager=me&dryRun=All&force=true`);
    await expect(bench().client.apply(Web, { metadata: { ...meta, managedFields: [] } })).rejects.toThrow(
      /^Cannot apply: metadata.managedFields must be absent/,
    );
    await expect(bench().client.apply(Web, web)).rejects.toThrow(
      /^Cannot apply: metadata.creationTimestamp must be absent/,
    );
  });

  test('Client.apply and Client.create make a controller of the owner', async () => {
    const owner = { ...web, metadata: { ...meta, name: 'owner', uid: 'u9' } };
    const reference = {
      apiVersion: 'example.com/v1',
      kind: 'Web',
      name: 'owner',
      uid: 'u9',
      controller: true,
      blockOwnerDeletion: true,
    };
    for (const verb of ['apply', 'create'] as const) {
      const { body } = await sent((client) =>
        client[verb](
          Web,
          { ...draft, metadata: { ...draft.metadata, ownerReferences: [{ ...reference, controller: false }] } },
          { controller: owner },
        ),
      );
      expect(body).toEqual({ ...typed, metadata: { ...draft.metadata, ownerReferences: [reference] } });
    }
    const { client, transport } = bench();
    await expect(
      client.apply(Web, { metadata: { name: 'a', namespace: 'other' } }, { controller: owner }),
    ).rejects.toThrow(
      'Cannot apply webs: controller must be cluster-scoped or in namespace "other", got namespace "default"',
    );
    const taken = { ...draft, metadata: { ...draft.metadata, ownerReferences: [{ ...reference, uid: 'other' }] } };
    await expect(client.create(Web, taken, { controller: owner })).rejects.toThrow(
      'Cannot create webs: it must have one controller, got Web "owner" besides',
    );
    expect(transport.requests).toHaveLength(0);
  });

  test('Client.delete sends only the options that are given, and tells what the server said', async () => {
    const gone = await sent((client) => client.delete(Web, key), {
      body: { kind: 'Status', apiVersion: 'v1', status: 'Success', details: { uid: 'u1' } },
    });
    expect(gone).toEqual({
      line: `DELETE ${root}/a`,
      contentType: undefined,
      body: undefined,
      result: { type: 'status', uid: 'u1' },
    });
    const options = {
      propagationPolicy: 'Foreground',
      gracePeriodSeconds: 0,
      preconditions: { uid: 'u1' },
      dryRun: true,
    } as const;
    expect(await sent((client) => client.delete(Web, key, options))).toMatchObject({
      contentType: json,
      body: { apiVersion: 'v1', kind: 'DeleteOptions', ...options, dryRun: ['All'] },
      result: { type: 'object', object: web },
    });
    await expect(
      sent((client) => client.delete(Web, key), status(404, 'NotFound', { name: 'a' })),
    ).rejects.toMatchObject({ code: 'API_NOT_FOUND' });
  });

  test('Client.deleteCollection takes selectors and options', async () => {
    const many = await sent(
      (client) => client.deleteCollection(Web, { namespace: 'default', labelSelector: 'a=b', gracePeriodSeconds: 1 }),
      list([web]),
    );
    expect(many).toMatchObject({
      line: `DELETE ${root}?labelSelector=a%3Db`,
      body: { kind: 'DeleteOptions', gracePeriodSeconds: 1 },
      result: undefined,
    });
    await expect(bench().client.deleteCollection(Web)).rejects.toThrow(
      'Cannot delete collection of webs: namespace must be set',
    );
  });

  test('Client writes status alone', async () => {
    const changed = { ...web, status: { ready: 1, phase: 'up' } };
    expect(await sent((client) => client.updateStatus(Web, changed))).toMatchObject({
      line: `PUT ${root}/a/status`,
      body: changed,
    });
    const body = { status: { ready: 2 } };
    expect(await sent((client) => client.patchStatus(Web, key, { type: 'merge', body }))).toMatchObject({
      line: `PATCH ${root}/a/status`,
      contentType: 'application/merge-patch+json',
      body,
    });
    expect(await sent((client) => client.applyStatus(Web, key, { ready: 2 }, { force: true }))).toMatchObject({
      line: `PATCH ${root}/a/status?fieldManager=tests&force=true`,
      contentType: 'application/apply-patch+yaml',
      body: { apiVersion: 'example.com/v1', kind: 'Web', metadata: key, status: { ready: 2 } },
    });
    expect((await sent((client) => client.applyStatus(Zone, { name: 'z' }, {}))).body).toMatchObject({
      metadata: { name: 'z' },
    });
  });

  test('Client reads and writes scale and any other subresource', async () => {
    const scale = { apiVersion: 'autoscaling/v1', kind: 'Scale', metadata: meta, spec: { replicas: 3 } };
    const answer = { body: scale };
    expect(await sent((client) => client.getScale(Web, key), answer)).toMatchObject({
      line: `GET ${root}/a/scale`,
      result: scale,
    });
    expect(
      await sent((client) => client.updateScale(Web, key, { metadata: meta, spec: { replicas: 3 } }), answer),
    ).toMatchObject({ line: `PUT ${root}/a/scale`, body: scale });
    expect(await sent((client) => client.patchScale(Web, key, { type: 'merge', body: {} }), answer)).toMatchObject({
      line: `PATCH ${root}/a/scale`,
    });
    const eviction = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: key };
    expect(await sent((client) => client.createSubresource(dynamic, key, 'eviction', eviction))).toMatchObject({
      line: 'POST /api/v1/namespaces/default/pods/a/eviction',
      body: eviction,
    });
    expect((await sent((client) => client.getSubresource(dynamic, key, 'status'))).line).toBe(
      'GET /api/v1/namespaces/default/pods/a/status',
    );
  });

  test('Client.with gives other defaults for writes, over the same connections', async () => {
    const { client, transport } = bench({ fieldManager: 'base' });
    const derived = client
      .with({ fieldManager: 'web-controller', force: true, fieldValidation: 'Strict' })
      .with({ dryRun: true, fieldManager: undefined });
    void derived.apply(Web, draft);
    expect((await transport.next()).request.path).toBe(
      `${root}/a?fieldManager=web-controller&dryRun=All&fieldValidation=Strict&force=true`,
    );
    void client.create(Web, draft);
    expect((await transport.next()).request.path).toBe(`${root}?fieldManager=base`);
    void derived.delete(Web, key);
    expect((await transport.next()).json()).toMatchObject({ dryRun: ['All'] });
  });

  test('Client refuses what cannot be right before anything is sent (Early errors)', async () => {
    const { client, transport } = bench();
    const calls: readonly [() => Promise<unknown>, string | RegExp][] = [
      [
        () => client.get(Web, { name: 'a' }),
        'Cannot get webs "a": namespace must be set for a namespaced resource, got undefined',
      ],
      [
        () => client.get(Zone, key),
        'Cannot get zones "a": namespace must be absent for a cluster-scoped resource, got "default"',
      ],
      [() => client.get(Web, { namespace: 'x', name: '..' }), /^Cannot build path: name/],
      [
        () => client.create(Web, { metadata: { name: 'a' }, spec: { replicas: 1 } }),
        'Cannot create webs: namespace must be set for a namespaced resource, got undefined',
      ],
      [() => client.create(Web, { ...draft, kind: 'Other' }), 'Cannot create webs: kind must be "Web", got "Other"'],
      [
        () => client.update(Web, { ...draft, apiVersion: 'v2' }),
        'Cannot update webs: apiVersion must be "example.com/v1", got "v2"',
      ],
      [() => client.create(dynamic, draft), 'Cannot create pods: kind must be set, got undefined'],
      [
        () => client.update(Web, { metadata: { namespace: 'x' } }),
        'Cannot update webs: name must be a non-empty string, got ""',
      ],
      [
        () => client.raw({ path: 'api' }),
        'Cannot send request: request.path must be a path that begins with "/", got "api"',
      ],
    ];
    for (const [call, message] of calls) {
      const failure = await call().catch((error: unknown) => error);
      expect(['TypeError', 'RangeError']).toContain((failure as Error).name);
      expect((failure as Error).message).toMatch(message);
    }
    expect(transport.requests).toHaveLength(0);
  });
});

describe('Client for list-watch', () => {
  test('Client.listItems gives items that are decoded when they are read, in one answer (Lazy)', async () => {
    const { client, transport } = bench();
    const signal = new AbortController().signal;
    const listing = client.listItems<Web>(
      { ...Web, namespace: 'default', labelSelector: 'a' },
      { resourceVersion: '0', signal },
    );
    const exchange = await transport.next();
    expect(exchange.request.path).toBe(`${root}?labelSelector=a&resourceVersion=0`);
    exchange.respond(
      list([{ metadata: meta }, { metadata: {} }], { resourceVersion: '9', continue: 'c', remainingItemCount: 4 }),
    );
    const page = await listing;
    expect(page).toMatchObject({
      resourceVersion: '9',
      continue: 'c',
      remainingItemCount: 4,
      undecodable: [{ message: 'No metadata.name' }],
    });
    expect(page.items.map(({ key: itemKey, uid, resourceVersion }) => [itemKey, uid, resourceVersion])).toEqual([
      ['default/a', 'u1', '7'],
    ]);
    expect(page.items[0]?.object).toEqual({ apiVersion: 'example.com/v1', kind: 'Web', metadata: meta });
    expect(Object.isFrozen(page.items[0]?.object.metadata)).toBe(true);
  });

  test('Client.listItems hands over items as they come, and begins anew when the answer is cut off', async () => {
    const { client, transport, clock } = bench();
    const given: string[] = [];
    const onItems = (items: readonly Item<Web>[], restart: boolean): void => {
      if (restart) given.push('restart');
      given.push(...items.map(({ key }) => key));
    };
    const listing = client.listItems<Web>(Web, { signal: new AbortController().signal, onItems });
    const cut = await transport.next();
    cut.open();
    cut.write(`{"items":[${JSON.stringify(web)},${JSON.stringify(web).slice(0, 20)}`);
    await clock.settle();
    expect(given).toEqual(['restart', 'default/a']);
    cut.end();
    await clock.advance(1_000);
    (await transport.next()).respond(list([web, { metadata: { ...meta, name: 'b' } }]));
    expect(await listing).toMatchObject({ items: [] });
    expect(given).toEqual(['restart', 'default/a', 'restart', 'default/a', 'default/b']);
  });

  test('Client.listItems reads again what was cut off, and rejects with the code of the server', async () => {
    const { client, transport, clock } = bench();
    const signal = new AbortController().signal;
    const listing = client.listItems<Web>(Web, { signal });
    (await transport.next()).respond({ headers: {}, body: '{"items":[{"metadata":{' });
    await clock.advance(1_000);
    (await transport.next()).respond(list([web]));
    expect((await listing).items).toHaveLength(1);
    const failing = client.listItems(Web, { continue: 'x', resourceVersion: '5', signal });
    const exchange = await transport.next();
    expect(exchange.request.path).toBe('/apis/example.com/v1/webs?continue=x');
    exchange.respond(status(410, 'Expired'));
    await expect(failing).rejects.toMatchObject({ code: 'API_EXPIRED' });
  });

  test('Client.listItems and watchItems ask for metadata only, and take whole objects as well', async () => {
    const { client, transport, clock } = bench();
    const signal = new AbortController().signal;
    void client.listItems({ ...Web, metadataOnly: true }, { signal });
    expect((await transport.next()).request.headers.accept).toBe(
      'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json',
    );
    const call = { resourceVersion: '1', allowWatchBookmarks: true, timeoutSeconds: 300, signal };
    const frames = client.watchItems<Web>({ ...Web, metadataOnly: true }, call);
    const first = frames.next();
    const exchange = await transport.next();
    expect(exchange.request.headers.accept).toBe(
      'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json',
    );
    exchange.open();
    await first;
    exchange.event('ADDED', web);
    expect((await frames.next()).value).toMatchObject([{ type: 'added', item: { key: 'default/a' } }]);
    await clock.settle();
  });

  test('Client.watchItems says first that the watch is accepted, then gives one array per chunk', async () => {
    const { client, transport, clock } = bench();
    const stop = new AbortController();
    const call = {
      resourceVersion: '',
      allowWatchBookmarks: true,
      timeoutSeconds: 300,
      sendInitialEvents: true,
      resourceVersionMatch: 'NotOlderThan',
      signal: stop.signal,
    } as const;
    const frames = client.watchItems<Web>({ ...Web, namespace: 'default' }, call)[Symbol.asyncIterator]();
    const first = frames.next();
    const exchange = await transport.next();
    expect(exchange.request.path).toBe(
      `${root}?watch=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true&timeoutSeconds=300&sendInitialEvents=true`,
    );
    exchange.open();
    expect((await first).value).toEqual([]);
    const line = `${JSON.stringify({ type: 'ADDED', object: web })}\n`;
    exchange.write(line.repeat(2) + line.slice(0, 10));
    expect((await frames.next()).value).toHaveLength(2);
    exchange.write(line.slice(10));
    const [frame] = (await frames.next()).value ?? [];
    expect(frame).toMatchObject({ type: 'added', item: { key: 'default/a', object: web } });
    const other = { ...web, kind: 'Status' };
    exchange.event('MODIFIED', other);
    expect((await frames.next()).value).toMatchObject([{ type: 'error', undecodable: { key: 'default/a' } }]);
    const next = frames.next();
    next.catch(() => {});
    stop.abort();
    await expect(next).rejects.toMatchObject({ name: 'AbortError' });
    expect(getEventListeners(stop.signal, 'abort')).toHaveLength(0);
    expect(clock.pending).toBe(0);
  });

  test('Client.watchItems throws when the connection breaks, and ends with an error frame at half a line', async () => {
    const { client, transport } = bench();
    const call = {
      resourceVersion: '1',
      allowWatchBookmarks: true,
      timeoutSeconds: 300,
      signal: new AbortController().signal,
    };
    for (const [end, expected] of [
      ['fail', undefined],
      ['end', 'error'],
    ] as const) {
      const frames = client.watchItems<Web>(Web, call)[Symbol.asyncIterator]();
      const first = frames.next();
      const exchange = await transport.next();
      exchange.open();
      await first;
      exchange.write('{"type":"ADD');
      exchange[end]();
      const last = await frames.next().catch((error: unknown) => error);
      if (expected)
        expect(last).toMatchObject({ value: [{ type: 'error', error: { code: 'CLIENT_CONNECTION_FAILED' } }] });
      else expect(last).toMatchObject({ code: 'CLIENT_CONNECTION_FAILED', retryable: true });
    }
  });
});

describe('Client', () => {
  test('Client.raw gives any answer as it is', async () => {
    const { client, transport } = bench();
    const asking = client.raw({ method: 'POST', path: '/x?y=1', headers: { accept: 'text/plain' }, body: 'hi' });
    const exchange = await transport.next();
    expect(exchange.request).toMatchObject({ method: 'POST', path: '/x?y=1', headers: { accept: 'text/plain' } });
    expect(Buffer.from(exchange.request.body ?? []).toString()).toBe('hi');
    exchange.respond({ status: 418, headers: { 'x-a': 'b' }, body: 'tea' });
    const answer = await asking;
    let body = '';
    for await (const chunk of answer.body) body += Buffer.from(chunk).toString();
    expect([answer.status, answer.headers, body]).toEqual([418, { 'x-a': 'b' }, 'tea']);
  });

  test('Client says who it is: by default bowline with its version, else what it was told', async () => {
    const { client, transport } = bench({ userAgent: undefined });
    void client.apply(Web, { metadata: key });
    const { request } = await transport.next();
    expect(request.headers['user-agent']).toMatch(/^bowline\/\d+\.\d+\.\d+\S* \(\w+\/\w+\)$/);
    expect(request.path).toContain('fieldManager=bowline');
  });

  test('Client does nothing before its first call, and passes on retireConnections and close (Inert)', async () => {
    const { client, transport, clock } = bench();
    await clock.settle();
    expect(transport.requests).toEqual([]);
    expect(clock.pending).toBe(0);
    client.retireConnections();
    await client[Symbol.asyncDispose]();
    expect(transport).toMatchObject({ retired: 1, closed: true });
    expect(inspect(client)).toBe('\'Client { "https://fake" }\''.slice(1, -1));
  });

  test('createClient refuses options that are out of range', () => {
    const config = { cluster: { server: 'https://h' } };
    expect(() => createClient(config, { headersTimeoutMs: 0 })).toThrow(
      'Cannot create client: headersTimeoutMs must be more than 0 and finite, got 0',
    );
    expect(() => createClient(config, { maxDepth: Number.NaN })).toThrow(RangeError);
    expect(() => createClient(config, { rateLimit: { qps: -1, burst: 1 } })).toThrow(RangeError);
    expect(() => createClient({ cluster: { server: 'host:6443' } })).toThrow(
      'cluster.server must be an http:// or https:// URL without credentials, got "host:6443"',
    );
    expect(() => createClient({ cluster: { server: 'https://me:s3cret@h' } })).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining('s3cret') }),
    );
    expect(() => createClient({ cluster: { server: 'https://h', proxyUrl: 'ftp://me:s3cret@p' } })).toThrow(
      /proxyUrl must be an http.*got "ftp:\/\/p"$/,
    );
  });

  test('Client knows the type of a handle, and gives unstructured objects without one', () => {
    const { client } = bench();
    expectTypeOf(client.get(Web, key)).resolves.toEqualTypeOf<Web | undefined>();
    expectTypeOf(client.get(dynamic, key)).resolves.toEqualTypeOf<UnstructuredObject | undefined>();
    expectTypeOf(client.getScale(Web, key)).resolves.toEqualTypeOf<Scale>();
    // @ts-expect-error replicas is a number
    const wrong = () => client.create(Web, { metadata: key, spec: { replicas: 'one' } });
    // @ts-expect-error ready is a number
    const alsoWrong = () => client.applyStatus(Web, key, { ready: 'yes' });
    const partial = () => client.apply(Web, { metadata: key, spec: { hosts: [{ name: 'only' }] } });
    const caught = (error: StatusError) => error.retryAfterMs;
    expect([wrong, alsoWrong, partial, caught]).toHaveLength(4);
  });
});
