import { describe, expect, test } from 'vitest';
import { formatApiResources } from './api-resources.ts';
import { aggregated, crds, failureOf, plain, setUp, verbs, world } from './discovery.fixture.ts';
import { Discovery, type DiscoveryPorts } from './discovery.ts';
import type { DiscoveryOptions } from './options.ts';
import type { Spelling } from './spelling.ts';

const described = (resource: string, kind: string, categories: readonly string[]): object => ({
  resource,
  responseKind: { group: '', version: '', kind },
  scope: 'Namespaced',
  singularResource: kind.toLowerCase(),
  verbs,
  categories,
});
const group = (name: string, ...versions: readonly (readonly [string, readonly object[]])[]): object => ({
  metadata: { name },
  versions: versions.map(([version, resources]) => ({ version, resources })),
});
const withCategories = {
  '/api': { kind: 'APIGroupDiscoveryList', items: [group('', ['v1', [described('pods', 'Pod', ['all'])]])] },
  '/apis': {
    kind: 'APIGroupDiscoveryList',
    items: [
      group(
        'apps',
        ['v1', [described('deployments', 'Deployment', ['all', 'work'])]],
        ['v1beta1', [described('deployments', 'Deployment', ['all'])]],
      ),
    ],
  },
};

describe('Discovery.mappingsFor', () => {
  test('Priorities: gives all that fit, core first, then the groups in the order of the server, each with the preferred version first', async () => {
    const { discovery } = setUp();
    const names = async (spelling: Spelling): Promise<string[]> =>
      (await discovery.mappingsFor(spelling)).map(({ apiVersion, resource }) => `${apiVersion}/${resource}`);
    expect(await names('pods')).toEqual(['v1/pods', 'a.example.com/v1/pods']);
    expect(await names('hpa')).toEqual([
      'autoscaling/v2/horizontalpodautoscalers',
      'autoscaling/v1/horizontalpodautoscalers',
    ]);
    expect(await names({ group: 'autoscaling', version: 'v1', resource: 'hpa' })).toEqual([
      'autoscaling/v1/horizontalpodautoscalers',
    ]);
    await expect(names('nothing')).rejects.toMatchObject({ code: 'DISCOVERY_NO_MATCH' });
  });

  test('the order is the same however slowly the versions answer', async () => {
    const { discovery, server } = setUp(plain(world));
    const original = server.raw.bind(server);
    let turns = 200;
    server.raw = async (request) => {
      turns -= 20; // the first version that is asked for answers last
      const mine = turns;
      for (let turn = 0; turn < mine; turn++) await Promise.resolve();
      return original(request);
    };
    expect((await discovery.mappingsFor('hpa')).map(({ version }) => version)).toEqual(['v2', 'v1']);
    discovery.invalidate();
    expect(await discovery.mappingFor('hpa')).toMatchObject({ version: 'v2' });
  });
});

describe('Discovery.category', () => {
  test('Categories: gives the resources of a category, each once, and none of one that does not exist', async () => {
    const { discovery } = setUp(withCategories);
    const names = async (name: string): Promise<string[]> =>
      (await discovery.category(name)).map(({ apiVersion, resource }) => `${apiVersion}/${resource}`);
    expect(await names('all')).toEqual(['v1/pods', 'apps/v1/deployments']);
    expect(await names('work')).toEqual(['apps/v1/deployments']);
    expect(await names('play')).toEqual([]);
    await expect(discovery.category('')).rejects.toThrow('name must be a non-empty string, got ""');
  });
});

describe('Discovery.preferredResources', () => {
  test('gives each resource once, in the preferred version, and those in namespaces alone when asked', async () => {
    const { discovery } = setUp();
    const names = (await discovery.preferredResources()).map(({ apiVersion, resource }) => `${apiVersion}/${resource}`);
    expect(names).toContain('autoscaling/v2/horizontalpodautoscalers');
    expect(names).not.toContain('autoscaling/v1/horizontalpodautoscalers');
    expect(names).toContain('v1/nodes');
    const namespaced = await discovery.preferredResources({ namespaced: true });
    expect(namespaced.map(({ resource }) => resource)).not.toContain('nodes');
    expect((await discovery.preferredResources({ namespaced: false })).map(({ resource }) => resource)).toEqual([
      'nodes',
    ]);
  });

  test('gives what could be read when a version could not', async () => {
    const { discovery } = setUp({ ...plain(world), '/apis/apps/v1': 503 });
    const names = (await discovery.preferredResources()).map(({ resource }) => resource);
    expect(names).toContain('pods');
    expect(names).not.toContain('deployments');
    expect([...discovery.failures.keys()]).toEqual(['apps/v1']);
  });
});

describe('Discovery asks', () => {
  test('for both aggregated forms and the plain one, with its time-out', async () => {
    const { discovery, server } = setUp();
    await discovery.resources();
    expect(server.sent.map(({ path }) => path)).toEqual(['/api?timeout=32s', '/apis?timeout=32s']);
    for (const { headers } of server.sent)
      expect(headers.accept).toBe(
        'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json',
      );
    const short = setUp(undefined, { timeoutMs: 1_500 });
    await short.discovery.resources();
    expect(short.server.sent[0]?.path).toBe('/api?timeout=1500ms');
  });

  test('for the plain form alone when aggregated is false', async () => {
    const { discovery, server } = setUp(plain(world), { aggregated: false });
    expect(await discovery.resolve('deploy')).toMatchObject({ kind: 'Deployment' });
    expect(new Set(server.sent.map(({ headers }) => headers.accept))).toEqual(new Set(['application/json']));
  });

  test('reads v2beta1 as it reads v2', async () => {
    const older = Object.fromEntries(
      Object.entries(aggregated(world)).map(([path, document]) => [
        path,
        { ...(document as object), apiVersion: 'apidiscovery.k8s.io/v2beta1' },
      ]),
    );
    expect(await setUp(older).discovery.resources()).toEqual(await setUp().discovery.resources());
  });

  test('uses an aggregated answer even when the other one is plain', async () => {
    const { discovery, server } = setUp({ ...plain(world), '/api': aggregated(world)['/api'] });
    expect(await discovery.resolve('po')).toMatchObject({ kind: 'Pod' });
    expect(await discovery.resolve('deploy')).toMatchObject({ kind: 'Deployment' });
    expect(server.requests).not.toContain('/api/v1');
  });

  test('Revalidated: by entity tag, and takes "not modified" for the last answer', async () => {
    const { clock, discovery, server } = setUp();
    server.tagged = true;
    const before = await discovery.resources();
    await clock.advance(1_000);
    await failureOf(discovery.resolve('nothing'));
    expect(server.notModified).toBe(2);
    expect(await discovery.resources()).toEqual(before);
    server.documents = aggregated({ ...world, ...crds });
    await clock.advance(1_000);
    expect(await discovery.resolve('gadgets')).toMatchObject({ kind: 'Gadget' });
    expect(server.notModified).toBe(3);
  });
});

describe('Discovery after a failure', () => {
  test.each([503, 403])('looks again for a version that answered %i, once minRefreshMs has passed', async (status) => {
    const { clock, discovery, server } = setUp({ ...plain(world), '/apis/apps/v1': status });
    await failureOf(discovery.resolve('deploy'));
    server.documents = plain(world);
    expect((await failureOf(discovery.resolve('deploy'))).code).toBe('DISCOVERY_NO_MATCH');
    await clock.advance(1_000);
    expect(await discovery.resolve('deploy')).toMatchObject({ kind: 'Deployment' });
    expect(discovery.failures.size).toBe(0);
  });

  test('Looks again: a re-reading that fails counts as one, and its error is what misses get', async () => {
    const { clock, discovery, server } = setUp();
    await discovery.resolve('po');
    server.documents = { '/api': 500, '/apis': 500 };
    await clock.advance(1_000);
    const error = await failureOf(discovery.resolve('gadgets'));
    expect(error).toMatchObject({ code: 'DISCOVERY_FAILED', retryable: true });
    expect(await failureOf(discovery.resolve('gadgets'))).toBe(error);
    expect(server.requests).toHaveLength(4);
    expect(await discovery.resolve('po')).toMatchObject({ kind: 'Pod' });
    server.documents = aggregated({ ...world, ...crds });
    await clock.advance(1_000);
    expect(await discovery.resolve('gadgets')).toMatchObject({ kind: 'Gadget' });
  });
});

describe('Discovery refuses', () => {
  test.each<[unknown, string]>([
    [undefined, 'got undefined'],
    [null, 'got null'],
    [7, 'got 7'],
    [[], 'got an array'],
    [{ kind: 7 }, 'spelling.kind must be a string, got 7'],
    [{ apiVersion: {}, kind: 'Pod' }, 'spelling.apiVersion must be a string, got an object'],
  ])('to resolve %o', async (spelling, message) => {
    const { discovery, server } = setUp();
    await expect(discovery.resolve(spelling as Spelling)).rejects.toThrow(TypeError);
    await expect(discovery.resolve(spelling as Spelling)).rejects.toThrow(message);
    expect(server.requests).toEqual([]);
  });

  test('options that nobody knows', async () => {
    const { discovery, server } = setUp();
    const bad = (value: object): never => value as never;
    await expect(discovery.resolve('po', bad({ sigal: 1 }))).rejects.toThrow('did you mean "signal"?');
    await expect(discovery.resources(bad({ signal: 1 }))).rejects.toThrow('signal must be an AbortSignal, got 1');
    await expect(discovery.preferredResources(bad({ namespace: true }))).rejects.toThrow('did you mean "namespaced"?');
    await expect(discovery.apiResources(bad({ sortBy: 'age' }))).rejects.toThrow('sortBy must be "name" or "kind"');
    expect(server.requests).toEqual([]);
    expect(() => formatApiResources(bad({}))).toThrow('rows must be an array, got an object');
    expect(() => new Discovery(bad({}))).toThrow(TypeError);
    expect(() => new Discovery(undefined as unknown as DiscoveryPorts)).toThrow(
      'ports must be an object, got undefined',
    );
    expect(() => setUp(undefined, { minRefresh: 5 } as DiscoveryOptions)).toThrow('did you mean "minRefreshMs"?');
  });
});
