import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import type { Client } from '../client.ts';
import { cleanUp, plain, type Served, until } from '../connect/servers.fixture.ts';
import { createClient } from '../create-client.ts';

const pods = { group: '', version: 'v1', resource: 'pods', scope: 'Namespaced' } as const;

/** A server whose answers have that type and never end, and a client of it. */
async function setUp(type: string, gzip: boolean): Promise<{ readonly client: Client; readonly served: Served }> {
  const served = await plain((_request, response) => {
    response.writeHead(200, { 'content-type': type, ...(gzip && { 'content-encoding': 'gzip' }) });
    response.write(gzip ? gzipSync(' ') : ' ');
  });
  const cluster = { server: `http://127.0.0.1:${served.port}` };
  const client = createClient({ cluster, user: {} }, { compression: true });
  cleanUp(() => client.close());
  return { client, served };
}

describe.each([
  ['plain', false],
  ['gzip', true],
])('an answer that nobody reads, %s', (_, gzip) => {
  test('Client frees the connection when an answer is none of an API server', async () => {
    const { client, served } = await setUp('text/html', gzip);
    const key = { namespace: 'default', name: 'web' };
    await expect(client.get(pods, key)).rejects.toMatchObject({ code: 'CLIENT_BAD_RESPONSE' });
    await expect(client.list(pods)).rejects.toMatchObject({ code: 'CLIENT_BAD_RESPONSE' });
    await expect(client.watch(pods).next()).rejects.toMatchObject({ code: 'CLIENT_BAD_RESPONSE' });
    await until(() => served.open.size === 0);
    expect(served.connections).toHaveLength(3);
  });

  test('Client.watchItems frees the connection when it is left before there is an event', async () => {
    const { client, served } = await setUp('application/json', gzip);
    const call = {
      signal: new AbortController().signal,
      resourceVersion: '',
      allowWatchBookmarks: true,
      timeoutSeconds: 9,
    };
    for await (const frames of client.watchItems(pods, call)) {
      expect([frames, served.open.size]).toEqual([[], 1]);
      break;
    }
    await until(() => served.open.size === 0);
  });
});
