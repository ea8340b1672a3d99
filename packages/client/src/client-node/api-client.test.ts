import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { isConflict, isNotFound } from '@bowline/apimachinery';
import { FakeClock } from '@bowline/apimachinery/testing';
import {
  ApiException,
  AppsV1Api,
  CoreV1Api,
  createConfiguration,
  KubernetesObjectApi,
  Observable,
  PatchStrategy,
  type RequestContext,
  ServerConfiguration,
  setHeaderOptions,
} from '@kubernetes/client-node';
import { afterEach, describe, expect, test } from 'vitest';
import type { Client } from '../client.ts';
import { createClient } from '../create-client.ts';
import { FakeTransport } from '../fake-transport.ts';
import { makeApiClient } from './index.ts';
import { ResponseContext } from './response-context.ts';

interface Seen {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}
type Answer = (seen: Seen, response: ServerResponse) => void;

let server: Server | undefined;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

/** A server that answers as it is told, and a client of it that has a token. */
async function listen(answer: Answer): Promise<{ client: Client; seen: Seen[]; connections: () => number }> {
  const seen: Seen[] = [];
  let connections = 0;
  server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part) => parts.push(part));
    request.on('end', () => {
      const { method, url, headers } = request;
      const one = { method, url, headers, body: Buffer.concat(parts).toString('utf8') };
      seen.push(one);
      answer(one, response);
    });
  });
  server.on('connection', () => connections++);
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/prefix`;
  const client = createClient({ cluster: { server: url }, user: { token: 'secret' } }, { userAgent: 'shop/1' });
  return { client, seen, connections: () => connections };
}

const json = (response: ServerResponse, status: number, body: object, headers: Record<string, string> = {}): void => {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
};
const pod = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'web', namespace: 'shop', creationTimestamp: '2026-01-01T00:00:00Z' },
};
const failure = (code: number, reason: string): object => ({
  kind: 'Status',
  apiVersion: 'v1',
  status: 'Failure',
  code,
  reason,
  message: reason,
});

const same = <T>(context: T): Observable<T> => new Observable(Promise.resolve(context));

describe('makeApiClient', () => {
  test('CoreV1Api lists, reads, creates, patches and deletes over the connections of the client (client-node’s classes)', async () => {
    const { client, seen, connections } = await listen(({ method, url }, response) => {
      const isList = method === 'GET' && !url?.includes('/pods/web');
      json(
        response,
        method === 'POST' ? 201 : 200,
        isList ? { apiVersion: 'v1', kind: 'PodList', metadata: {}, items: [pod] } : pod,
      );
    });
    await using _ = client;
    const core = makeApiClient(client, CoreV1Api);
    const list = await core.listNamespacedPod({ namespace: 'shop', labelSelector: 'app in (a, b)', limit: 5 });
    expect(list.items[0]?.metadata?.creationTimestamp).toEqual(new Date('2026-01-01T00:00:00Z'));
    expect((await core.readNamespacedPod({ namespace: 'shop', name: 'web' })).metadata?.name).toBe('web');
    await core.createNamespacedPod({ namespace: 'shop', body: { metadata: { name: 'web' } }, fieldManager: 'me' });
    await core.patchNamespacedPod({ namespace: 'shop', name: 'web', body: [{ op: 'remove', path: '/spec' }] });
    const merge = setHeaderOptions('Content-Type', PatchStrategy.MergePatch);
    await core.patchNamespacedPod({ namespace: 'shop', name: 'web', body: { spec: null } }, merge);
    await core.deleteNamespacedPod({ namespace: 'shop', name: 'web', propagationPolicy: 'Foreground' });
    expect(seen.map(({ method, url, headers, body }) => [method, url, headers['content-type'], body])).toEqual([
      ['GET', '/prefix/api/v1/namespaces/shop/pods?labelSelector=app+in+%28a%2C+b%29&limit=5', undefined, ''],
      ['GET', '/prefix/api/v1/namespaces/shop/pods/web', undefined, ''],
      [
        'POST',
        '/prefix/api/v1/namespaces/shop/pods?fieldManager=me',
        'application/json',
        expect.stringContaining('"web"'),
      ],
      [
        'PATCH',
        '/prefix/api/v1/namespaces/shop/pods/web',
        'application/json-patch+json',
        '[{"op":"remove","path":"/spec"}]',
      ],
      ['PATCH', '/prefix/api/v1/namespaces/shop/pods/web', 'application/merge-patch+json', '{"spec":null}'],
      ['DELETE', '/prefix/api/v1/namespaces/shop/pods/web?propagationPolicy=Foreground', 'application/json', ''],
    ]);
    for (const { headers } of seen) {
      expect(headers).toMatchObject({
        authorization: 'Bearer secret',
        'user-agent': 'shop/1',
        accept: 'application/json, */*;q=0.8',
      });
    }
    expect(connections()).toBe(1);
  });

  test('makeApiClient gives client-node’s ApiException for what the server refuses, and frees the connection', async () => {
    const answers = [
      failure(401, 'Unauthorized'),
      failure(404, 'NotFound'),
      failure(409, 'AlreadyExists'),
      failure(409, 'Conflict'),
    ];
    const { client, connections } = await listen((_, response) => {
      const next = answers.shift() as { code: number };
      json(response, next.code, next, { 'x-two': 'b' });
    });
    await using _ = client;
    const core = makeApiClient(client, CoreV1Api);
    const read = (): Promise<unknown> =>
      core.readNamespacedPod({ namespace: 'shop', name: 'web' }).catch((error) => error);
    const unauthorized = await read();
    expect(unauthorized).toBeInstanceOf(ApiException);
    expect(unauthorized).toMatchObject({ code: 401, headers: { 'x-two': 'b' } });
    const missing = await read();
    expect([missing instanceof ApiException, isNotFound(missing)]).toEqual([true, true]);
    const exists = await core.createNamespacedPod({ namespace: 'shop', body: {} }).catch((error) => error);
    expect([exists.code, JSON.parse(exists.body).reason]).toEqual([409, 'AlreadyExists']);
    expect(isConflict(await read())).toBe(true);
    expect(connections()).toBe(1);
  });

  test('makeApiClient tries again when the server asks for it, and says what went wrong on the way', async () => {
    let tries = 0;
    const { client } = await listen((_, response) => {
      if (tries++ === 0) json(response, 429, failure(429, 'TooManyRequests'), { 'retry-after': '0' });
      else if (tries === 2) json(response, 200, pod);
      else response.destroy();
    });
    await using _ = client;
    const core = makeApiClient(client, CoreV1Api);
    expect((await core.readNamespacedPod({ namespace: 'shop', name: 'web' })).metadata?.name).toBe('web');
    expect(tries).toBe(2);
    const lost = core.createNamespacedPod({ namespace: 'shop', body: {} });
    await expect(lost).rejects.toMatchObject({ code: 'CLIENT_CONNECTION_FAILED' });
  });

  test('makeApiClient makes any class of client-node: apps/v1, and objects of any kind', async () => {
    const { client, seen } = await listen(({ url }, response) => {
      const resources = [{ name: 'pods', kind: 'Pod', namespaced: true, singularName: 'pod', verbs: ['get'] }];
      if (url === '/prefix/api/v1') json(response, 200, { kind: 'APIResourceList', groupVersion: 'v1', resources });
      else json(response, 200, url?.includes('deployments') ? { items: [] } : pod);
    });
    await using _ = client;
    expect((await makeApiClient(client, AppsV1Api).listDeploymentForAllNamespaces()).items).toEqual([]);
    const objects = makeApiClient(client, KubernetesObjectApi);
    expect(
      (await objects.read({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'web', namespace: 'shop' } })).metadata
        ?.name,
    ).toBe('web');
    expect(seen.at(-1)?.url).toBe('/prefix/api/v1/namespaces/shop/pods/web');
  });

  test('makeApiClient lets middleware change a request and see its answer, and ends it with its signal', async () => {
    const transport = new FakeTransport();
    const core = makeApiClient(createClient({ cluster: { server: 'https://h' } }, { transport }), CoreV1Api);
    const stop = new AbortController();
    const statuses: number[] = [];
    const call = core.readNamespacedPod(
      { namespace: 'shop', name: 'web' },
      {
        middleware: [
          {
            pre(context) {
              context.setSignal(stop.signal);
              context.setHeaderParam('x-one', '1');
              context.addCookie('a', 'b');
              context.appendQueryParam('q', '1');
              context.setUrl(`${context.getUrl()}&r=2`);
              return same(context);
            },
            post(context) {
              statuses.push(context.httpStatusCode);
              return same(context);
            },
          },
        ],
        middlewareMergeStrategy: 'append',
      },
    );
    const exchange = await transport.next();
    expect(exchange.request.path).toBe('/api/v1/namespaces/shop/pods/web?q=1&r=2');
    expect(exchange.request.headers).toMatchObject({ 'x-one': '1', cookie: 'a=b; ' });
    exchange.respond({ body: pod });
    await call;
    expect(statuses).toEqual([200]);
    const withSignal = (context: RequestContext): Observable<RequestContext> => {
      context.setSignal(stop.signal);
      return same(context);
    };
    const aborted = core.listNode({}, { middleware: [{ pre: withSignal, post: same }] });
    await transport.next();
    stop.abort(new Error('enough'));
    await expect(aborted).rejects.toThrow('enough');
  });

  test('makeApiClient gives the server 60 s to begin a list, and 10 s for one object', async () => {
    const clock = new FakeClock();
    const core = makeApiClient(
      createClient({ cluster: { server: 'https://h' } }, { transport: new FakeTransport(), clock }),
      CoreV1Api,
    );
    const after: Record<string, number> = {};
    const measure = (name: string, call: Promise<unknown>): void => {
      call.catch(() => {
        after[name] = clock.monotonic();
      });
    };
    measure('pods of all', core.listPodForAllNamespaces({ limit: 5 }));
    measure('pods', core.listNamespacedPod({ namespace: 'shop' }));
    measure('namespaces', core.listNamespace());
    measure('pod', core.readNamespacedPod({ namespace: 'shop', name: 'web' }));
    measure('namespace', core.readNamespace({ name: 'shop' }));
    measure('create', core.createNamespace({ body: {} }));
    await clock.advance(60_000);
    expect(after).toEqual({
      pod: 10_000,
      namespace: 10_000,
      'pods of all': 60_000,
      pods: 60_000,
      namespaces: 60_000,
      create: 60_000,
    });
    expect(clock.pending).toBe(0);
  });

  test('makeApiClient sends nothing to another server than the client’s', async () => {
    const core = makeApiClient(
      createClient({ cluster: { server: 'https://h' } }, { transport: new FakeTransport() }),
      CoreV1Api,
    );
    const { httpApi: _, ...elsewhere } = createConfiguration({
      baseServer: new ServerConfiguration('https://other', {}),
    });
    const call = core.listNode({}, { baseServer: elsewhere.baseServer });
    await expect(call).rejects.toThrow(
      'Cannot send request: baseServer must be that of the client, got "https://other"',
    );
  });

  test.each<[string, unknown, unknown, RegExp]>([
    ['no client', undefined, CoreV1Api, /client must be a client \(an object with raw\), got undefined/],
    ['a class first', CoreV1Api, {}, /client must be a client/],
    ['no class', { raw: () => {} }, undefined, /api must be an API class of @kubernetes\/client-node, like CoreV1Api/],
  ])('makeApiClient refuses %s', (_, client, api, message) => {
    expect(() => makeApiClient(client as never, api as never)).toThrow(message);
  });
});

describe('ResponseContext', () => {
  const answer = (): ResponseContext =>
    new ResponseContext({
      status: 200,
      headers: { 'content-disposition': 'Attachment; filename="a=b.txt"', 'x-two': ['a', 'b'] },
      body: ReadableStream.from([Buffer.from('hä').subarray(0, 2), Buffer.from('hä').subarray(2)]),
    });

  test('ResponseContext gives its body as text, bytes, file or stream, as often as it is asked for', async () => {
    const context = answer();
    expect(await context.body.text()).toBe('hä');
    expect(await context.getBodyAsAny()).toBe('hä');
    expect(await context.getBodyAsFile()).toEqual({ data: Buffer.from('hä'), name: 'a=b.txt' });
    for (const one of [context, answer()]) {
      const chunks: Uint8Array[] = [];
      for await (const chunk of one.body.stream()) chunks.push(chunk);
      expect(Buffer.concat(chunks).toString()).toBe('hä');
    }
    expect(context.headers['x-two']).toBe('a, b');
    expect(context.getParsedHeader('content-disposition')).toEqual({ '': 'attachment', filename: 'a=b.txt' });
    expect(context.getParsedHeader('missing')).toEqual({});
  });
});
