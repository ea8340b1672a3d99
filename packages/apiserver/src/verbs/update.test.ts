import { beforeEach, expect, test } from 'vitest';
import { configMap, configMaps, TestServer } from '../server.fixture.ts';

let server: TestServer;
beforeEach(async () => {
  server = await TestServer.start();
});

const deployments = '/apis/apps/v1/namespaces/default/deployments';
const deployment = {
  metadata: { name: 'd' },
  spec: {
    selector: { matchLabels: { a: 'b' } },
    template: { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'c', image: 'i' }] } },
  },
};

test('update takes the next version, and none when nothing changes', async () => {
  const { json } = await server.post(configMaps, configMap('a', { k: '1' }));
  const changed = await server.put(`${configMaps}/a`, { ...json, data: { k: '2' } });
  expect(Number(changed.resourceVersion)).toBe(Number(await versionOf('a')));
  await server.clock.advance(5_000);
  const same = await server.put(`${configMaps}/a`, changed.json);
  expect(same.json).toEqual(changed.json);
});

async function versionOf(name: string): Promise<string> {
  return (await server.get(`${configMaps}/${name}`)).resourceVersion;
}

test('update of an outdated version is a conflict, and without version it overwrites where the kind allows it', async () => {
  const { json } = await server.post(configMaps, configMap('a', { k: '1' }));
  await server.put(`${configMaps}/a`, { ...json, data: { k: '2' } });
  const late = await server.put(`${configMaps}/a`, { ...json, data: { k: '3' } });
  expect([late.status, late.message]).toEqual([
    409,
    'Operation cannot be fulfilled on configmaps "a": the object has been modified; please apply your changes to the latest version and try again',
  ]);
  expect((await server.put(`${configMaps}/a`, configMap('a', { k: '4' }))).status).toBe(200);
  const leases = '/apis/coordination.k8s.io/v1/namespaces/default/leases';
  await server.post(leases, { metadata: { name: 'l' }, spec: { holderIdentity: 'me' } });
  const refused = await server.put(`${leases}/l`, { metadata: { name: 'l' }, spec: { holderIdentity: 'you' } });
  expect([refused.status, refused.message]).toEqual([422, expect.stringContaining('must be specified for an update')]);
});

test('update of what is missing is 404, or creates it where the kind allows it', async () => {
  expect((await server.put(`${configMaps}/a`, configMap('a'))).status).toBe(404);
  const roles = '/apis/rbac.authorization.k8s.io/v1/namespaces/default/roles';
  expect((await server.put(`${roles}/r`, { metadata: { name: 'r' }, rules: [] })).status).toBe(201);
});

test.each([
  ['another name', configMap('b'), 400, 'the name of the object (b) does not match the name on the URL (a)'],
  [
    'no name',
    { metadata: {} },
    400,
    'the name of the object (a based on URL) was undeterminable: name must be provided',
  ],
  [
    'another uid',
    configMap('a', {}, { uid: 'x' }),
    409,
    expect.stringContaining('Precondition failed: UID in precondition: x'),
  ],
  [
    'a version that is none',
    configMap('a', {}, { resourceVersion: 'x' }),
    500,
    expect.stringContaining('strconv.ParseUint'),
  ],
])('update with %s is refused', async (_what, body, status, message) => {
  await server.post(configMaps, configMap('a'));
  const refused = await server.put(`${configMaps}/a`, body);
  expect([refused.status, refused.message]).toEqual([status, message]);
});

test('update raises the generation with the spec alone, and leaves the status to its subresource', async () => {
  const { json } = await server.post(deployments, deployment);
  const labelled = await server.patch('merge', `${deployments}/d`, { metadata: { labels: { x: 'y' } } });
  expect(labelled.at('metadata', 'generation')).toBe(1);
  const scaled = await server.patch('merge', `${deployments}/d`, { spec: { replicas: 5 }, status: { replicas: 4 } });
  expect([scaled.at('metadata', 'generation'), scaled.at('status', 'replicas')]).toEqual([2, undefined]);
  const told = await server.put(`${deployments}/d/status`, {
    ...json,
    metadata: { name: 'd' },
    spec: { ...deployment.spec, replicas: 9 },
    status: { replicas: 4 },
  });
  expect([told.at('spec', 'replicas'), told.at('status', 'replicas'), told.at('metadata', 'generation')]).toEqual([
    5, 4, 2,
  ]);
});

test('scale shows and sets the replicas of an object, and nothing else', async () => {
  await server.post(deployments, deployment);
  const scale = await server.get(`${deployments}/d/scale`);
  expect(scale.json).toMatchObject({
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    spec: { replicas: 1 },
    status: { replicas: 0, selector: 'a=b' },
  });
  const scaled = await server.put(`${deployments}/d/scale`, { ...scale.json, spec: { replicas: 3 } });
  expect(scaled.at('spec', 'replicas')).toBe(3);
  const late = await server.put(`${deployments}/d/scale`, { ...scale.json, spec: { replicas: 4 } });
  expect(late.status).toBe(409);
  const stored = await server.get(`${deployments}/d`);
  expect([stored.at('spec', 'replicas'), stored.at('metadata', 'generation')]).toEqual([3, 2]);
  const negative = await server.patch('merge', `${deployments}/d/scale`, { spec: { replicas: -1 } });
  expect([negative.status, negative.message]).toEqual([
    422,
    expect.stringContaining('must be greater than or equal to 0'),
  ]);
});

test('update that takes the last finalizer of an object that is being deleted removes it', async () => {
  await server.post(configMaps, configMap('a', {}, { finalizers: ['x.y/z'] }));
  const marked = await server.delete(`${configMaps}/a`);
  expect(marked.json).toMatchObject({
    metadata: { deletionTimestamp: '2026-01-01T00:00:00Z', deletionGracePeriodSeconds: 0 },
  });
  const more = await server.patch('merge', `${configMaps}/a`, { metadata: { finalizers: ['x.y/z', 'n.e/w'] } });
  expect([more.status, more.message]).toEqual([
    422,
    expect.stringContaining('no new finalizers can be added if the object is being deleted'),
  ]);
  expect((await server.patch('merge', `${configMaps}/a`, { metadata: { finalizers: null } })).status).toBe(200);
  expect((await server.get(`${configMaps}/a`)).status).toBe(404);
});
