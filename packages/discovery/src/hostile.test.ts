import type { HttpResponse } from '@bowline/apimachinery';
import { FakeClock } from '@bowline/apimachinery/testing';
import { describe, expect, test } from 'vitest';
import { aggregated, failureOf, setUp, world } from './discovery.fixture.ts';

const never = new Promise<never>(() => {});
const answer = (text: string): HttpResponse => ({
  status: 200,
  headers: {},
  body: (async function* () {
    yield new TextEncoder().encode(text);
  })(),
});

describe('Discovery of a server, or with a client, that does wrong', () => {
  test.each<[string, () => Promise<HttpResponse>]>([
    ['never answers', () => never],
    [
      'never ends its answer',
      async () => ({
        ...answer(''),
        body: (async function* () {
          yield Buffer.from('{');
          await never;
        })(),
      }),
    ],
  ])('a client that %s, and heeds no signal, is given up after timeoutMs', async (_, raw) => {
    const { clock, discovery, server } = setUp(undefined, { timeoutMs: 5_000 }, { client: { raw } });
    const failure = failureOf(discovery.resolve('po'));
    await clock.advance(5_000);
    expect((await failure).message).toBe('The server could not be discovered: No answer within 5000 ms');
    expect([clock.pending, server.requests]).toEqual([0, []]);
  });

  test('a version that never answers a client that heeds no signal hides nothing else', async () => {
    const clock = new FakeClock();
    const documents: Record<string, unknown> = {
      '/api': { kind: 'APIVersions', versions: ['v1'] },
      '/apis': { kind: 'APIGroupList', groups: [{ name: 'apps', versions: [{ version: 'v1' }] }] },
      '/api/v1': { kind: 'APIResourceList', resources: [{ name: 'pods', kind: 'Pod', verbs: ['get'] }] },
    };
    const raw = async ({ path }: { path: string }): Promise<HttpResponse> => {
      const document = documents[path.split('?')[0] ?? ''];
      return document === undefined ? never : answer(JSON.stringify(document));
    };
    const { discovery } = setUp(undefined, {}, { client: { raw }, clock });
    const found = discovery.resolve('pods');
    await clock.advance(32_000);
    expect(await found).toMatchObject({ kind: 'Pod' });
    expect([...discovery.failures.keys()]).toEqual(['apps/v1']);
  });

  test('an answer without end is refused once it is larger than any', async () => {
    let sent = 0;
    const endless = async (): Promise<HttpResponse> => ({
      ...answer(''),
      body: (async function* () {
        for (; ; sent++) yield Buffer.alloc(1 << 24, ' ');
      })(),
    });
    const { discovery } = setUp(undefined, {}, { client: { raw: endless } });
    expect((await failureOf(discovery.resolve('po'))).message).toMatch(/Body is larger than 67108864 bytes/);
    expect(sent).toBeLessThan(20);
  });

  test.each<[unknown, string]>([
    [undefined, 'undefined'],
    [5, '5'],
    [{ ...answer('{}'), status: '200' }, 'an object'],
    [{ ...answer('{}'), headers: undefined }, 'an object'],
    [{ ...answer('{}'), body: '{}' }, 'an object'],
  ])('an answer of client.raw that is none (%o) is called that', async (given, got) => {
    const client = { raw: async () => given as HttpResponse };
    expect((await failureOf(setUp(undefined, {}, { client }).discovery.resolve('po'))).message).toBe(
      `The server could not be discovered: Cannot read server: the answer of client.raw to /apis?timeout=32s must be a response with status, headers and body, got ${got}`,
    );
  });

  test('what a server calls its groups and versions leads to no other path', async () => {
    const { discovery, server } = setUp({
      '/api': { kind: 'APIVersions', versions: ['v1/secrets?x'] },
      '/apis': { kind: 'APIGroupList', groups: [{ name: '../../api', versions: [{ version: '#v1' }] }] },
    });
    expect(await discovery.resources()).toEqual([]);
    expect(server.requests.toSorted()).toEqual(['/api', '/api/v1%2Fsecrets%3Fx', '/apis', '/apis/..%2F..%2Fapi/%23v1']);
  });

  test('a very long spelling is compared with no name, and quoted in short', async () => {
    const { discovery } = setUp(aggregated(world));
    const { message, candidates } = await failureOf(discovery.resolve('x'.repeat(3_000_000)));
    expect(message).toBe(`The server has no resource "${'x'.repeat(100)}…"`);
    expect(candidates).toEqual([]);
  });

  test('a spelling that is an object of something else is not shown', async () => {
    await expect(setUp().discovery.resolve({ password: 1n } as never)).rejects.toThrow(
      new TypeError('Cannot resolve resource: kind or resource must be set, got an object'),
    );
  });
});
