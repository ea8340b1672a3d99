import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { seededRandom } from '@bowline/apimachinery/testing';
import { expect, test } from 'vitest';
import { RoughProxy, type Weather } from '../src/rough-proxy.ts';

const sent = Array.from({ length: 2_000 }, (_, index) => `{"line":${index}}\n`).join('');

/** What one client receives of `sent` through the proxy. */
async function received(weather: Weather, during: (proxy: RoughProxy) => void = () => {}): Promise<string> {
  const server = createServer((socket) => socket.on('error', () => {}).end(sent));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await using proxy = await RoughProxy.listen(() => connect({ host: '127.0.0.1', port }), seededRandom(3));
  proxy.weather = weather;
  let text = '';
  const client = connect({ host: '127.0.0.1', port: proxy.port });
  client
    .on('error', () => {})
    .on('data', (chunk) => {
      text += String(chunk);
      during(proxy);
    });
  await new Promise((resolve) => client.once('close', resolve));
  server.close();
  return text;
}

test.each<[string, Weather]>([
  ['in fair weather', {}],
  ['when chunks are late', { delayMs: 20 }],
])('RoughProxy carries everything once and in order %s', async (_when, weather) => {
  expect(await received(weather)).toBe(sent);
});

test('RoughProxy cuts inside of a line, and nothing comes after it', async () => {
  const text = await received({ cutAfterBytes: [1_001, 5_000] });
  expect(sent.startsWith(text)).toBe(true);
  expect(text.length).toBeGreaterThanOrEqual(1_001);
  expect(text.length).toBeLessThan(5_000);
  expect(text.endsWith('\n')).toBe(false);
});

test('RoughProxy resets new connections when it refuses, and ends the open ones when it drops', async () => {
  expect(await received({ refuses: true })).toBe('');
  const text = await received({ delayMs: 1 }, (proxy) => proxy.drop());
  expect(sent.startsWith(text)).toBe(true);
});
