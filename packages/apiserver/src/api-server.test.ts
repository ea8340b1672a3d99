import { once } from 'node:events';
import { get as httpGet, request as httpRequest } from 'node:http';
import { get as httpsGet } from 'node:https';
import { type AddressInfo, connect, createServer } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { afterEach, expect, test } from 'vitest';
import { ApiServer } from './api-server.ts';
import { recordedSuites } from './builtins/golden.fixture.ts';
import { stringAt } from './object.ts';
import { configMap, configMaps, crds, TestServer, widget, widgetDefinition, widgets } from './server.fixture.ts';

const running: ApiServer[] = [];
afterEach(async () => {
  for (const server of running.splice(0)) await server.close();
});

async function started(): Promise<TestServer> {
  const test = await TestServer.start();
  running.push(test.server);
  return test;
}

test('ApiServer answers nothing before it is started and after it is closed, and starts once', async () => {
  const server = new ApiServer();
  const request = { method: 'GET', path: '/healthz', headers: {} } as const;
  await expect(server.handle(request)).rejects.toMatchObject({ code: 'APISERVER_NOT_RUNNING' });
  await server.start();
  await expect(server.start()).rejects.toMatchObject({ code: 'APISERVER_ALREADY_STARTED' });
  expect((await server.handle(request)).status).toBe(200);
  await server.close();
  await server.close();
  await expect(server.handle(request)).rejects.toMatchObject({ code: 'APISERVER_NOT_RUNNING' });
});

test('ApiServer refuses options that make no sense', () => {
  expect(() => new ApiServer({}, { history: { maxEvents: 0 } })).toThrow(
    new RangeError('Cannot make API server: history.maxEvents must be more than 0, got 0'),
  );
  expect(() => new ApiServer({}, { controlers: {} } as object)).toThrow(/did you mean "controllers"\?/);
  expect(() => new ApiServer({ clock: 5 } as object)).toThrow(TypeError);
  expect(() => new ApiServer({}, { controllers: { workload: true } } as object)).toThrow(/did you mean "workloads"\?/);
});

test.each([
  ['nothing', undefined, 'request must be an object, got undefined'],
  ['no method', { path: '/api', headers: {} }, 'request.method must be a method in upper case, got undefined'],
  [
    'a method in lower case',
    { method: 'get', path: '/api', headers: {} },
    'request.method must be a method in upper case, got "get"',
  ],
  [
    'a URL for a path',
    { method: 'GET', path: 'http://x/api', headers: {} },
    'request.path must be a path that begins with "/", got "http://x/api"',
  ],
  ['no headers', { method: 'GET', path: '/api' }, 'request.headers must be an object of strings, got undefined'],
  [
    'a header that is no string',
    { method: 'GET', path: '/api', headers: { accept: 5 } },
    'request.headers must be an object of strings, got an object',
  ],
  [
    'text for bytes',
    { method: 'POST', path: '/api', headers: {}, body: '{}' },
    'request.body must be bytes (Buffer.from(text) makes them of a text), got a string',
  ],
  [
    'an unknown name',
    { method: 'GET', path: '/api', header: {} },
    'request must have known names, got "header"; did you mean "headers"?',
  ],
])('handle says what is wrong with a request: %s', async (_title, request, message) => {
  const { server } = await TestServer.start();
  await expect(server.handle(request as never)).rejects.toThrow(`Cannot handle a request: ${message}`);
});

test('handle takes the names of headers in any case, as HTTP does', async () => {
  const server = await TestServer.start();
  const patched = await server.request('PATCH', '/api/v1/namespaces/default', '{}', {
    'Content-Type': 'application/merge-patch+json',
  });
  expect(patched.status).toBe(200);
});

test('ApiServer says what is wrong with where it shall listen', async () => {
  const server = new ApiServer();
  await server.start();
  await expect(server.listen({ port: Number.NaN })).rejects.toThrow(
    new RangeError('Cannot listen: port must be a whole number from 0 to 65535, got NaN'),
  );
  await expect(server.listen({ hots: 'a' } as object)).rejects.toThrow(/did you mean "host"\?/);
  const { url } = await server.listen();
  const taken = server.listen({ port: Number(new URL(url).port) });
  await expect(taken).rejects.toMatchObject({ code: 'APISERVER_LISTEN_FAILED' });
  await expect(taken).rejects.toThrow(/^Cannot listen on 127\.0\.0\.1:\d+: the port is taken/);
  await server.close();
});

test('ApiServer has what every new cluster has', async () => {
  const server = await started();
  expect((await server.get('/api/v1/namespaces')).names).toEqual([
    'default',
    'kube-node-lease',
    'kube-public',
    'kube-system',
  ]);
  expect((await server.get('/api/v1/namespaces/default/services/kubernetes')).at('spec', 'clusterIP')).toBe('10.0.0.1');
  expect((await server.get('/apis/rbac.authorization.k8s.io/v1/clusterroles')).names).toContain('cluster-admin');
  expect((await server.get('/apis/scheduling.k8s.io/v1/priorityclasses')).names).toEqual([
    'system-cluster-critical',
    'system-node-critical',
  ]);
});

/** Everything that a server answers to a mixed sequence of requests, in one text. */
async function transcript(seed: number): Promise<string> {
  const server = await TestServer.start(
    { controllers: { garbageCollection: true, namespaces: true, workloads: true } },
    seed,
  );
  const answers: string[] = [];
  const watch = await server.watch('/api/v1/pods');
  const template = { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'c', image: 'i' }] } };
  const deployment = {
    metadata: { name: 'd' },
    spec: { replicas: 3, selector: { matchLabels: { a: 'b' } }, template },
  };
  for (const [path, body] of [
    ['/apis/apps/v1/namespaces/default/deployments', deployment],
    [configMaps, { metadata: { generateName: 'x-' } }],
    [crds, widgetDefinition()],
    [widgets, widget('w')],
  ] as const) {
    answers.push((await server.post(path, body)).text);
  }
  await server.clock.advance(120_000);
  answers.push((await server.get('/api/v1/pods')).text, (await server.get('/api/v1/events')).text);
  await server.delete('/apis/apps/v1/namespaces/default/deployments/d?propagationPolicy=Foreground');
  await server.clock.advance(120_000);
  answers.push((await server.get('/api/v1/pods')).text, JSON.stringify(watch.events));
  expect(server.server.busy()).toEqual([]);
  await server.server.close();
  return answers.join('\n');
}

test('Virtual time: the same clock, seed and requests give the same answers, byte by byte', async () => {
  const [first, second, other] = [await transcript(7), await transcript(7), await transcript(8)];
  // Not compared with toBe, which would print megabytes.
  expect([first.includes('"phase":"Running"'), second === first, other === first]).toEqual([true, true, false]);
});

test('Virtual time: nothing waits for the event loop', async () => {
  const server = await started();
  let turns = 0;
  const count = (): void => {
    turns++;
    immediate = setImmediate(count);
  };
  let immediate = setImmediate(count);
  for (let index = 0; index < 50; index++) await server.post(configMaps, configMap(`x${index}`));
  await server.post(crds, widgetDefinition());
  await server.post(configMaps, 'metadata: {name: yaml}', { 'content-type': 'application/yaml' });
  clearImmediate(immediate);
  expect(turns).toBe(0);
});

test('One counter: each write of whatever resource takes the next version, refusals and dry runs take none', async () => {
  const server = await started();
  const first = Number((await server.post(configMaps, configMap('a'))).resourceVersion);
  await server.post(configMaps, configMap('a'));
  await server.post(`${configMaps}?dryRun=All`, configMap('b'));
  await server.patch('merge', `${configMaps}/a`, {});
  expect((await server.post('/api/v1/namespaces', { metadata: { name: 'n' } })).resourceVersion).toBe(
    String(first + 1),
  );
  await server.delete(`${configMaps}/a`);
  expect((await server.get('/api/v1/pods')).resourceVersion).toBe(String(first + 2));
});

test('Real words: refusals have the status, reason, message and details of kube-apiserver', async () => {
  const server = await started();
  const refused = await server.get(`${configMaps}/nope`);
  expect(refused.text).toBe(
    '{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"configmaps \\"nope\\" not found","reason":"NotFound","details":{"name":"nope","kind":"configmaps"},"code":404}\n',
  );
});

test('tokens: who has none is refused, who has one is known by its name', async () => {
  const test = await TestServer.start({ tokens: { secret: { name: 'jane', groups: ['devs'] } } });
  expect((await test.get(configMaps)).json).toMatchObject({
    code: 401,
    reason: 'Unauthorized',
    message: 'Unauthorized',
  });
  expect((await test.get(configMaps, { authorization: 'Bearer wrong' })).status).toBe(401);
  const [requests] = recordedSuites('certificates');
  const spec = { request: stringAt(requests?.base, 'spec', 'request'), signerName: 'a.b/c', usages: ['client auth'] };
  const csr = await test.post(
    '/apis/certificates.k8s.io/v1/certificatesigningrequests?fieldValidation=Ignore&dryRun=All',
    { metadata: { name: 'c' }, spec },
    { authorization: 'Bearer secret' },
  );
  expect([csr.status, csr.at('spec', 'username'), csr.at('spec', 'groups')]).toEqual([
    201,
    'jane',
    ['devs', 'system:authenticated'],
  ]);
});

test('listen serves HTTP: bodies, watches that are flushed and ended, and what is too large', async () => {
  const server = await started();
  const { url, close } = await server.server.listen();
  const created = await fetch(`${url}${configMaps}`, {
    method: 'POST',
    body: JSON.stringify(configMap('a')),
    headers: { 'content-type': 'application/json' },
  });
  expect(created.status).toBe(201);
  const stop = new AbortController();
  const watch = await fetch(`${url}${configMaps}?watch=1`, { signal: stop.signal });
  const reader = watch.body?.getReader();
  expect(Buffer.from((await reader?.read())?.value ?? []).toString()).toContain('"type":"ADDED"');
  const pending = server.clock.pending;
  stop.abort();
  await reader?.closed.catch(() => undefined);
  const headers = { 'content-type': 'application/json', 'content-length': 4 * 1024 * 1024 };
  const large = httpRequest(`${url}${configMaps}`, { method: 'POST', headers });
  large.on('error', () => undefined); // the connection ends before the body does
  large.write(Buffer.alloc(3 * 1024 * 1024 + 1, ' '));
  const [answer] = await once(large, 'response');
  expect(answer.statusCode).toBe(413);
  answer.resume();
  await close();
  expect(server.clock.pending).toBeLessThan(pending);
});

test('listen sends large answers as gzip to those who accept it, and no watches', async () => {
  const server = await started();
  const { url, close } = await server.server.listen();
  const large = { ...configMap('large'), data: { text: 'x'.repeat(150_000) } };
  await server.request('POST', configMaps, large);
  const ask = async (path: string, encoding: string) => {
    const [answer] = await once(httpGet(`${url}${path}`, { headers: { 'accept-encoding': encoding } }), 'response');
    const [first] = await once(answer, 'data');
    answer.destroy();
    return { encoding: answer.headers['content-encoding'], vary: answer.headers.vary, first: first as Buffer };
  };
  const list = await ask(configMaps, 'deflate, gzip');
  expect(list).toMatchObject({ encoding: 'gzip', vary: 'Accept-Encoding' });
  expect(JSON.parse(gunzipSync(list.first).toString()).items[0].data.text).toHaveLength(150_000);
  for (const [path, encoding] of [
    [configMaps, 'deflate'],
    ['/version', 'gzip'],
    [`${configMaps}?watch=1`, 'gzip'],
  ] as const)
    expect((await ask(path, encoding)).encoding).toBeUndefined();
  await close();
});

test('listen gets its answer to a client that sends all of a body that is too large before it reads', async () => {
  const server = await started();
  const { port } = new URL((await server.server.listen()).url);
  const size = 12 * 1024 * 1024;
  const socket = connect(Number(port), '127.0.0.1');
  socket.pause();
  socket.write(
    `POST ${configMaps} HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: ${size}\r\n\r\n`,
  );
  await new Promise<void>((resolve, reject) => {
    socket.once('error', reject);
    socket.write(Buffer.alloc(size, ' '), () => resolve());
  });
  const chunks: Buffer[] = [];
  socket.on('data', (chunk) => chunks.push(chunk)).resume();
  await once(socket, 'end');
  const answer = Buffer.concat(chunks).toString();
  expect(answer).toMatch(/^HTTP\/1\.1 413 /);
  expect(answer).toContain('"reason":"RequestEntityTooLarge"');
});

test('listen does not read without end from a client that does not stop', async () => {
  const server = await started();
  const { port } = new URL((await server.server.listen()).url);
  const socket = connect(Number(port), '127.0.0.1');
  socket.on('error', () => undefined);
  const headers = 'host: a\r\ncontent-type: application/json\r\ntransfer-encoding: chunked';
  socket.write(`POST ${configMaps} HTTP/1.1\r\n${headers}\r\n\r\n`);
  const chunk = Buffer.concat([Buffer.from('100000\r\n'), Buffer.alloc(0x100000, ' '), Buffer.from('\r\n')]);
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  let sent = 0;
  const more = (error?: Error | null): void => {
    if (error || sent === 1_000) return;
    sent += 1;
    socket.write(chunk, more);
  };
  more();
  await closed;
  expect(sent).toBeGreaterThan(16);
  expect(sent).toBeLessThan(100);
});

test('listen serves HTTPS with a certificate that its authority vouches for', async () => {
  const server = new ApiServer();
  running.push(server);
  await server.start();
  const { url, authority } = await server.listen({ tls: 'self-signed' });
  const [answer] = await once(httpsGet(`${url}/version`, { ca: authority }), 'response');
  expect(answer.statusCode).toBe(200);
  answer.resume();
  const refused = httpsGet(`${url}/version`);
  const [error] = await once(refused, 'error');
  expect((error as NodeJS.ErrnoException).code).toMatch(/SELF_SIGNED/);
});

test.each(['GET /version', `POST ${configMaps}`])('listen tells who speaks plain HTTP to HTTPS: %s', async (line) => {
  const { server } = await started();
  const { url } = await server.listen({ tls: 'self-signed' });
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  socket.write(`${line} HTTP/1.1\r\nhost: a\r\n\r\n`);
  const chunks: Buffer[] = [];
  socket.on('data', (chunk) => chunks.push(chunk));
  await once(socket, 'end');
  expect(Buffer.concat(chunks).toString()).toBe(
    'HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n',
  );
});

test('Stops at once: close ends watches, controllers and listeners, and sets no timer', async () => {
  const server = await TestServer.start({
    controllers: { garbageCollection: true, namespaces: true, workloads: true },
  });
  const watch = await server.watch('/api/v1/pods');
  await server.server.listen();
  await server.server.close();
  await server.clock.settle();
  expect(watch.ended).toBe(true);
  expect(server.clock.pending).toBe(0);
});

test('ApiServer leaves no port open when it is closed while it begins to listen', async () => {
  const server = new ApiServer();
  await server.start();
  const holder = createServer().listen(0, '127.0.0.1');
  await once(holder, 'listening');
  const { port } = holder.address() as AddressInfo;
  await new Promise((resolve) => holder.close(resolve));
  const listening = server.listen({ port });
  await server.close();
  await expect(listening).rejects.toMatchObject({ code: 'APISERVER_NOT_RUNNING' });
  const [refusal] = await once(connect(port, '127.0.0.1'), 'error');
  expect(refusal).toMatchObject({ code: 'ECONNREFUSED' });
});

test('controllers that are switched off do nothing', async () => {
  const server = await started();
  await server.post('/api/v1/namespaces', { metadata: { name: 'n' } });
  await server.delete('/api/v1/namespaces/n');
  await server.clock.advance(60_000);
  expect((await server.get('/api/v1/namespaces/n')).at('status', 'phase')).toBe('Terminating');
});
