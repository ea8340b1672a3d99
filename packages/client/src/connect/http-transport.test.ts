import { getEventListeners } from 'node:events';
import { readFileSync } from 'node:fs';
import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import http from 'node:http';
import http2 from 'node:http2';
import https from 'node:https';
import net, { type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import { type HttpResponse, readAll } from '@bowline/apimachinery';
import { FakeClock } from '@bowline/apimachinery/testing';
import { afterEach, describe, expect, test } from 'vitest';
import { createTransport } from '../config/resolve-config.ts';
import { createClient } from '../create-client.ts';

const data = new URL('../testdata/', import.meta.url);
const path = (name: string): string => new URL(name, data).pathname;
const pem = (name: string): string => readFileSync(path(name), 'utf8');
const tls = { key: pem('server.key'), cert: pem('server.pem') };

type Handler = (request: http.IncomingMessage | http2.Http2ServerRequest, response: http.ServerResponse) => void;

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

interface Served {
  readonly port: number;
  /** Connections ever made. */
  readonly connections: net.Socket[];
  /** Those that are open. */
  readonly open: Set<net.Socket>;
}

async function serve(server: net.Server): Promise<Served> {
  const connections: net.Socket[] = [];
  const open = new Set<net.Socket>();
  server.on('connection', (socket) => {
    connections.push(socket);
    open.add(socket);
    socket.on('close', () => open.delete(socket));
    socket.on('error', () => {});
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  cleanups.push(() => {
    for (const socket of open) socket.destroy();
    server.close();
  });
  return { port: (server.address() as AddressInfo).port, connections, open };
}

const ok: Handler = (_request, response) => response.end('{"kind":"Status","apiVersion":"v1"}');
const plain = (handler: Handler = ok): Promise<Served> => serve(http.createServer(handler));
const secure = (handler: Handler = ok, options = {}): Promise<Served> =>
  serve(https.createServer({ ...tls, ...options }, handler));
const http2Server = (handler: Handler = ok): Promise<Served> =>
  serve(http2.createSecureServer({ ...tls, allowHTTP1: true }, handler as never));

const trusted = { certificateAuthorityData: pem('ca.pem') };

function transport(server: string, cluster = {}, user = {}, options = {}): ReturnType<typeof createTransport> {
  const made = createTransport({ cluster: { server, ...cluster }, user }, options);
  cleanups.push(() => made.close?.());
  return made;
}

async function text(response: HttpResponse): Promise<string> {
  return Buffer.from(await readAll(response.body)).toString();
}

const get = { method: 'GET', path: '/api', headers: {} } as const;

/** Until something outside of this process's own turn is so. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}

describe('HttpTransport', () => {
  test.each([
    ['HTTP/1.1', plain, 'http'],
    ['HTTP/1.1 over TLS', secure, 'https'],
    ['HTTP/2', http2Server, 'https'],
  ] as const)(
    'HttpTransport uses one connection for 200 requests in a row, %s (Kept alive)',
    async (_, server, scheme) => {
      const { port, connections } = await server();
      const one = transport(`${scheme}://127.0.0.1:${port}`, trusted);
      for (let sent = 0; sent < 200; sent++) await text(await one.request(get));
      expect(connections).toHaveLength(1);
    },
  );

  test('HttpTransport speaks HTTP/2 where the server offers it, and not when it is switched off', async () => {
    const { port } = await http2Server((request, response) => response.end(request.httpVersion));
    expect(await text(await transport(`https://127.0.0.1:${port}`, trusted).request(get))).toBe('2.0');
    expect(await text(await transport(`https://127.0.0.1:${port}`, trusted, {}, { http2: false }).request(get))).toBe(
      '1.1',
    );
  });

  test('HttpTransport lets a server send 4 MiB of a stream before it waits', async () => {
    const server = http2.createSecureServer(tls, (_request, response) => response.end('x'));
    const settings = new Promise<http2.Settings>((resolve) =>
      server.once('session', (session) => session.once('remoteSettings', resolve)),
    );
    const { port } = await serve(server);
    await text(await transport(`https://127.0.0.1:${port}`, trusted).request(get));
    expect(await settings).toMatchObject({ initialWindowSize: 4 << 20 });
  });

  test('HttpTransport has 150 watches at once on one HTTP/2 connection', async () => {
    const { port, connections } = await http2Server((_request, response) => response.write('x'));
    const one = transport(`https://127.0.0.1:${port}`, trusted);
    const responses = await Promise.all(Array.from({ length: 150 }, () => one.request(get)));
    for (const { body } of responses) for await (const _ of body) break;
    expect(connections).toHaveLength(1);
  });

  test.each([
    [2, 6],
    [100, 2],
  ])(
    'HttpTransport has all watches open at servers that allow %i of them on one connection (Kept alive)',
    async (maxConcurrentStreams, expected) => {
      const watches = Math.max(12, maxConcurrentStreams + 1);
      const { port, connections } = await serve(
        http2.createSecureServer({ ...tls, settings: { maxConcurrentStreams } }, (_request, response) => {
          response.write('x');
        }),
      );
      const one = transport(`https://127.0.0.1:${port}`, trusted);
      const responses = await Promise.all(Array.from({ length: watches }, () => one.request(get)));
      expect(connections).toHaveLength(expected);
      for (const { body } of responses) for await (const _ of body) break;
    },
  );

  test.each([
    ['HTTP/1.1', plain, 'http'],
    ['HTTP/2', http2Server, 'https'],
  ] as const)(
    'HttpTransport.retireConnections moves new requests to new connections and lets streams end, %s (Fresh start)',
    async (_, server, scheme) => {
      let stream: http.ServerResponse | undefined;
      const { port, connections, open } = await server((request, response) => {
        if (request.url !== '/watch') return void response.end('ok');
        stream = response;
        response.write('one');
      });
      const one = transport(`${scheme}://127.0.0.1:${port}`, trusted);
      const watch = (await one.request({ ...get, path: '/watch' })).body[Symbol.asyncIterator]();
      expect(Buffer.from((await watch.next()).value).toString()).toBe('one');
      one.retireConnections?.();
      await text(await one.request(get));
      expect(connections).toHaveLength(2);
      stream?.write('two');
      expect(Buffer.from((await watch.next()).value).toString()).toBe('two');
      stream?.end();
      expect((await watch.next()).done).toBe(true);
      await until(() => open.size === 1);
      expect(open.has(connections[1] as net.Socket)).toBe(true);
    },
  );

  test('HttpTransport believes a server by the CA of the cluster, and nobody else', async () => {
    const { port } = await secure();
    const server = `https://127.0.0.1:${port}`;
    expect((await transport(server, trusted).request(get)).status).toBe(200);
    expect((await transport(server, { certificateAuthority: path('ca.pem') }).request(get)).status).toBe(200);
    expect((await transport(server, { insecureSkipTlsVerify: true }).request(get)).status).toBe(200);
    for (const cluster of [{}, { certificateAuthorityData: pem('other-ca.pem') }]) {
      await expect(transport(server, cluster).request(get)).rejects.toMatchObject({
        code: 'CLIENT_TLS_FAILED',
        retryable: false,
        message: expect.stringMatching(
          `Cannot reach "${server}": its certificate is not signed by a known authority.*certificate-authority`,
        ),
      });
    }
  });

  test('HttpTransport checks the name that tls-server-name says', async () => {
    const { port } = await secure();
    const server = `https://127.0.0.1:${port}`;
    expect((await transport(server, { ...trusted, tlsServerName: 'kube.test' }).request(get)).status).toBe(200);
    await expect(transport(server, { ...trusted, tlsServerName: 'other.test' }).request(get)).rejects.toMatchObject({
      code: 'CLIENT_TLS_FAILED',
      message: expect.stringContaining('tls-server-name'),
    });
  });

  test('HttpTransport shows the client certificate, and a new one on a new connection when its file changes (Rotation)', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'client-'));
    cleanups.push(() => rm(folder, { recursive: true }));
    const install = async (who: string): Promise<void> => {
      await copyFile(path(`${who}.pem`), join(folder, 'tls.pem'));
      await copyFile(path(`${who}.key`), join(folder, 'tls.key'));
    };
    const { port, connections } = await secure(
      (request, response) => response.end((request.socket as TLSSocket).getPeerCertificate().subject.CN),
      { requestCert: true, ca: pem('ca.pem') },
    );
    const clock = new FakeClock();
    await install('alice');
    const user = { clientCertificate: join(folder, 'tls.pem'), clientKey: join(folder, 'tls.key') };
    const one = transport(`https://127.0.0.1:${port}`, trusted, user, { clock });
    expect(await text(await one.request(get))).toBe('alice');
    await install('bob');
    await clock.advance(299_000);
    expect(await text(await one.request(get))).toBe('alice');
    await clock.advance(2_000);
    expect(await text(await one.request(get))).toBe('bob');
    expect(connections).toHaveLength(2);
    const inline = {
      clientCertificateData: Buffer.from(pem('alice.pem')).toString('base64'),
      clientKeyData: pem('alice.key'),
    };
    expect(await text(await transport(`https://127.0.0.1:${port}`, trusted, inline).request(get))).toBe('alice');
  });

  test('HttpTransport says host, cause and remedy when there is no connection (Plain words)', async () => {
    const { port } = await plain();
    const mute = await serve(net.createServer());
    const other = await serve(net.createServer((socket) => socket.end('hello')));
    const cases = [
      [`http://127.0.0.1:${await freePort()}`, {}, 'CLIENT_CONNECTION_FAILED', /refused; is the server running/, false],
      [`https://127.0.0.1:${port}`, trusted, 'CLIENT_TLS_FAILED', /begin with http:/, false],
      [`https://127.0.0.1:${mute.port}`, trusted, 'CLIENT_TIMEOUT', /no connection came about/, false],
      [
        `https://127.0.0.1:${port}`,
        { certificateAuthorityData: '-----BEGIN nonsense' },
        'CLIENT_TLS_FAILED',
        /./,
        false,
      ],
      [`http://127.0.0.1:${other.port}`, {}, 'CLIENT_CONNECTION_FAILED', /does not answer in HTTP/, true],
    ] as const;
    for (const [server, cluster, code, message, maybeProcessed] of cases) {
      const failure = await transport(
        server,
        cluster,
        {},
        { connectTimeoutMs: code === 'CLIENT_TIMEOUT' ? 100 : 10_000 },
      )
        .request(get)
        .catch((error: unknown) => error);
      expect(failure, server).toMatchObject({ code, maybeProcessed, message: expect.stringContaining(`"${server}"`) });
      expect((failure as Error).message).toMatch(message);
      expect((failure as Error).cause).toBeInstanceOf(Error);
    }
  });

  test('HttpTransport ends the exchange when the body is left early, and when the signal aborts', async () => {
    const gone: string[] = [];
    const { port } = await plain((request, response) => {
      response.on('close', () => gone.push(request.url ?? ''));
      if (request.url !== '/never') response.write('x');
    });
    const one = transport(`http://127.0.0.1:${port}`);
    for await (const _ of (await one.request({ ...get, path: '/left' })).body) break;
    const stop = new AbortController();
    const { body } = await one.request({ ...get, path: '/aborted', signal: stop.signal });
    const reading = body[Symbol.asyncIterator]();
    await reading.next();
    const next = reading.next();
    const never = one.request({ ...get, path: '/never', signal: stop.signal });
    const why = new Error('enough');
    stop.abort(why);
    await expect(next).rejects.toBe(why);
    await expect(never).rejects.toBe(why);
    await until(() => gone.length >= 2);
    expect(gone).toContain('/left');
    expect(gone).toContain('/aborted');
    await expect(one.request({ ...get, signal: stop.signal })).rejects.toBe(why);
  });

  test('HttpTransport leaves no listener on the signal', async () => {
    const { port } = await plain();
    const stop = new AbortController();
    const one = transport(`http://127.0.0.1:${port}`);
    for (let sent = 0; sent < 5; sent++) await text(await one.request({ ...get, signal: stop.signal }));
    await until(() => getEventListeners(stop.signal, 'abort').length === 0);
  });

  test('HttpTransport reports a connection that breaks within the answer', async () => {
    const { port } = await plain((request, response) => {
      response.write('x', () => request.socket.destroy());
    });
    await expect(transport(`http://127.0.0.1:${port}`).request(get).then(text)).rejects.toMatchObject({
      code: 'CLIENT_CONNECTION_FAILED',
      retryable: true,
      maybeProcessed: true,
    });
  });

  test('HttpTransport sends repeated headers one by one, also where HTTP/2 is offered (Impersonation)', async () => {
    const { port } = await http2Server((request, response) => response.end(JSON.stringify(request.rawHeaders)));
    const impersonate = { user: 'jane', groups: ['a', 'b, c'], uid: '7', extra: { 'Acme/Scope': ['x', 'y'] } };
    const raw: string[] = JSON.parse(
      await text(await transport(`https://127.0.0.1:${port}`, trusted, { impersonate }).request(get)),
    );
    const pairs = raw.flatMap((name, index) => (index % 2 === 0 ? [[name.toLowerCase(), raw[index + 1]]] : []));
    expect(pairs.filter(([name]) => name?.startsWith('impersonate'))).toEqual([
      ['impersonate-user', 'jane'],
      ['impersonate-uid', '7'],
      ['impersonate-group', 'a'],
      ['impersonate-group', 'b, c'],
      ['impersonate-extra-acme%2fscope', 'x'],
      ['impersonate-extra-acme%2fscope', 'y'],
    ]);
  });

  test('HttpTransport keeps the path of the server URL', async () => {
    const { port } = await plain((request, response) => response.end(request.url));
    expect(
      await text(await transport(`http://127.0.0.1:${port}/k8s/clusters/c-1/`).request({ ...get, path: '/api?x=1' })),
    ).toBe('/k8s/clusters/c-1/api?x=1');
  });

  test('HttpTransport goes through the proxy of the cluster', async () => {
    const seen: string[] = [];
    const proxy = http.createServer((request, response) => {
      seen.push(`${request.method} ${request.url} ${request.headers['proxy-authorization']}`);
      response.end('forwarded');
    });
    proxy.on('connect', (request, socket, head) => {
      seen.push(`CONNECT ${request.url} ${request.headers['proxy-authorization']}`);
      const [host, port] = (request.url ?? '').split(':');
      const upstream = net.connect(Number(port), host, () => {
        socket.write('HTTP/1.1 200 OK\r\n\r\n');
        upstream.write(head);
        upstream.pipe(socket).pipe(upstream);
      });
      cleanups.push(() => upstream.destroy());
    });
    const { port: proxyPort } = await serve(proxy);
    const { port } = await secure();
    const proxyUrl = `http://me:secret@127.0.0.1:${proxyPort}`;
    const basic = `Basic ${Buffer.from('me:secret').toString('base64')}`;
    for (const host of ['127.0.0.1', 'localhost']) {
      expect((await transport(`https://${host}:${port}`, { ...trusted, proxyUrl }).request(get)).status).toBe(200);
    }
    await expect(
      transport(`https://127.0.0.1:${port}`, { ...trusted, proxyUrl, tlsServerName: 'other.test' }).request(get),
    ).rejects.toMatchObject({ code: 'CLIENT_TLS_FAILED' });
    expect(await text(await transport('http://kube.test:8001', { proxyUrl }).request(get))).toBe('forwarded');
    expect([...new Set(seen)]).toEqual([
      `CONNECT 127.0.0.1:${port} ${basic}`,
      `CONNECT localhost:${port} ${basic}`,
      `GET http://kube.test:8001/api ${basic}`,
    ]);
  });

  test('HttpTransport.close ends all connections and refuses later requests', async () => {
    const { port, open } = await plain((_request, response) => response.write('x'));
    const one = transport(`http://127.0.0.1:${port}`);
    const { body } = await one.request(get);
    const reading = body[Symbol.asyncIterator]();
    await reading.next();
    one.retireConnections?.();
    await one.close?.();
    await expect(reading.next()).rejects.toMatchObject({ code: 'CLIENT_CONNECTION_FAILED' });
    await until(() => open.size === 0);
    await expect(one.request(get)).rejects.toMatchObject({ code: 'CLIENT_CLOSED' });
  });

  test('Client sends a read again after a connection reset, one second later, and a write never', async () => {
    let calls = 0;
    const { port } = await plain((request, response) => {
      calls++;
      if (calls % 2 === 1) request.socket.destroy();
      else response.end('{"kind":"ConfigMap","apiVersion":"v1","metadata":{"name":"a"}}');
    });
    const clock = new FakeClock();
    await using client = createClient({ cluster: { server: `http://127.0.0.1:${port}` } }, { clock });
    const configMaps = {
      group: '',
      version: 'v1',
      resource: 'configmaps',
      scope: 'Namespaced',
      kind: 'ConfigMap',
    } as const;
    const reading = client.get(configMaps, { namespace: 'x', name: 'a' });
    await until(() => clock.pending > 0 && (clock.nextDeadline() ?? 0) === 1_000);
    await clock.advance(1_000);
    expect((await reading)?.metadata.name).toBe('a');
    await expect(client.create(configMaps, { metadata: { namespace: 'x', name: 'a' } })).rejects.toMatchObject({
      code: 'CLIENT_CONNECTION_FAILED',
      maybeProcessed: true,
    });
    expect(calls).toBe(3);
    expect(clock.pending).toBe(0);
  });

  test('Client gives up on a silent server after 10 s, and uses a new connection then', async () => {
    let silent = true;
    const { port, connections } = await http2Server((_request, response) => {
      if (!silent) response.end('{"major":"1"}');
    });
    const clock = new FakeClock();
    await using client = createClient({ cluster: { server: `https://127.0.0.1:${port}`, ...trusted } }, { clock });
    const asking = client.raw({ path: '/version' }).catch((error: unknown) => error);
    await until(() => clock.pending > 0);
    await clock.advance(9_999);
    silent = false;
    await clock.advance(1);
    expect(await asking).toMatchObject({ code: 'CLIENT_TIMEOUT', retryable: true });
    expect((await client.raw({ path: '/version' })).status).toBe(200);
    expect(connections.length).toBeGreaterThan(1);
  });
});

/** A port that was free a moment ago. */
async function freePort(): Promise<number> {
  const server = net.createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
