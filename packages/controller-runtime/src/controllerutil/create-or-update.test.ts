import { defineKind, type KubernetesObject } from '@bowline/apimachinery';
import { expect, test } from 'vitest';
import { FakeCluster } from '../fake-cluster.ts';
import { createOrPatch, createOrUpdate } from './create-or-update.ts';

interface App extends KubernetesObject {
  readonly spec?: { readonly replicas?: number; readonly image?: string };
  readonly status?: { readonly ready?: number; readonly phase?: string };
}

const definition = { group: 'example.com', version: 'v1', kind: 'App', resource: 'apps', scope: 'Namespaced' } as const;
const App = defineKind<App>({ ...definition, subresources: ['status'] });
const Plain = defineKind<App>({ ...definition, kind: 'Plain', resource: 'plains' });
const key = { namespace: 'default', name: 'web' };

test('createOrUpdate creates what is missing', async () => {
  const cluster = new FakeCluster();
  const result = await createOrUpdate(cluster, App, key, (draft) => {
    draft.spec = { replicas: 2 };
  });
  expect(result).toMatchObject({ operation: 'created', object: { metadata: key, spec: { replicas: 2 } } });
  expect(cluster.writes).toEqual(['create apps default/web']);
});

test('createOrUpdate updates what differs, and writes nothing when nothing does', async () => {
  const cluster = new FakeCluster();
  cluster.server.put(App, { metadata: key, spec: { replicas: 1, image: 'nginx' } });
  const scale = () =>
    createOrUpdate(cluster, App, key, async (draft) => {
      draft.spec = { ...draft.spec, replicas: 2 };
    });
  expect(await scale()).toMatchObject({ operation: 'updated', object: { spec: { replicas: 2, image: 'nginx' } } });
  expect(await scale()).toMatchObject({ operation: 'unchanged', object: { spec: { replicas: 2 } } });
  expect(cluster.writes).toEqual(['update apps default/web']);
});

test('createOrUpdate leaves the object that was read as it is', async () => {
  const cluster = new FakeCluster();
  const before = cluster.server.put(App, { metadata: key, spec: { replicas: 1 } });
  await createOrUpdate(cluster, App, key, (draft) => {
    draft.metadata.labels = { a: 'b' };
  });
  expect(before.metadata.labels).toBeUndefined();
});

test.each(['name', 'namespace'] as const)('createOrUpdate refuses a function that changes the %s', async (field) => {
  const cluster = new FakeCluster();
  const rename = createOrUpdate(cluster, App, key, (draft) => {
    draft.metadata[field] = 'other';
  });
  await expect(rename).rejects.toThrow(TypeError);
  expect(cluster.writes).toEqual([]);
});

test('createOrUpdate passes the errors of the read and of the function on', async () => {
  const cluster = new FakeCluster();
  const { create, update } = cluster;
  const failing = { create, update, get: () => Promise.reject(new Error('no answer')) };
  await expect(createOrUpdate(failing, App, key, () => {})).rejects.toThrow('no answer');
  await expect(createOrUpdate(cluster, App, key, () => Promise.reject(new Error('mutate')))).rejects.toThrow('mutate');
});

test('createOrPatch creates what is missing, with its status', async () => {
  const cluster = new FakeCluster();
  const result = await createOrPatch(cluster, App, key, (draft) => {
    draft.spec = { replicas: 2 };
    draft.status = { ready: 0 };
  });
  expect(result).toMatchObject({ operation: 'created', object: { spec: { replicas: 2 }, status: { ready: 0 } } });
  expect(cluster.writes).toEqual(['create apps default/web', 'patchStatus apps default/web']);
});

test.each([
  ['updated', { replicas: 2 }, { ready: 1 }, ['patch apps default/web']],
  ['updatedStatusOnly', { replicas: 1 }, { ready: 2 }, ['patchStatus apps default/web']],
  ['updatedStatus', { replicas: 2 }, { ready: 2 }, ['patch apps default/web', 'patchStatus apps default/web']],
  ['unchanged', { replicas: 1 }, { ready: 1 }, []],
])('createOrPatch sends spec and status apart: %s', async (operation, spec, status, writes) => {
  const cluster = new FakeCluster();
  cluster.server.put(App, { metadata: key, spec: { replicas: 1 }, status: { ready: 1 } });
  const result = await createOrPatch(cluster, App, key, (draft) => {
    draft.spec = spec;
    draft.status = status;
  });
  expect(result).toMatchObject({ operation, object: { spec, status } });
  expect(cluster.writes).toEqual(writes);
});

test('createOrPatch removes fields that the function removes, also from the status', async () => {
  const cluster = new FakeCluster();
  cluster.server.put(App, { metadata: key, spec: { replicas: 1, image: 'nginx' }, status: { ready: 1, phase: 'Up' } });
  const { object } = await createOrPatch(cluster, App, key, (draft) => {
    draft.spec = { replicas: 1 };
    delete draft.status?.phase;
  });
  expect(object).toMatchObject({ spec: { replicas: 1 }, status: { ready: 1 } });
  expect(object.spec).not.toHaveProperty('image');
  expect(object.status).not.toHaveProperty('phase');
});

test('createOrPatch sends the status with the rest where the kind does not keep it apart', async () => {
  const cluster = new FakeCluster();
  cluster.server.put(Plain, { metadata: key, status: { ready: 1 } });
  const result = await createOrPatch(cluster, Plain, key, (draft) => {
    draft.status = { ready: 2 };
  });
  expect(result).toMatchObject({ operation: 'updated', object: { status: { ready: 2 } } });
  expect(cluster.writes).toEqual(['patch plains default/web']);
});
