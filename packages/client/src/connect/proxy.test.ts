import http from 'node:http';
import http2 from 'node:http2';
import https from 'node:https';
import net from 'node:net';
import type { Duplex } from 'node:stream';
import { FakeClock } from '@bowline/apimachinery/testing';
import { describe, expect, test } from 'vitest';
import type { ClusterConfig } from '../config/kube-config.ts';
import { createTransport } from '../config/resolve-config.ts';
import type { TransportOptions } from '../options.ts';
import {
  cleanUp,
  freePort,
  get,
  http2Server,
  plain,
  secure,
  serve,
  text,
  tls,
  trusted,
  until,
} from './servers.fixture.ts';

function transport(
  server: string,
  cluster: Partial<ClusterConfig> = {},
  options: TransportOptions = {},
): ReturnType<typeof createTransport> {
  const made = createTransport({ cluster: { server, ...trusted, ...cluster } }, options);
  cleanUp(() => made.close?.());
  return made;
}

/** Connects both, after what has been said already. */
function join(near: Duplex, port: number, host: string): void {
  const far = net.connect(port, host);
  cleanUp(() => far.destroy());
  far.on('error', () => near.destroy());
  near.on('error', () => far.destroy());
  near.pipe(far).pipe(near);
}

/** An HTTP proxy that says what it was asked for. */
async function httpProxy(
  seen: string[],
  create: (handler: http.RequestListener) => http.Server = http.createServer,
): Promise<number> {
  const proxy = create((request, response) => {
    seen.push(`${request.method} ${request.url} ${request.headers['proxy-authorization']}`);
    if (request.url?.endsWith('/refused')) response.writeHead(407).end('who are you?');
    else response.end(`forwarded for ${request.headers.host}`);
  });
  proxy.on('connect', (request, socket) => {
    seen.push(`CONNECT ${request.url} ${request.headers['proxy-authorization']}`);
    const { hostname, port } = new URL(`http://${request.url}`);
    socket.write('HTTP/1.1 200 OK\r\n\r\n');
    join(socket, Number(port), hostname === 'kube.test' ? '127.0.0.1' : hostname);
  });
  return (await serve(proxy)).port;
}

/** A SOCKS5 proxy that says where it was asked to go, and lets in whoever says `me` and `p:w`. */
async function socksProxy(seen: string[], wantsPassword: boolean, reply = 0): Promise<number> {
  const proxy = net.createServer((socket) => {
    let state: 'greeting' | 'password' | 'request' = 'greeting';
    socket.on('data', function onData(data) {
      if (state === 'greeting') {
        const methods = [...data.subarray(2, 2 + (data[1] ?? 0))];
        const method = wantsPassword ? 2 : 0;
        state = wantsPassword ? 'password' : 'request';
        socket.write(Buffer.from([5, methods.includes(method) ? method : 255]));
      } else if (state === 'password') {
        const length = data[1] ?? 0;
        const [name, password] = [data.toString('utf8', 2, 2 + length), data.toString('utf8', 3 + length)];
        seen.push(`${name} ${password}`);
        state = 'request';
        socket.write(Buffer.from([1, name === 'me' && password === 'p:w' ? 0 : 1]));
      } else {
        const port = data.readUInt16BE(data.length - 2);
        const to = data[3] === 3 ? data.toString('utf8', 5, data.length - 2) : [...data.subarray(4, -2)].join('.');
        seen.push(`${data[3]} ${to}`);
        socket.off('data', onData);
        // In pieces, as a slow network would.
        socket.write(Buffer.from([5, reply, 0]));
        setImmediate(() => {
          socket.write(Buffer.from([3, 4, 97, 98, 99, 100, 0, 1]));
          if (reply === 0) join(socket, port, '127.0.0.1');
        });
      }
    });
  });
  return (await serve(proxy)).port;
}

const basic = `Basic ${Buffer.from('me:p:w').toString('base64')}`;
const version: Parameters<typeof plain>[0] = (request, response) => response.end(request.httpVersion);

describe('proxies', () => {
  test('HttpTransport goes through HTTP proxies, speaks HTTP/2 behind them and says who asks (Proxies)', async () => {
    const seen: string[] = [];
    const proxyUrl = `http://me:p%3Aw@127.0.0.1:${await httpProxy(seen)}`;
    const { port } = await http2Server(version);
    const one = transport(`https://kube.test:${port}`, { proxyUrl });
    expect(await text(await one.request(get))).toBe('2.0');
    expect(await text(await transport('http://kube.test:8001/x', { proxyUrl }).request(get))).toBe(
      'forwarded for kube.test:8001',
    );
    expect(seen).toEqual([`CONNECT kube.test:${port} ${basic}`, `GET http://kube.test:8001/x/api ${basic}`]);
    await expect(
      transport(`https://kube.test:${port}`, { proxyUrl, tlsServerName: 'other.test' }).request(get),
    ).rejects.toMatchObject({ code: 'CLIENT_TLS_FAILED', message: expect.stringContaining('tls-server-name') });
    const { signal } = new AbortController();
    const { body } = await one.request(get);
    await one.ping?.(signal);
    for await (const _ of body);
  });

  test('HttpTransport goes through HTTPS proxies, whose certificate may be signed by the CA of the cluster (Proxies)', async () => {
    const seen: string[] = [];
    const secured = (handler: http.RequestListener): http.Server => https.createServer(tls, handler);
    const proxyUrl = `https://localhost:${await httpProxy(seen, secured)}`;
    const { port } = await http2Server(version);
    expect(await text(await transport(`https://127.0.0.1:${port}`, { proxyUrl }).request(get))).toBe('2.0');
    expect(await text(await transport('http://kube.test:8001', { proxyUrl }).request(get))).toMatch('forwarded');
    expect(seen).toEqual([`CONNECT 127.0.0.1:${port} undefined`, 'GET http://kube.test:8001/api undefined']);
    await expect(
      transport(`https://127.0.0.1:${port}`, { proxyUrl, certificateAuthorityData: undefined }).request(get),
    ).rejects.toMatchObject({
      code: 'CLIENT_TLS_FAILED',
      message: expect.stringContaining(`through the proxy "${proxyUrl}": its certificate is not signed`),
    });
  });

  test.each(['socks5', 'socks5h'])(
    'HttpTransport goes through %s proxies, which resolve names (Proxies)',
    async (scheme) => {
      const seen: string[] = [];
      const { port } = await http2Server(version);
      const open = `${scheme}://127.0.0.1:${await socksProxy(seen, false)}`;
      expect(await text(await transport(`https://kube.test:${port}`, { proxyUrl: open }).request(get))).toBe('2.0');
      const closed = `${scheme}://me:p%3Aw@127.0.0.1:${await socksProxy(seen, true)}`;
      expect(await text(await transport(`https://127.0.0.1:${port}`, { proxyUrl: closed }).request(get))).toBe('2.0');
      const unencrypted = await plain(version);
      expect(
        await text(await transport(`http://[2001:db8::1:2]:${unencrypted.port}`, { proxyUrl: open }).request(get)),
      ).toBe('1.1');
      expect(seen).toEqual(['3 kube.test', 'me p:w', '1 127.0.0.1', '4 32.1.13.184.0.0.0.0.0.0.0.0.0.1.0.2']);
    },
  );

  test('HttpTransport takes the proxy of the environment, unless the cluster has one of its own (Proxies)', async () => {
    const [environment, cluster]: string[][] = [[], []];
    const env = {
      HTTPS_PROXY: `127.0.0.1:${await httpProxy(environment ?? [])}`,
      NO_PROXY: 'exempt.test',
    };
    const proxyUrl = `http://127.0.0.1:${await httpProxy(cluster ?? [])}`;
    const { port } = await secure();
    await text(await transport(`https://kube.test:${port}`, {}, { env }).request(get));
    expect(environment).toEqual([`CONNECT kube.test:${port} undefined`]);
    await text(await transport(`https://kube.test:${port}`, { proxyUrl }, { env }).request(get));
    await text(await transport(`https://127.0.0.1:${port}`, {}, { env }).request(get));
    await expect(transport('https://exempt.test:1', {}, { env }).request(get)).rejects.toThrow('Cannot reach');
    expect(environment).toHaveLength(1);
    expect(cluster).toHaveLength(1);
    expect(() => transport('https://kube.test', {}, { env: { HTTPS_PROXY: 'ftp://me:pw@x' } })).toThrow(
      'Cannot create client: HTTPS_PROXY must be an http://, https:// or socks5:// URL, got "ftp://x"',
    );
  });

  test('HttpTransport says what a proxy has against it, without its credentials (No secrets)', async () => {
    const answers = (answer: string): Promise<{ port: number }> =>
      serve(net.createServer((socket) => void socket.once('data', () => socket.end(answer))));
    const unused: string[] = [];
    const cases: [proxy: string, message: string][] = [
      [`http://me:sesame@127.0.0.1:${await freePort()}`, 'the connection was refused'],
      [
        `http://me:sesame@127.0.0.1:${(await answers('HTTP/1.1 407 No\r\n\r\n')).port}`,
        'another user name and password (407); check "proxy-url" of the cluster',
      ],
      [
        `http://me:sesame@127.0.0.1:${(await answers('HTTP/1.0 403 No\r\n\r\n')).port}`,
        'it answered CONNECT with 403; check',
      ],
      [`http://me:sesame@127.0.0.1:${(await answers('hello\r\n\r\n')).port}`, 'its answer is no HTTP'],
      [`http://me:sesame@127.0.0.1:${(await answers('x'.repeat(100_000))).port}`, 'its answer is no HTTP'],
      [`http://me:sesame@127.0.0.1:${(await answers('')).port}`, 'it closed the connection'],
      [`https://me:sesame@127.0.0.1:${(await answers('hello')).port}`, 'does not speak TLS'],
      [`socks5://me:sesame@127.0.0.1:${(await answers('hello')).port}`, 'it does not speak SOCKS5'],
      [`socks5://me:sesame@127.0.0.1:${(await answers('')).port}`, 'it closed the connection'],
      [`socks5://127.0.0.1:${await socksProxy(unused, true)}`, 'it wants a user name and a password'],
      [`socks5://me:sesame@127.0.0.1:${await socksProxy(unused, true)}`, 'does not accept this user name and password'],
      [`socks5://me:${'sesame'.repeat(50)}@127.0.0.1:${await socksProxy(unused, true)}`, 'longer than 255 bytes'],
      [`socks5://127.0.0.1:${await socksProxy(unused, false, 2)}`, 'its rules do not allow this connection'],
      [`socks5://127.0.0.1:${await socksProxy(unused, false, 5)}`, 'the connection to the host was refused'],
      [`socks5://127.0.0.1:${await socksProxy(unused, false, 77)}`, 'it answered 77'],
    ];
    for (const [proxyUrl, message] of cases) {
      const failure: Error = await transport('https://kube.test', { proxyUrl })
        .request(get)
        .then(
          () => new Error('it worked'),
          (error: Error) => error,
        );
      expect(failure, message).toMatchObject({ retryable: message !== 'does not speak TLS', maybeProcessed: false });
      expect(failure.message).toContain('Cannot reach "https://kube.test" through the proxy "');
      expect(failure.message).toContain(message);
      expect(`${failure.message} ${failure.stack} ${JSON.stringify(failure)} ${failure.cause}`).not.toContain('sesame');
    }
    const proxyUrl = `http://me:sesame@127.0.0.1:${await httpProxy(unused)}`;
    await expect(
      transport('http://kube.test', { proxyUrl }).request({ ...get, path: '/refused' }),
    ).rejects.toMatchObject({ message: expect.stringContaining('wants another user name and password (407)') });
  });

  test('HttpTransport gives a silent proxy no longer than connectTimeoutMs', async () => {
    const mute = await serve(net.createServer((socket) => socket.resume()));
    for (const scheme of ['http', 'https', 'socks5']) {
      const clock = new FakeClock();
      const one = transport('https://kube.test', { proxyUrl: `${scheme}://127.0.0.1:${mute.port}` }, { clock });
      const failing = one.request(get).catch((error: unknown) => error);
      await until(() => clock.pending > 0);
      await clock.advance(10_000);
      expect(await failing).toMatchObject({ code: 'CLIENT_TIMEOUT', maybeProcessed: false });
    }
    await until(() => mute.open.size === 0);
  });

  test('HttpTransport keeps what came right after the answer of the proxy', async () => {
    const server = http2.createSecureServer(tls, (_request, response) => response.end('ok'));
    const { port } = await serve(server);
    const hasty = await serve(
      net.createServer((socket) => {
        socket.once('data', () => {
          socket.write('HTTP/1.1 200 OK\r\nx: ');
          setImmediate(() => {
            socket.write('y\r\n\r\n');
            join(socket, port, '127.0.0.1');
          });
        });
      }),
    );
    const one = transport(`https://127.0.0.1:${port}`, { proxyUrl: `http://127.0.0.1:${hasty.port}` });
    expect(await text(await one.request(get))).toBe('ok');
  });
});
