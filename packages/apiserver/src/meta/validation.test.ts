import { expect, test } from 'vitest';
import { fieldErrorText } from '../field-error.ts';
import { nameIsSubdomain } from './formats.ts';
import { metadataErrors, metadataUpdateErrors } from './validation.ts';
import { compareVersions } from './versions.ts';

const good = { name: 'a', namespace: 'b' };

test('metadataErrors is content with good metadata', () => {
  expect(metadataErrors({ ...good, labels: { 'a.b/c': 'd' }, finalizers: ['x.y/z'] }, true, nameIsSubdomain)).toEqual(
    [],
  );
});

test.each([
  [{ namespace: 'b' }, 'metadata.name: Required value: name or generateName is required'],
  [{ name: 'a' }, 'metadata.namespace: Required value'],
  [{ ...good, labels: { 'a b': 'c' } }, 'metadata.labels: Invalid value: "a b": name part must consist of'],
  [{ ...good, labels: { a: 'x'.repeat(64) } }, 'must be no more than 63'],
  [
    { ...good, annotations: { a: 'x'.repeat(263_000) } },
    'metadata.annotations: Too long: may not be more than 262144 bytes',
  ],
  [{ ...good, generation: -1 }, 'metadata.generation: Invalid value: -1: must be greater than or equal to 0'],
  [
    { ...good, finalizers: ['orphan', 'foregroundDeletion'] },
    'finalizer orphan and foregroundDeletion cannot be both set',
  ],
  [
    { ...good, ownerReferences: [{ apiVersion: '', kind: 'K', name: 'n', uid: 'u' }] },
    'metadata.ownerReferences.apiVersion: Invalid value: "": version must not be empty',
  ],
])('metadataErrors refuses %j', (metadata, message) => {
  expect(metadataErrors(metadata, true, nameIsSubdomain).map(fieldErrorText)).toEqual([
    expect.stringContaining(message),
  ]);
});

test('metadataUpdateErrors refuses to change what identifies an object', () => {
  const old = { ...good, uid: 'u', resourceVersion: '1', creationTimestamp: '2026-01-01T00:00:00Z' };
  expect(metadataUpdateErrors(old, old)).toEqual([]);
  expect(metadataUpdateErrors({ ...old, uid: 'v' }, old).map(fieldErrorText)).toEqual([
    'metadata.uid: Invalid value: "v": field is immutable',
  ]);
});

test('compareVersions puts what is further ahead', () => {
  const versions = ['v1alpha1', 'v2', 'foo1', 'v1', 'v11beta2', 'v10', 'v1beta1', 'foo10', 'v11alpha2'];
  expect(versions.sort((a, b) => compareVersions(b, a))).toEqual([
    'v10',
    'v2',
    'v1',
    'v11beta2',
    'v1beta1',
    'v11alpha2',
    'v1alpha1',
    'foo1',
    'foo10',
  ]);
});
