import { beforeEach, expect, test } from 'vitest';
import { configMap, configMaps, TestServer } from '../server.fixture.ts';

let server: TestServer;
beforeEach(async () => {
  server = await TestServer.start();
});

test('delete answers with a Status that names what is gone, or with the object where the kind does', async () => {
  const { json } = await server.post(configMaps, configMap('a'));
  const { uid } = json.metadata as { uid: string };
  expect((await server.delete(`${configMaps}/a`)).json).toEqual({
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Success',
    details: { name: 'a', kind: 'configmaps', uid },
  });
  await server.post('/api/v1/namespaces/default/serviceaccounts', { metadata: { name: 's' } });
  expect((await server.delete('/api/v1/namespaces/default/serviceaccounts/s')).at('kind')).toBe('ServiceAccount');
  expect((await server.delete(`${configMaps}/a`)).status).toBe(404);
});

test('delete holds its preconditions', async () => {
  const { json } = await server.post(configMaps, configMap('a'));
  const { uid, resourceVersion } = json.metadata as { uid: string; resourceVersion: string };
  const wrong = await server.delete(`${configMaps}/a`, { preconditions: { uid: 'x' } });
  expect([wrong.status, wrong.message]).toEqual([
    409,
    expect.stringContaining('the UID in the precondition (x) does not match'),
  ]);
  const late = await server.delete(`${configMaps}/a`, { preconditions: { resourceVersion: '1' } });
  expect([late.status, late.message]).toEqual([
    409,
    expect.stringContaining('the ResourceVersion in the precondition (1)'),
  ]);
  expect((await server.delete(`${configMaps}/a`, { preconditions: { uid, resourceVersion } })).status).toBe(200);
});

test('delete lets dependents be deleted first, or orphaned, by the finalizers of the garbage collector', async () => {
  await server.post(configMaps, configMap('a'));
  await server.post(configMaps, configMap('b'));
  const foreground = await server.delete(`${configMaps}/a?propagationPolicy=Foreground`);
  expect(foreground.at('metadata', 'finalizers')).toEqual(['foregroundDeletion']);
  const orphan = await server.delete(`${configMaps}/b`, { propagationPolicy: 'Orphan' });
  expect(orphan.at('metadata', 'finalizers')).toEqual(['orphan']);
  const wrong = await server.delete(`${configMaps}/b?propagationPolicy=Sideways`);
  expect([wrong.status, wrong.message]).toEqual([422, expect.stringContaining('Unsupported value: "Sideways"')]);
});

test('delete gives a running pod its grace period, and a second delete may shorten it', async () => {
  const pods = '/api/v1/namespaces/default/pods';
  await server.post(pods, {
    metadata: { name: 'p' },
    spec: { nodeName: 'n', containers: [{ name: 'c', image: 'i' }] },
  });
  const marked = await server.delete(`${pods}/p`);
  expect(marked.json).toMatchObject({
    metadata: { deletionTimestamp: '2026-01-01T00:00:30Z', deletionGracePeriodSeconds: 30 },
  });
  const shortened = await server.delete(`${pods}/p`, { gracePeriodSeconds: 5 });
  expect(shortened.at('metadata', 'deletionGracePeriodSeconds')).toBe(5);
  expect((await server.delete(`${pods}/p`, { gracePeriodSeconds: 0 })).status).toBe(200);
  expect((await server.get(`${pods}/p`)).status).toBe(404);
});

test('delete of a namespace terminates it; what every cluster needs stays', async () => {
  await server.post('/api/v1/namespaces', { metadata: { name: 'n' } });
  const terminating = await server.delete('/api/v1/namespaces/n');
  expect(terminating.at('status', 'phase')).toBe('Terminating');
  await server.put('/api/v1/namespaces/n/finalize', { metadata: { name: 'n' }, spec: {} });
  expect((await server.get('/api/v1/namespaces/n')).status).toBe(404);
  const refused = await server.delete('/api/v1/namespaces/default');
  expect([refused.status, refused.message]).toEqual([
    403,
    'namespaces "default" is forbidden: this namespace may not be deleted',
  ]);
});

test('delete of a collection takes what is selected, and answers with it', async () => {
  for (const name of ['a', 'b', 'c'])
    await server.post(configMaps, configMap(name, {}, { labels: { odd: String(name !== 'b') } }));
  const gone = await server.delete(`${configMaps}?labelSelector=odd%3Dtrue`);
  expect(gone.names).toEqual(['a', 'c']);
  expect((await server.get(configMaps)).names).toEqual(['b']);
});

test('delete as a dry run leaves the object', async () => {
  await server.post(configMaps, configMap('a'));
  expect((await server.delete(`${configMaps}/a?dryRun=All`)).status).toBe(200);
  expect((await server.get(`${configMaps}/a`)).status).toBe(200);
});
