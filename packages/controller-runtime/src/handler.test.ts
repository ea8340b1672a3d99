import { defineKind, type KubernetesObject, type OwnerReference } from '@bowline/apimachinery';
import { itemOf } from '@bowline/listwatch/testing';
import { expect, test } from 'vitest';
import { CreateEvent, DeleteEvent, type ObjectEvent, UpdateEvent } from './event.ts';
import {
  type EventHandler,
  enqueueRequestForObject,
  enqueueRequestForOwner,
  enqueueRequestsFromMapFunc,
  handle,
} from './handler.ts';
import { formatRequest } from './request.ts';

const Deployment = defineKind({
  group: 'apps',
  version: 'v1',
  kind: 'Deployment',
  resource: 'deployments',
  scope: 'Namespaced',
});
const Node = defineKind({ group: '', version: 'v1', kind: 'Node', resource: 'nodes', scope: 'Cluster' });

function pod(metadata: Partial<KubernetesObject['metadata']> = {}): KubernetesObject {
  const base = { name: 'a', namespace: 'default', uid: '1', resourceVersion: '1', creationTimestamp: '' };
  return { apiVersion: 'v1', kind: 'Pod', metadata: { ...base, ...metadata } };
}

function owner(name: string, more: Partial<OwnerReference> = {}): OwnerReference {
  return { apiVersion: 'apps/v1', kind: 'Deployment', name, uid: name, ...more };
}

const create = (object: KubernetesObject) => new CreateEvent('Pod', itemOf(object), false);
const update = (old: KubernetesObject, now: KubernetesObject) => new UpdateEvent('Pod', itemOf(old), itemOf(now));
const remove = (object: KubernetesObject) => new DeleteEvent('Pod', itemOf(object), false);

async function keysOf(handler: EventHandler, event: ObjectEvent): Promise<string[]> {
  const keys: string[] = [];
  await handle(handler, event, { add: (key) => keys.push(typeof key === 'string' ? key : formatRequest(key)) });
  return keys;
}

test('Lean: enqueueRequestForObject queues the key of the object for every type of event, and decodes nothing', async () => {
  const item = {
    key: 'default/a',
    uid: '1',
    resourceVersion: '1',
    get object(): never {
      throw new Error('decoded');
    },
  };
  for (const event of [
    new CreateEvent('Pod', item, true),
    new UpdateEvent('Pod', item, item),
    new DeleteEvent('Pod', item, true),
  ]) {
    expect(await keysOf(enqueueRequestForObject, event)).toEqual(['default/a']);
  }
});

test('enqueueRequestForOwner queues owners of the kind, whatever their version', async () => {
  const handler = enqueueRequestForOwner(Deployment);
  const object = pod({
    ownerReferences: [
      owner('web'),
      owner('old', { apiVersion: 'apps/v1beta1' }),
      owner('other', { kind: 'StatefulSet' }),
      owner('foreign', { apiVersion: 'example.com/v1' }),
    ],
  });
  expect(await keysOf(handler, create(object))).toEqual(['default/web', 'default/old']);
  expect(await keysOf(handler, remove(object))).toEqual(['default/web', 'default/old']);
});

test('enqueueRequestForOwner queues old and new owners after an update, each once', async () => {
  const handler = enqueueRequestForOwner(Deployment);
  const event = update(
    pod({ ownerReferences: [owner('a'), owner('b')] }),
    pod({ ownerReferences: [owner('b'), owner('c')] }),
  );
  expect(await keysOf(handler, event)).toEqual(['default/a', 'default/b', 'default/c']);
});

test('enqueueRequestForOwner with onlyController queues only the managing owner', async () => {
  const handler = enqueueRequestForOwner(Deployment, { onlyController: true });
  const object = pod({ ownerReferences: [owner('a'), owner('b', { controller: true })] });
  expect(await keysOf(handler, create(object))).toEqual(['default/b']);
  expect(await keysOf(handler, create(pod({ ownerReferences: [owner('a')] })))).toEqual([]);
});

test('enqueueRequestForOwner gives cluster-scoped owners no namespace', async () => {
  const object = pod({ ownerReferences: [owner('worker-1', { apiVersion: 'v1', kind: 'Node' })] });
  expect(await keysOf(enqueueRequestForOwner(Node), create(object))).toEqual(['worker-1']);
});

test('enqueueRequestForOwner ignores references that are malformed, and objects without any', async () => {
  const handler = enqueueRequestForOwner(Deployment);
  expect(await keysOf(handler, create(pod({ ownerReferences: [owner('a', { apiVersion: 'a/b/c' })] })))).toEqual([]);
  expect(await keysOf(handler, create(pod()))).toEqual([]);
});

test('enqueueRequestsFromMapFunc maps the old and the new object of an update, and queues each key once', async () => {
  const handler = enqueueRequestsFromMapFunc((object) => [{ name: 'all' }, { name: object.metadata.name }]);
  expect(await keysOf(handler, create(pod({ name: 'a' })))).toEqual(['all', 'a']);
  expect(await keysOf(handler, update(pod({ name: 'a' }), pod({ name: 'b' })))).toEqual(['all', 'a', 'b']);
  expect(await keysOf(handler, remove(pod({ name: 'a' })))).toEqual(['all', 'a']);
});

test('enqueueRequestsFromMapFunc takes asynchronous functions', async () => {
  const handler = enqueueRequestsFromMapFunc(async (object) => [{ namespace: 'x', name: object.metadata.name }]);
  expect(await keysOf(handler, create(pod()))).toEqual(['x/a']);
});

test('enqueueRequestsFromMapFunc waits for promises of other makes', async () => {
  const keys = [{ name: 'late' }];
  // biome-ignore lint/suspicious/noThenProperty: that is what it is about
  const lazy = { then: (resolve: (value: typeof keys) => void) => resolve(keys) };
  const handler = enqueueRequestsFromMapFunc(() => lazy as unknown as Promise<typeof keys>);
  expect(await keysOf(handler, create(pod()))).toEqual(['late']);
});

test('EventHandler ignores events that it has no function for', async () => {
  const handler: EventHandler = { update: (event, queue) => queue.add(event.key) };
  expect(await keysOf(handler, create(pod()))).toEqual([]);
  expect(await keysOf(handler, remove(pod()))).toEqual([]);
  expect(await keysOf(handler, update(pod(), pod()))).toEqual(['default/a']);
});
