import { expect, test } from 'vitest';
import { readRequest, UnreadablePath } from './request-info.ts';

function shown(method: string, url: string): string {
  const { target } = readRequest(method, url);
  if (target === undefined) return 'none';
  const { verb, group, version, namespace, resource, name, subresource } = target;
  return `${verb} ${group}/${version} ns=${namespace} ${[resource, name, subresource].filter((part) => part !== '').join('/')}`;
}

test.each([
  ['GET', '/api/v1/pods', 'list /v1 ns= pods'],
  ['GET', '/api/v1/pods?watch=1', 'watch /v1 ns= pods'],
  ['GET', '/api/v1/pods?watch=false', 'list /v1 ns= pods'],
  ['GET', '/api/v1/namespaces/a/pods/b', 'get /v1 ns=a pods/b'],
  ['GET', '/api/v1/namespaces/a/pods/b?watch=1', 'get /v1 ns=a pods/b'],
  ['GET', '/api/v1/namespaces/a/pods?fieldSelector=metadata.name%3Db', 'list /v1 ns=a pods/b'],
  ['GET', '/api/v1/namespaces/a', 'get /v1 ns=a namespaces/a'],
  ['PUT', '/api/v1/namespaces/a/finalize', 'update /v1 ns=a namespaces/a/finalize'],
  ['DELETE', '/apis/apps/v1/namespaces/a/deployments', 'deletecollection apps/v1 ns=a deployments'],
  ['DELETE', '/apis/apps/v1/namespaces/a/deployments/d', 'delete apps/v1 ns=a deployments/d'],
  ['PATCH', '/apis/apps/v1/namespaces/a/deployments/d/scale', 'patch apps/v1 ns=a deployments/d/scale'],
  ['POST', '/api/v1/namespaces/a/pods/b%2Fc', 'create /v1 ns=a pods/b/c'],
  ['GET', '/api/v1/watch/namespaces/a/pods', 'watch /v1 ns=a pods'],
  ['GET', '/apis/apps/v1', 'none'],
  ['GET', '/healthz', 'none'],
])('readRequest reads %s %s', (method, url, expected) => {
  expect(shown(method, url)).toBe(expected);
});

test('readRequest cannot read a watch of nothing', () => {
  expect(() => readRequest('GET', '/api/v1/watch')).toThrow(UnreadablePath);
});
