import { expect, test } from 'vitest';
import { readBuiltin } from './read-json.ts';
import { storedBuiltin } from './stored.ts';

test('storedBuiltin forgets empty lists, as protobuf does', () => {
  const gvk = { group: 'rbac.authorization.k8s.io', version: 'v1', kind: 'Role' };
  const { object } = readBuiltin(gvk, { rules: [{ verbs: [] }] });
  expect(object.rules).toEqual([{ verbs: [] }]);
  expect(storedBuiltin(gvk, object).rules).toEqual([{ verbs: null }]);
  expect(storedBuiltin(gvk, readBuiltin(gvk, { rules: [] }).object).rules).toBeNull();
});

test('storedBuiltin returns the same object where nothing changes', () => {
  const gvk = { group: '', version: 'v1', kind: 'ConfigMap' };
  const { object } = readBuiltin(gvk, { metadata: { name: 'a' }, data: { a: 'b' } });
  expect(storedBuiltin(gvk, object)).toBe(object);
});

test('storedBuiltin keeps empty lists of what is stored as JSON', () => {
  const gvk = { group: 'apiextensions.k8s.io', version: 'v1', kind: 'CustomResourceDefinition' };
  const { object } = readBuiltin(gvk, { spec: { versions: [] } });
  expect(storedBuiltin(gvk, object)).toBe(object);
});
