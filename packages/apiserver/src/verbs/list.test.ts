import { beforeEach, expect, test } from 'vitest';
import { stringAt, valueAt } from '../object.ts';
import { configMap, configMaps, TestServer } from '../server.fixture.ts';

let server: TestServer;
beforeEach(async () => {
  server = await TestServer.start();
  for (const name of ['c', 'a', 'b', 'd']) await server.post(configMaps, configMap(name, {}, { labels: { name } }));
});

function continueOf(json: unknown): string {
  return encodeURIComponent(stringAt(json, 'metadata', 'continue'));
}

test('list is in the order of names, at the version of the whole store', async () => {
  const all = await server.get(configMaps);
  expect(all.names).toEqual(['a', 'b', 'c', 'd']);
  const secret = await server.post('/api/v1/namespaces/default/secrets', { metadata: { name: 's' } });
  expect((await server.get(configMaps)).resourceVersion).toBe(secret.resourceVersion);
  expect(valueAt(all.items[0], 'kind')).toBeUndefined();
});

test('list in pages shows one state, whatever is written between them', async () => {
  const first = await server.get(`${configMaps}?limit=2`);
  expect([first.names, first.at('metadata', 'remainingItemCount')]).toEqual([['a', 'b'], 2]);
  await server.delete(`${configMaps}/c`);
  await server.post(configMaps, configMap('bb'));
  const second = await server.get(`${configMaps}?limit=2&continue=${continueOf(first.json)}`);
  expect([second.names, second.resourceVersion, continueOf(second.json)]).toEqual([
    ['c', 'd'],
    first.resourceVersion,
    '',
  ]);
});

test('list goes on after its state is forgotten, if the client accepts another', async () => {
  const first = await server.get(`${configMaps}?limit=2`);
  await server.post(configMaps, configMap('cc'));
  server.server.compact();
  const expired = await server.get(`${configMaps}?limit=2&continue=${continueOf(first.json)}`);
  expect([expired.status, expired.reason]).toEqual([410, 'Expired']);
  const rest = await server.get(`${configMaps}?continue=${continueOf(expired.json)}`);
  expect(rest.names).toEqual(['c', 'cc', 'd']);
});

test('list at an exact version shows the past, a version that is not there yet is waited for', async () => {
  const { resourceVersion } = await server.get(configMaps);
  await server.delete(`${configMaps}/a`);
  const past = await server.get(`${configMaps}?resourceVersion=${resourceVersion}&resourceVersionMatch=Exact`);
  expect([past.names, past.resourceVersion]).toEqual([['a', 'b', 'c', 'd'], resourceVersion]);
  const soon = server.get(
    `${configMaps}?resourceVersion=${Number(resourceVersion) + 2}&resourceVersionMatch=NotOlderThan`,
  );
  await server.delete(`${configMaps}/b`);
  expect((await soon).names).toEqual(['c', 'd']);
  const never = server.get(`${configMaps}?resourceVersion=99999`);
  await server.clock.advance(3_000);
  expect((await never).json).toMatchObject({
    code: 504,
    reason: 'Timeout',
    message: `Timeout: Too large resource version: 99999, current: ${Number(resourceVersion) + 2}`,
    details: { retryAfterSeconds: 1 },
  });
});

test.each([
  ['resourceVersion=x', 400, /strconv.ParseUint: parsing "x": invalid syntax/],
  [
    'resourceVersionMatch=Exact',
    422,
    /resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided/,
  ],
  [
    'resourceVersion=0&resourceVersionMatch=Exact',
    422,
    /resourceVersionMatch: Forbidden: resourceVersionMatch "exact" is forbidden for resourceVersion "0"/,
  ],
  ['resourceVersion=1&resourceVersionMatch=Older', 422, /Unsupported value: "Older"/],
  ['continue=x', 400, /continue key is not valid/],
  ['limit=x', 400, /strconv.ParseInt: parsing "x": invalid syntax/],
  ['labelSelector=a%3D%3D%3Db', 400, /unable to parse requirement/],
  [
    'fieldSelector=spec.x%3Dy',
    400,
    /"spec.x" is not a known field selector: only "metadata.name", "metadata.namespace"/,
  ],
  ['sendInitialEvents=true', 422, /sendInitialEvents: Forbidden: sendInitialEvents is forbidden for list/],
])('list with %s is refused', async (query, status, message) => {
  const refused = await server.get(`${configMaps}?${query}`);
  expect([refused.status, refused.message]).toEqual([status, expect.stringMatching(message)]);
});

test('list selects by labels and by the fields of its kind', async () => {
  expect((await server.get(`${configMaps}?labelSelector=name+in+(a,c)`)).names).toEqual(['a', 'c']);
  expect((await server.get(`${configMaps}?fieldSelector=metadata.name%3Db`)).names).toEqual(['b']);
  const everywhere = '/api/v1/configmaps?fieldSelector=metadata.name%3Db';
  expect((await server.get(everywhere)).names).toEqual(['b']);
  expect((await server.watch(everywhere)).lines).toEqual([expect.stringMatching(/^ADDED b /)]);
  expect((await server.get('/api/v1/configmaps/b')).status).toBe(404);
  const pods = '/api/v1/namespaces/default/pods';
  for (const node of ['n1', 'n2']) {
    await server.post(pods, {
      metadata: { name: node },
      spec: { nodeName: node, containers: [{ name: 'c', image: 'i' }] },
    });
  }
  expect((await server.get(`${pods}?fieldSelector=spec.nodeName%3Dn2,status.phase%3DPending`)).names).toEqual(['n2']);
  const refused = await server.get(`${pods}?fieldSelector=spec.image%3Di`);
  expect([refused.status, refused.message]).toEqual([400, 'field label not supported: spec.image']);
});

test('list and get show tables, metadata alone, YAML, and JSON for people', async () => {
  const table = await server.get(configMaps, { accept: 'application/json;as=Table;g=meta.k8s.io;v=v1' });
  expect(table.json).toMatchObject({
    kind: 'Table',
    columnDefinitions: [{ name: 'Name' }, { name: 'Data' }, { name: 'Age' }],
  });
  expect(valueAt(table.at('rows'), '0')).toBeUndefined();
  const metadata = await server.get(configMaps, {
    accept: 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1',
  });
  expect(metadata.json).toMatchObject({
    kind: 'PartialObjectMetadataList',
    items: [{ metadata: { name: 'a' } }, {}, {}, {}],
  });
  expect((await server.get(`${configMaps}/a`, { accept: 'application/yaml' })).text).toContain(
    'creationTimestamp: "2026-01-01T00:00:00Z"',
  );
  expect((await server.get(`${configMaps}/a?pretty=true`)).text).toMatch(/^\{\n {2}"kind": "ConfigMap",/);
});

test('get refuses what it cannot write, and a version that is none', async () => {
  const refused = await server.get(`${configMaps}/a`, { accept: 'text/html' });
  expect([refused.status, refused.reason]).toEqual([406, 'NotAcceptable']);
  expect((await server.get(`${configMaps}/a?resourceVersion=x`)).status).toBe(500);
});
