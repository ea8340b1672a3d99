import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import type http from 'node:http';
import type http2 from 'node:http2';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type tls from 'node:tls';
import { FakeClock } from '@bowline/apimachinery/testing';
import { describe, expect, test } from 'vitest';
import type { Client } from '../client.ts';
import type { ClusterConfig, UserConfig } from '../config/kube-config.ts';
import { createClient } from '../create-client.ts';
import { cleanUp, type Handler, http2Server, pathOf, pem, secure, text, trusted } from './servers.fixture.ts';

const configMaps = {
  group: '',
  version: 'v1',
  resource: 'configmaps',
  scope: 'Namespaced',
  kind: 'ConfigMap',
} as const;

async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'client-'));
  cleanUp(() => rm(folder, { recursive: true }));
  return folder;
}

/** A server that says who asks, and has watches that the test speaks through. */
class Watched {
  readonly streams: http.ServerResponse[] = [];
  readonly handler: Handler = (request, response) => {
    if (!request.url?.includes('watch=')) {
      response.end(JSON.stringify({ who: who(request) }));
      return;
    }
    this.streams.push(response);
    response.writeHead(200, { 'content-type': 'application/json' });
    this.send(who(request));
  };

  /** One event on each watch that was ever opened. */
  send(name: string): void {
    const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'x', resourceVersion: '1' } };
    for (const stream of this.streams) stream.write(`${JSON.stringify({ type: 'ADDED', object })}\n`);
  }
}

function who({ headers, socket }: http.IncomingMessage | http2.Http2ServerRequest): string {
  const { CN } = (socket as tls.TLSSocket).getPeerCertificate().subject ?? {};
  return [headers.authorization ?? CN ?? 'nobody'].flat()[0] ?? '';
}

interface Bench {
  readonly client: Client;
  readonly clock: FakeClock;
  /** Who the server takes a new request for. */
  ask(): Promise<string>;
  /** The name in the next event of a watch that was opened at the start. */
  event(): Promise<string>;
}

async function bench(port: number, cluster: Partial<ClusterConfig>, user: UserConfig): Promise<Bench> {
  const clock = new FakeClock();
  const client = createClient({ cluster: { server: `https://127.0.0.1:${port}`, ...cluster }, user }, { clock });
  cleanUp(() => client.close());
  const watch = client.watch(configMaps, { namespace: 'x' });
  return {
    client,
    clock,
    ask: async () => JSON.parse(await text(await client.raw({ path: '/who' }))).who,
    async event() {
      const { value } = await watch.next();
      return value?.type === 'added' ? value.object.metadata.name : `${value?.type}`;
    },
  };
}

const servers = [
  ['HTTP/1.1', secure],
  ['HTTP/2', http2Server],
] as const;

describe('rotation', () => {
  test.each(servers)(
    'a new token file is used within 50 s, and a running watch goes on, %s (Rotation)',
    async (_, create) => {
      const folder = await newFolder();
      const tokenFile = join(folder, 'token');
      await writeFile(tokenFile, 'one');
      const watched = new Watched();
      const { port, connections } = await create(watched.handler);
      const { ask, event, clock } = await bench(port, trusted, { tokenFile });
      expect(await event()).toBe('Bearer one');
      await writeFile(tokenFile, 'two');
      expect(await ask()).toBe('Bearer one');
      await clock.advance(50_000);
      expect(await ask()).toBe('Bearer two');
      watched.send('still here');
      expect(await event()).toBe('still here');
      expect(connections).toHaveLength(create === secure ? 2 : 1);
    },
  );

  test.each(servers)(
    'a new client certificate is used within 5 min, and a running watch goes on, %s (Rotation)',
    async (_, create) => {
      const folder = await newFolder();
      const user = { clientCertificate: join(folder, 'tls.pem'), clientKey: join(folder, 'tls.key') };
      const install = async (name: string): Promise<void> => {
        await copyFile(pathOf(`${name}.pem`), user.clientCertificate);
        await copyFile(pathOf(`${name}.key`), user.clientKey);
      };
      await install('alice');
      const watched = new Watched();
      const { port } = await create(watched.handler, { requestCert: true, ca: pem('ca.pem') });
      const { ask, event, clock } = await bench(port, trusted, user);
      expect(await event()).toBe('alice');
      await install('bob');
      expect(await ask()).toBe('alice');
      await clock.advance(300_000);
      expect(await ask()).toBe('bob');
      watched.send('still here');
      expect(await event()).toBe('still here');
      expect(await ask()).toBe('bob');
    },
  );

  test.each(servers)(
    'a new CA file is used within 5 min, and a running watch goes on, %s (Rotation)',
    async (_, create) => {
      const certificateAuthority = join(await newFolder(), 'ca.pem');
      await writeFile(certificateAuthority, pem('ca.pem'));
      const watched = new Watched();
      const { port, server, connections } = await create(watched.handler);
      const { ask, event, clock } = await bench(port, { certificateAuthority }, {});
      expect(await event()).toBe('nobody');
      (server as tls.Server).setSecureContext({ key: pem('next-server.key'), cert: pem('next-server.pem') });
      await writeFile(certificateAuthority, pem('next-ca.pem'));
      await clock.advance(300_000);
      expect(await ask()).toBe('nobody');
      expect(connections).toHaveLength(2);
      watched.send('still here');
      expect(await event()).toBe('still here');
    },
  );

  test('a new CA file is read at once when a server shows a certificate that the old one did not sign (Rotation)', async () => {
    const certificateAuthority = join(await newFolder(), 'ca.pem');
    await writeFile(certificateAuthority, pem('ca.pem'));
    const watched = new Watched();
    const { port, server } = await secure(watched.handler);
    const { ask, event, client } = await bench(port, { certificateAuthority }, {});
    expect(await event()).toBe('nobody');
    (server as tls.Server).setSecureContext({ key: pem('next-server.key'), cert: pem('next-server.pem') });
    await expect(ask()).rejects.toMatchObject({ code: 'CLIENT_TLS_FAILED' });
    await writeFile(certificateAuthority, pem('next-ca.pem'));
    // A write, too: nothing of it was sent over the connection that did not come about.
    const response = await client.raw({ method: 'POST', path: '/who', body: '{}' });
    expect(JSON.parse(await text(response))).toEqual({ who: 'nobody' });
    watched.send('still here');
    expect(await event()).toBe('still here');
  });
});
