import type http from 'node:http';
import { constants, createGzip, gzipSync } from 'node:zlib';
import { readAll } from '@bowline/apimachinery';
import { FakeClock } from '@bowline/apimachinery/testing';
import { describe, expect, test } from 'vitest';
import type { Client } from '../client.ts';
import type { ClusterConfig } from '../config/kube-config.ts';
import { createTransport } from '../config/resolve-config.ts';
import { createClient } from '../create-client.ts';
import type { ClientOptions } from '../options.ts';
import { cleanUp, type Handler, plain, until } from './servers.fixture.ts';

const configMaps = {
  group: '',
  version: 'v1',
  resource: 'configmaps',
  scope: 'Namespaced',
  kind: 'ConfigMap',
} as const;
const object = (name: string, data = {}) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { namespace: 'x', name, resourceVersion: '7' },
  data,
});

const serve = async (handler: http.RequestListener): Promise<string> =>
  `http://127.0.0.1:${(await plain(handler as Handler)).port}`;

function clientOf(server: string, options: ClientOptions = {}, cluster: Partial<ClusterConfig> = {}): Client {
  const client = createClient({ cluster: { server, ...cluster } }, options);
  cleanUp(() => client.close());
  return client;
}

/** Answers with these bytes and says that they are gzip. */
const zipped =
  (bytes: Uint8Array): http.RequestListener =>
  (_request, response) =>
    response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' }).end(bytes);

describe('gunzip', () => {
  test('gunzip inflates lists as they arrive, and hides that they were compressed (Compressed)', async () => {
    const items = Array.from({ length: 2_000 }, (_, index) => object(`n-${index}`, { text: 'a'.repeat(index) }));
    const list = { kind: 'ConfigMapList', apiVersion: 'v1', metadata: { resourceVersion: '7' }, items };
    let asked: string | undefined;
    const server = await serve((request, response) => {
      asked = request.headers['accept-encoding'];
      zipped(gzipSync(JSON.stringify(list)))(request, response);
    });
    expect((await clientOf(server).list(configMaps)).items).toEqual(items);
    expect(asked).toBe('gzip');
    const { headers, body } = await clientOf(server).raw({ path: '/x' });
    expect(headers).not.toHaveProperty('content-encoding');
    expect(headers).not.toHaveProperty('content-length');
    expect(JSON.parse(Buffer.from(await readAll(body)).toString())).toEqual(list);
  });

  test('gunzip gives each event of a watch when it was flushed (Compressed)', async () => {
    const gzip = createGzip();
    const send = (name: string): void => {
      gzip.write(`${JSON.stringify({ type: 'ADDED', object: object(name) })}\n`);
      gzip.flush(constants.Z_SYNC_FLUSH);
    };
    const server = await serve((_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' });
      gzip.pipe(response);
      send('a');
    });
    const names: string[] = [];
    for await (const event of clientOf(server).watch(configMaps, { namespace: 'x' })) {
      if (event.type === 'bookmark') continue;
      names.push(event.object.metadata.name);
      if (names.length === 3) break;
      send(`${event.object.metadata.name}b`);
    }
    expect(names).toEqual(['a', 'ab', 'abb']);
  });

  test.each([
    ['what is no gzip', Buffer.from('{"kind":"ConfigMap"}')],
    ['damaged gzip', gzipSync(JSON.stringify(object('a'))).fill(0xff, 12, 30)],
  ])('gunzip says that an answer is unusable: %s', async (_, bytes) => {
    const server = await serve(zipped(bytes));
    const failure = await clientOf(server)
      .get(configMaps, { namespace: 'x', name: 'a' })
      .catch((error: unknown) => error);
    expect(failure).toMatchObject({
      code: 'CLIENT_BAD_RESPONSE',
      message: `Cannot understand the answer of "${server}": it is no gzip, or damaged (Z_DATA_ERROR)`,
    });
  });

  test('gunzip takes gzip that ends too early for a lost connection: a read is sent again', async () => {
    const whole = gzipSync(JSON.stringify(object('a')));
    let calls = 0;
    const server = await serve((request, response) => {
      calls++;
      zipped(calls === 1 ? whole.subarray(0, 40) : whole)(request, response);
    });
    const clock = new FakeClock();
    const reading = clientOf(server, { clock }).get(configMaps, { namespace: 'x', name: 'a' });
    await until(() => clock.nextDeadline() === 1_000);
    await clock.advance(1_000);
    expect((await reading)?.metadata.name).toBe('a');
    expect(calls).toBe(2);
  });

  test('gunzip inflates no more of a bomb than is read', async () => {
    const bomb = gzipSync(JSON.stringify(object('a', { text: ' '.repeat(64 << 20) })));
    expect(bomb.length).toBeLessThan(100_000);
    const server = await serve(zipped(bomb));
    const before = process.memoryUsage().rss;
    await expect(
      clientOf(server, { maxItemBytes: 1 << 20 }).get(configMaps, { namespace: 'x', name: 'a' }),
    ).rejects.toMatchObject({ code: 'CLIENT_BAD_RESPONSE', message: expect.stringContaining('larger than 1048576') });
    expect(process.memoryUsage().rss - before).toBeLessThan(48 << 20);
  });

  test('gunzip frees the connection when the body is left early or the signal aborts', async () => {
    let closed = 0;
    const server = await serve((_request, response) => {
      response.on('close', () => closed++);
      const gzip = createGzip();
      response.writeHead(200, { 'content-encoding': 'gzip' });
      gzip.pipe(response);
      gzip.write('hello');
      gzip.flush(constants.Z_SYNC_FLUSH);
    });
    const transport = createTransport({ cluster: { server } });
    cleanUp(() => transport.close?.());
    const get = { method: 'GET', path: '/', headers: {} } as const;
    for await (const chunk of (await transport.request(get)).body) {
      expect(Buffer.from(chunk).toString()).toBe('hello');
      break;
    }
    const stop = new AbortController();
    const reading = (await transport.request({ ...get, signal: stop.signal })).body[Symbol.asyncIterator]();
    await reading.next();
    const next = reading.next();
    const why = new Error('enough');
    stop.abort(why);
    await expect(next).rejects.toBe(why);
    await until(() => closed === 2);
  });

  test('gunzip is not asked for where the cluster or the client says so, nor where the caller asks for an encoding', async () => {
    const asked: (string | undefined)[] = [];
    const server = await serve((request, response) => {
      asked.push(request.headers['accept-encoding']);
      zipped(Buffer.from('as it is'))(request, response);
    });
    const read = async (client: Client, headers = {}): Promise<string> =>
      Buffer.from(await readAll((await client.raw({ path: '/', headers })).body)).toString();
    expect(await read(clientOf(server, { compression: false }))).toBe('as it is');
    expect(await read(clientOf(server, {}, { disableCompression: true }))).toBe('as it is');
    expect(await read(clientOf(server), { 'accept-encoding': 'gzip, br' })).toBe('as it is');
    expect(asked).toEqual([undefined, undefined, 'gzip, br']);
  });
});
