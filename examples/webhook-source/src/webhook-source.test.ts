import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Namespace } from '@bowline/api/core/v1';
import { Channel } from '@bowline/controller-runtime';
import { startEnv } from '@bowline/envtest';
import { expect, test } from 'vitest';
import { type CodeHost, repositoryBuilder } from './builder.ts';
import { type PushEvent, pushWebhook, signature } from './push-webhook.ts';
import { Repository } from './repository.ts';

const secret = 'hush';
const push = JSON.stringify({ repository: { name: 'web' } });

class FakeCodeHost implements CodeHost {
  commit = 'c1';
  readonly built: string[] = [];
  async head(): Promise<string> {
    return this.commit;
  }
  async build(repository: string, commit: string): Promise<void> {
    this.built.push(`${repository}@${commit}`);
  }
}

/** Serves a webhook for as long as `use` runs. */
async function withWebhook(
  pushes: Channel<PushEvent>,
  use: (post: (body: string, signed?: string) => Promise<number>) => Promise<void>,
): Promise<void> {
  const server = createServer(pushWebhook(secret, pushes)).listen(0);
  const url = `http://localhost:${(server.address() as AddressInfo).port}/github`;
  const post = async (body: string, signed = signature(body, secret)): Promise<number> =>
    (await fetch(url, { method: 'POST', body, headers: { 'x-hub-signature-256': signed } })).status;
  try {
    await use(post);
  } finally {
    server.close();
  }
}

test('a push builds what the branch has then', async () => {
  const host = new FakeCodeHost();
  const pushes = new Channel<PushEvent>();
  await using env = await startEnv({
    crds: [Repository],
    run: [(kubeConfig) => repositoryBuilder(kubeConfig, pushes, host)],
    controllers: false,
  });
  await env.client.create(Namespace, { metadata: { name: 'ci' } });
  await env.client.create(Repository, { metadata: { namespace: 'ci', name: 'web' }, spec: {} });
  await env.settled();
  host.commit = 'c2';
  await withWebhook(pushes, async (post) => {
    expect(await post(push)).toBe(202);
    expect(await post(JSON.stringify({ repository: { name: 'unknown' } }))).toBe(202);
  });
  await env.settled();
  expect(host.built).toEqual(['web@c1', 'web@c2']);
  expect(await env.client.get(Repository, { namespace: 'ci', name: 'web' })).toMatchObject({
    status: { builtCommit: 'c2' },
  });
});

test('pushWebhook refuses what is not signed, not a push, too large or too much', async () => {
  const pushes = new Channel<PushEvent>({ capacity: 1 });
  await withWebhook(pushes, async (post) => {
    expect(await post(push, 'sha256=wrong')).toBe(401);
    expect(await post('{}')).toBe(400);
    expect(await post('nonsense')).toBe(400);
    expect(await post('x'.repeat(2 << 20))).toBe(413);
    expect(await post(push)).toBe(202);
    expect(await post(push)).toBe(503);
  });
});
