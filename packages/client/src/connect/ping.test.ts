import type http from 'node:http';
import type http2 from 'node:http2';
import type { Transport } from '@bowline/apimachinery';
import { FakeClock } from '@bowline/apimachinery/testing';
import { describe, expect, test } from 'vitest';
import { createTransport } from '../config/resolve-config.ts';
import { createClient } from '../create-client.ts';
import { FakeTransport } from '../fake-transport.ts';
import { cleanUp, freezer, http2Server, plain, trusted, until } from './servers.fixture.ts';

let ended = 0;
const watchForever = (_request: unknown, response: http.ServerResponse): void => {
  response.write('x');
  response.on('close', () => ended++);
};
const watchServer = async (settings: http2.Settings = {}): Promise<number> =>
  (await http2Server(watchForever, { settings })).port;

const configOf = (port: number) => ({
  cluster: { server: `https://127.0.0.1:${port}`, ...trusted },
});

async function open(transport: Transport): Promise<AsyncIterator<Uint8Array>> {
  const { body } = await transport.request({ method: 'GET', path: '/watch', headers: {} });
  const watch = body[Symbol.asyncIterator]();
  await watch.next();
  return watch;
}

describe('HttpTransport.ping', () => {
  test('HttpTransport.ping is answered for each HTTP/2 connection that carries a watch (Sign of life)', async () => {
    const transport = createTransport(configOf(await watchServer({ maxConcurrentStreams: 2 })));
    cleanUp(() => transport.close?.());
    const { signal } = new AbortController();
    await transport.ping?.(signal); // Before there is any connection.
    const watches = await Promise.all([open(transport), open(transport), open(transport)]);
    transport.retireConnections?.();
    // More at once than Node allows on one connection.
    await Promise.all(Array.from({ length: 50 }, () => transport.ping?.(signal)));
    await Promise.all(watches.map((watch) => watch.return?.()));
  });

  test('HttpTransport.ping rejects with the reason of the signal while a connection is silent', async () => {
    const proxy = await freezer(await watchServer());
    const transport = createTransport(configOf(proxy.port));
    cleanUp(() => transport.close?.());
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
    const proxy = await freezer(await watchServer());
    const transport = createTransport(configOf(proxy.port));
    cleanUp(() => transport.close?.());
    await open(transport);
    proxy.frozen = true;
    const pinging = transport.ping?.(new AbortController().signal);
    const outcome = expect(pinging).rejects.toMatchObject({ code: 'CLIENT_CONNECTION_FAILED' });
    proxy.cut();
    await outcome;
  });

  test('HttpTransport.ping rejects when the transport is closed', async () => {
    const proxy = await freezer(await watchServer());
    const transport = createTransport(configOf(proxy.port));
    await open(transport);
    proxy.frozen = true;
    const pinging = transport.ping?.(new AbortController().signal);
    const outcome = expect(pinging).rejects.toMatchObject({ code: 'CLIENT_CLOSED' });
    await transport.close?.();
    await outcome;
    await expect(transport.ping?.(new AbortController().signal)).rejects.toMatchObject({
      code: 'CLIENT_CLOSED',
      message: 'Cannot ping server: the client is closed',
    });
  });

  test('HttpTransport.ping does not mind connections whose watches are over', async () => {
    const proxy = await freezer(await watchServer());
    const transport = createTransport(configOf(proxy.port));
    cleanUp(() => transport.close?.());
    const watch = await open(transport);
    const before = ended;
    await watch.return?.();
    await until(() => ended > before);
    proxy.frozen = true;
    await transport.ping?.(AbortSignal.timeout(5_000));
  });

  test.each([false, true])(
    'HttpTransport.ping stops to wait for a connection whose last watch ends meanwhile, retired: %s',
    async (retired) => {
      const proxy = await freezer(await watchServer());
      const transport = createTransport(configOf(proxy.port));
      cleanUp(() => transport.close?.());
      const watch = await open(transport);
      proxy.frozen = true;
      const pinging = transport.ping?.(AbortSignal.timeout(5_000));
      if (retired) transport.retireConnections?.();
      await watch.return?.();
      await pinging;
    },
  );

  test('HttpTransport.ping says nothing about HTTP/1.1', async () => {
    const { port } = await plain(watchForever);
    const transport = createTransport({ cluster: { server: `http://127.0.0.1:${port}` } });
    cleanUp(() => transport.close?.());
    await open(transport);
    await expect(transport.ping?.(new AbortController().signal)).resolves.toBeUndefined();
  });
});

describe('HttpTransport.retireConnections', () => {
  test('HttpTransport.retireConnections ends all that a connection carries when it has not answered a ping, and makes one new one (Fresh start)', async () => {
    const { port, connections } = await http2Server(watchForever);
    const proxy = await freezer(port);
    const clock = new FakeClock();
    const transport = createTransport(configOf(proxy.port), { clock });
    cleanUp(() => transport.close?.());
    const watches = await Promise.all([open(transport), open(transport), open(transport)]);
    proxy.frozen = true;
    const stop = new AbortController();
    transport.ping?.(stop.signal).catch(() => {});
    await clock.advance(15_000);
    stop.abort();
    const endings = watches.map((watch) => watch.next().catch((error: unknown) => error));
    transport.retireConnections?.();
    for (const ending of await Promise.all(endings)) {
      expect(ending).toMatchObject({
        code: 'CLIENT_CONNECTION_FAILED',
        retryable: true,
        message: expect.stringContaining('the connection is dead: a ping was not answered'),
      });
    }
    proxy.frozen = false;
    for (let watch = 0; watch < 3; watch++) {
      await open(transport);
      transport.retireConnections?.(); // As each of the watches does that waited for itself.
    }
    expect(connections).toHaveLength(2);
    await clock.advance(1_000);
    transport.retireConnections?.();
    await open(transport);
    expect(connections).toHaveLength(3);
  });

  test('HttpTransport.retireConnections leaves what is alive, and what was only just asked for a sign of life', async () => {
    const proxy = await freezer(await watchServer());
    const clock = new FakeClock();
    const transport = createTransport(configOf(proxy.port), { clock });
    cleanUp(() => transport.close?.());
    const watch = await open(transport);
    await transport.ping?.(new AbortController().signal);
    await clock.advance(60_000);
    proxy.frozen = true;
    const pinging = transport.ping?.(AbortSignal.timeout(60_000));
    pinging?.catch(() => {});
    await clock.advance(999);
    transport.retireConnections?.();
    let ended = false;
    const next = watch.next().finally(() => {
      ended = true;
    });
    next.catch(() => {});
    const other = createTransport(configOf(await watchServer()));
    cleanUp(() => other.close?.());
    await open(other);
    expect(ended).toBe(false);
  });
});

describe('Client.ping', () => {
  test('Client.ping gives a connection 60 s to answer (Sign of life)', async () => {
    const proxy = await freezer(await watchServer());
    const clock = new FakeClock();
    await using client = createClient(configOf(proxy.port), { clock });
    const stop = new AbortController();
    const { body } = await client.raw({ path: '/watch', signal: stop.signal });
    await body[Symbol.asyncIterator]().next();
    await client.ping?.(stop.signal);
    proxy.frozen = true;
    const pinging = client.ping?.(stop.signal).catch((error: unknown) => error);
    await until(() => clock.pending > 0);
    await clock.advance(60_000);
    expect(await pinging).toMatchObject({
      code: 'CLIENT_TIMEOUT',
      message: `A connection to "https://127.0.0.1:${proxy.port}" has not answered a ping within 60000 ms`,
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
