import { expect, test } from 'vitest';
import { parsePath } from './kinds.ts';

test('parsePath tells group, version, resource, scope and subresource', () => {
  expect(parsePath('/apis/apps/v1/namespaces/{namespace}/deployments/{name}/scale')).toEqual({
    group: 'apps',
    version: 'v1',
    resource: 'deployments',
    namespaced: true,
    item: true,
    subresource: 'scale',
  });
  expect(parsePath('/api/v1/nodes')).toMatchObject({ group: '', resource: 'nodes', namespaced: false, item: false });
  expect(parsePath('/api/v1/namespaces/{name}/finalize')).toMatchObject({
    resource: 'namespaces',
    subresource: 'finalize',
  });
});

test('parsePath passes over what is no resource: discovery, watches, paths with a free tail, logs', () => {
  for (const path of ['/apis/apps/v1/', '/api/v1/nodes/{name}/proxy/{path}', '/logs/{logpath}', '/version/']) {
    expect(parsePath(path)).toBeUndefined();
  }
});
