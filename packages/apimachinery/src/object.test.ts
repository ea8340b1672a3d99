import { describe, expect, test } from 'vitest';
import { type Condition, findCondition, isConditionTrue, setCondition } from './condition.ts';
import { formatKey, keyOf, parseKey } from './key.ts';
import {
  apiVersion,
  defineKind,
  formatGroupKind,
  formatGroupResource,
  formatGroupVersionKind,
  formatGroupVersionResource,
  groupVersion,
} from './kind.ts';
import type { KubernetesObject, ObjectMeta } from './object.ts';
import { controllerOf, isOwnedBy, ownerReference } from './owner.ts';

describe('keys', () => {
  test('keyOf joins namespace and name', () => {
    expect(keyOf({ metadata: { namespace: 'default', name: 'web' } })).toBe('default/web');
    expect(keyOf({ metadata: { name: 'node-1' } })).toBe('node-1');
    expect(formatKey({ namespace: '', name: 'node-1' })).toBe('node-1');
  });

  test('parseKey reads back what formatKey made', () => {
    expect(parseKey('default/web')).toEqual({ namespace: 'default', name: 'web' });
    expect(parseKey('node-1')).toEqual({ name: 'node-1' });
  });

  test.each(['', '/', '/web', 'default/', 'a/b/c'])('parseKey refuses "%s"', (key) => {
    expect(() => parseKey(key)).toThrow(TypeError);
  });
});

describe('kinds', () => {
  test('defineKind gives frozen data with its apiVersion', () => {
    const kind = defineKind({
      group: 'example.com',
      version: 'v1',
      kind: 'Backup',
      resource: 'backups',
      scope: 'Namespaced',
      subresources: ['status'],
    });
    expect(kind).toEqual({
      group: 'example.com',
      version: 'v1',
      kind: 'Backup',
      resource: 'backups',
      apiVersion: 'example.com/v1',
      scope: 'Namespaced',
      subresources: ['status'],
    });
    expect(Object.isFrozen(kind) && Object.isFrozen(kind.subresources)).toBe(true);
  });

  test('defineKind refuses what is not a kind', () => {
    const good = { group: '', version: 'v1', kind: 'Pod', resource: 'pods', scope: 'Namespaced' as const };
    expect(() => defineKind({ ...good, resource: '' })).toThrow('resource must be a non-empty string, got ""');
    expect(() => defineKind({ ...good, scope: 'Everywhere' as 'Cluster' })).toThrow('scope must be');
  });

  test('groupVersion and apiVersion are each the reverse of the other', () => {
    expect(groupVersion('apps/v1')).toEqual({ group: 'apps', version: 'v1' });
    expect(groupVersion('v1')).toEqual({ group: '', version: 'v1' });
    for (const text of ['apps/v1', 'v1']) expect(apiVersion(groupVersion(text))).toBe(text);
  });

  test.each(['', '/', 'apps/', '/v1', 'a/b/c'])('groupVersion refuses "%s"', (text) => {
    expect(() => groupVersion(text)).toThrow(TypeError);
  });

  test('the formats are those of error messages', () => {
    const deployments = { group: 'apps', version: 'v1', resource: 'deployments', kind: 'Deployment' };
    const pods = { group: '', version: 'v1', resource: 'pods', kind: 'Pod' };
    expect([formatGroupResource(deployments), formatGroupResource(pods)]).toEqual(['deployments.apps', 'pods']);
    expect([formatGroupKind(deployments), formatGroupKind(pods)]).toEqual(['Deployment.apps', 'Pod']);
    expect(formatGroupVersionKind(deployments)).toBe('apps/v1, Kind=Deployment');
    expect(formatGroupVersionResource(pods)).toBe('/v1, Resource=pods');
  });
});

describe('owners', () => {
  const metadata: ObjectMeta = {
    name: 'web',
    uid: 'u1',
    resourceVersion: '1',
    creationTimestamp: '2026-01-01T00:00:00Z',
  };
  const owner: KubernetesObject = { apiVersion: 'apps/v1', kind: 'Deployment', metadata };

  test('ownerReference sets the flags that are asked for, and blockOwnerDeletion for controllers', () => {
    const plain = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web', uid: 'u1' };
    expect(ownerReference(owner)).toEqual(plain);
    expect(ownerReference(owner, { controller: true })).toEqual({
      ...plain,
      controller: true,
      blockOwnerDeletion: true,
    });
    expect(ownerReference(owner, { controller: true, blockOwnerDeletion: false })).toEqual({
      ...plain,
      controller: true,
    });
  });

  test('ownerReference refuses an owner that was never stored', () => {
    expect(() => ownerReference({ ...owner, metadata: { ...metadata, uid: '' } })).toThrow(
      'metadata.uid must be set, got ""',
    );
  });

  test('controllerOf and isOwnedBy read references, by uid', () => {
    const owned = {
      metadata: {
        ownerReferences: [
          ownerReference({ ...owner, metadata: { name: 'x', uid: 'u0' } }),
          ownerReference(owner, { controller: true }),
        ],
      },
    };
    expect(controllerOf(owned)?.uid).toBe('u1');
    expect(isOwnedBy(owned, owner)).toBe(true);
    expect(isOwnedBy(owned, { metadata: { uid: 'u2' } })).toBe(false);
    expect(controllerOf({ metadata: {} })).toBe(undefined);
    expect(isOwnedBy({}, owner)).toBe(false);
  });
});

describe('conditions', () => {
  const ready: Condition = {
    type: 'Ready',
    status: 'False',
    reason: 'Starting',
    message: '',
    lastTransitionTime: '2026-01-01T00:00:00Z',
  };
  const later = Date.UTC(2026, 0, 2);

  test('setCondition changes the transition time only with the status', () => {
    const same = setCondition([ready], { type: 'Ready', status: 'False', reason: 'Pulling', message: 'm' }, later);
    expect(same).toEqual([{ ...ready, reason: 'Pulling', message: 'm' }]);
    const changed = setCondition([ready], { type: 'Ready', status: 'True', reason: 'Up', message: '' }, later);
    expect(changed[0]).toMatchObject({ status: 'True', lastTransitionTime: '2026-01-02T00:00:00Z' });
    const given = setCondition(
      [ready],
      { ...ready, status: 'True', lastTransitionTime: '2025-01-01T00:00:00Z' },
      later,
    );
    expect(given[0]?.lastTransitionTime).toBe('2025-01-01T00:00:00Z');
  });

  test('setCondition keeps the order and changes no array in place', () => {
    const before = Object.freeze([{ ...ready, type: 'A' }, ready, { ...ready, type: 'Z' }]);
    const after = setCondition(before, { ...ready, status: 'True' }, later);
    expect(after.map(({ type }) => type)).toEqual(['A', 'Ready', 'Z']);
    expect(setCondition(undefined, ready, later)).toEqual([ready]);
  });

  test.each([
    ['conditions must be an array, got an object', [{}, ready, later]],
    ['condition must be an object, got undefined', [[]]],
    ['condition.type must be a non-empty string, got ""', [[], { ...ready, type: '' }, later]],
    ['condition.status must be "True", "False" or "Unknown", got true', [[], { ...ready, status: true }, later]],
    ['condition.status must be "True", "False" or "Unknown", got "true"', [[], { ...ready, status: 'true' }, later]],
    ['condition.reason must be a string, got undefined', [[], { ...ready, reason: undefined }, later]],
    ['condition.message must be a string, got undefined', [[], { ...ready, message: undefined }, later]],
    ['nowMs must be milliseconds since 1970, got undefined', [[], ready]],
    ['nowMs must be milliseconds since 1970, got an object (Date)', [[], ready, new Date(later)]],
    ['nowMs must be milliseconds since 1970, got NaN', [[], ready, Number.NaN]],
  ])('setCondition says: %s', (message, given) => {
    const call = setCondition as (...given: unknown[]) => unknown;
    expect(() => call(...given)).toThrow(`Cannot set condition: ${message}`);
  });

  test('findCondition and isConditionTrue', () => {
    expect(findCondition([ready], 'Ready')).toBe(ready);
    expect(findCondition(undefined, 'Ready')).toBe(undefined);
    expect(isConditionTrue([ready], 'Ready')).toBe(false);
    expect(isConditionTrue([{ type: 'Ready', status: 'True' }], 'Ready')).toBe(true);
  });
});
