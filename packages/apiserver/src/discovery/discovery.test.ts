import { beforeEach, expect, test } from 'vitest';
import { listAt, stringAt, valueAt } from '../object.ts';
import { crds, TestServer, widgetDefinition } from '../server.fixture.ts';

const aggregated = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json';

let server: TestServer;
beforeEach(async () => {
  server = await TestServer.start();
});

test('discovery in one answer says the same as discovery in many', async () => {
  await server.post(crds, widgetDefinition());
  const [core, groups] = [
    await server.get('/api', { accept: aggregated }),
    await server.get('/apis', { accept: aggregated }),
  ];
  const described: string[] = [];
  for (const group of [...core.items, ...groups.items]) {
    for (const version of listAt(group, 'versions')) {
      for (const resource of listAt(version, 'resources')) {
        const subresources = listAt(resource, 'subresources').map((one) => stringAt(one, 'subresource'));
        const name = stringAt(resource, 'resource');
        described.push(
          ...[name, ...subresources.map((sub) => `${name}/${sub}`)].map(
            (path) => `${stringAt(group, 'metadata', 'name')}/${stringAt(version, 'version')} ${path}`,
          ),
        );
      }
    }
  }
  const listed: string[] = [];
  const names = listAt((await server.get('/apis')).json, 'groups').map((group) => stringAt(group, 'name'));
  const roots = ['/api/v1'];
  for (const name of names) {
    const { json } = await server.get(`/apis/${name}`);
    roots.push(...listAt(json, 'versions').map((version) => `/apis/${stringAt(version, 'groupVersion')}`));
  }
  for (const root of roots) {
    const { json } = await server.get(root);
    const groupVersion = stringAt(json, 'groupVersion');
    for (const resource of listAt(json, 'resources')) {
      listed.push(`${groupVersion.includes('/') ? groupVersion : `/${groupVersion}`} ${stringAt(resource, 'name')}`);
    }
  }
  expect(described.sort()).toEqual(listed.sort());
  expect(described).toContain('example.com/v1 widgets/scale');
  expect(described.length).toBeGreaterThan(90);
});

test('discovery is not sent again to clients that have it', async () => {
  const first = await server.get('/apis', { accept: aggregated });
  expect(first.headers['content-type']).toBe('application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList');
  const etag = String(first.headers.etag);
  const again = await server.get('/apis', { accept: aggregated, 'if-none-match': etag });
  expect([again.status, again.text]).toEqual([304, '']);
  await server.post(crds, widgetDefinition());
  expect((await server.get('/apis', { accept: aggregated, 'if-none-match': etag })).status).toBe(200);
});

test('OpenAPI documents are found by their hash, and follow definitions', async () => {
  const index = await server.get('/openapi/v3');
  const url = stringAt(valueAt(index.at('paths'), 'apis/apps/v1'), 'serverRelativeURL');
  const document = await server.get(url);
  expect(document.headers).toMatchObject({ 'cache-control': 'public, immutable', 'content-type': 'application/json' });
  expect(valueAt(document.json, 'components', 'schemas', 'io.k8s.api.apps.v1.Deployment')).toBeDefined();
  const moved = await server.get(url.replace(/hash=.*/, 'hash=OLD'));
  expect([moved.status, moved.headers.location]).toEqual([301, url]);
  expect(valueAt(index.at('paths'), 'apis/example.com/v1')).toBeUndefined();
  await server.post(crds, widgetDefinition());
  const custom = await server.get('/openapi/v3/apis/example.com/v1');
  expect(
    valueAt(custom.json, 'components', 'schemas', 'com.example.v1.Widget', 'properties', 'spec', 'properties', 'size'),
  ).toEqual({ type: 'integer', minimum: 1 });
  await server.delete(`${crds}/widgets.example.com`);
  expect((await server.get('/openapi/v3/apis/example.com/v1')).status).toBe(404);
});

test.each(['/healthz', '/livez', '/readyz', '/readyz/ping', '/healthz/etcd'])('%s is ok', async (path) => {
  const { status, text } = await server.get(path);
  expect([status, text]).toEqual([200, 'ok']);
});

test('health tells its checks to those who ask', async () => {
  const verbose = await server.get('/readyz?verbose&exclude=etcd');
  expect(verbose.text).toContain('[+]ping ok\n');
  expect(verbose.text).toContain('[+]etcd excluded: ok\n');
  expect(verbose.text).toMatch(/readyz check passed\n$/);
  expect((await server.get('/healthz/nonsense')).status).toBe(404);
});

test.each([
  ['/nonsense', 404, '404 page not found\n'],
  ['/apis/nonsense/v1/things', 404, '404 page not found\n'],
  ['/apis/nonsense', 404, '404 page not found\n'],
])('%s is nothing', async (path, status, text) => {
  const answer = await server.get(path);
  expect([answer.status, answer.text]).toEqual([status, text]);
});

test.each([
  '/api/v1/nonsense',
  '/apis/apps/v1/nonsense',
  '/apis/apps/v9/deployments',
  '/api/v1/namespaces/default/pods/p/nonsense',
])('%s is nothing either, as a Status', async (path) => {
  expect((await server.get(path)).json).toMatchObject({
    code: 404,
    message: 'the server could not find the requested resource',
    details: {},
  });
});

test('methods that a path does not have are refused', async () => {
  const refused = await server.request('PUT', '/api/v1/pods', {});
  expect(refused.json).toMatchObject({
    code: 405,
    reason: 'MethodNotAllowed',
    message: 'the server does not allow this method on the requested resource',
  });
  expect((await server.request('HEAD', '/api/v1/pods')).status).toBe(405);
  expect((await server.request('OPTIONS', '/api/v1/pods')).status).toBe(405);
});

test('version is that of Kubernetes 1.35', async () => {
  expect((await server.get('/version')).json).toMatchObject({ major: '1', minor: '35', gitVersion: 'v1.35.4' });
});

test('deprecated kinds say so', async () => {
  expect((await server.get('/api/v1/endpoints')).headers.warning).toEqual([
    '299 - "v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice"',
  ]);
});
