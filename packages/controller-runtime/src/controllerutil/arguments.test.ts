import { defineKind, type UnstructuredObject } from '@bowline/apimachinery';
import { describe } from 'vitest';
import { FakeCluster } from '../fake-cluster.ts';
import { loose, refuses } from '../refusals.fixture.ts';
import { createOrPatch, createOrUpdate } from './create-or-update.ts';
import { addFinalizer, containsFinalizer, removeFinalizer } from './finalizer.ts';
import { Finalizers } from './finalizers.ts';
import { hasOwnerReference, removeOwnerReference, setControllerReference, setOwnerReference } from './owner.ts';

const scope = 'Namespaced';
const App = defineKind({ group: 'example.com', version: 'v1', kind: 'App', resource: 'apps', scope });
const aKind = 'a kind (from @bowline/api, defineKind or defineCrd)';
const client = new FakeCluster();
const key = { namespace: 'default', name: 'a' };
const draft = (): UnstructuredObject =>
  ({ apiVersion: 'v1', kind: 'A', metadata: { ...key } }) as unknown as UnstructuredObject;
const frozen = { metadata: Object.freeze({ ...key }) };
const owner = { apiVersion: 'example.com/v1', kind: 'App', metadata: { ...key, uid: '1' } };

describe('controllerutil', () => {
  for (const [name, call, methods] of [
    ['createOrUpdate', createOrUpdate, 'get, create, update'],
    ['createOrPatch', createOrPatch, 'get, create, patch, patchStatus'],
  ] as const) {
    const changing = (rest: string) => `Cannot create or change object: ${rest}`;
    refuses(name, loose(call), [
      [changing(`client must be a client (an object with ${methods}), got undefined`), []],
      [changing(`client must be a client (an object with ${methods}), got an object`), [{ get() {} }]],
      [changing(`kind must be ${aKind}, got "apps"`), [client, 'apps']],
      [changing('key must be { namespace, name }, got "default/a"'), [client, App, 'default/a']],
      [changing('name must be a non-empty string, got ""'), [client, App, { name: '' }]],
      [changing('mutate must be a function, got an object'), [client, App, key, {}]],
    ]);
  }
  const anOwner = 'an object that was read from the server, with apiVersion, kind, metadata.name and metadata.uid';
  const aDraft = 'an object with metadata that may be changed (clone what a cache gave)';
  for (const [name, call, action] of [
    ['setControllerReference', setControllerReference, 'set controller'],
    ['setOwnerReference', setOwnerReference, 'set owner'],
    ['removeOwnerReference', removeOwnerReference, 'remove owner'],
  ] as const) {
    refuses(name, loose(call), [
      [`Cannot ${action}: owner must be ${anOwner}, got undefined`, []],
      [`Cannot ${action}: owner must be ${anOwner}, got an object`, [draft(), draft()]],
      [`Cannot ${action}: draft must be ${aDraft}, got undefined`, [owner]],
      [`Cannot ${action}: draft must be ${aDraft}, got an object`, [owner, frozen]],
    ]);
  }
  refuses('setControllerReference options', loose(setControllerReference), [
    [
      'Cannot set controller: blockOwnerDeletion must be true or false, got "no"',
      [owner, draft(), { blockOwnerDeletion: 'no' }],
    ],
  ]);
  refuses('hasOwnerReference', loose(hasOwnerReference), [
    ['Cannot look for owner: object must be an object with metadata, got undefined', []],
    [`Cannot look for owner: owner must be ${anOwner}, got undefined`, [draft()]],
  ]);
  for (const [name, call, action] of [
    ['addFinalizer', addFinalizer, 'add finalizer'],
    ['removeFinalizer', removeFinalizer, 'remove finalizer'],
  ] as const) {
    refuses(name, loose(call), [
      [`Cannot ${action}: draft must be ${aDraft}, got undefined`, []],
      [`Cannot ${action}: draft must be ${aDraft}, got an object`, [frozen, 'example.com/a']],
      [`Cannot ${action}: finalizer must be a non-empty string, got undefined`, [draft()]],
    ]);
  }
  refuses('containsFinalizer', loose(containsFinalizer), [
    ['Cannot look for finalizer: object must be an object with metadata, got undefined', []],
    ['Cannot look for finalizer: finalizer must be a non-empty string, got ""', [draft(), '']],
  ]);
  const finalizers = new Finalizers();
  refuses('Finalizers.register', loose(finalizers.register), [
    ['Cannot register finalizer: finalizer must be a non-empty string, got undefined', []],
    ['Cannot register finalizer: finalize must be a function, got undefined', ['example.com/a']],
  ]);
  refuses('Finalizers.finalize', loose(finalizers.finalize), [
    [`Cannot finalize: draft must be ${aDraft}, got undefined`, []],
    [`Cannot finalize: draft must be ${aDraft}, got an object`, [frozen]],
  ]);
});
