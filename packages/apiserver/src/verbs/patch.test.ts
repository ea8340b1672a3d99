import { beforeEach, expect, test } from 'vitest';
import { configMap, configMaps, TestServer } from '../server.fixture.ts';

let server: TestServer;
const path = `${configMaps}/a`;
beforeEach(async () => {
  server = await TestServer.start();
  await server.post(configMaps, configMap('a', { k: '1' }));
});

test('patch applies JSON patches, merge patches and strategic merge patches', async () => {
  expect((await server.patch('json', path, [{ op: 'add', path: '/data/l', value: '2' }])).at('data')).toEqual({
    k: '1',
    l: '2',
  });
  expect((await server.patch('merge', path, { data: { k: null } })).at('data')).toEqual({ l: '2' });
  await server.patch('merge', path, { metadata: { finalizers: ['a.b/c'] } });
  const merged = await server.patch('strategic', path, { metadata: { finalizers: ['d.e/f'] } });
  expect(merged.at('metadata', 'finalizers')).toEqual(['d.e/f', 'a.b/c']);
});

test('patch that changes nothing takes no version', async () => {
  const before = (await server.get(path)).text;
  await server.clock.advance(3_000);
  expect((await server.patch('merge', path, { data: { k: '1' } })).text).toBe(before);
});

test.each([
  [
    'a test that fails',
    'json',
    [{ op: 'test', path: '/data/k', value: '9' }],
    422,
    'the server rejected our request due to an error in our request',
  ],
  ['no patch', 'json', {}, 400, 'json: cannot unmarshal object into Go value of type'],
  ['no object', 'merge', [], 400, 'json: cannot unmarshal array into Go value of type map[string]interface {}'],
  [
    'another name',
    'merge',
    { metadata: { name: 'b' } },
    400,
    'the name of the object (b) does not match the name on the URL (a)',
  ],
  [
    'a wrong type',
    'merge',
    { data: 3 },
    422,
    'json: cannot unmarshal number into Go struct field ConfigMap.data of type map[string]string',
  ],
  [
    'another kind',
    'merge',
    { kind: 'Service' },
    422,
    'converting (v1.Service) to (core.ConfigMap): unknown conversion',
  ],
  [
    'another version',
    'merge',
    { apiVersion: 'v2' },
    422,
    'no kind "ConfigMap" is registered for version "v2" in scheme',
  ],
  ['a wrong version', 'merge', { metadata: { resourceVersion: '1' } }, 409, 'the object has been modified'],
] as const)('patch refuses %s', async (_what, type, body, status, message) => {
  const refused = await server.patch(type, path, body);
  expect([refused.status, refused.message]).toEqual([status, expect.stringContaining(message)]);
});

test('patch refuses content types that it does not know, and strategic merges of custom resources', async () => {
  const refused = await server.request('PATCH', path, {}, { 'content-type': 'application/json' });
  expect([refused.status, refused.message]).toEqual([415, '415: Unsupported Media Type']);
});

test('patch as apply creates, changes what it owned, and conflicts with others', async () => {
  const applied = `${configMaps}/b?fieldManager=one`;
  const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'b' } };
  const created = await server.patch('apply', applied, { ...object, data: { x: '1', y: '1' } });
  expect(created.status).toBe(201);
  expect((await server.patch('apply', applied, { ...object, data: { x: '1' } })).at('data')).toEqual({ x: '1' });
  const other = await server.patch('apply', `${configMaps}/b?fieldManager=two`, { ...object, data: { x: '2' } });
  expect(other.json).toMatchObject({
    code: 409,
    reason: 'Conflict',
    message: 'Apply failed with 1 conflict: conflict with "one": .data.x',
    details: { causes: [{ reason: 'FieldManagerConflict', field: '.data.x' }] },
  });
  const forced = await server.patch('apply', `${configMaps}/b?fieldManager=two&force=true`, {
    ...object,
    data: { x: '2' },
  });
  expect(forced.at('data', 'x')).toBe('2');
});

test('patch as apply needs a manager, and reads YAML', async () => {
  const refused = await server.patch('apply', `${configMaps}/b`, {});
  expect([refused.status, refused.message]).toEqual([
    422,
    expect.stringContaining('fieldManager: Required value: is required for apply patch'),
  ]);
  const yaml = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: w}\ndata:\n  a: "1"\n';
  expect((await server.patch('apply', `${configMaps}/w?fieldManager=m`, yaml)).at('data')).toEqual({ a: '1' });
  const broken = await server.patch('apply', `${configMaps}/w?fieldManager=m`, 'a: [');
  expect([broken.status, broken.message]).toEqual([
    400,
    expect.stringContaining('error decoding YAML: error converting YAML to JSON: yaml:'),
  ]);
});

test('patch without a body of a missing object is 404', async () => {
  expect((await server.patch('merge', `${configMaps}/nope`, {})).status).toBe(404);
});
