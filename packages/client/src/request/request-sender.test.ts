import { getEventListeners } from 'node:events';
import { type HttpResponse, silentLogger } from '@bowline/apimachinery';
import { FakeClock, RecordingLogger } from '@bowline/apimachinery/testing';
import { describe, expect, test } from 'vitest';
import { FakeTransport } from '../fake-transport.ts';
import { readJson } from './answers.ts';
import { type Outgoing, RequestSender, type SenderOptions, type SenderPorts } from './request-sender.ts';
import { TokenBucket } from './token-bucket.ts';
import type { ApiWarning } from './warnings.ts';

const read: Outgoing = { method: 'GET', path: '/api/v1/pods?limit=5', retry: 'read' };
const write: Outgoing = {
  method: 'POST',
  path: '/api/v1/pods',
  body: Buffer.from('{"a":1}'),
  retry: 'write',
  slow: true,
};
const limits = { maxItemBytes: 1_000, maxDepth: 100 };

interface Bench {
  readonly clock: FakeClock;
  readonly transport: FakeTransport;
  readonly sender: RequestSender;
  ask(request: Outgoing): Promise<unknown>;
}

function bench(ports: Partial<SenderPorts> = {}, options: Partial<SenderOptions> = {}): Bench {
  const clock = new FakeClock();
  const transport = new FakeTransport();
  const timeouts = { headersTimeoutMs: 10_000, slowHeadersTimeoutMs: 60_000, bodyTimeoutMs: 30_000 };
  const sender = new RequestSender(
    { transport, clock, logger: silentLogger, ...ports },
    { server: '"https://host"', userAgent: 'tests/1', ...timeouts, ...options },
  );
  // The outcome is looked at later: an error must not count as unhandled until then.
  const ask = (request: Outgoing): Promise<unknown> => {
    const asking = sender.exchange(request, (answer) => readJson(answer, limits));
    asking.catch(() => {});
    return asking;
  };
  return { clock, transport, sender, ask };
}

async function text(body: HttpResponse['body']): Promise<string> {
  let whole = '';
  for await (const chunk of body) whole += Buffer.from(chunk).toString();
  return whole;
}

describe('RequestSender', () => {
  test('RequestSender sends user agent, accepted type, body, and reads the answer', async () => {
    const { transport, ask, clock } = bench();
    const asking = ask(write);
    const exchange = await transport.next();
    expect(exchange.request.headers).toEqual({ accept: 'application/json', 'user-agent': 'tests/1' });
    expect(exchange.json()).toEqual({ a: 1 });
    exchange.respond({ status: 201, body: { ok: true } });
    expect(await asking).toEqual({ ok: true });
    expect(clock.pending).toBe(0);
  });

  test.each([429, 500, 503])(
    'RequestSender tries again after %i with Retry-After, at most ten times, writes too (Patient)',
    async (status) => {
      const { transport, clock, ask } = bench();
      const asking = ask(write);
      for (let tries = 1; tries <= 11; tries++) {
        const exchange = await transport.next();
        expect(exchange.json()).toEqual({ a: 1 });
        exchange.respond({ status, headers: { 'retry-after': '3' }, body: 'busy' });
        await clock.settle();
        expect(transport.pending).toBe(0);
        await clock.advance(2_999);
        expect(transport.pending).toBe(0);
        await clock.advance(1);
      }
      await expect(asking).rejects.toMatchObject({ httpStatus: status, retryAfterMs: 3_000 });
      expect(transport.requests).toHaveLength(11);
      expect(clock.pending).toBe(0);
    },
  );

  test.each([
    [500, {}],
    [429, {}],
    [503, { 'retry-after': 'Wed, 21 Oct 2015 07:28:00 GMT' }],
    [404, { 'retry-after': '1' }],
  ])('RequestSender takes %i with %j as final', async (status, headers) => {
    const { transport, ask } = bench();
    const asking = ask(read);
    (await transport.next()).respond({ status, headers: headers as Record<string, string>, body: 'no' });
    await expect(asking).rejects.toMatchObject({ name: 'StatusError', httpStatus: status });
    expect(transport.requests).toHaveLength(1);
  });

  test('RequestSender sends a read again one second after a lost connection, at most ten times', async () => {
    const { transport, clock, ask } = bench();
    const asking = ask(read);
    for (let tries = 1; tries <= 11; tries++) {
      const exchange = await transport.next();
      if (tries % 2 === 0) exchange.open();
      exchange.fail('ECONNRESET');
      await clock.advance(999);
      expect(transport.pending).toBe(0);
      await clock.advance(1);
    }
    await expect(asking).rejects.toMatchObject({ code: 'CLIENT_CONNECTION_FAILED', retryable: true });
    expect(clock.pending).toBe(0);
  });

  test('RequestSender never sends a write again after a lost connection, nor a read after a refused one', async () => {
    const { transport, ask } = bench();
    const writing = ask(write);
    (await transport.next()).fail('ECONNRESET');
    await expect(writing).rejects.toMatchObject({ code: 'CLIENT_CONNECTION_FAILED', maybeProcessed: true });
    const half = ask(write);
    const exchange = await transport.next();
    exchange.open();
    exchange.fail('ECONNRESET');
    await expect(half).rejects.toMatchObject({ code: 'CLIENT_CONNECTION_FAILED', maybeProcessed: true });
    const reading = ask(read);
    (await transport.next()).fail('ECONNREFUSED');
    await expect(reading).rejects.toMatchObject({ code: 'CLIENT_CONNECTION_FAILED', maybeProcessed: false });
    expect(transport.requests).toHaveLength(3);
  });

  test('RequestSender waits 10 s for reads and 60 s for what may be slow, then retires the connections', async () => {
    const { transport, clock, ask } = bench();
    const reading = ask(read);
    const writing = ask(write);
    await clock.advance(9_999);
    expect(transport.retired).toBe(0);
    await clock.advance(1);
    await expect(reading).rejects.toMatchObject({
      code: 'CLIENT_TIMEOUT',
      retryable: true,
      maybeProcessed: false,
      message: 'No answer of "https://host" to GET /api/v1/pods within 10000 ms; check network and server',
    });
    expect(transport.retired).toBe(1);
    await clock.advance(50_000);
    await expect(writing).rejects.toMatchObject({ code: 'CLIENT_TIMEOUT', maybeProcessed: true });
    expect(clock.pending).toBe(0);
  });

  test('RequestSender gives up on an answer that falls silent', async () => {
    const { transport, clock, ask } = bench();
    const asking = ask(read);
    const exchange = await transport.next();
    exchange.open();
    await clock.advance(20_000);
    exchange.write('{"a":');
    await clock.advance(20_000);
    exchange.write('1');
    await clock.advance(30_000);
    await expect(asking).rejects.toMatchObject({ code: 'CLIENT_TIMEOUT' });
    await clock.settle();
    expect(exchange.over).toBe(true);
    expect(clock.pending).toBe(0);
  });

  test('RequestSender limits the whole call, waits included', async () => {
    const { transport, clock, ask } = bench({}, { timeoutMs: 5_000 });
    const asking = ask(write);
    const first = await transport.next();
    expect(first.request.path).toBe('/api/v1/pods?timeout=5000ms');
    first.respond({ status: 429, headers: { 'retry-after': '60' }, body: 'busy' });
    await clock.advance(5_000);
    await expect(asking).rejects.toMatchObject({
      code: 'CLIENT_TIMEOUT',
      cause: { code: 'API_TOO_MANY_REQUESTS', httpStatus: 429 },
    });
    const own = ask({ ...write, timeoutMs: 1_000 });
    await clock.advance(1_000);
    await expect(own).rejects.toMatchObject({ code: 'CLIENT_TIMEOUT' });
    expect(clock.pending).toBe(0);
  });

  test('RequestSender ends with the reason of the signal, at every stage, and leaves no listener and no timer (Abort)', async () => {
    const { transport, clock, ask } = bench();
    const why = new Error('enough');
    const stages: ((exchange: Awaited<ReturnType<FakeTransport['next']>>) => void)[] = [
      () => {},
      (exchange) => exchange.open(),
      (exchange) => exchange.respond({ status: 503, headers: { 'retry-after': '9' } }),
      (exchange) => exchange.fail('ECONNRESET'),
    ];
    for (const stage of stages) {
      const stop = new AbortController();
      const asking = ask({ ...read, signal: stop.signal });
      stage(await transport.next());
      await clock.settle();
      stop.abort(why);
      await expect(asking).rejects.toBe(why);
      expect(getEventListeners(stop.signal, 'abort')).toHaveLength(0);
      expect(clock.pending).toBe(0);
    }
    const before = transport.requests.length;
    await expect(ask({ ...read, signal: AbortSignal.abort(why) })).rejects.toBe(why);
    expect(transport.requests).toHaveLength(before);
  });

  test('RequestSender ends at once also when the transport does not heed the signal', async () => {
    const never = { request: () => new Promise<HttpResponse>(() => {}) };
    const { ask, clock } = bench({ transport: never });
    const stop = new AbortController();
    const asking = ask({ ...read, signal: stop.signal });
    await clock.settle();
    stop.abort();
    await expect(asking).rejects.toMatchObject({ name: 'AbortError' });
  });

  test('RequestSender keeps to the rate limit, from which streams are free', async () => {
    const clock = new FakeClock();
    const logger = new RecordingLogger();
    const { transport, ask, sender } = bench({
      clock,
      logger,
      limiter: new TokenBucket(clock, { qps: 0.5, burst: 2 }),
    });
    for (let n = 0; n < 4; n++) ask(read);
    const stop = new AbortController();
    const aborted = ask({ ...read, signal: stop.signal });
    void sender.stream({ ...read, path: '/watch', unlimited: true }, true);
    await clock.settle();
    expect(transport.requests.map(({ path }) => path).sort()).toEqual([
      '/api/v1/pods?limit=5',
      '/api/v1/pods?limit=5',
      '/watch',
    ]);
    stop.abort();
    await expect(aborted).rejects.toThrow();
    await clock.advance(2_000);
    expect(transport.requests).toHaveLength(4);
    await clock.advance(2_000);
    expect(transport.requests).toHaveLength(5);
    expect(logger.lines.some(({ message }) => message.includes('rate limit'))).toBe(true);
  });

  test('RequestSender asks the rate limit again for each try, after what the server wants to be waited', async () => {
    const clock = new FakeClock();
    const { transport, ask } = bench({ clock, limiter: new TokenBucket(clock, { qps: 0.1, burst: 1 }) });
    const asking = ask(write);
    (await transport.next()).respond({ status: 503, headers: { 'retry-after': '4' } });
    await clock.settle();
    await clock.advance(9_999);
    expect(transport.requests).toHaveLength(1);
    await clock.advance(4_000);
    expect(transport.requests).toHaveLength(2);
    (await transport.next()).respond({ body: {} });
    await asking;
  });

  test('RequestSender does not wait for a rate limit that lets it pass too late', async () => {
    const clock = new FakeClock();
    const limiter = new TokenBucket(clock, { qps: 0.1, burst: 1 });
    const { transport, ask } = bench({ clock, limiter }, { timeoutMs: 5_000 });
    ask(read);
    await expect(ask(read)).rejects.toMatchObject({
      code: 'CLIENT_TIMEOUT',
      cause: { message: 'The rate limit would have let it wait for 10000 ms' },
    });
    expect(transport.requests).toHaveLength(1);
    expect(limiter.reserve()).toBe(10_000);
  });

  test('RequestSender says why it waited when it gives up between two tries', async () => {
    const { transport, clock, ask } = bench({}, { timeoutMs: 500 });
    const asking = ask(read);
    (await transport.next()).fail('ECONNRESET');
    await clock.advance(500);
    await expect(asking).rejects.toMatchObject({
      code: 'CLIENT_TIMEOUT',
      cause: { code: 'CLIENT_CONNECTION_FAILED' },
    });
    expect(clock.pending).toBe(0);
  });

  test.each([429, 503])('RequestSender.stream tries again after %i with Retry-After (Patient)', async (status) => {
    const { transport, clock, sender } = bench();
    const opening = sender.stream(read, false);
    (await transport.next()).respond({ status, headers: { 'retry-after': '2' } });
    await clock.settle();
    await clock.advance(2_000);
    const exchange = await transport.next();
    exchange.open();
    exchange.end();
    expect(await text((await opening).chunks)).toBe('');
    expect(clock.pending).toBe(0);
  });

  test('RequestSender says in an error which flow schema and priority level the request fell under', async () => {
    const { transport, ask } = bench();
    const asking = ask(read);
    (await transport.next()).respond({
      status: 429,
      headers: { 'x-kubernetes-pf-flowschema-uid': 'f', 'x-kubernetes-pf-prioritylevel-uid': 'p' },
      body: 'busy',
    });
    await expect(asking).rejects.toMatchObject({
      code: 'API_TOO_MANY_REQUESTS',
      fairness: { flowSchemaUid: 'f', priorityLevelUid: 'p' },
    });
  });

  test('RequestSender gives each warning once to the hook, else to the log (Hooks)', async () => {
    const warnings: ApiWarning[] = [];
    const logger = new RecordingLogger();
    for (const onWarning of [(warning: ApiWarning) => void warnings.push(warning), undefined]) {
      const { transport, ask } = bench({ logger, onWarning });
      const asking = ask(read);
      (await transport.next()).respond({
        headers: { 'content-type': 'application/json', warning: '299 - "old"' },
        body: {},
      });
      await asking;
      const again = ask(write);
      (await transport.next()).respond({ headers: { warning: ['299 - "old"'] }, body: {} });
      await again;
    }
    expect(warnings).toEqual([{ text: 'old', agent: '-', method: 'GET', path: '/api/v1/pods' }]);
    expect(logger.lines).toMatchObject([{ level: 'warn', message: 'old' }]);
  });

  test('RequestSender says what it cannot understand, without quoting it (No secrets)', async () => {
    const { transport, ask } = bench();
    const answers = [
      [
        { headers: { 'content-type': 'text/html' }, body: '<html>s3cret' },
        /^Cannot understand the answer of "https:\/\/host" to GET \/api\/v1\/pods: it is text\/html instead of JSON/,
      ],
      [{ headers: {}, body: '{"token":"s3cret",}' }, /it is not JSON$/],
      [{ headers: {}, body: `"${'s3cret'.repeat(500)}"` }, /larger than 1000 bytes/],
    ] as const;
    for (const [answer, message] of answers) {
      const asking = ask(read);
      (await transport.next()).respond(answer);
      const failure = await asking.catch((error: unknown) => error);
      expect(failure).toMatchObject({
        code: 'CLIENT_BAD_RESPONSE',
        message: expect.stringMatching(message),
      });
      expect((failure as Error).cause).toBeUndefined();
      expect(String(failure)).not.toContain('s3cret');
    }
  });

  test('RequestSender.stream gives a body that may be silent for ever, and frees it when it is left', async () => {
    const { transport, clock, sender } = bench();
    const stop = new AbortController();
    const opening = sender.stream({ ...read, signal: stop.signal }, false);
    const exchange = await transport.next();
    exchange.open();
    const { chunks } = await opening;
    const first = chunks.next();
    await clock.advance(3_600_000);
    exchange.write('x');
    expect(Buffer.from((await first).value ?? []).toString()).toBe('x');
    await chunks.return();
    await clock.settle();
    expect(exchange.over).toBe(true);
    expect(getEventListeners(stop.signal, 'abort')).toHaveLength(0);
    expect(clock.pending).toBe(0);
  });

  test('RequestSender.stream refuses what is no success, unless any status will do', async () => {
    const { transport, sender } = bench();
    const refused = sender.stream(read, false);
    (await transport.next()).respond({
      status: 410,
      body: { kind: 'Status', apiVersion: 'v1', reason: 'Expired', code: 410 },
    });
    await expect(refused).rejects.toMatchObject({ code: 'API_EXPIRED' });
    const any = sender.stream(read, true);
    (await transport.next()).respond({ status: 410, body: 'gone' });
    const { response, chunks } = await any;
    expect([response.status, await text(chunks)]).toEqual([410, 'gone']);
  });
});
