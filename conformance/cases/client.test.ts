import { Deployment } from '@bowline/api/apps/v1';
import { ConfigMap, Namespace, Pod, Secret, Service } from '@bowline/api/core/v1';
import {
  isAlreadyExists,
  isBadRequest,
  isConflict,
  isExpired,
  isInvalid,
  isMethodNotAllowed,
  isNotFound,
  statusOf,
  type UnstructuredObject,
} from '@bowline/apimachinery';
import { expect, test } from 'vitest';
import { useWorld } from '../src/world.ts';

const world = useWorld();

const deployment = (namespace: string, name: string, replicas = 1) => ({
  metadata: { namespace, name },
  spec: {
    replicas,
    selector: { matchLabels: { app: name } },
    template: { metadata: { labels: { app: name } }, spec: { containers: [{ name: 'main', image: 'nginx' }] } },
  },
});

/** What a call is refused with. */
async function refusal(call: Promise<unknown>): Promise<unknown> {
  try {
    await call;
  } catch (error) {
    return error;
  }
  throw new Error('The call must be refused, it was answered');
}

test('Client creates, reads, lists and deletes', async () => {
  const { client } = world().env;
  const namespace = await world().namespace('basics');
  const key = { namespace, name: 'one' };
  const created = await client.create(ConfigMap, { metadata: key, data: { a: '1' }, binaryData: { b: 'AQI=' } });
  expect(created).toMatchObject({ apiVersion: 'v1', kind: 'ConfigMap', metadata: key, data: { a: '1' } });
  expect(created.metadata.uid).toMatch(/^[0-9a-f-]{36}$/);
  expect(await client.get(ConfigMap, key)).toEqual(created);
  expect((await client.list(ConfigMap, { namespace })).items).toEqual([created]);
  expect(await client.delete(ConfigMap, key)).toEqual({ type: 'status', uid: created.metadata.uid });
  expect(await client.get(ConfigMap, key)).toBeUndefined();
});

test('Client generates names', async () => {
  const { client } = world().env;
  const namespace = await world().namespace('generated');
  const { metadata } = await client.create(ConfigMap, { metadata: { namespace, generateName: 'auto-' } });
  expect(metadata.name).toMatch(/^auto-[a-z0-9]{5}$/);
});

test('Client patches with JSON patch, merge patch and strategic merge patch, and applies', async () => {
  const { client } = world().env;
  const namespace = await world().namespace('patches');
  const key = { namespace, name: 'web' };
  await client.create(Deployment, deployment(namespace, 'web'));
  const json = await client.patch(Deployment, key, {
    type: 'json',
    body: [
      { op: 'test', path: '/spec/replicas', value: 1 },
      { op: 'replace', path: '/spec/replicas', value: 2 },
    ],
  });
  expect(json.spec?.replicas).toBe(2);
  const merge = await client.patch(Deployment, key, {
    type: 'merge',
    body: { metadata: { labels: { tier: 'front' } }, spec: { replicas: null } },
  });
  expect(merge).toMatchObject({ metadata: { labels: { tier: 'front' } }, spec: { replicas: 1 } });
  const strategic = await client.patch(Deployment, key, {
    type: 'strategic',
    body: { spec: { template: { spec: { containers: [{ name: 'side', image: 'busybox' }] } } } },
  });
  expect(strategic.spec?.template.spec?.containers.map(({ name }) => name)).toEqual(['side', 'main']);
  const applied = await client.apply(
    Deployment,
    { metadata: key, spec: { template: { spec: { containers: [{ name: 'main', imagePullPolicy: 'Never' }] } } } },
    { fieldManager: 'puller', force: true },
  );
  expect(applied.spec?.template.spec?.containers).toMatchObject([
    { name: 'side' },
    { name: 'main', imagePullPolicy: 'Never' },
  ]);
  expect(applied.metadata.managedFields).toContainEqual(
    expect.objectContaining({ manager: 'puller', operation: 'Apply' }),
  );
  expect(applied.metadata.generation).toBe(5);
});

test('Client refuses an update of an old version, and takes one without version', async () => {
  const { client } = world().env;
  const namespace = await world().namespace('conflicts');
  const key = { namespace, name: 'one' };
  const first = await client.create(ConfigMap, { metadata: key });
  await client.update(ConfigMap, { ...first, data: { by: 'first' } });
  const conflict = await refusal(client.update(ConfigMap, { ...first, data: { by: 'second' } }));
  expect(isConflict(conflict)).toBe(true);
  expect(statusOf(conflict)).toMatchObject({
    code: 409,
    reason: 'Conflict',
    message:
      'Operation cannot be fulfilled on configmaps "one": the object has been modified; please apply your changes to the latest version and try again',
  });
  const { resourceVersion: _, ...metadata } = first.metadata;
  expect(await client.update(ConfigMap, { ...first, metadata, data: { by: 'third' } })).toMatchObject({
    data: { by: 'third' },
  });
  const uid = '00000000-0000-0000-0000-000000000000';
  expect(isConflict(await refusal(client.delete(ConfigMap, key, { preconditions: { uid } })))).toBe(true);
});

test('Client keeps an object until its last finalizer is gone', async () => {
  const { client } = world().env;
  const namespace = await world().namespace('finalizers');
  const key = { namespace, name: 'held' };
  await client.create(ConfigMap, { metadata: { ...key, finalizers: ['example.com/one', 'example.com/two'] } });
  expect(await client.delete(ConfigMap, key)).toMatchObject({ type: 'object', object: { metadata: { name: 'held' } } });
  const going = await client.get(ConfigMap, key);
  expect(going?.metadata.deletionTimestamp).toBeDefined();
  const added = refusal(
    client.patch(ConfigMap, key, {
      type: 'merge',
      body: { metadata: { finalizers: ['example.com/one', 'example.com/new'] } },
    }),
  );
  expect(isInvalid(await added)).toBe(true);
  await client.patch(ConfigMap, key, { type: 'merge', body: { metadata: { finalizers: ['example.com/two'] } } });
  expect(await client.get(ConfigMap, key)).toBeDefined();
  await client.patch(ConfigMap, key, { type: 'merge', body: { metadata: { finalizers: null } } });
  expect(await client.get(ConfigMap, key)).toBeUndefined();
});

test('Client writes status apart from spec, and scales', async () => {
  const { client } = world().env;
  const namespace = await world().namespace('status');
  const key = { namespace, name: 'web' };
  const created = await client.create(Deployment, { ...deployment(namespace, 'web', 3), status: { replicas: 9 } });
  expect(created.status).toEqual({});
  const updated = await client.updateStatus(Deployment, {
    ...created,
    spec: { ...deployment(namespace, 'web').spec },
    status: { replicas: 3, readyReplicas: 1 },
  });
  expect(updated).toMatchObject({
    metadata: { generation: 1 },
    spec: { replicas: 3 },
    status: { replicas: 3, readyReplicas: 1 },
  });
  expect(
    await client.patchStatus(Deployment, key, { type: 'merge', body: { status: { readyReplicas: 2 } } }),
  ).toMatchObject({
    status: { replicas: 3, readyReplicas: 2 },
  });
  expect(await client.applyStatus(Deployment, key, { availableReplicas: 1 }, { fieldManager: 'status' })).toMatchObject(
    {
      status: { replicas: 3, readyReplicas: 2, availableReplicas: 1 },
    },
  );
  const scale = await client.getScale(Deployment, key);
  expect(scale).toMatchObject({
    apiVersion: 'autoscaling/v1',
    kind: 'Scale',
    spec: { replicas: 3 },
    status: { replicas: 3, selector: 'app=web' },
  });
  expect(await client.updateScale(Deployment, key, { ...scale, spec: { replicas: 5 } })).toMatchObject({
    spec: { replicas: 5 },
  });
  await client.patchScale(Deployment, key, { type: 'merge', body: { spec: { replicas: 4 } } });
  expect(await client.get(Deployment, key)).toMatchObject({ metadata: { generation: 3 }, spec: { replicas: 4 } });
});

test('Client reads a long list in pages, all of one state', async () => {
  const { client } = world().env;
  const namespace = await world().namespace('pages');
  for (let index = 0; index < 25; index += 1)
    await client.create(ConfigMap, { metadata: { namespace, name: `item-${String(index).padStart(2, '0')}` } });
  const names: string[] = [];
  const sizes: number[] = [];
  const versions = new Set<string | undefined>();
  for await (const page of client.pages(ConfigMap, { namespace, limit: 10 })) {
    if (sizes.length === 0) {
      expect(page.metadata.remainingItemCount).toBe(15);
      await client.create(ConfigMap, { metadata: { namespace, name: 'item-99' } });
    }
    sizes.push(page.items.length);
    versions.add(page.metadata.resourceVersion);
    names.push(...page.items.map(({ metadata }) => metadata.name));
  }
  expect(sizes).toEqual([10, 10, 5]);
  expect(versions.size).toBe(1);
  expect(names).toEqual(Array.from({ length: 25 }, (_, index) => `item-${String(index).padStart(2, '0')}`));
  expect((await client.list(ConfigMap, { namespace })).items).toHaveLength(26);
});

test('Client deletes a collection by selector and leaves the rest', async () => {
  const { client } = world().env;
  const namespace = await world().namespace('collection');
  for (const [name, app] of [
    ['a', 'x'],
    ['b', 'x'],
    ['c', 'y'],
  ] as const)
    await client.create(ConfigMap, { metadata: { namespace, name, labels: { app } } });
  await client.deleteCollection(ConfigMap, { namespace, labelSelector: 'app=x' });
  expect((await client.list(ConfigMap, { namespace })).items.map(({ metadata }) => metadata.name)).toEqual(['c']);
});

test.each([
  ['app=web', ['one', 'two']],
  ['app!=web', ['four', 'three']],
  ['app in (web, db),tier', ['one', 'three']],
  ['app notin (web)', ['four', 'three']],
  ['!tier', ['four', 'two']],
  ['size>5', ['three', 'two']],
  ['size<5', ['one']],
])('Client selects by label: %s', async (labelSelector, expected) => {
  const { client } = world().env;
  const namespace = `select-${expected.join('-')}-${labelSelector.replaceAll(/[^a-z]+/g, '')}`;
  await world().namespace(namespace);
  const labelled = {
    one: { app: 'web', tier: 'front', size: '3' },
    two: { app: 'web', size: '7' },
    three: { app: 'db', tier: 'back', size: '10' },
    four: { other: 'yes' },
  };
  for (const [name, labels] of Object.entries(labelled))
    await client.create(ConfigMap, { metadata: { namespace, name, labels } });
  const { items } = await client.list(ConfigMap, { namespace, labelSelector });
  expect(items.map(({ metadata }) => metadata.name)).toEqual(expected);
});

test('Client selects by field', async () => {
  const { client } = world().env;
  const namespace = await world().namespace('fields');
  const pod = (name: string, nodeName: string) => ({
    metadata: { namespace, name },
    spec: { nodeName, containers: [{ name: 'main', image: 'nginx' }] },
  });
  await client.create(Pod, pod('a', 'worker-1'));
  await client.create(Pod, pod('b', 'worker-2'));
  const names = async (fieldSelector: string): Promise<string[]> =>
    (await client.list(Pod, { namespace, fieldSelector })).items.map(({ metadata }) => metadata.name);
  expect(await names('spec.nodeName=worker-1')).toEqual(['a']);
  expect(await names('spec.nodeName!=worker-1,status.phase=Pending')).toEqual(['b']);
  expect(await names('metadata.name=b')).toEqual(['b']);
  expect(isBadRequest(await refusal(client.list(Pod, { namespace, fieldSelector: 'spec.priority=1' })))).toBe(true);
});

test('Client does everything but store in a dry run', async () => {
  const { client } = world().env;
  const namespace = await world().namespace('dry-run');
  const key = { namespace, name: 'ghost' };
  const made = await client.create(ConfigMap, { metadata: key, data: { a: '1' } }, { dryRun: true });
  expect(made).toMatchObject({ data: { a: '1' }, metadata: { uid: expect.any(String) } });
  expect(await client.get(ConfigMap, key)).toBeUndefined();
  const real = await client.create(ConfigMap, { metadata: key, data: { a: '1' } });
  expect(
    (await client.patch(ConfigMap, key, { type: 'merge', body: { data: { a: '2' } } }, { dryRun: true })).data,
  ).toEqual({ a: '2' });
  await client.delete(ConfigMap, key, { dryRun: true });
  expect(await client.get(ConfigMap, key)).toEqual(real);
});

test('Client applies: conflict with another manager, force, and what is no longer applied goes', async () => {
  const { client } = world().env;
  const namespace = await world().namespace('apply');
  const key = { namespace, name: 'shared' };
  await client.apply(ConfigMap, { metadata: key, data: { a: '1', b: '1' } }, { fieldManager: 'first' });
  const conflict = await refusal(
    client.apply(ConfigMap, { metadata: key, data: { a: '2' } }, { fieldManager: 'second' }),
  );
  expect(isConflict(conflict)).toBe(true);
  expect(statusOf(conflict)).toMatchObject({
    message: 'Apply failed with 1 conflict: conflict with "first": .data.a',
    details: { causes: [{ reason: 'FieldManagerConflict', message: 'conflict with "first"', field: '.data.a' }] },
  });
  const forced = await client.apply(
    ConfigMap,
    { metadata: key, data: { a: '2' } },
    { fieldManager: 'second', force: true },
  );
  expect(forced.data).toEqual({ a: '2', b: '1' });
  const less = await client.apply(ConfigMap, { metadata: key }, { fieldManager: 'first' });
  expect(less.data).toEqual({ a: '2' });
  expect(less.metadata.managedFields?.map(({ manager }) => manager)).toEqual(['second']);
});

test('Client tells what was refused by code', async () => {
  const { client } = world().env;
  const namespace = await world().namespace('refusals');
  const key = { namespace, name: 'one' };
  await client.create(ConfigMap, { metadata: key });
  expect(isAlreadyExists(await refusal(client.create(ConfigMap, { metadata: key })))).toBe(true);
  expect(isNotFound(await refusal(client.delete(ConfigMap, { namespace, name: 'none' })))).toBe(true);
  expect(isNotFound(await refusal(client.create(ConfigMap, { metadata: { namespace: 'nowhere', name: 'a' } })))).toBe(
    true,
  );
  const absent = { group: 'nobody.example.com', version: 'v1', resource: 'things', scope: 'Namespaced' } as const;
  expect(isNotFound(await refusal(client.list(absent)))).toBe(true);
  expect(isNotFound(await refusal(client.get(absent, key)))).toBe(true);
  expect(isInvalid(await refusal(client.create(ConfigMap, { metadata: { namespace, name: 'Not_A_Name' } })))).toBe(
    true,
  );
  const broken = { metadata: { namespace, name: 'svc' }, spec: { ports: [{ port: 70_000 }] } };
  expect(isInvalid(await refusal(client.create(Service, broken)))).toBe(true);
  const status = { ...(await client.get(ConfigMap, key)), metadata: key } as UnstructuredObject;
  expect(isNotFound(await refusal(client.updateStatus(ConfigMap, status as ConfigMap)))).toBe(true);
  expect(isMethodNotAllowed(await refusal(client.deleteCollection(Namespace)))).toBe(true);
  const wrongType = { metadata: { namespace, name: 'typed' }, data: { a: 1 as unknown as string } };
  expect(isBadRequest(await refusal(client.create(ConfigMap, wrongType)))).toBe(true);
  const list = client.list(ConfigMap, { namespace, limit: 1, continue: 'not-a-token' });
  expect(isBadRequest(await refusal(list))).toBe(true);
});

test('Client is told 410 when it watches from before the beginning', async () => {
  const { client } = world().env;
  const definitions = {
    group: 'apiextensions.k8s.io',
    version: 'v1',
    resource: 'customresourcedefinitions',
    kind: 'CustomResourceDefinition',
    scope: 'Cluster',
  } as const;
  const kind = { group: 'old.example.com', version: 'v1', resource: 'relics', scope: 'Namespaced' } as const;
  const schema = { openAPIV3Schema: { type: 'object' } };
  await client.create(definitions, {
    metadata: { name: 'relics.old.example.com' },
    spec: {
      group: kind.group,
      scope: 'Namespaced',
      names: { plural: 'relics', kind: 'Relic' },
      versions: [{ name: 'v1', served: true, storage: true, schema }],
    },
  });
  await expect.poll(() => client.list(kind).then(() => 'served', String), { timeout: 10_000 }).toBe('served');
  const watch = client.watch(kind, { resourceVersion: '1' });
  const error = await refusal(watch.next());
  expect(isExpired(error)).toBe(true);
  expect(statusOf(error)).toMatchObject({
    code: 410,
    reason: 'Expired',
    message: expect.stringMatching(/^too old resource version: 1 \(\d+\)$/),
  });
});

test('Client keeps Secret data apart from what is written as text', async () => {
  const { client } = world().env;
  const namespace = await world().namespace('secrets');
  const made = await client.create(Secret, { metadata: { namespace, name: 'one' }, stringData: { key: 'value' } });
  expect(made).toMatchObject({ type: 'Opaque', data: { key: 'dmFsdWU=' } });
  expect(made.stringData).toBeUndefined();
});
