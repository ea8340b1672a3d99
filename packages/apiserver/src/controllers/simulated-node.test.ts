import { expect, test } from 'vitest';
import type { JsonObject } from '../object.ts';
import { TestServer } from '../server.fixture.ts';

test('simulatedNode is what the server would store if a kubelet registered it', async () => {
  const simulating = await TestServer.start({ controllers: { garbageCollection: false, namespaces: false } });
  const simulated = await simulating.get('/api/v1/nodes/simulated-node');
  const { uid, resourceVersion, creationTimestamp, managedFields, ...metadata } = simulated.json.metadata as JsonObject;
  expect(uid).toMatch(/^[0-9a-f-]{36}$/);

  const plain = await TestServer.start();
  const { spec, ...sent } = simulated.json;
  expect(spec).toBeDefined();
  const registered = await plain.post('/api/v1/nodes', { ...sent, metadata }, { 'user-agent': 'kubelet' });
  const [ours, theirs] = [simulated, registered].map(({ json }) => ({
    ...json,
    metadata: { ...(json.metadata as object), uid: '' },
  }));
  expect(registered.status).toBe(201);
  expect(resourceVersion).toBe(registered.resourceVersion);
  expect(JSON.stringify(ours)).toBe(JSON.stringify(theirs));
});
