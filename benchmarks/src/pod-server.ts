import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { JsonForm, type PodForm, ProtobufForm } from './pod-forms.ts';
import { firstResourceVersion } from './pods.ts';

// Feeds informers of Pods at full speed: every answer is glued from bytes that were encoded at the start.
// usage: node pod-server.ts COUNT [json|protobuf] — prints its port when it is ready. With protobuf it speaks that to whoever accepts it.
//   GET  /api/v1/pods[?limit&continue | ?watch=true[&sendInitialEvents=true]]     as a real server, limit ignored at resourceVersion 0
//   POST /burst?events=N   sends N MODIFIED events to every open watch; the last has the label bench=done

const count = Number(process.argv[2] ?? 10_000);
const protobuf = process.argv[3] === 'protobuf' ? await ProtobufForm.of(count) : undefined;
const json = protobuf === undefined ? new JsonForm(count) : undefined;
const watches = new Map<ServerResponse, PodForm>();
let resourceVersion = firstResourceVersion + count;

/** Items per write: about 350 kB. */
const itemsPerWrite = 64;

function formFor(request: IncomingMessage): PodForm {
  const accepted = request.headers.accept ?? '';
  const form = protobuf ?? json;
  if (form === undefined || (form === protobuf && !accepted.includes('application/vnd.kubernetes.protobuf')))
    throw new Error(`this server has no form for "${accepted}"`);
  return form;
}

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

async function list(response: ServerResponse, form: PodForm, from: number, to: number): Promise<void> {
  response.writeHead(200, { 'content-type': form.listType });
  const metadata = {
    resourceVersion: String(resourceVersion),
    ...(to < count ? { continue: String(to), remainingItemCount: count - to } : {}),
  };
  let pieces: Buffer[] = [];
  for (const piece of form.list(metadata, from, to)) {
    pieces.push(piece);
    if (pieces.length < 2 * itemsPerWrite) continue;
    await write(response, Buffer.concat(pieces));
    pieces = [];
  }
  response.end(Buffer.concat(pieces));
}

async function watch(response: ServerResponse, form: PodForm, initial: boolean): Promise<void> {
  response.writeHead(200, { 'content-type': form.watchType });
  response.flushHeaders();
  response.on('close', () => watches.delete(response));
  for (let at = 0; initial && at < count; at += itemsPerWrite) {
    const size = Math.min(itemsPerWrite, count - at);
    await write(response, Buffer.concat(Array.from({ length: size }, (_, index) => form.added(at + index))));
  }
  if (initial) await write(response, form.initialEventsEnd(String(resourceVersion)));
  watches.set(response, form);
}

async function burst(response: ServerResponse, events: number): Promise<void> {
  const receivers = [...watches];
  response.end(JSON.stringify({ watches: receivers.length }));
  for (let sent = 0; sent < events; ) {
    const size = Math.min(itemsPerWrite, events - sent);
    for (const [receiver, form] of receivers) {
      const parts = Array.from({ length: size }, (_, index) => {
        const event = sent + index;
        return form.modified(event % count, resourceVersion + index + 1, event + 1 === events);
      });
      await write(receiver, Buffer.concat(parts));
    }
    sent += size;
    resourceVersion += size;
  }
}

const server = createServer((request, response) => {
  const url = new URL(request.url ?? '/', 'http://localhost');
  const query = url.searchParams;
  if (request.method === 'POST' && url.pathname === '/burst') void burst(response, Number(query.get('events')));
  else if (url.pathname === '/watches') response.end(String(watches.size));
  else if (url.pathname !== '/api/v1/pods') response.writeHead(404).end();
  else if (query.get('watch') === 'true' || query.get('watch') === '1')
    void watch(response, formFor(request), query.get('sendInitialEvents') === 'true');
  else {
    const from = Number(query.get('continue') ?? 0);
    const limit = query.get('resourceVersion') === '0' ? 0 : Number(query.get('limit') ?? 0);
    void list(response, formFor(request), from, limit > 0 ? Math.min(count, from + limit) : count);
  }
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  console.log(typeof address === 'object' && address !== null ? address.port : '');
});
process.stdin.on('end', () => process.exit(0)).resume();
