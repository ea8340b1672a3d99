import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Pod } from '@bowline/api/core/v1';
import type { Draft } from '@bowline/apimachinery';
import { startEnv } from '@bowline/envtest';
import { expect, test } from 'vitest';
import { handler, podsByNode } from './pods-by-node.ts';

const pod = (name: string, nodeName: string): Draft<Pod> => ({
  metadata: { namespace: 'default', name },
  spec: { nodeName, containers: [{ name: 'main', image: 'nginx' }] },
});

test('podsByNode answers from memory and follows the cluster', async () => {
  await using env = await startEnv({ controllers: false });
  await env.client.create(Pod, pod('a', 'worker-1'));
  await env.client.create(Pod, pod('b', 'worker-2'));
  await using pods = await podsByNode(env.client, { clock: env.clock });
  const on = (node: string): string[] => [...pods.byIndex('node', node)].map(({ metadata }) => metadata.name).sort();
  expect(on('worker-1')).toEqual(['a']);
  await env.client.create(Pod, pod('c', 'worker-1'));
  await env.client.delete(Pod, { namespace: 'default', name: 'a' }, { gracePeriodSeconds: 0 });
  await env.settled();
  expect(on('worker-1')).toEqual(['c']);
});

test('handler serves the pods of a node and its own health', async () => {
  await using env = await startEnv({ controllers: false });
  await env.client.create(Pod, pod('a', 'worker-1'));
  await using pods = await podsByNode(env.client, { clock: env.clock });
  const server = createServer(handler(pods)).listen(0);
  const get = async (path: string): Promise<unknown> =>
    (await fetch(`http://localhost:${(server.address() as AddressInfo).port}${path}`)).json();
  expect(await get('/nodes/worker-1/pods')).toEqual([{ namespace: 'default', name: 'a', phase: 'Pending' }]);
  expect(await get('/healthz')).toMatchObject({ resourceVersion: expect.any(String) });
  expect(await get('/nowhere')).toEqual({ error: 'no such path: /nowhere' });
  server.close();
});
