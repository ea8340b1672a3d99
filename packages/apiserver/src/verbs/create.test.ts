import { beforeEach, expect, test } from 'vitest';
import { listAt, valueAt } from '../object.ts';
import { configMap, configMaps, TestServer } from '../server.fixture.ts';

let server: TestServer;
beforeEach(async () => {
  server = await TestServer.start();
});

test('create gives uid, time, version and owner of the fields, whatever the client says of them', async () => {
  const created = await server.post(
    configMaps,
    configMap(
      'a',
      { k: 'v' },
      {
        uid: 'mine',
        creationTimestamp: '2000-01-01T00:00:00Z',
        selfLink: '/x',
        deletionTimestamp: '2000-01-01T00:00:00Z',
      },
    ),
  );
  expect(created.status).toBe(201);
  expect(created.json).toMatchObject({
    kind: 'ConfigMap',
    apiVersion: 'v1',
    metadata: {
      name: 'a',
      namespace: 'default',
      creationTimestamp: '2026-01-01T00:00:00Z',
      managedFields: [{ manager: 'test', operation: 'Update', fieldsV1: { 'f:data': { '.': {}, 'f:k': {} } } }],
    },
  });
  expect(created.at('metadata', 'uid')).not.toBe('mine');
  expect(created.at('metadata', 'deletionTimestamp')).toBeUndefined();
  expect(created.at('metadata', 'selfLink')).toBeUndefined();
});

test('create makes up a name and tries again when it is taken', async () => {
  const first = await server.post(configMaps, { metadata: { generateName: 'x-' } });
  expect(String(first.at('metadata', 'name'))).toMatch(/^x-[bcdfghjklmnpqrstvwxz2456789]{5}$/);
  const again = await TestServer.start();
  await again.post(configMaps, configMap(String(first.at('metadata', 'name'))));
  const second = await again.post(configMaps, { metadata: { generateName: 'x-' } });
  expect(second.status).toBe(201);
  expect(second.at('metadata', 'name')).not.toBe(first.at('metadata', 'name'));
});

test('create refuses a name that is taken', async () => {
  await server.post(configMaps, configMap('a'));
  const refused = await server.post(configMaps, configMap('a'));
  expect(refused.json).toEqual({
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message: 'configmaps "a" already exists',
    reason: 'AlreadyExists',
    details: { name: 'a', kind: 'configmaps' },
    code: 409,
  });
});

test.each([
  ['no JSON', '{', 400, /couldn't get version\/kind; json parse error: unexpected end of JSON input/],
  [
    'another kind',
    { kind: 'Secret', apiVersion: 'v1' },
    400,
    /^Secret in version "v1" cannot be handled as a ConfigMap/,
  ],
  [
    'a bad name',
    configMap('A'),
    422,
    /^ConfigMap "A" is invalid: metadata.name: Invalid value: "A": a lowercase RFC 1123 subdomain/,
  ],
  ['no name', {}, 422, /metadata.name: Required value: name or generateName is required/],
  [
    'another namespace',
    configMap('a', {}, { namespace: 'x' }),
    400,
    /does not match the namespace sent on the request/,
  ],
  [
    'a version',
    configMap('a', {}, { resourceVersion: '7' }),
    500,
    /resourceVersion should not be set on objects to be created/,
  ],
  [
    'a wrong type',
    configMap('a', { k: 3 }),
    400,
    /json: cannot unmarshal number into Go struct field ConfigMap.data of type string/,
  ],
])('create refuses %s in the words of the real server', async (_what, body, status, message) => {
  const refused = await server.post(configMaps, body);
  expect([refused.status, refused.message]).toEqual([status, expect.stringMatching(message)]);
});

test('create refuses a content type that it cannot read', async () => {
  const refused = await server.request('POST', configMaps, '<a/>', { 'content-type': 'application/xml' });
  expect([refused.status, refused.reason]).toEqual([415, 'UnsupportedMediaType']);
});

test('create reads YAML', async () => {
  const created = await server.request('POST', configMaps, 'metadata:\n  name: w\ndata: {a: "1", b: 2001-01-01}\n', {
    'content-type': 'application/yaml',
  });
  expect([created.status, created.at('data')]).toEqual([201, { a: '1', b: '2001-01-01' }]);
});

test('create checks unknown and duplicate fields as strictly as it is asked to', async () => {
  const body = '{"metadata":{"name":"f","x":1},"data":{"a":"b","a":"c"}}';
  const strict = await server.post(`${configMaps}?fieldValidation=Strict`, body);
  expect([strict.status, strict.message]).toEqual([
    400,
    'ConfigMap in version "v1" cannot be handled as a ConfigMap: strict decoding error: unknown field "metadata.x", duplicate field "data.a"',
  ]);
  const warned = await server.post(configMaps, body);
  expect(warned.headers.warning).toEqual([
    '299 - "unknown field \\"metadata.x\\""',
    '299 - "duplicate field \\"data.a\\""',
  ]);
  const ignored = await server.post(`${configMaps}?fieldValidation=Ignore`, body.replace('"f"', '"g"'));
  expect([ignored.status, ignored.headers.warning]).toEqual([201, undefined]);
});

test('create as a dry run answers as if it had been one, and stores nothing', async () => {
  const before = (await server.get(configMaps)).resourceVersion;
  const dry = await server.post(`${configMaps}?dryRun=All`, configMap('a'));
  expect([dry.status, dry.resourceVersion]).toEqual([201, '']);
  expect((await server.get(configMaps)).resourceVersion).toBe(before);
  const wrong = await server.post(`${configMaps}?dryRun=Some`, configMap('a'));
  expect([wrong.status, wrong.message]).toEqual([422, expect.stringContaining('dryRun: Unsupported value')]);
});

test('create into a namespace that is missing or being deleted is refused', async () => {
  const missing = await server.post('/api/v1/namespaces/nope/configmaps', configMap('a'));
  expect([missing.status, missing.message]).toEqual([404, 'namespaces "nope" not found']);
  await server.post('/api/v1/namespaces', { metadata: { name: 'dying' } });
  await server.delete('/api/v1/namespaces/dying');
  const refused = await server.post('/api/v1/namespaces/dying/configmaps', configMap('a'));
  expect(refused.json).toMatchObject({
    code: 403,
    message:
      'configmaps "a" is forbidden: unable to create new content in namespace dying because it is being terminated',
    details: { causes: [{ reason: 'NamespaceTerminating' }] },
  });
});

test('create resets the status and begins the generation', async () => {
  const template = { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'c', image: 'i' }] } };
  const created = await server.post('/apis/apps/v1/namespaces/default/deployments', {
    metadata: { name: 'd', generation: 9 },
    spec: { selector: { matchLabels: { a: 'b' } }, template },
    status: { replicas: 7 },
  });
  expect(created.json).toMatchObject({ metadata: { generation: 1 }, spec: { replicas: 1 }, status: {} });
  expect(valueAt(created.json, 'status', 'replicas')).toBeUndefined();
});

test('create drops owner references that stand twice, and says so', async () => {
  const owner = { apiVersion: 'v1', kind: 'ConfigMap', name: 'o', uid: 'u' };
  const created = await server.post(configMaps, configMap('a', {}, { ownerReferences: [owner, owner] }));
  expect(listAt(created.json, 'metadata', 'ownerReferences')).toHaveLength(1);
  expect(String(created.headers.warning)).toContain('duplicate UID(s) observed: u');
});

test('create keeps members named like those of JavaScript objects', async () => {
  const created = await server.post(configMaps, '{"metadata":{"name":"p"},"data":{"__proto__":"x","constructor":"y"}}');
  expect(created.text).toContain('"__proto__":"x"');
  expect(created.at('data', 'constructor')).toBe('y');
  expect((await server.get(`${configMaps}/p`)).text).toContain('"__proto__":"x"');
});
