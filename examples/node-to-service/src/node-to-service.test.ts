import { Node, Service } from '@bowline/api/core/v1';
import { startEnv } from '@bowline/envtest';
import { expect, test } from 'vitest';
import { nodeToService } from './node-to-service.ts';

test('a change of a node wakes every Service', async () => {
  await using env = await startEnv({ run: [nodeToService], controllers: false });
  const readyNodes = async (name: string): Promise<string | undefined> =>
    (await env.client.get(Service, { namespace: 'default', name }))?.metadata.annotations?.['example.com/ready-nodes'];
  for (const name of ['a', 'b'])
    await env.client.create(Service, { metadata: { namespace: 'default', name }, spec: { ports: [{ port: 80 }] } });
  await env.settled();
  expect([await readyNodes('a'), await readyNodes('b')]).toEqual(['0', '0']);
  await env.client.create(Node, {
    metadata: { name: 'n' },
    status: { conditions: [{ type: 'Ready', status: 'True' }] },
  });
  await env.settled();
  expect([await readyNodes('a'), await readyNodes('b')]).toEqual(['1', '1']);
});
