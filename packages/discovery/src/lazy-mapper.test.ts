import { describe, expect, test } from 'vitest';
import { aggregated, failureOf, plain, setUp, type World, world } from './discovery.fixture.ts';
import type { Discovery } from './discovery.ts';

const drivers = { drivers: { kind: 'Driver' } };
/** A group with two versions of one kind, as controller-runtime's tests install it. */
const crew: World = { ...world, 'crew.example.com/v1': drivers, 'crew.example.com/v2': drivers };
const driver = { group: 'crew.example.com', kind: 'Driver' } as const;

/** What stands for the methods of controller-runtime's mapper. */
const methods: Readonly<Record<string, (discovery: Discovery, spelling: object) => Promise<unknown>>> = {
  resolve: (discovery, spelling) => discovery.resolve(spelling as never),
  mappingFor: (discovery, spelling) => discovery.mappingFor(spelling as never),
  mappingsFor: (discovery, spelling) => discovery.mappingsFor(spelling as never),
  kindFor: (discovery, spelling) => discovery.kindFor(spelling as never),
  resourceFor: (discovery, spelling) => discovery.resourceFor(spelling as never),
};

describe.each([
  ['aggregated', aggregated],
  ['plain', plain],
] as const)('Discovery of a server that answers in the %s form', (_, documentsOf) => {
  test('maps a kind in one version and then in another, without a further request', async () => {
    const { discovery, server } = setUp(documentsOf(crew));
    expect(await discovery.resolve({ ...driver, version: 'v1' })).toMatchObject({ version: 'v1', resource: 'drivers' });
    const asked = server.requests.length;
    expect(await discovery.resolve({ ...driver, version: 'v2' })).toMatchObject({ version: 'v2', resource: 'drivers' });
    expect(await discovery.mappingFor('drivers.v1.crew.example.com')).toMatchObject({ version: 'v1' });
    expect((await discovery.mappingsFor(driver)).map(({ version }) => version)).toEqual(['v1', 'v2']);
    expect(server.requests).toHaveLength(asked);
    expect(new Set(server.requests).size).toBe(asked); // Nothing was asked for twice.
  });

  test('maps what names no version to the preferred one, in every method', async () => {
    const { discovery } = setUp(documentsOf(crew));
    const hpa = { group: 'autoscaling', resource: 'horizontalpodautoscalers' };
    expect(await discovery.kindFor(hpa)).toEqual({
      group: 'autoscaling',
      version: 'v2',
      kind: 'HorizontalPodAutoscaler',
    });
    expect(await discovery.resourceFor({ ...driver })).toEqual({
      group: 'crew.example.com',
      version: 'v1',
      resource: 'drivers',
    });
    expect((await discovery.mappingsFor(hpa)).map(({ version }) => version)).toEqual(['v2', 'v1']);
    expect(await discovery.resolve('drivers')).toMatchObject({ version: 'v1' });
    expect(await discovery.resolve({ resource: 'deployments' })).toMatchObject({ apiVersion: 'apps/v1' });
  });

  test.each([
    ['a group', { group: 'invalid', version: 'v1', kind: 'Pod' }],
    ['a kind', { group: 'apps', version: 'v1', kind: 'Invalid' }],
    ['a resource', { group: '', version: 'v1', resource: 'invalid' }],
    ['a version', { group: 'apps', version: 'invalid', kind: 'Deployment' }],
    ['a version of the core group', { group: '', version: 'invalid', resource: 'pods' }],
  ])(
    'has no match for %s that does not exist, in any method, with one look at the server a second',
    async (_what, spelling) => {
      const { clock, discovery, server } = setUp(documentsOf(crew));
      await discovery.resources();
      const reading = server.requests.length;
      let readings = 1;
      for (const method of Object.values(methods)) {
        await clock.advance(1_000);
        for (let again = 0; again < 3; again++) {
          expect(await failureOf(method(discovery, spelling))).toMatchObject({
            code: 'DISCOVERY_NO_MATCH',
            retryable: true,
          });
        }
        readings++;
        expect(server.requests).toHaveLength(readings * reading);
      }
      expect(await discovery.resolve('po')).toMatchObject({ kind: 'Pod' });
    },
  );

  test('finds a kind that was created later: in a group of its own, in a known group and version, in a new version', async () => {
    const { clock, discovery, server } = setUp(documentsOf(crew));
    await discovery.resolve(driver);
    const later: readonly (readonly [World, object, string])[] = [
      [{ 'c.example.com/v1': { gadgets: { kind: 'Gadget' } } }, { kind: 'Gadget' }, 'c.example.com/v1'],
      [{ 'crew.example.com/v1': { ...drivers, riders: { kind: 'Rider' } } }, { kind: 'Rider' }, 'crew.example.com/v1'],
      [{ 'crew.example.com/v3': drivers }, { ...driver, version: 'v3' }, 'crew.example.com/v3'],
    ];
    for (const [added, spelling, apiVersion] of later) {
      server.documents = documentsOf({ ...crew, ...added });
      await clock.advance(1_000);
      expect(await discovery.resolve(spelling as never)).toMatchObject({ apiVersion });
    }
  });

  test('forgets a version that is no longer served, as soon as it looks again, and keeps the others', async () => {
    const { clock, discovery, server } = setUp(documentsOf(crew));
    expect(await discovery.resolve({ ...driver, version: 'v2' })).toMatchObject({ version: 'v2' });
    const { 'crew.example.com/v2': _gone, ...rest } = crew;
    server.documents = documentsOf(rest);
    await clock.advance(1_000);
    await failureOf(discovery.resolve('nothing'));
    const error = await failureOf(discovery.resolve({ ...driver, version: 'v2' }));
    expect(error.message).toContain('did you mean "crew.example.com/v1 Driver"?');
    expect(error.failures.size).toBe(0); // It is gone, not broken.
    expect(await discovery.resolve(driver)).toMatchObject({ version: 'v1' });
    expect((await discovery.groups()).find(({ name }) => name === driver.group)?.versions).toEqual(['v1']);
  });

  test('says of kinds that were there at the start, and of those created later, whether they are in namespaces', async () => {
    const { clock, discovery, server } = setUp(documentsOf(crew));
    const scope = async (spelling: string): Promise<string> => (await discovery.resolve(spelling)).scope;
    expect([await scope('pods'), await scope('nodes'), await scope('drivers')]).toEqual([
      'Namespaced',
      'Cluster',
      'Namespaced',
    ]);
    const fleets: World = {
      'crew.example.com/v1': { ...drivers, fleets: { kind: 'Fleet', scope: 'Cluster' }, rides: { kind: 'Ride' } },
    };
    server.documents = documentsOf({ ...crew, ...fleets });
    await clock.advance(1_000);
    expect([await scope('fleets'), await scope('rides')]).toEqual(['Cluster', 'Namespaced']);
    await clock.advance(1_000);
    expect(await failureOf(discovery.resolve('unknowns'))).toMatchObject({ code: 'DISCOVERY_NO_MATCH' });
  });
});

describe('Discovery of a version that is listed and does not answer', () => {
  test.each([
    [404, 'forgets', false],
    [403, 'keeps', true],
    [500, 'keeps', true],
    [503, 'keeps', true],
  ])('after a %i it %s what was known of it, says so, and looks again', async (status, _verb, isKept) => {
    const { clock, discovery, server } = setUp(plain(crew));
    await discovery.resolve(driver);
    server.documents = { ...plain(crew), '/apis/crew.example.com/v2': status };
    await clock.advance(1_000);
    await failureOf(discovery.resolve('nothing'));
    expect([...discovery.failures.keys()]).toEqual(['crew.example.com/v2']);
    const v2 = discovery.resolve({ ...driver, version: 'v2' });
    if (isKept) expect(await v2).toMatchObject({ version: 'v2' });
    else expect((await failureOf(v2)).failures.get('crew.example.com/v2')).toMatchObject({ code: 'API_NOT_FOUND' });
    expect(await discovery.resolve(driver)).toMatchObject({ version: 'v1' });
    expect(await discovery.resolve('deploy')).toMatchObject({ kind: 'Deployment' });
    server.documents = plain(crew);
    await clock.advance(1_000);
    await failureOf(discovery.resolve('nothing'));
    expect(discovery.failures.size).toBe(0);
    expect(await discovery.resolve({ ...driver, version: 'v2' })).toMatchObject({ version: 'v2' });
  });
});
