import { Readable } from 'node:stream';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Pod } from '@bowline/api/core/v1';
import type { EncodedItem, HttpRequest, HttpResponse, Item } from '@bowline/apimachinery';
import { describe, expect, test } from 'vitest';
import type { Client } from '../client.ts';
import { cleanUp, type Handler, http2Server, plain, type Served, trusted } from '../connect/servers.fixture.ts';
import { createClient } from '../create-client.ts';
import { FakeTransport } from '../fake-transport.ts';
import { core, frame, keepCopy, podList } from '../split/protobuf.fixture.ts';

const { signal } = new AbortController();
const protobuf = { 'content-type': 'application/vnd.kubernetes.protobuf' };
const watchCall = { resourceVersion: '9', allowWatchBookmarks: true, timeoutSeconds: 300, signal };
const pod = (name: string, text: string = ''): { readonly metadata: object; readonly spec: object } => ({
  metadata: { name, namespace: 'default', uid: `uid of ${name}`, resourceVersion: '7', annotations: { text } },
  spec: { nodeName: `node of ${name}` },
});
const web = pod('web');

setFlagsFromString('--expose-gc');
const collect: () => void = runInNewContext('gc');

/** A transport that is told which chunks may go. */
class FreeingTransport extends FakeTransport {
  readonly freed: Uint8Array[] = [];

  override async request(request: HttpRequest): Promise<HttpResponse> {
    return { ...(await super.request(request)), free: (chunk) => void this.freed.push(chunk) };
  }
}

function setUp() {
  const transport = new FreeingTransport();
  return {
    transport,
    client: createClient({ cluster: { server: 'https://fake' } }, { transport, protobuf: true }),
  };
}

describe('HttpResponse.free', () => {
  test('HttpResponse.free is called for a chunk of protobuf when its items were copied, and once', async () => {
    const { client, transport } = setUp();
    const bytes = await podList([web, pod('db')]);
    const listing = client.listItems<Pod>(Pod, { signal });
    (await transport.next()).respond({ headers: protobuf, body: bytes });
    const { items } = await listing;
    expect(transport.freed).toEqual([]);
    for (const item of items) keepCopy(item);
    expect(transport.freed).toEqual([bytes]);
    for (const item of items) keepCopy(item);
    expect(transport.freed).toHaveLength(1);
    expect(items.map(({ uid }) => uid)).toEqual(['uid of web', 'uid of db']);
  });

  test('HttpResponse.free is called for a chunk of a watch when the next one is asked for, at the earliest', async () => {
    const { client, transport } = setUp();
    const frames = client.watchItems<Pod>(Pod, watchCall)[Symbol.asyncIterator]();
    const opened = frames.next();
    const exchange = await transport.next();
    exchange.open({ headers: protobuf });
    await opened;
    const reading = frames.next();
    exchange.write(frame('ADDED', await core('Pod', web)));
    for (const one of (await reading).value ?? []) if ('item' in one) keepCopy(one.item as Item<unknown>);
    expect(transport.freed).toEqual([]);
    const ending = frames.next();
    exchange.end();
    expect(await ending).toEqual({ done: true, value: undefined });
    expect(transport.freed).toHaveLength(1);
  });

  test.each<[string, (item: Item<Pod>) => void]>([
    ['nobody has copied', () => {}],
    [
      'somebody has read',
      (item) => {
        void item.object;
        keepCopy(item);
      },
    ],
  ])('HttpResponse.free is not called while there is an item that %s', async (_, use) => {
    const { client, transport } = setUp();
    const listing = client.listItems<Pod>(Pod, { signal });
    (await transport.next()).respond({ headers: protobuf, body: await podList([web, pod('db')]) });
    const [first, second] = (await listing).items;
    if (first === undefined || second === undefined) expect.unreachable();
    use(first);
    keepCopy(second);
    expect(transport.freed).toEqual([]);
  });

  test('HttpResponse.free is all that an item keeps of its answer', async () => {
    const bytes = await podList([web]);
    const bodies: WeakRef<object>[] = [];
    const request = async (): Promise<HttpResponse> => {
      const body = Readable.from([bytes]);
      bodies.push(new WeakRef(body));
      return { status: 200, headers: protobuf, body, free: () => {} };
    };
    const client = createClient({ cluster: { server: 'https://fake' } }, { transport: { request }, protobuf: true });
    const { items } = await client.listItems<Pod>(Pod, { signal });
    await new Promise((resolve) => setImmediate(resolve));
    collect();
    expect(bodies.map((body) => body.deref())).toEqual([undefined]);
    expect(items.map(({ uid }) => uid)).toEqual(['uid of web']);
  });

  test('HttpResponse.free is not called for JSON, whose items are not told of copies', async () => {
    const { client, transport } = setUp();
    const listing = client.listItems<Pod>(Pod, { signal });
    const list = { apiVersion: 'v1', kind: 'PodList', metadata: { resourceVersion: '9' }, items: [web] };
    (await transport.next()).respond({ body: list });
    for (const item of (await listing).items) keepCopy(item);
    expect(transport.freed).toEqual([]);
  });
});

const COUNT = 300;
const names = Array.from({ length: COUNT }, (_, index) => `pod-${index}`);
const list = await podList(names.map((name) => pod(name, `${name} `.repeat(400))));
const send =
  (writes: number): Handler =>
  (_request, response) => {
    response.writeHead(200, { ...protobuf, ...(writes === 1 && { 'content-length': list.length }) });
    const size = Math.ceil(list.length / writes);
    for (let from = 0; from < list.length; from += size) response.write(list.subarray(from, from + size));
    response.end();
  };
const over11 = async (handler: Handler): Promise<[Served, string]> => [await plain(handler), 'http'];
const over2 = async (handler: Handler): Promise<[Served, string]> => [await http2Server(handler), 'https'];

describe('HttpTransport', () => {
  test.each<[string, (handler: Handler) => Promise<[Served, string]>, number]>([
    ['HTTP/1.1 with a length', over11, 1],
    ['HTTP/1.1 in chunks', over11, 500],
    ['HTTP/2', over2, 1],
    ['HTTP/2 in small frames', over2, 500],
  ])(
    'HttpTransport gives memory back while it comes, and harms none of several answers at once: %s',
    async (_, serve, writes) => {
      const [{ port }, scheme] = await serve(send(writes));
      const cluster = { server: `${scheme}://127.0.0.1:${port}`, ...(scheme === 'https' && trusted) };
      const client: Client = createClient({ cluster, user: {} }, { protobuf: true });
      cleanUp(() => client.close());
      const buffers = new Set<ArrayBufferLike>();
      const lists = Array.from({ length: 4 }, async (_each, which) => {
        const items: Item<Pod>[] = [];
        await client.listItems<Pod>(Pod, {
          signal,
          onItems: (some) => {
            for (const item of some) {
              buffers.add((item as EncodedItem<Pod>).bytes.buffer);
              // One of the lists is held as it came.
              if (which > 0) keepCopy(item);
              items.push(item);
            }
          },
        });
        return items;
      });
      for (const items of await Promise.all(lists)) {
        expect(
          items.map(({ object: { metadata, spec } }) => [metadata.name, metadata.annotations, spec?.nodeName]),
        ).toEqual(names.map((name) => [name, { text: `${name} `.repeat(400) }, `node of ${name}`]));
      }
      const gone = [...buffers].filter((buffer) => (buffer as ArrayBuffer).detached);
      expect(gone.length).toBeGreaterThan(3);
    },
  );
});
