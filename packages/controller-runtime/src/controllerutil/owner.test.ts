import { expect, test } from 'vitest';
import type { ObjectDraft } from './draft.ts';
import { hasOwnerReference, removeOwnerReference, setControllerReference, setOwnerReference } from './owner.ts';

const web = {
  apiVersion: 'example.com/v1',
  kind: 'App',
  metadata: { name: 'web', namespace: 'default', uid: 'uid-web' },
};
const other = { ...web, metadata: { ...web.metadata, name: 'other', uid: 'uid-other' } };
const cluster = { apiVersion: 'v1', kind: 'Node', metadata: { name: 'node-1', uid: 'uid-node' } };

const draft = (namespace: string | undefined = 'default'): ObjectDraft => ({ metadata: { name: 'child', namespace } });

test('setControllerReference adds a reference that blocks deletion, unless asked not to', () => {
  const blocking = draft();
  setControllerReference(web, blocking);
  expect(blocking.metadata.ownerReferences).toEqual([
    {
      apiVersion: 'example.com/v1',
      kind: 'App',
      name: 'web',
      uid: 'uid-web',
      controller: true,
      blockOwnerDeletion: true,
    },
  ]);
  const free = draft();
  setControllerReference(web, free, { blockOwnerDeletion: false });
  expect(free.metadata.ownerReferences?.[0]?.blockOwnerDeletion).toBeUndefined();
});

test('setControllerReference refuses a second controller', () => {
  const object = draft();
  setControllerReference(web, object);
  expect(() => setControllerReference(other, object)).toThrow(
    expect.objectContaining({
      code: 'CONTROLLER_RUNTIME_ALREADY_OWNED',
      message: expect.stringContaining('App "web"'),
    }),
  );
});

test('setControllerReference replaces a reference to the same owner, whatever its version', () => {
  const object = draft();
  setControllerReference({ ...web, apiVersion: 'example.com/v1alpha1' }, object);
  setControllerReference(web, object);
  expect(object.metadata.ownerReferences?.map((each) => each.apiVersion)).toEqual(['example.com/v1']);
  setOwnerReference(web, object);
  expect(object.metadata.ownerReferences).toHaveLength(1);
});

test('setOwnerReference takes several owners', () => {
  const object = draft();
  setOwnerReference(web, object);
  setOwnerReference(other, object, { blockOwnerDeletion: true });
  expect(object.metadata.ownerReferences?.map((each) => [each.name, each.controller, each.blockOwnerDeletion])).toEqual(
    [
      ['web', undefined, undefined],
      ['other', undefined, true],
    ],
  );
});

test('setOwnerReference refuses an owner in another namespace, and a namespaced owner of a cluster-scoped object', () => {
  for (const set of [setOwnerReference, setControllerReference]) {
    expect(() => set(web, draft('elsewhere'))).toThrow(TypeError);
    expect(() => set(web, { metadata: { name: 'child' } })).toThrow(
      new TypeError('Cannot set owner: namespace of the object must be that of its owner "default", got none'),
    );
  }
});

test('setOwnerReference takes a cluster-scoped owner for any object', () => {
  const object = draft();
  setOwnerReference(cluster, object);
  expect(hasOwnerReference(object, cluster)).toBe(true);
});

test('removeOwnerReference removes the reference and says whether there was one', () => {
  const object = draft();
  expect(removeOwnerReference(web, object)).toBe(false);
  setOwnerReference(web, object);
  setOwnerReference(other, object);
  expect(removeOwnerReference(web, object)).toBe(true);
  expect(hasOwnerReference(object, web)).toBe(false);
  expect(hasOwnerReference(object, other)).toBe(true);
});
