import { Agent, request as httpRequest } from 'node:http';
import { ApiServer } from '@bowline/apiserver';
import { createClient } from '@bowline/client';
import { figure, rate } from '../measure.ts';

// The embedded server over HTTP, with client and server in one process on one core: 8 requests under way.
const started = performance.now();
const server = new ApiServer();
await server.start();
const { url } = await server.listen();
figure('apiserver ready after import', performance.now() - started, 'ms');

const agent = new Agent({ keepAlive: true, maxSockets: 8 });
const post = (path: string, body: string): Promise<void> =>
  new Promise((resolve, reject) => {
    const request = httpRequest(
      url + path,
      { method: 'POST', agent, headers: { 'content-type': 'application/json' } },
      (response) => {
        if (response.statusCode !== 201) reject(new Error(`POST ${path}: ${response.statusCode}`));
        response.resume().on('end', resolve);
      },
    );
    request.on('error', reject).end(body);
  });
const createAll = async (count: number, prefix: string): Promise<void> => {
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let index = next++; index < count; index = next++) {
      await post(
        '/api/v1/namespaces/default/configmaps',
        JSON.stringify({ metadata: { name: `${prefix}-${index}` }, data: { index: String(index) } }),
      );
    }
  };
  await Promise.all(Array.from({ length: 8 }, worker));
};
await createAll(500, 'warm');
figure('apiserver creates over HTTP', await rate(5_000, () => createAll(5_000, 'timed')), 'creates/s');

// 100 watchers in process, 1,000 events each.
const client = createClient({
  cluster: { server: 'http://embedded.invalid' },
  ports: { transport: { request: server.handle.bind(server) } },
});
const ConfigMaps = { group: '', version: 'v1', resource: 'configmaps', scope: 'Namespaced' } as const;
const stop = new AbortController();
let received = 0;
const all = Promise.withResolvers<void>();
const { metadata } = await client.list(ConfigMaps, { namespace: 'default', limit: 1 });
const watchers = Array.from({ length: 100 }, async () => {
  try {
    for await (const _ of client.watch(ConfigMaps, {
      namespace: 'default',
      resourceVersion: metadata.resourceVersion,
      signal: stop.signal,
    }))
      if (++received === 100_000) all.resolve();
  } catch (error) {
    if (!stop.signal.aborted) throw error;
  }
});
figure(
  'apiserver watch fan-out to 100 watchers',
  await rate(100_000, async () => {
    await createAll(1_000, 'fan');
    await all.promise;
  }),
  'events/s',
);
stop.abort();
await Promise.all(watchers);
await server.close();
agent.destroy();
