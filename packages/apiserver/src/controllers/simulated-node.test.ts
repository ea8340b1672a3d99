import { expect, test } from 'vitest';
import type { JsonObject } from '../object.ts';
import { TestServer } from '../server.fixture.ts';

test('simulatedNode is what the server would store if a kubelet registered it and its taint was taken away', async () => {
  const simulating = await TestServer.start({ controllers: { garbageCollection: false, namespaces: false } });
  const simulated = await simulating.get('/api/v1/nodes/simulated-node');
  const { uid, resourceVersion, creationTimestamp, managedFields, ...metadata } = simulated.json.metadata as JsonObject;
  expect(uid).toMatch(/^[0-9a-f-]{36}$/);

  const plain = await TestServer.start();
  const { spec, ...sent } = simulated.json;
  expect(spec).toEqual({});
  const registered = await plain.post('/api/v1/nodes', { ...sent, metadata }, { 'user-agent': 'kubelet' });
  expect([registered.status, registered.at('spec', 'taints')]).toEqual([
    201,
    [{ key: 'node.kubernetes.io/not-ready', effect: 'NoSchedule' }],
  ]);
  const ready = await plain.patch('merge', '/api/v1/nodes/simulated-node', { spec: { taints: null } });
  const [ours, theirs] = [simulated, ready].map(({ json }) => ({
    ...json,
    metadata: { ...(json.metadata as object), uid: '', resourceVersion: '' },
  }));
  expect(ready.status).toBe(200);
  expect(resourceVersion).toBe(registered.resourceVersion);
  expect(JSON.stringify(ours)).toBe(JSON.stringify(theirs));
});
