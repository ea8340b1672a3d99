import { statusError } from '@bowline/apimachinery';
import { describe, expect, test } from 'vitest';
import { aggregated, crds, failureOf, plain, setUp, verbs, world } from './discovery.fixture.ts';
import type { DiscoveryOptions } from './options.ts';

describe('Discovery.resolve', () => {
  test.each([
    ['po', 'v1', 'pods'],
    ['Pod', 'v1', 'pods'],
    ['v1/Pod', 'v1', 'pods'],
    ['pods.v1', 'v1', 'pods'],
    ['DEPLOY', 'apps/v1', 'deployments'],
    ['deployment', 'apps/v1', 'deployments'],
    ['Deployment', 'apps/v1', 'deployments'],
    ['DeploymentList', 'apps/v1', 'deployments'],
    ['deployments.apps', 'apps/v1', 'deployments'],
    ['deployments.v1.apps', 'apps/v1', 'deployments'],
    ['deploy.app', 'apps/v1', 'deployments'],
    ['apps/v1/deployments', 'apps/v1', 'deployments'],
    [' apps/v1/Deployment ', 'apps/v1', 'deployments'],
    ['hpa', 'autoscaling/v2', 'horizontalpodautoscalers'],
    ['hpa.v1.autoscaling', 'autoscaling/v1', 'horizontalpodautoscalers'],
    ['widgets.b.example.com', 'b.example.com/v1', 'widgets'],
    ['widgets.b', 'b.example.com/v1', 'widgets'],
    ['rollouts', 'b.example.com/v1', 'rollouts'],
    [{ apiVersion: 'apps/v1', kind: 'Deployment' }, 'apps/v1', 'deployments'],
    [{ apiVersion: 'apps/v1', kind: 'DeploymentList' }, 'apps/v1', 'deployments'],
    [
      { group: 'autoscaling', version: 'v1', kind: 'HorizontalPodAutoscaler' },
      'autoscaling/v1',
      'horizontalpodautoscalers',
    ],
    [{ group: 'a.example.com', kind: 'Pod' }, 'a.example.com/v1', 'pods'],
    [{ group: '', kind: 'Pod' }, 'v1', 'pods'],
    [{ kind: 'Deployment' }, 'apps/v1', 'deployments'],
    [{ group: 'apps', version: 'v1', resource: 'deployments' }, 'apps/v1', 'deployments'],
    [{ resource: 'deploy' }, 'apps/v1', 'deployments'],
  ])('Any spelling: %o is %s %s', async (spelling, apiVersion, resource) => {
    expect(await setUp().discovery.resolve(spelling)).toMatchObject({ apiVersion, resource });
  });

  test('gives a handle with all that is known of the resource', async () => {
    const { discovery } = setUp();
    expect(await discovery.resolve('deploy')).toEqual({
      group: 'apps',
      version: 'v1',
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      resource: 'deployments',
      scope: 'Namespaced',
      subresources: ['scale'],
      singular: 'deployment',
      shortNames: ['deploy'],
      categories: [],
      verbs,
      subresourceDetails: [
        { name: 'scale', kind: { group: 'autoscaling', version: 'v1', kind: 'Scale' }, verbs: ['get'] },
      ],
    });
    expect(await discovery.resolve('nodes')).toMatchObject({ scope: 'Cluster' });
    expect(await discovery.resolve(await discovery.resolve('hpa.v1.autoscaling'))).toMatchObject({ version: 'v1' });
  });

  test('a real name beats the short name of another resource', async () => {
    const { discovery } = setUp();
    expect(await discovery.resolve('pod')).toMatchObject({ apiVersion: 'v1', resource: 'pods' });
  });

  test("No guessing: the core group wins, then Kubernetes' own groups; custom groups do not outrank each other", async () => {
    const { discovery } = setUp();
    expect(await discovery.resolve('events')).toMatchObject({ apiVersion: 'v1' });
    expect(await discovery.resolve('pods')).toMatchObject({ apiVersion: 'v1' });
    for (const spelling of ['widgets', 'w', 'Widget', { kind: 'Widget' }]) {
      const error = await failureOf(discovery.resolve(spelling));
      expect(error).toMatchObject({ code: 'DISCOVERY_AMBIGUOUS', retryable: false });
      expect(error.message).toContain('could be widgets.a.example.com or widgets.b.example.com');
      expect(error.candidates.map(({ group }) => group)).toEqual(['a.example.com', 'b.example.com']);
    }
    const own = setUp(
      aggregated({ 'x.example.com/v1': { leases: { kind: 'Lease' } }, 'y.k8s.io/v1': { leases: { kind: 'Lease' } } }),
    );
    expect(await own.discovery.resolve('leases')).toMatchObject({ group: 'y.k8s.io' });
  });

  test.each([
    ['deploymnets', '"deployments.apps"'],
    ['depl', '"deployments.apps"'],
    ['poods', '"pods"'],
    ['deployments.v2.apps', '"deployments.v1.apps"'],
    ['deployments.extensions', '"deployments.apps"'],
    [{ apiVersion: 'apps/v1beta1', kind: 'Deployment' }, '"apps/v1 Deployment"'],
  ])('Near matches: %o is unknown, but %s is not', async (spelling, suggestion) => {
    const error = await failureOf(setUp().discovery.resolve(spelling));
    expect(error).toMatchObject({ code: 'DISCOVERY_NO_MATCH', retryable: true });
    expect(error.message).toMatch(/^The server has no resource "/);
    expect(error.message).toContain(`did you mean ${suggestion}`);
  });

  test('suggests nothing for what is like nothing', async () => {
    const error = await failureOf(setUp().discovery.resolve('zzzzzz'));
    expect(error.message).toBe('The server has no resource "zzzzzz"');
    expect(error.candidates).toEqual([]);
  });

  test.each(['', ' ', '.apps', 'apps/v1/', { kind: '' }])(
    'refuses %o, which names nothing, before asking',
    async (spelling) => {
      const { discovery, server } = setUp();
      await expect(discovery.resolve(spelling)).rejects.toThrow(TypeError);
      expect(server.requests).toEqual([]);
    },
  );
});

describe('Discovery.mappingFor', () => {
  test('takes the first group where several fit, and warns when a short name fits more', async () => {
    const { discovery, logger } = setUp();
    expect(await discovery.mappingFor('widgets')).toMatchObject({ group: 'a.example.com' });
    expect(logger.lines).toEqual([]);
    expect(await discovery.resourceFor('w')).toEqual({ group: 'a.example.com', version: 'v1', resource: 'widgets' });
    expect(logger.lines).toMatchObject([
      { level: 'warn', fields: { spelling: 'w', alsoMatches: 'widgets.b.example.com' } },
    ]);
    expect(await discovery.kindFor('hpa')).toEqual({
      group: 'autoscaling',
      version: 'v2',
      kind: 'HorizontalPodAutoscaler',
    });
  });
});

describe('Discovery cache', () => {
  test('reads the server once, however many ask', async () => {
    const { discovery, server } = setUp();
    await Promise.all([discovery.resolve('po'), discovery.resolve('deploy'), discovery.groups()]);
    await discovery.resources();
    expect(server.requests).toEqual(['/api', '/apis']);
  });

  test('Looks again: a miss re-reads the server, at most once per minRefreshMs', async () => {
    const { clock, discovery, server } = setUp(undefined, { minRefreshMs: 5_000 });
    await discovery.resolve('po');
    server.documents = aggregated({ ...world, ...crds });
    await clock.advance(4_999);
    await expect(discovery.resolve('gadgets')).rejects.toMatchObject({ code: 'DISCOVERY_NO_MATCH' });
    expect(server.requests).toHaveLength(2);
    await clock.advance(1);
    expect(await discovery.resolve('gadgets')).toMatchObject({ apiVersion: 'c.example.com/v1' });
    expect(server.requests).toHaveLength(4);
    for (let again = 0; again < 10; again++) await discovery.resolve('nothing').catch(() => {});
    expect(server.requests).toHaveLength(4);
  });

  test('misses at the same time share one re-reading', async () => {
    const { clock, discovery, server } = setUp();
    await discovery.resolve('po');
    await clock.advance(1_000);
    await Promise.allSettled(['x', 'y', 'z'].map((spelling) => discovery.resolve(spelling)));
    expect(server.requests).toHaveLength(4);
  });

  test('invalidate makes the next call read, and what is being read is not kept', async () => {
    const { discovery, server } = setUp();
    const release = server.hold();
    const early = discovery.resolve('po');
    await Promise.resolve();
    discovery.invalidate();
    server.documents = aggregated({ ...world, ...crds });
    const late = discovery.resolve('gadgets');
    release();
    expect(await late).toMatchObject({ kind: 'Gadget' });
    expect(await early).toMatchObject({ kind: 'Pod' });
    expect(server.requests).toHaveLength(4);
    await discovery.resolve('gadgets');
    expect(server.requests).toHaveLength(4);
  });

  test('apiVersions and apiResources always read anew', async () => {
    const { discovery, server } = setUp();
    expect(await discovery.apiVersions()).not.toContain('c.example.com/v1');
    server.documents = aggregated({ ...world, ...crds });
    expect(await discovery.apiVersions()).toContain('c.example.com/v1');
    expect((await discovery.apiResources({ group: 'c.example.com' })).map(({ name }) => name)).toEqual(['gadgets']);
  });
});

describe('Discovery of a server that fails', () => {
  test('Partial failure: one group version that cannot be read hides nothing else', async () => {
    const documents = { ...plain(world), '/apis/apps/v1': 503 };
    const { discovery, logger } = setUp(documents);
    expect(await discovery.resolve('po')).toMatchObject({ kind: 'Pod' });
    expect([...discovery.failures.keys()]).toEqual(['apps/v1']);
    expect(logger.lines).toMatchObject([{ level: 'warn', fields: { apiVersion: 'apps/v1' } }]);
    const error = await failureOf(discovery.resolve('deploy'));
    expect(error).toMatchObject({ code: 'DISCOVERY_NO_MATCH', retryable: true });
    expect(error.message).toContain('it could not be looked for in apps/v1');
    expect(error.failures.get('apps/v1')).toMatchObject({ code: 'API_SERVICE_UNAVAILABLE' });
  });

  test('Partial failure: a version that the server calls stale is a failure and keeps what was known of it', async () => {
    const { clock, discovery, server } = setUp();
    await discovery.resolve('deploy');
    server.documents = aggregated(world, ['apps/v1']);
    await clock.advance(1_000);
    await discovery.resolve('nothing').catch(() => {});
    expect([...discovery.failures.keys()]).toEqual(['apps/v1']);
    expect(await discovery.resolve('deploy')).toMatchObject({ kind: 'Deployment' });
    expect(await discovery.apiVersions()).not.toContain('apps/v1');
    discovery.invalidate();
    await expect(discovery.resolve('deploy')).rejects.toMatchObject({ code: 'DISCOVERY_NO_MATCH' });
  });

  test('a stale first version is not the preferred one', async () => {
    const { discovery } = setUp(aggregated(world, ['autoscaling/v2']));
    expect(await discovery.resolve('hpa')).toMatchObject({ version: 'v1' });
    expect((await discovery.groups()).find(({ name }) => name === 'autoscaling')).toMatchObject({
      preferredVersion: 'v1',
    });
  });

  test('a server without a core group is discovered, one without /apis is not', async () => {
    const { '/api': _core, ...named } = aggregated(world);
    expect(await setUp(named).discovery.resolve('deploy')).toMatchObject({ kind: 'Deployment' });
    const { '/apis': _named, ...core } = aggregated(world);
    await expect(setUp(core).discovery.resolve('po')).rejects.toMatchObject({
      code: 'DISCOVERY_FAILED',
      retryable: true,
      cause: { code: 'API_NOT_FOUND' },
    });
  });

  test('a client that throws for refusals fits as well', async () => {
    const documents = {
      ...plain(world),
      '/api': statusError({ code: 404 }),
      '/apis/apps/v1': statusError({ code: 403 }),
    };
    const { discovery } = setUp(documents);
    expect(await discovery.resolve('hpa')).toMatchObject({ version: 'v2' });
    expect(discovery.failures.get('apps/v1')).toMatchObject({ code: 'API_FORBIDDEN' });
  });

  test('a core version that is not there is empty, not a failure', async () => {
    const { discovery } = setUp({ ...plain(world), '/api/v1': undefined });
    await discovery.resolve('deploy');
    expect(discovery.failures.size).toBe(0);
  });

  test.each([
    ['not JSON', '<html>'],
    ['another document', { kind: 'PodList' }],
    ['an error', 500],
  ])('says so when /apis answers %s, and asks again next time', async (_what, answer) => {
    const { discovery, server } = setUp({ ...aggregated(world), '/apis': answer });
    await expect(discovery.resolve('po')).rejects.toMatchObject({ code: 'DISCOVERY_FAILED' });
    server.documents = aggregated(world);
    expect(await discovery.resolve('po')).toMatchObject({ kind: 'Pod' });
  });

  test('gives up after timeoutMs and leaves no timer', async () => {
    const { clock, discovery, server } = setUp();
    const release = server.hold();
    const failure = failureOf(discovery.resolve('po'));
    await clock.advance(31_999);
    expect(clock.pending).toBe(1);
    await clock.advance(1);
    expect((await failure).message).toBe('The server could not be discovered: No answer within 32000 ms');
    release();
    expect(await discovery.resolve('po')).toMatchObject({ kind: 'Pod' });
    expect(clock.pending).toBe(0);
  });

  test('a reading that is given up during the walk counts as no reading, not as failed versions', async () => {
    const { clock, discovery, server } = setUp(plain(world));
    const original = server.raw.bind(server);
    server.raw = async (request) => {
      if (request.path.includes('/v')) server.hold();
      return original(request);
    };
    const failure = failureOf(discovery.resolve('po'));
    await clock.advance(32_000);
    expect(await failure).toMatchObject({ code: 'DISCOVERY_FAILED' });
    expect(discovery.failures.size).toBe(0);
  });

  test('Partial failure: a version that never answers hides nothing else, and is given up after timeoutMs', async () => {
    const { clock, discovery, server } = setUp(plain(world), { concurrency: 2 });
    const original = server.raw.bind(server);
    server.raw = async (request) => {
      if (!request.path.includes('/apps/v1')) return original(request);
      return new Promise((_resolve, reject) => {
        request.signal?.addEventListener('abort', () => reject(request.signal?.reason), { once: true });
      });
    };
    const found = discovery.resolve('po');
    await clock.advance(32_000);
    expect(await found).toMatchObject({ kind: 'Pod' });
    expect(await discovery.resolve('hpa')).toMatchObject({ version: 'v2' });
    expect([...discovery.failures].map(([version, { message }]) => [version, message])).toEqual([
      ['apps/v1', 'No answer within 32000 ms'],
    ]);
    expect(clock.pending).toBe(0);
  });

  test('an aborted call ends alone: others still get the answer', async () => {
    const { discovery, server } = setUp();
    const release = server.hold();
    const stop = new AbortController();
    const aborted = discovery.resolve('po', { signal: stop.signal });
    const patient = discovery.resolve('po', { signal: new AbortController().signal });
    stop.abort();
    await expect(aborted).rejects.toMatchObject({ name: 'AbortError' });
    release();
    expect(await patient).toMatchObject({ kind: 'Pod' });
    await expect(discovery.resolve('po', { signal: AbortSignal.abort() })).rejects.toThrow();
    await expect(discovery.apiVersions({ signal: AbortSignal.abort() })).rejects.toThrow();
  });

  test('reads at most as many group versions at a time as concurrency says', async () => {
    const many = Object.fromEntries(
      Array.from({ length: 30 }, (_, n) => [`g${n}/v1`, { [`r${n}s`]: { kind: `R${n}` } }]),
    );
    const { discovery, server } = setUp(plain(many), { concurrency: 4 });
    expect(await discovery.resources()).toHaveLength(30);
    expect(server.mostAtOnce).toBe(4);
  });
});

test.each<[DiscoveryOptions, string]>([
  [{ minRefreshMs: -1 }, 'minRefreshMs must be 0 or more, got -1'],
  [{ minRefreshMs: Number.NaN }, 'minRefreshMs must be 0 or more, got NaN'],
  [{ concurrency: 0 }, 'concurrency must be a whole number, 1 or more, got 0'],
  [{ timeoutMs: 0 }, 'timeoutMs must be more than 0, got 0'],
])('Discovery refuses %o', (options, message) => {
  expect(() => setUp(undefined, options)).toThrow(message);
});
