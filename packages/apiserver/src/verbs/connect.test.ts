import { beforeEach, expect, test } from 'vitest';
import { TestServer } from '../server.fixture.ts';

const pods = '/api/v1/namespaces/default/pods';
let server: TestServer;
beforeEach(async () => {
  server = await TestServer.start();
  for (const [name, nodeName] of [
    ['waiting', ''],
    ['bound', 'n'],
  ] as const) {
    const containers = [{ name: 'c', image: 'i' }];
    await server.post(pods, { metadata: { name }, spec: nodeName === '' ? { containers } : { containers, nodeName } });
  }
});

test.each([
  ['waiting/log', 204, ''],
  ['bound/log', 200, ''],
  ['bound/log?container=x', 400, 'container x is not valid for pod bound'],
  [
    'bound/log?tailLines=-1',
    422,
    'PodLogOptions "bound" is invalid: tailLines: Invalid value: -1: must be greater than or equal to 0',
  ],
  ['nope/log', 404, 'pods "nope" not found'],
  ['waiting/exec?command=a', 400, 'pod waiting does not have a host assigned'],
  ['bound/exec?command=a', 500, 'Internal error occurred: error dialing backend: dial tcp: lookup n: no such host'],
  ['waiting/proxy/x', 400, 'address not allowed'],
])('connect answers %s: containers that write nothing, and nodes that do not answer', async (path, status, message) => {
  const answer = await server.get(`${pods}/${path}`);
  expect([answer.status, answer.text === '' ? '' : answer.message]).toEqual([status, message]);
});

test('connect finds no endpoints behind a service', async () => {
  const answer = await server.get('/api/v1/namespaces/default/services/kubernetes/proxy/healthz');
  expect([answer.status, answer.message]).toEqual([503, 'no endpoints available for service "kubernetes"']);
});

test('a pod is bound by its binding, in both ways', async () => {
  const target = { kind: 'Node', name: 'n' };
  const bound = await server.post('/api/v1/namespaces/default/bindings', { metadata: { name: 'waiting' }, target });
  expect(bound.status).toBe(201);
  expect((await server.get(`${pods}/waiting`)).at('spec', 'nodeName')).toBe('n');
  const again = await server.post(`${pods}/waiting/binding`, { metadata: { name: 'waiting' }, target });
  expect([again.status, again.message]).toEqual([
    409,
    expect.stringContaining('pod waiting is already assigned to node "n"'),
  ]);
});
