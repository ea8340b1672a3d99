import { expect, test } from 'vitest';
import { plain, setUp, world } from './discovery.fixture.ts';

// What client-go's tests of discovery show and no other test of ours does; docs/scenarios/discovery.md says which.

test.each([
  ['aggregated', undefined],
  ['plain', plain(world)],
])(
  'Discovery keeps nothing of a reading whose only caller has aborted: the next call gets the whole answer (%s form)',
  async (_, documents) => {
    const { clock, discovery, server } = setUp(documents);
    const release = server.hold();
    const stop = new AbortController();
    const aborted = discovery.resources({ signal: stop.signal });
    stop.abort(new Error('enough'));
    await expect(aborted).rejects.toThrow('enough');
    release();
    expect(await discovery.resources()).toEqual(await setUp(documents).discovery.resources());
    expect(discovery.failures.size).toBe(0);
    expect(await discovery.resolve('deploy')).toMatchObject({ kind: 'Deployment' });
    await clock.settle();
    expect(clock.pending).toBe(0);
  },
);

test('Discovery gives the groups that answer when one kind of groups does not, and tells why the others are missing', async () => {
  const { discovery } = setUp({ ...plain(world), '/apis/autoscaling/v1': 500, '/apis/autoscaling/v2': 403 });
  expect((await discovery.groups()).map(({ name }) => name)).toContain('autoscaling');
  expect((await discovery.resources()).map(({ apiVersion }) => apiVersion)).not.toContain('autoscaling/v2');
  expect(
    Object.fromEntries([...discovery.failures].map(([version, error]) => [version, Reflect.get(error, 'code')])),
  ).toEqual({ 'autoscaling/v1': 'API_INTERNAL_ERROR', 'autoscaling/v2': 'API_FORBIDDEN' });
});
