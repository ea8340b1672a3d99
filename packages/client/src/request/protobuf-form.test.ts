import { Pod } from '@bowline/api/core/v1';
import { encodeMessage } from '@bowline/api/protobuf';
import { describe, expect, test } from 'vitest';
import { createClient } from '../create-client.ts';
import { type FakeExchange, FakeTransport } from '../fake-transport.ts';
import { core, coreType, envelope, field, frame, podList } from '../split/protobuf.fixture.ts';

const { signal } = new AbortController();
const protobuf = { 'content-type': 'application/vnd.kubernetes.protobuf' };
const both = 'application/vnd.kubernetes.protobuf,application/json';
const web = { metadata: { name: 'web', namespace: 'default', uid: 'u1', resourceVersion: '7' } };
const newer = envelope(
  'v1',
  'PodList',
  field(2, Buffer.concat([encodeMessage(await coreType('Pod'), web), field(30, Buffer.from('new'))])),
);
const json = { apiVersion: 'v1', kind: 'PodList', metadata: { resourceVersion: '9' }, items: [web] };
const watchCall = { resourceVersion: '9', allowWatchBookmarks: true, timeoutSeconds: 300, signal };

function setUp() {
  const transport = new FakeTransport();
  const client = createClient({ cluster: { server: 'https://fake' } }, { transport, protobuf: true });
  /** The next request, once it has come. */
  const next = (): Promise<FakeExchange> => transport.next();
  return { client, next };
}

describe('Client with protobuf', () => {
  test('Client.listItems asks for protobuf, and believes what the answer says it is', async () => {
    const { client, next } = setUp();
    const first = client.listItems<Pod>(Pod, { signal });
    const exchange = await next();
    expect(exchange.request.headers?.accept).toBe(both);
    exchange.respond({ headers: protobuf, body: await podList([web]) });
    const second = client.listItems<Pod>(Pod, { signal });
    (await next()).respond({ body: json });
    const pages = await Promise.all([first, second]);
    for (const { items, resourceVersion } of pages) {
      expect(resourceVersion).toBe('9');
      expect(items.map(({ key }) => key)).toEqual(['default/web']);
      expect(items[0]?.object).toMatchObject({ apiVersion: 'v1', kind: 'Pod', ...web });
    }
  });

  test('Client.watchItems asks for protobuf, and reads frames of both forms', async () => {
    const { client, next } = setUp();
    const watch = async (answer: (exchange: FakeExchange) => void): Promise<unknown> => {
      const frames = client.watchItems<Pod>(Pod, watchCall)[Symbol.asyncIterator]();
      const accepted = frames.next();
      answer(await next());
      expect(await accepted).toEqual({ done: false, value: [] });
      const [first] = (await frames.next()).value ?? [];
      await frames.return?.(undefined);
      return first;
    };
    const added = { type: 'added', item: { key: 'default/web', uid: 'u1', resourceVersion: '7' } };
    const bytes = frame('ADDED', await core('Pod', web));
    expect(
      await watch((exchange) => {
        expect(exchange.request.headers?.accept).toBe(both);
        exchange.open({ headers: { 'content-type': 'application/vnd.kubernetes.protobuf;stream=watch' } });
        exchange.write(bytes);
      }),
    ).toMatchObject(added);
    const object = { apiVersion: 'v1', kind: 'Pod', ...web };
    expect(
      await watch((exchange) => {
        exchange.open({ headers: { 'content-type': 'application/json' } });
        exchange.event('ADDED', object);
      }),
    ).toMatchObject(added);
  });

  test('Nothing is lost: a list with fields that the tables lack is asked for again as JSON, and later ones at once', async () => {
    const { client, next } = setUp();
    const listing = client.listItems<Pod>(Pod, { signal });
    (await next()).respond({ headers: protobuf, body: newer });
    const again = await next();
    expect(again.request.headers?.accept).toBe('application/json');
    again.respond({ body: json });
    expect((await listing).items.map(({ key }) => key)).toEqual(['default/web']);
    const watching = client.watchItems<Pod>(Pod, watchCall)[Symbol.asyncIterator]().next();
    const watch = await next();
    expect(watch.request.headers?.accept).toBe('application/json');
    watch.respond();
    await watching;
  });

  test('Nothing is lost: a watch that sends such an object ends, and the next one asks for JSON', async () => {
    const { client, next } = setUp();
    const frames = client.watchItems<Pod>(Pod, watchCall)[Symbol.asyncIterator]();
    const accepted = frames.next();
    const exchange = await next();
    exchange.open({ headers: protobuf });
    await accepted;
    const rest = frames.next();
    const message = Buffer.concat([encodeMessage(await coreType('Pod'), web), field(30, Buffer.from('new'))]);
    exchange.write(
      Buffer.concat([frame('ADDED', await core('Pod', web)), frame('MODIFIED', envelope('v1', 'Pod', message))]),
    );
    expect(await rest).toMatchObject({ value: [{ type: 'added' }] });
    expect(await frames.next()).toEqual({ done: true, value: undefined });
    const watching = client.watchItems<Pod>(Pod, watchCall)[Symbol.asyncIterator]().next();
    const later = await next();
    expect(later.request.headers?.accept).toBe('application/json');
    later.respond();
    await watching;
  });

  test('Client asks for JSON alone when protobuf is off, the kind is not given, or it is a custom one', async () => {
    const transport = new FakeTransport();
    const off = createClient({ cluster: { server: 'https://fake' } }, { transport });
    const { client, next } = setUp();
    const asked: unknown[] = [];
    const answer = async (exchange: FakeExchange, listing: Promise<unknown>): Promise<void> => {
      asked.push(exchange.request.headers?.accept);
      exchange.respond({ body: json });
      await listing;
    };
    const { kind: _, ...unknown } = Pod;
    const listings = [off.listItems(Pod, { signal })];
    await answer(await transport.next(), listings[0] as Promise<unknown>);
    for (const resource of [unknown, { group: 'example.com', version: 'v1', resource: 'pods', kind: 'Pod' }]) {
      const listing = client.listItems(resource, { signal });
      await answer(await next(), listing);
    }
    expect(asked).toEqual(['application/json', 'application/json', 'application/json']);
  });

  test('Client asks for metadata alone as protobuf, too', async () => {
    const { client, next } = setUp();
    const listing = client.listItems({ ...Pod, metadataOnly: true }, { signal });
    const exchange = await next();
    expect(exchange.request.headers?.accept).toBe(
      'application/vnd.kubernetes.protobuf;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,' +
        'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json',
    );
    const list = Buffer.concat([field(2, encodeMessage(await coreType('PartialObjectMetadata'), web))]);
    exchange.respond({ headers: protobuf, body: envelope('meta.k8s.io/v1', 'PartialObjectMetadataList', list) });
    const { items } = await listing;
    expect(items[0]?.object).toMatchObject({ apiVersion: 'meta.k8s.io/v1', kind: 'PartialObjectMetadata', ...web });
  });

  test('Plain words: a refusal that comes as protobuf has the words of the server', async () => {
    const { client, next } = setUp();
    const refused = client.listItems(Pod, { signal });
    const status = { status: 'Failure', message: 'pods is forbidden', reason: 'Forbidden', code: 403 };
    (await next()).respond({ status: 403, headers: protobuf, body: await core('Status', status) });
    await expect(refused).rejects.toMatchObject({ code: 'API_FORBIDDEN', message: 'pods is forbidden' });
    const unreadable = client.listItems(Pod, { signal });
    (await next()).respond({ status: 403, headers: protobuf, body: 'k8s' });
    await expect(unreadable).rejects.toMatchObject({ code: 'API_FORBIDDEN', httpStatus: 403 });
    const cutOff = client.listItems(Pod, { signal });
    (await next()).respond({ headers: protobuf, body: 'nonsense' });
    await expect(cutOff).rejects.toMatchObject({
      code: 'CLIENT_BAD_RESPONSE',
      message: 'Cannot understand the answer of "https://fake" to GET /api/v1/pods: it is not a protobuf list',
    });
  });
});
