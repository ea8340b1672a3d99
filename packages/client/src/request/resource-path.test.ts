import { describe, expect, test } from 'vitest';
import { checkNamespace, collectionPath, objectPath, withQuery } from './resource-path.ts';

const pods = { group: '', version: 'v1', resource: 'pods', scope: 'Namespaced' } as const;
const roles = {
  group: 'rbac.authorization.k8s.io',
  version: 'v1',
  resource: 'clusterroles',
  scope: 'Cluster',
} as const;

describe('paths', () => {
  test('collectionPath and objectPath are those of the API server', () => {
    expect(collectionPath(pods, undefined)).toBe('/api/v1/pods');
    expect(collectionPath(pods, 'a')).toBe('/api/v1/namespaces/a/pods');
    expect(objectPath(pods, { namespace: 'a', name: 'b' }, 'get')).toBe('/api/v1/namespaces/a/pods/b');
    expect(objectPath(pods, { namespace: 'a', name: 'b' }, 'get', 'status')).toBe('/api/v1/namespaces/a/pods/b/status');
    expect(objectPath(roles, { namespace: '', name: 'system:Node-Proxier' }, 'get')).toBe(
      '/apis/rbac.authorization.k8s.io/v1/clusterroles/system:Node-Proxier',
    );
    expect(objectPath(roles, { name: 'a b?c#d' }, 'get')).toBe(
      '/apis/rbac.authorization.k8s.io/v1/clusterroles/a%20b%3Fc%23d',
    );
  });

  test.each(['.', '..', 'a/b', '/', 'a%2fb', '%'])(
    'objectPath refuses the name %j before anything is sent (Safe paths)',
    (name) => {
      expect(() => objectPath(pods, { namespace: 'a', name }, 'get')).toThrow(
        /^Cannot build path: name must not be empty, "\." or "\.\."/,
      );
      expect(() => objectPath(pods, { namespace: name, name: 'x' }, 'get')).toThrow(TypeError);
      expect(() => objectPath(pods, { namespace: 'a', name: 'x' }, 'get', name)).toThrow(TypeError);
      expect(() => collectionPath({ ...pods, resource: name }, 'a')).toThrow(TypeError);
    },
  );

  test('objectPath wants a namespace exactly where the resource has one', () => {
    expect(() => objectPath(pods, { name: 'b' }, 'get')).toThrow(
      'Cannot get pods "b": namespace must be set for a namespaced resource, got undefined',
    );
    expect(() => objectPath(roles, { namespace: 'a', name: 'b' }, 'delete')).toThrow(
      'Cannot delete clusterroles "b": namespace must be absent for a cluster-scoped resource, got "a"',
    );
    expect(() => objectPath(pods, { namespace: 'a', name: '' }, 'get')).toThrow(
      'Cannot get pods: name must be a non-empty string, got ""',
    );
    expect(() => checkNamespace(pods, '', 'create pods')).toThrow('Cannot create pods: namespace must be set');
  });

  test('withQuery leaves out what is undefined and encodes the rest', () => {
    expect(withQuery('/x', { a: undefined })).toBe('/x');
    expect(withQuery('/x', { a: 'in (b,c)', b: 0, c: false, d: undefined })).toBe('/x?a=in%20(b%2Cc)&b=0&c=false');
  });
});
