import { createServer, type ServerResponse } from 'node:http';
import { firstResourceVersion, podJson } from './pods.ts';

// Feeds informers of Pods at full speed: every answer is glued from bytes that were encoded at the start.
// usage: node pod-server.ts COUNT — prints its port when it is ready.
//   GET  /api/v1/pods[?limit&continue | ?watch=true[&sendInitialEvents=true]]     as a real server, limit ignored at resourceVersion 0
//   POST /burst?events=N   sends N MODIFIED events to every open watch; the last has the label bench=done

const count = Number(process.argv[2] ?? 10_000);
const pods = Array.from({ length: count }, (_, index) => Buffer.from(podJson(index)));
const comma = Buffer.from(',');
const watches = new Set<ServerResponse>();
let resourceVersion = firstResourceVersion + count;

/** Items per write: about 350 kB. */
const itemsPerWrite = 64;

async function write(response: ServerResponse, bytes: Buffer): Promise<void> {
  if (response.write(bytes) || response.destroyed) return;
  await new Promise<void>((resolve) => {
    const done = (): void => {
      response.off('drain', done).off('close', done);
      resolve();
    };
    response.on('drain', done).on('close', done);
  });
}

async function list(response: ServerResponse, from: number, to: number): Promise<void> {
  response.writeHead(200, { 'content-type': 'application/json' });
  const metadata = {
    resourceVersion: String(resourceVersion),
    ...(to < count ? { continue: String(to), remainingItemCount: count - to } : {}),
  };
  await write(
    response,
    Buffer.from(`{"kind":"PodList","apiVersion":"v1","metadata":${JSON.stringify(metadata)},"items":[`),
  );
  for (let at = from; at < to; at += itemsPerWrite) {
    const parts = pods
      .slice(at, Math.min(at + itemsPerWrite, to))
      .flatMap((pod, index) => (at + index === from ? [pod] : [comma, pod]));
    await write(response, Buffer.concat(parts));
  }
  response.end(']}\n');
}

const envelope = (type: string): Buffer => Buffer.from(`{"type":"${type}","object":{"kind":"Pod","apiVersion":"v1",`);
const end = Buffer.from('}\n');

async function watch(response: ServerResponse, initial: boolean): Promise<void> {
  response.writeHead(200, { 'content-type': 'application/json' });
  response.flushHeaders();
  response.on('close', () => watches.delete(response));
  const added = envelope('ADDED');
  for (let at = 0; initial && at < count; at += itemsPerWrite) {
    await write(
      response,
      Buffer.concat(pods.slice(at, at + itemsPerWrite).flatMap((pod) => [added, pod.subarray(1), end])),
    );
  }
  if (initial) {
    const metadata = {
      resourceVersion: String(resourceVersion),
      creationTimestamp: null,
      annotations: { 'k8s.io/initial-events-end': 'true' },
    };
    await write(
      response,
      Buffer.from(
        `{"type":"BOOKMARK","object":${JSON.stringify({ kind: 'Pod', apiVersion: 'v1', metadata, spec: { containers: null }, status: {} })}}\n`,
      ),
    );
  }
  watches.add(response);
}

async function burst(response: ServerResponse, events: number): Promise<void> {
  const modified = envelope('MODIFIED');
  const receivers = [...watches];
  response.end(JSON.stringify({ watches: receivers.length }));
  for (let sent = 0; sent < events; ) {
    const parts: Buffer[] = [];
    for (let batch = 0; batch < itemsPerWrite && sent < events; batch += 1) {
      const pod = Buffer.from(pods[sent % count] ?? '');
      resourceVersion += 1;
      pod.write(String(resourceVersion), pod.indexOf('"resourceVersion":"') + 19, 'latin1');
      sent += 1;
      if (sent === events) pod.write('done', pod.indexOf('"bench":"') + 9, 'latin1');
      parts.push(modified, pod.subarray(1), end);
    }
    const bytes = Buffer.concat(parts);
    await Promise.all(receivers.map((receiver) => write(receiver, bytes)));
  }
}

const server = createServer((request, response) => {
  const url = new URL(request.url ?? '/', 'http://localhost');
  const query = url.searchParams;
  if (request.method === 'POST' && url.pathname === '/burst') void burst(response, Number(query.get('events')));
  else if (url.pathname === '/watches') response.end(String(watches.size));
  else if (url.pathname !== '/api/v1/pods') response.writeHead(404).end();
  else if (query.get('watch') === 'true' || query.get('watch') === '1')
    void watch(response, query.get('sendInitialEvents') === 'true');
  else {
    const from = Number(query.get('continue') ?? 0);
    const limit = query.get('resourceVersion') === '0' ? 0 : Number(query.get('limit') ?? 0);
    void list(response, from, limit > 0 ? Math.min(count, from + limit) : count);
  }
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  console.log(typeof address === 'object' && address !== null ? address.port : '');
});
process.stdin.on('end', () => process.exit(0)).resume();
