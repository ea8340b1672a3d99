import { readFileSync } from 'node:fs';
import http from 'node:http';
import http2 from 'node:http2';
import net, { type AddressInfo } from 'node:net';
import type { Transport } from '@bowline/apimachinery';
import { FakeClock } from '@bowline/apimachinery/testing';
import { afterEach, describe, expect, test } from 'vitest';
import { createTransport } from '../config/resolve-config.ts';
import { createClient } from '../create-client.ts';
import { FakeTransport } from '../fake-transport.ts';

const pem = (name: string): string => readFileSync(new URL(`../testdata/${name}`, import.meta.url), 'utf8');
const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function listen(server: net.Server): Promise<number> {
  const open = new Set<net.Socket>();
  server.on('connection', (socket: net.Socket) => {
    open.add(socket);
    socket.on('error', () => {});
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  cleanups.push(() => {
    for (const socket of open) socket.destroy();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

/** Between client and server. Frozen, it keeps all connections open and lets nothing through. */
async function freezer(port: number): Promise<{ readonly port: number; frozen: boolean }> {
  const state = { port: 0, frozen: false };
  state.port = await listen(
    net.createServer((near) => {
      const far = net.connect(port, '127.0.0.1');
      far.on('error', () => {});
      cleanups.push(() => far.destroy());
      near.on('data', (data) => void (state.frozen || far.write(data)));
      far.on('data', (data) => void (state.frozen || near.write(data)));
      near.on('close', () => far.destroy());
      far.on('close', () => near.destroy());
    }),
  );
  return state;
}

let ended = 0;
const watchForever = (_request: unknown, response: http.ServerResponse | http2.Http2ServerResponse): void => {
  (response as http.ServerResponse).write('x');
  response.on('close', () => ended++);
};
const http2Server = (settings: http2.Settings = {}): Promise<number> =>
  listen(http2.createSecureServer({ key: pem('server.key'), cert: pem('server.pem'), settings }, watchForever));

const configOf = (port: number) => ({
  cluster: { server: `https://127.0.0.1:${port}`, certificateAuthorityData: pem('ca.pem') },
});

async function open(transport: Transport): Promise<AsyncIterator<Uint8Array>> {
  const { body } = await transport.request({ method: 'GET', path: '/watch', headers: {} });
  const watch = body[Symbol.asyncIterator]();
  await watch.next();
  return watch;
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}

describe('HttpTransport.ping', () => {
  test('HttpTransport.ping is answered for each HTTP/2 connection that carries a watch (Sign of life)', async () => {
    const transport = createTransport(configOf(await http2Server({ maxConcurrentStreams: 2 })));
    cleanups.push(() => transport.close?.());
    const { signal } = new AbortController();
    await transport.ping?.(signal); // Before there is any connection.
    const watches = await Promise.all([open(transport), open(transport), open(transport)]);
    transport.retireConnections?.();
    // More at once than Node allows on one connection.
    await Promise.all(Array.from({ length: 50 }, () => transport.ping?.(signal)));
    await Promise.all(watches.map((watch) => watch.return?.()));
  });

  test('HttpTransport.ping rejects with the reason of the signal while a connection is silent', async () => {
    const proxy = await freezer(await http2Server());
    const transport = createTransport(configOf(proxy.port));
    cleanups.push(() => transport.close?.());
    await open(transport);
    proxy.frozen = true;
    const stop = new AbortController();
    const pinging = transport.ping?.(stop.signal);
    const why = new Error('15 s are over');
    stop.abort(why);
    await expect(pinging).rejects.toBe(why);
    await expect(transport.ping?.(stop.signal)).rejects.toBe(why);
  });

  test('HttpTransport.ping rejects when the connection ends under it', async () => {
    const proxy = await freezer(await http2Server());
    const transport = createTransport(configOf(proxy.port));
    await open(transport);
    proxy.frozen = true;
    const pinging = transport.ping?.(new AbortController().signal);
    const outcome = expect(pinging).rejects.toMatchObject({ code: 'CLIENT_CONNECTION_FAILED' });
    await transport.close?.();
    await outcome;
  });

  test('HttpTransport.ping does not mind connections whose watches are over', async () => {
    const proxy = await freezer(await http2Server());
    const transport = createTransport(configOf(proxy.port));
    cleanups.push(() => transport.close?.());
    const watch = await open(transport);
    const before = ended;
    await watch.return?.();
    await until(() => ended > before);
    proxy.frozen = true;
    await transport.ping?.(AbortSignal.timeout(5_000));
  });

  test('HttpTransport.ping says nothing about HTTP/1.1', async () => {
    const port = await listen(http.createServer(watchForever));
    const transport = createTransport({ cluster: { server: `http://127.0.0.1:${port}` } });
    cleanups.push(() => transport.close?.());
    await open(transport);
    await expect(transport.ping?.(new AbortController().signal)).resolves.toBeUndefined();
  });
});

describe('Client.ping', () => {
  test('Client.ping gives a connection 15 s to answer (Sign of life)', async () => {
    const proxy = await freezer(await http2Server());
    const clock = new FakeClock();
    await using client = createClient(configOf(proxy.port), { clock });
    const stop = new AbortController();
    const { body } = await client.raw({ path: '/watch', signal: stop.signal });
    await body[Symbol.asyncIterator]().next();
    await client.ping?.(stop.signal);
    proxy.frozen = true;
    const pinging = client.ping?.(stop.signal).catch((error: unknown) => error);
    await until(() => clock.pending > 0);
    await clock.advance(15_000);
    expect(await pinging).toMatchObject({
      code: 'CLIENT_TIMEOUT',
      message: `A connection to "https://127.0.0.1:${proxy.port}" has not answered a ping within 15000 ms`,
    });
    expect(clock.pending).toBe(0);
    const why = new Error('enough');
    const another = client.ping?.(stop.signal);
    stop.abort(why);
    await expect(another).rejects.toBe(why);
    expect(clock.pending).toBe(0);
  });

  test('Client.ping is absent where the transport has none', () => {
    const client = createClient({ cluster: { server: 'http://fake' }, ports: { transport: new FakeTransport() } });
    expect(client.ping).toBeUndefined();
    expect('ping' in client).toBe(false);
  });
});
