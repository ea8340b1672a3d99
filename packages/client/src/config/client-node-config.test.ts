import { readFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import type { AddressInfo, Server } from 'node:net';
import { FakeClock } from '@bowline/apimachinery/testing';
import { KubeConfig as ClientNodeConfig } from '@kubernetes/client-node';
import { afterEach, describe, expect, test } from 'vitest';
import { createClient } from '../create-client.ts';
import { FakeTransport } from '../fake-transport.ts';
import type { ClientNodeKubeConfig } from './kube-config.ts';

const pem = (name: string): string => readFileSync(new URL(`../testdata/${name}`, import.meta.url), 'utf8');
const base64 = (name: string): string => Buffer.from(pem(name)).toString('base64');

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

async function listen(server: http.Server | https.Server): Promise<number> {
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

function config(cluster: object, user?: object, context: object = {}): ClientNodeConfig {
  const made = new ClientNodeConfig();
  made.loadFromOptions({
    clusters: [{ name: 'c', skipTLSVerify: false, ...cluster }],
    users: user ? [{ name: 'u', ...user }] : [],
    contexts: [{ name: 'x', cluster: 'c', user: user ? 'u' : '', ...context }],
    currentContext: 'x',
  });
  return made;
}

/** The headers of a request through a client of that configuration. */
async function headers(kubeConfig: ClientNodeKubeConfig): Promise<Readonly<Record<string, string>>> {
  const transport = new FakeTransport();
  const client = createClient(kubeConfig, { transport, clock: new FakeClock() });
  const answer = client.raw({ path: '/version' });
  const exchange = await transport.next();
  exchange.respond({ body: {} });
  await answer;
  return exchange.request.headers;
}

describe('KubeConfig of @kubernetes/client-node', () => {
  test('Client takes client-node’s KubeConfig: a context without a user is served over TLS with its CA (client-node’s config)', async () => {
    const port = await listen(
      https.createServer({ key: pem('server.key'), cert: pem('server.pem') }, (_request, response) =>
        response.end('{}'),
      ),
    );
    await using client = createClient(config({ server: `https://127.0.0.1:${port}`, caData: base64('ca.pem') }));
    expect((await client.raw({ path: '/version' })).status).toBe(200);
  });

  test('Client takes client-node’s KubeConfig: http servers, which client-node refuses', async () => {
    const port = await listen(http.createServer((_request, response) => response.end('{}')));
    await using client = createClient(config({ server: `http://127.0.0.1:${port}` }));
    expect((await client.raw({ path: '/version' })).status).toBe(200);
  });

  test('Client takes client-node’s KubeConfig: token, basic, impersonation', async () => {
    const server = 'https://h';
    expect(await headers(config({ server }, { token: 'abc' }))).toMatchObject({ authorization: 'Bearer abc' });
    expect(await headers(config({ server }, { username: 'a', password: 'b' }))).toMatchObject({
      authorization: 'Basic YTpi',
    });
    expect(await headers(config({ server }, { token: 'abc', impersonateUser: 'jane' }))).toMatchObject({
      'impersonate-user': 'jane',
    });
    expect(await headers(config({ server }))).not.toHaveProperty('authorization');
  });

  test('Client takes client-node’s KubeConfig: a client certificate', async () => {
    const server = https.createServer(
      {
        key: pem('server.key'),
        cert: pem('server.pem'),
        ca: pem('ca.pem'),
        requestCert: true,
        rejectUnauthorized: true,
      },
      (_request, response) => response.end('{}'),
    );
    const port = await listen(server);
    const user = { certData: base64('alice.pem'), keyData: base64('alice.key') };
    await using client = createClient(config({ server: `https://127.0.0.1:${port}`, caData: base64('ca.pem') }, user));
    expect((await client.raw({ path: '/version' })).status).toBe(200);
  });

  test('Client leaves commands and providers to client-node, which knows them, once for callers at the same time', async () => {
    const made = config({ server: 'https://h' }, { exec: { command: 'get-token' } });
    let runs = 0;
    made.addAuthenticator({
      isAuthProvider: (user) => user.exec !== undefined,
      applyAuthentication: async (_user, options) => {
        runs++;
        options.headers = { ...options.headers, Authorization: 'Bearer from-command' };
      },
    });
    // client-node asks its own authenticators first: leave only the one of the test.
    (made as unknown as { authenticators: unknown[] }).authenticators = [];
    const transport = new FakeTransport();
    const client = createClient(made, { transport, clock: new FakeClock() });
    const answers = [client.raw({ path: '/a' }), client.raw({ path: '/b' })];
    for (const _ of answers) {
      const exchange = await transport.next();
      expect(exchange.request.headers.authorization).toBe('Bearer from-command');
      exchange.respond({ status: 401 });
    }
    expect((await Promise.all(answers)).map(({ status }) => status)).toEqual([401, 401]);
    expect(runs).toBe(2); // Once more for both: it has nothing newer.
    void client.raw({ path: '/c' });
    await transport.next();
    expect(runs).toBe(2);
  });

  test('createClient says that the context has no cluster', () => {
    const made = config({ server: 'https://h' }, undefined, { cluster: 'gone' });
    expect(() => createClient(made)).toThrow(
      expect.objectContaining({ code: 'CLIENT_CONFIG_INVALID', message: expect.stringContaining('"x"') }),
    );
  });

  test('Client carries ports that were put on client-node’s KubeConfig', async () => {
    const transport = new FakeTransport();
    const client = createClient(Object.assign(config({ server: 'https://h' }), { ports: { transport } }));
    void client.raw({ path: '/version' });
    expect((await transport.next()).request.path).toBe('/version');
  });
});
