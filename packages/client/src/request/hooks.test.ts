import { FakeClock, RecordingLogger } from '@bowline/apimachinery/testing';
import { describe, expect, test } from 'vitest';
import { createClient } from '../create-client.ts';
import { FakeTransport } from '../fake-transport.ts';
import type { ClientOptions } from '../options.ts';
import type { RequestOutcome, RequestTry } from './hooks.ts';

const configMaps = {
  group: '',
  version: 'v1',
  resource: 'configmaps',
  scope: 'Namespaced',
  kind: 'ConfigMap',
} as const;
const draft = { metadata: { namespace: 'x', name: 'a' } };

function bench(options: ClientOptions) {
  const transport = new FakeTransport();
  const clock = new FakeClock();
  const logger = new RecordingLogger();
  const client = createClient({ cluster: { server: 'https://host' } }, { transport, clock, logger, ...options });
  return { transport, clock, logger, client };
}

describe('hooks', () => {
  test('onRequest and onResponse see each try, and headers are added (Hooks)', async () => {
    const tries: RequestTry[] = [];
    const outcomes: RequestOutcome[] = [];
    const { transport, clock, client } = bench({
      onRequest: (request) => {
        tries.push(request);
        return { Traceparent: `00-${request.attempt}` };
      },
      onResponse: (outcome) => void outcomes.push(outcome),
    });
    const creating = client.create(configMaps, draft, { fieldManager: 'me' });
    const first = await transport.next();
    await clock.advance(250);
    first.respond({ status: 503, headers: { 'retry-after': '1' }, body: 'busy' });
    await clock.advance(1_000);
    const second = await transport.next();
    expect([first, second].map(({ request }) => request.headers.traceparent)).toEqual(['00-1', '00-2']);
    expect(second.request.headers).toMatchObject({ accept: 'application/json', 'content-type': 'application/json' });
    second.respond({ status: 201, body: { kind: 'ConfigMap' } });
    await creating;
    const request = { method: 'POST', path: '/api/v1/namespaces/x/configmaps', query: 'fieldManager=me' };
    expect(tries).toEqual([
      { ...request, attempt: 1 },
      { ...request, attempt: 2 },
    ]);
    expect(outcomes).toMatchObject([
      { ...request, attempt: 1, status: 503, durationMs: 250, headers: { 'retry-after': '1' } },
      { ...request, attempt: 2, status: 201, durationMs: 0 },
    ]);
  });

  test('onResponse is told why there is no answer, also of watches (Hooks)', async () => {
    const outcomes: RequestOutcome[] = [];
    const { transport, client } = bench({ onResponse: (outcome) => void outcomes.push(outcome) });
    const watching = client.watch(configMaps).next();
    (await transport.next()).fail('ECONNREFUSED');
    const failure = await watching.catch((error: unknown) => error);
    expect(outcomes).toMatchObject([{ method: 'GET', path: '/api/v1/configmaps', error: failure }]);
    expect(outcomes[0]).not.toHaveProperty('status');
  });

  test.each<[string, ClientOptions['onRequest']]>([
    [
      'no trace',
      () => {
        throw new Error('no trace');
      },
    ],
    ['it must not replace the header "accept"', () => ({ Accept: 'text/html' })],
    ['it returned a name that no header can have: "a b"', () => ({ 'a b': 'x' })],
    ['the value of its header "x" must be one line of text', () => ({ x: 'a\r\nb: c' })],
    ['the value of its header "x" must be one line of text', (() => ({ x: 1 })) as never],
  ])('a failing onRequest fails the call before anything is sent: %s (Hooks)', async (reason, onRequest) => {
    const { transport, clock, client } = bench({ onRequest });
    await expect(client.create(configMaps, draft)).rejects.toMatchObject({
      code: 'CLIENT_HOOK_FAILED',
      message: `Cannot send POST /api/v1/namespaces/x/configmaps: onRequest failed: ${reason}`,
      maybeProcessed: false,
      retryable: false,
    });
    expect(transport.requests).toHaveLength(0);
    expect(clock.pending).toBe(0);
  });

  test('a failing onResponse or onWarning is logged and changes nothing (Hooks)', async () => {
    const error = new Error('broken');
    const fail = (): never => {
      throw error;
    };
    const { transport, logger, client } = bench({ onResponse: fail, onWarning: fail });
    const creating = client.create(configMaps, draft);
    (await transport.next()).respond({ status: 201, headers: { warning: '299 - "old"' }, body: { kind: 'ConfigMap' } });
    expect(await creating).toEqual({ kind: 'ConfigMap' });
    expect(logger.lines).toMatchObject([
      { level: 'error', message: 'onWarning threw an error', fields: { error } },
      { level: 'error', message: 'onResponse threw an error', fields: { error } },
    ]);
  });

  test('hooks that are no functions are refused at once', () => {
    expect(() => bench({ onRequest: {} as never })).toThrow(TypeError);
    expect(() => bench({ onResponse: 'log' as never })).toThrow(/onResponse must be a function/);
  });
});
