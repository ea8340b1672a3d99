import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import type http from 'node:http';
import http2 from 'node:http2';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import { FakeClock } from '@bowline/apimachinery/testing';
import { describe, expect, test } from 'vitest';
import type { Client } from '../client.ts';
import type { ClusterConfig, UserConfig } from '../config/kube-config.ts';
import { createClient } from '../create-client.ts';
import type { ClientOptions } from '../options.ts';
import { connectionPools } from './connection-pool.ts';
import {
  cleanUp,
  freezer,
  type Handler,
  http2Server,
  pathOf,
  pem,
  plain,
  serve,
  servers,
  text,
  tls,
  trusted,
  until,
} from './servers.fixture.ts';

/** Says who asks; watches stay open and begin with a line. */
class Watched {
  readonly streams: http.ServerResponse[] = [];
  readonly handler: Handler = (request, response) => {
    const { CN } = (request.socket as Partial<TLSSocket>).getPeerCertificate?.().subject ?? {};
    const who = [request.headers.authorization ?? CN ?? 'nobody'].flat()[0] ?? '';
    if (request.url !== '/watch') return void response.end(who);
    this.streams.push(response);
    response.write(who);
  };

  say(words: string): void {
    for (const stream of this.streams) stream.write(words);
  }
}

type Config = { cluster?: Partial<ClusterConfig>; user?: UserConfig; options?: ClientOptions };

function client(server: string, { cluster = {}, user = {}, options = {} }: Config = {}): Client {
  const made = createClient({ cluster: { server, ...cluster }, user }, options);
  cleanUp(() => made.close());
  return made;
}

const ask = async (who: Client): Promise<string> => text(await who.raw({ path: '/api' }));

class Watch {
  readonly #chunks: AsyncIterator<Uint8Array>;

  constructor(chunks: AsyncIterator<Uint8Array>) {
    this.#chunks = chunks;
  }

  static async open(by: Client): Promise<Watch> {
    const watch = new Watch((await by.raw({ path: '/watch' })).body[Symbol.asyncIterator]());
    await watch.hears();
    return watch;
  }

  async hears(): Promise<string> {
    const { value } = await this.#chunks.next();
    return Buffer.from(value ?? []).toString();
  }

  /** The error that it ends with. */
  failure(): Promise<unknown> {
    return this.#chunks.next().catch((error: unknown) => error);
  }
}

describe('ConnectionPools', () => {
  test.each(servers)(
    'clients of one server have one connection for requests in a row, %s (One pool)',
    async (...row) => {
      const [, create, scheme] = row;
      const { port, connections } = await create();
      const clients = [1, 2, 3].map(() => client(`${scheme}://127.0.0.1:${port}`, { cluster: trusted }));
      for (let round = 0; round < 5; round++) for (const each of clients) await ask(each);
      expect(connections).toHaveLength(1);
    },
  );

  test('clients share connections whoever they ask for and act as, and each is taken for itself (One pool)', async () => {
    const { port, connections } = await http2Server(new Watched().handler);
    const server = `https://127.0.0.1:${port}`;
    const anna = client(server, { cluster: trusted, user: { token: 'anna' } });
    const otto = client(`${server}/`, { cluster: trusted, user: { token: 'otto' }, options: { userAgent: 'other' } });
    const nobody = client(server, { cluster: { ...trusted, disableCompression: true }, options: { bodyTimeoutMs: 5 } });
    for (let round = 0; round < 3; round++) {
      expect(await Promise.all([anna, otto, nobody].map(ask))).toEqual(['Bearer anna', 'Bearer otto', 'nobody']);
    }
    const fromFile = client(server, { cluster: { certificateAuthority: pathOf('ca.pem') } });
    const certificateAuthorityData = Buffer.from(pem('ca.pem')).toString('base64');
    for (const each of [fromFile, client(server, { cluster: { certificateAuthorityData } })]) await ask(each);
    expect(connections).toHaveLength(1);
  });

  const alice = { clientCertificateData: pem('alice.pem'), clientKeyData: pem('alice.key') };
  const bob = { clientCertificateData: pem('bob.pem'), clientKeyData: pem('bob.key') };
  test.each<[string, Config]>([
    ['client certificate', { cluster: trusted, user: alice }],
    ['other client certificate', { cluster: trusted, user: bob }],
    ['certificate authority', { cluster: { certificateAuthorityData: pem('ca.pem') + pem('other-ca.pem') } }],
    ['TLS server name', { cluster: { ...trusted, tlsServerName: 'kube.test' } }],
    ['insecure flag', { cluster: { ...trusted, insecureSkipTlsVerify: true } }],
    ['HTTP version', { cluster: trusted, options: { http2: false } }],
    ['time limit of connecting', { cluster: trusted, options: { connectTimeoutMs: 9_999 } }],
    ['clock', { cluster: trusted, options: { clock: new FakeClock() } }],
  ])('a client with another %s has connections of its own (One pool)', async (_, other) => {
    const { port, connections } = await http2Server(undefined, { requestCert: true, rejectUnauthorized: false });
    const server = `https://127.0.0.1:${port}`;
    const [first, second] = [client(server, { cluster: trusted }), client(server, other)];
    for (const each of [first, second, first, second]) await ask(each);
    expect(connections).toHaveLength(2);
    expect(connectionPools.size).toBe(2);
    await second.close();
    await ask(first);
    expect(connections).toHaveLength(2);
  });

  test('a client behind a proxy, or with another name there, has connections of its own (One pool)', async () => {
    const { port } = await plain();
    const proxy = await plain((_request, response) => response.end('proxied'));
    const server = `http://127.0.0.1:${port}`;
    const direct = client(server);
    const proxies = ['a:b@', 'a:c@', ''].map((who) =>
      client(server, { cluster: { proxyUrl: `http://${who}127.0.0.1:${proxy.port}` } }),
    );
    expect(await ask(direct)).not.toBe('proxied');
    for (const each of [...proxies, ...proxies]) expect(await ask(each)).toBe('proxied');
    expect(proxy.connections).toHaveLength(3);
  });

  test.each(servers)(
    'Client.close ends its own requests, no watch of others, and the last one ends the connections, %s (One pool)',
    async (_, create, scheme) => {
      const watched = new Watched();
      const { port, open } = await create(watched.handler);
      const [one, other] = [1, 2].map(() => client(`${scheme}://127.0.0.1:${port}`, { cluster: trusted }));
      if (!one || !other) throw new Error('two clients');
      const [own, foreign] = [await Watch.open(one), await Watch.open(other)];
      await one.close();
      expect(await own.failure()).toMatchObject({ code: 'CLIENT_CLOSED', maybeProcessed: true });
      await expect(one.raw({ path: '/api' })).rejects.toMatchObject({ code: 'CLIENT_CLOSED' });
      watched.say('still here');
      expect(await foreign.hears()).toBe('still here');
      expect(await ask(other)).toBe('nobody');
      await one.close(); // Again: it gives back what it has, and that is nothing.
      expect(await ask(other)).toBe('nobody');
      await other.close();
      expect(await foreign.failure()).toMatchObject({ code: 'CLIENT_CLOSED' });
      await until(() => open.size === 0);
      expect(connectionPools.size).toBe(0);
    },
  );

  test('Client.close ends requests that wait for an answer, or for a connection, and leaves others theirs (One pool)', async () => {
    const waiting: http.ServerResponse[] = [];
    const { port } = await http2Server((_request, response) => void waiting.push(response));
    const config = { cluster: trusted };
    const [one, other] = [client(`https://127.0.0.1:${port}`, config), client(`https://127.0.0.1:${port}`, config)];
    const outcome = (by: Client): Promise<unknown> =>
      by.raw({ method: 'POST', path: '/api', body: '{}' }).then(text, (error: unknown) => error);
    const [early, kept] = [outcome(one), outcome(other)];
    await until(() => waiting.length === 2);
    const late = outcome(one);
    await one.close();
    expect(await early).toMatchObject({ code: 'CLIENT_CLOSED', maybeProcessed: true });
    expect(await late).toMatchObject({ code: 'CLIENT_CLOSED' });
    for (const response of waiting) response.end('done');
    expect(await kept).toBe('done');
  });

  test('a client takes connections with its first request, and gives them back whatever became of it (One pool)', async () => {
    const { port, connections } = await plain();
    const idle = client(`http://127.0.0.1:${port}`);
    expect(connectionPools.size).toBe(0);
    const broken = client('https://127.0.0.1:1', {
      user: { clientCertificateData: '-----BEGIN x', clientKeyData: '-----BEGIN y' },
    });
    await expect(ask(broken)).rejects.toMatchObject({ code: 'CLIENT_TLS_FAILED' });
    for (let made = 0; made < 20; made++) {
      await using brief = client(`http://127.0.0.1:${port}`);
      await ask(brief);
    }
    await broken.close();
    expect(connectionPools.size).toBe(0);
    expect(connections).toHaveLength(20);
    await ask(idle);
    expect(connectionPools.size).toBe(1);
  });

  test('a transport of your own stays apart (One pool)', async () => {
    const inner = { request: async () => ({ status: 200, headers: {}, body: (async function* () {})() }) };
    await using apart = createClient({ cluster: { server: 'http://fake' } }, { transport: inner });
    await apart.raw({ path: '/version' });
    expect(connectionPools.size).toBe(0);
  });

  test('a client of another cluster has connections of its own, and is not disturbed when one ends (One pool)', async () => {
    const watched = new Watched();
    const clusters = await Promise.all([
      http2Server(watched.handler),
      http2Server(watched.handler),
      plain(watched.handler),
    ]);
    const clients = clusters.map(({ port }, index) =>
      client(`${index < 2 ? 'https' : 'http'}://127.0.0.1:${port}`, { cluster: trusted }),
    );
    const watches = await Promise.all(clients.map(Watch.open));
    expect(connectionPools.size).toBe(3);
    await clients[0]?.close();
    watched.say('still here');
    expect(await Promise.all(watches.slice(1).map((watch) => watch.hears()))).toEqual(['still here', 'still here']);
    await until(() => clusters[0]?.open.size === 0);
    expect(clusters.map(({ connections }) => connections.length)).toEqual([1, 1, 1]);
  });

  test('watches of several clients share connections of as many streams as the server allows (One pool)', async () => {
    let streams = 0;
    let most = 0;
    const settings = { maxConcurrentStreams: 3 };
    const server = http2.createSecureServer({ ...tls, settings }, (_request, response) => {
      streams++;
      response.write('x');
      response.on('close', () => streams--);
    });
    server.on('session', (session) => {
      let own = 0;
      session.on('stream', (stream: http2.ServerHttp2Stream) => {
        most = Math.max(most, ++own);
        stream.on('close', () => own--);
      });
    });
    const { port, connections, open } = await serve(server);
    const clients = [1, 2, 3].map(() => client(`https://127.0.0.1:${port}`, { cluster: trusted }));
    const watchers = Array.from({ length: 10 }, (_, index) => clients[index % 3] as Client);
    await Promise.all(watchers.map(Watch.open));
    expect(streams).toBe(10);
    expect(most).toBe(3);
    expect(connections).toHaveLength(4);
    for (const each of clients) await each.close();
    await until(() => open.size === 0);
  });

  test('a new client certificate moves only the clients that have it, and their watches go on (One pool)', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'client-'));
    cleanUp(() => rm(folder, { recursive: true }));
    const files = { clientCertificate: join(folder, 'tls.pem'), clientKey: join(folder, 'tls.key') };
    const install = async (name: string): Promise<void> => {
      await copyFile(pathOf(`${name}.pem`), files.clientCertificate);
      await copyFile(pathOf(`${name}.key`), files.clientKey);
    };
    await install('alice');
    const watched = new Watched();
    const { port, connections, open } = await http2Server(watched.handler, { requestCert: true, ca: pem('ca.pem') });
    const options = { clock: new FakeClock() };
    const config = { cluster: trusted, options };
    const moving = client(`https://127.0.0.1:${port}`, { ...config, user: files });
    const staying = client(`https://127.0.0.1:${port}`, {
      ...config,
      user: alice,
    });
    const watches = [await Watch.open(moving), await Watch.open(staying)];
    expect(connections).toHaveLength(1);
    await install('bob');
    await options.clock.advance(300_000);
    expect([await ask(moving), await ask(staying)]).toEqual(['bob', 'alice']);
    expect(connections).toHaveLength(2);
    watched.say('still here');
    for (const watch of watches) expect(await watch.hears()).toBe('still here');
    await staying.close();
    watched.say('and here');
    expect(await watches[0]?.hears()).toBe('and here');
    expect(open.size).toBe(2);
    watched.streams[0]?.end();
    await watches[0]?.failure();
    await until(() => open.size === 1); // Nobody has Alice's certificate any more.
    expect(await ask(moving)).toBe('bob');
  });

  test('retireConnections moves the later requests of all clients to one new connection, and healthy watches go on (One pool)', async () => {
    const watched = new Watched();
    const { port, connections } = await http2Server(watched.handler);
    const [one, other] = [1, 2].map(() => client(`https://127.0.0.1:${port}`, { cluster: trusted }));
    if (!one || !other) throw new Error('two clients');
    const watches = [await Watch.open(one), await Watch.open(other)];
    one.retireConnections();
    other.retireConnections(); // As each does that waited for the same connection.
    await Promise.all([ask(one), ask(other)]);
    expect(connections).toHaveLength(2);
    watched.say('still here');
    for (const watch of watches) expect(await watch.hears()).toBe('still here');
  });

  test('retireConnections ends the watches of all clients on a connection that left a ping unanswered (One pool)', async () => {
    const watched = new Watched();
    const { port, connections } = await http2Server(watched.handler);
    const proxy = await freezer(port);
    const options = { clock: new FakeClock() };
    const [one, other] = [1, 2].map(() => client(`https://127.0.0.1:${proxy.port}`, { cluster: trusted, options }));
    if (!one || !other) throw new Error('two clients');
    const endings = [await Watch.open(one), await Watch.open(other)].map((watch) => watch.failure());
    proxy.frozen = true;
    const stop = new AbortController();
    one.ping?.(stop.signal).catch(() => {});
    await options.clock.advance(15_000);
    stop.abort();
    one.retireConnections();
    for (const ending of endings) {
      expect(await ending).toMatchObject({ code: 'CLIENT_CONNECTION_FAILED', retryable: true });
    }
    proxy.frozen = false;
    expect(await Promise.all([ask(one), ask(other)])).toEqual(['nobody', 'nobody']);
    expect(connections).toHaveLength(2);
  });

  test('a client that does not read what it asked for holds up nobody else on the connection (One pool)', async () => {
    const handler: Handler = ({ url }, response) => response.end(url === '/big' ? Buffer.alloc(8 << 20) : 'small');
    const { port, connections } = await http2Server(handler, { maxSessionMemory: 100 });
    const [lazy, other] = [1, 2].map(() => client(`https://127.0.0.1:${port}`, { cluster: trusted }));
    if (!lazy || !other) throw new Error('two clients');
    const unread = await Promise.all(Array.from({ length: 6 }, () => lazy.raw({ path: '/big' })));
    await until(() => (connections[0]?.bytesWritten ?? 0) > 17 << 20); // More than the window of the connection.
    expect(await ask(other)).toBe('small');
    expect(connections).toHaveLength(1);
    for (const { body } of unread) for await (const _ of body) break;
    expect(await ask(lazy)).toBe('small');
  });
});
