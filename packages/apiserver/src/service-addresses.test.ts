import { beforeEach, expect, test } from 'vitest';
import { type JsonObject, stringAt } from './object.ts';
import { type Answered, TestServer } from './server.fixture.ts';

// What is expected is what kube-apiserver 1.35.4 answers to the same requests.
const services = '/api/v1/namespaces/default/services';
const addresses = '/apis/networking.k8s.io/v1/ipaddresses';
let server: TestServer;
beforeEach(async () => {
  server = await TestServer.start();
});

const create = (name: string, spec: JsonObject, query = ''): Promise<Answered> =>
  server.post(`${services}${query}`, { metadata: { name }, spec: { ports: [{ port: 80 }], ...spec } });

test('each cluster IP of a service has an IPAddress', async () => {
  expect((await server.get(addresses)).names).toEqual(['10.0.0.1']);
  await create('web', { clusterIP: '10.0.0.9' });
  const { uid, resourceVersion, ...metadata } = (await server.get(`${addresses}/10.0.0.9`)).at(
    'metadata',
  ) as JsonObject;
  expect(uid).toMatch(/^[0-9a-f-]{36}$/);
  expect(Number(resourceVersion)).toBeGreaterThan(0);
  const boot = (await server.get(`${addresses}/10.0.0.1`)).at('metadata') as JsonObject;
  expect({ ...boot, ...metadata }).toEqual({ ...boot, name: '10.0.0.9' });
  expect(metadata.labels).toEqual({
    'ipaddress.kubernetes.io/ip-family': 'IPv4',
    'ipaddress.kubernetes.io/managed-by': 'ipallocator.k8s.io',
  });
  expect((await server.get(`${addresses}/10.0.0.9`)).at('spec')).toEqual({
    parentRef: { resource: 'services', namespace: 'default', name: 'web' },
  });
  const given = stringAt((await create('any', {})).json, 'spec', 'clusterIP');
  expect((await server.get(`${addresses}/${given}`)).at('spec', 'parentRef', 'name')).toBe('any');
});

test('services without a cluster IP, refused ones and dry runs get no IPAddress', async () => {
  await create('headless', { clusterIP: 'None' });
  await create('outside', { type: 'ExternalName', externalName: 'x.y' });
  expect((await create('dry', { clusterIP: '10.0.0.8' }, '?dryRun=All')).status).toBe(201);
  expect((await create('refused', { clusterIP: '10.0.0.7', sessionAffinity: 'x' })).status).toBe(422);
  expect((await server.get(addresses)).names).toEqual(['10.0.0.1']);
});

test('an IPAddress comes and goes with the cluster IP of its service', async () => {
  await create('web', { type: 'ExternalName', externalName: 'x.y' });
  const update = async (spec: JsonObject): Promise<Answered> => {
    const { resourceVersion } = await server.get(`${services}/web`);
    return server.put(`${services}/web`, { metadata: { name: 'web', resourceVersion }, spec });
  };
  expect((await update({ clusterIP: '10.0.0.12', ports: [{ port: 80 }] })).status).toBe(200);
  expect((await server.get(addresses)).names).toEqual(['10.0.0.1', '10.0.0.12']);
  expect((await update({ type: 'ExternalName', externalName: 'a.b' })).status).toBe(200);
  expect((await server.get(addresses)).names).toEqual(['10.0.0.1']);
  await create('other', { clusterIP: '10.0.0.12' });
  await server.delete(`${services}/other`);
  expect((await server.get(addresses)).names).toEqual(['10.0.0.1']);
});

test('an address that a client keeps with an IPAddress of its own is taken, and stays when a service goes', async () => {
  const parentRef = { resource: 'services', namespace: 'default', name: 'other' };
  await server.post(addresses, { metadata: { name: '10.0.0.77' }, spec: { parentRef } });
  const refused = await create('web', { clusterIP: '10.0.0.77' });
  expect([refused.status, refused.message]).toEqual([
    422,
    'Service "web" is invalid: spec.clusterIPs: Invalid value: ["10.0.0.77"]: failed to allocate IP 10.0.0.77: provided IP is already allocated',
  ]);
  await create('web', {});
  await server.delete(`${services}/web`);
  expect((await server.get(addresses)).names).toEqual(['10.0.0.1', '10.0.0.77']);
});
