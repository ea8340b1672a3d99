import { getEventListeners } from 'node:events';
import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import type http from 'node:http';
import http2 from 'node:http2';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import { systemClock } from '@bowline/apimachinery';
import { FakeClock } from '@bowline/apimachinery/testing';
import { describe, expect, test } from 'vitest';
import { createTransport } from '../config/resolve-config.ts';
import { createClient } from '../create-client.ts';
import {
  cleanUp,
  freePort,
  get,
  http2Server,
  pathOf,
  pem,
  plain,
  secure,
  serve,
  servers,
  text,
  tls,
  trusted,
  until,
} from './servers.fixture.ts';

function transport(server: string, cluster = {}, user = {}, options = {}): ReturnType<typeof createTransport> {
  const made = createTransport({ cluster: { server, ...cluster }, user }, options);
  cleanUp(() => made.close?.());
  return made;
}

describe('HttpTransport', () => {
  test.each(servers)(
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

  test.each(servers)('HttpTransport waits for the answer that follows early hints, %s', async (_, server, scheme) => {
    const { port } = await server((_request, response) => {
      response.writeEarlyHints({ link: '</style.css>; rel=preload' });
      response.writeEarlyHints({ link: '</more.css>; rel=preload' });
      response.writeHead(201).end('created');
    });
    const answer = await transport(`${scheme}://127.0.0.1:${port}`, trusted).request(get);
    expect([answer.status, await text(answer)]).toEqual([201, 'created']);
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
    expect((await transport(server, { certificateAuthority: pathOf('ca.pem') }).request(get)).status).toBe(200);
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
    cleanUp(() => rm(folder, { recursive: true }));
    const install = async (who: string): Promise<void> => {
      await copyFile(pathOf(`${who}.pem`), join(folder, 'tls.pem'));
      await copyFile(pathOf(`${who}.key`), join(folder, 'tls.key'));
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

  test('HttpTransport survives requests that are aborted while they are sent, over HTTP/2, and its close', async () => {
    const uncaught: unknown[] = [];
    const note = (error: unknown): void => void uncaught.push(error);
    process.on('uncaughtExceptionMonitor', note);
    cleanUp(() => process.off('uncaughtExceptionMonitor', note));
    const { port, open } = await http2Server((request, response) => {
      if (request.url === '/api') response.end('ok');
      else response.write('x');
    });
    const one = transport(`https://127.0.0.1:${port}`, trusted);
    await text(await one.request(get));
    for (let ticks = 0; ticks < 40; ticks++) {
      const stop = new AbortController();
      const asked = one.request({ ...get, path: '/never', signal: stop.signal }).catch((error: unknown) => error);
      for (let tick = 0; tick < ticks; tick++) await undefined;
      stop.abort(new Error('enough'));
      expect(await asked).toEqual(new Error('enough'));
    }
    await text(await one.request(get));
    await one.close?.();
    await until(() => open.size === 0);
    expect(uncaught).toEqual([]);
  });

  test('HttpTransport sends nothing of a request that is aborted while its connection comes about', async () => {
    const asked: (string | undefined)[] = [];
    let greet: (() => void) | undefined;
    const { port } = await secure(
      (request, response) => {
        asked.push(request.url);
        response.end('ok');
      },
      {
        SNICallback: (_, done) => {
          if (greet) done(null);
          else greet = () => done(null);
        },
      },
    );
    const one = transport(`https://localhost:${port}`, trusted);
    const stop = new AbortController();
    const aborted = one.request({ ...get, path: '/aborted', signal: stop.signal }).catch((error: unknown) => error);
    await until(() => greet !== undefined);
    stop.abort(new Error('enough'));
    await systemClock.turn();
    greet?.();
    expect(await aborted).toEqual(new Error('enough'));
    expect(await text(await one.request(get))).toBe('ok');
    expect(asked).toEqual([get.path]);
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

  test('HttpTransport.close ends all connections and refuses later requests', async () => {
    const { port, open } = await plain((_request, response) => response.write('x'));
    const one = transport(`http://127.0.0.1:${port}`);
    const { body } = await one.request(get);
    const reading = body[Symbol.asyncIterator]();
    await reading.next();
    one.retireConnections?.();
    await one.close?.();
    await expect(reading.next()).rejects.toMatchObject({ code: 'CLIENT_CLOSED', maybeProcessed: true });
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
    let asked = false;
    const { port, connections } = await http2Server((_request, response) => {
      asked = true;
      if (!silent) response.end('{"major":"1"}');
    });
    const clock = new FakeClock();
    await using client = createClient({ cluster: { server: `https://127.0.0.1:${port}`, ...trusted } }, { clock });
    const asking = client.raw({ path: '/version' }).catch((error: unknown) => error);
    await until(() => asked);
    await clock.advance(9_999);
    silent = false;
    await clock.advance(1);
    expect(await asking).toMatchObject({ code: 'CLIENT_TIMEOUT', retryable: true });
    expect((await client.raw({ path: '/version' })).status).toBe(200);
    expect(connections.length).toBeGreaterThan(1);
  });
});
