import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { figure } from '../measure.ts';

// From nothing loaded to the answer of the first request.
const server = createServer((_, response) =>
  response.end('{"kind":"List","apiVersion":"v1","metadata":{},"items":[]}'),
).listen(0);
const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
const started = performance.now();
const { createClient } = await import('@bowline/client');
const client = createClient({ cluster: { server: url } });
await client.list({ group: '', version: 'v1', resource: 'pods', scope: 'Namespaced' });
figure('time to first request, import of the client included', performance.now() - started, 'ms');
await client.close();
server.close();
