import http from 'node:http';
import net from 'node:net';
import { describe, expect, test } from 'vitest';
import { createClient } from '../create-client.ts';
import { secure, serve, trusted } from './servers.fixture.ts';

/** What a write says of a server. */
async function complaint(server: net.Server): Promise<unknown> {
  const { port } = await serve(server);
  await using client = createClient({
    cluster: { server: `https://127.0.0.1:${port}`, ...trusted },
  });
  return await client.raw({ path: '/api', method: 'POST' }).catch((error: unknown) => error);
}

const onData = (act: (socket: net.Socket) => void): net.Server =>
  net.createServer((socket) => {
    socket.on('error', () => {});
    socket.on('data', () => act(socket));
  });

describe('A client that is told the wrong scheme', () => {
  test.each<[string, net.Server]>([
    ['answers in HTTP', http.createServer((_, response) => response.end())],
    ['answers 400 and ends', onData((socket) => socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n'))],
    ['ends', onData((socket) => socket.end())],
    ['closes', onData((socket) => socket.destroy())],
    ['resets', onData((socket) => socket.resetAndDestroy())],
    ['closes at once', net.createServer((socket) => socket.destroy())],
    ['greets', net.createServer((socket) => socket.on('error', () => {}).write('SSH-2.0-x\r\n'))],
  ])('https:// to what %s says that it may speak plain HTTP (Plain words)', async (_, server) => {
    const error = await complaint(server);
    expect(error).toMatchObject({
      name: 'ClientError',
      message: expect.stringMatching(/should begin with http:\/\/|"server" begin with http:\/\//),
      maybeProcessed: false,
    });
  });

  test('http:// to a TLS port says that it may speak TLS (Plain words)', async () => {
    const { port } = await secure();
    await using client = createClient({ cluster: { server: `http://127.0.0.1:${port}` } });
    await expect(client.raw({ path: '/api', method: 'POST' })).rejects.toMatchObject({
      message: expect.stringMatching(/without a word; if it speaks TLS, "server" should begin with https:\/\//),
      maybeProcessed: true,
    });
  });
});
