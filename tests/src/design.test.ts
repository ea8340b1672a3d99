import { createHmac, timingSafeEqual } from 'node:crypto';
import { Deployment } from '@bowline/api/apps/v1';
import { ConfigMap, Pod } from '@bowline/api/core/v1';
import type { Draft, ObjectOf } from '@bowline/apimachinery';
import { FakeClock } from '@bowline/apimachinery/testing';
import type { ApplyDraft, KubeConfigLike } from '@bowline/client';
import { Channel, Manager } from '@bowline/controller-runtime';
import { defineCrd, s } from '@bowline/crd';
import { startEnv } from '@bowline/envtest';
import { startInformer } from '@bowline/informer';
import { RateLimitingQueue } from '@bowline/workqueue';
import { expect, test } from 'vitest';

// What it feels like: the programs by which users get to know us, as they are written in the documents.

test('just a queue: throw retries with backoff, return forgets', async () => {
  const clock = new FakeClock();
  const done: string[] = [];
  const stop = new AbortController();
  const { signal } = stop;
  let failures = 2;
  const sync = async (key: string, _signal: AbortSignal): Promise<void> => {
    if (key === 'default/web' && failures-- > 0) throw new Error('not yet');
    done.push(key);
  };

  const queue = new RateLimitingQueue<string>({ clock });
  queue.add('default/web');
  queue.add('default/db');
  const working = queue.work(async (key, { signal }) => sync(key, signal), { concurrency: 4, signal });

  await clock.advance(1_000);
  expect(done).toEqual(['default/db', 'default/web']);
  expect(queue.numRequeues('default/web')).toBe(0);
  stop.abort();
  await working;
  expect(clock.pending).toBe(0);
});

test('just a cached, indexed list', async () => {
  await using env = await startEnv();
  const { client, clock } = env;
  const { signal } = new AbortController();
  const pod = (name: string, nodeName: string): Draft<Pod> => ({
    metadata: { namespace: 'default', name },
    spec: { nodeName, containers: [{ name: 'main', image: 'nginx' }] },
  });
  await client.create(Pod, pod('a', 'worker-1'));
  await client.create(Pod, pod('b', 'worker-2'));
  const names: string[] = [];

  await using pods = await startInformer(client, Pod, { indexes: { node: 'spec.nodeName' }, signal, clock });
  for (const pod of pods.byIndex('node', 'worker-1')) names.push(pod.metadata.name);

  expect(names).toEqual(['a']);
  await env.advance(0);
  expect(pods.status()).toMatchObject({ state: 'watching', resourceVersion: expect.stringMatching(/^\d+$/) });
  expect(pods.status().lastEventAt).toBeTypeOf('number');
});

const TsTest = defineCrd({
  group: 'stable.example.com',
  version: 'v1',
  kind: 'TsTest',
  spec: s.object({ deploymentName: s.string(), replicas: s.integer({ minimum: 0 }).default(1) }),
  status: s.object({ readyReplicas: s.integer().optional() }),
});
type TsTest = ObjectOf<typeof TsTest>;

function deploymentFor({ metadata, spec }: TsTest): ApplyDraft<Deployment> {
  const labels = { test: metadata.name };
  const template = { metadata: { labels }, spec: { containers: [{ name: 'main', image: 'nginx' }] } };
  return {
    metadata: { name: spec.deploymentName, namespace: metadata.namespace },
    spec: { replicas: spec.replicas, selector: { matchLabels: labels }, template },
  };
}

const sample = (spec: { deploymentName: string; replicas?: number }): Draft<TsTest> => ({
  metadata: { namespace: 'default', name: 'sample' },
  spec,
});

function tsTestOperator(kubeConfig: KubeConfigLike): Manager {
  const manager = new Manager({ kubeConfig });
  manager
    .controller(TsTest)
    .owns(Deployment)
    .reconcile(async ({ key, client }) => {
      const test = await client.get(TsTest, key);
      if (!test) return;
      const deployment = await client.apply(Deployment, deploymentFor(test), { controller: test });
      await client.applyStatus(TsTest, key, { readyReplicas: deployment.status?.readyReplicas ?? 0 });
    });
  return manager;
}

test('an operator and its test: TsTest keeps its Deployment at spec.replicas', async () => {
  await using env = await startEnv({ crds: [TsTest], run: [tsTestOperator] });
  await env.client.create(TsTest, sample({ deploymentName: 'web', replicas: 2 }));
  await env.settled();
  expect(await env.client.get(Deployment, { namespace: 'default', name: 'web' })).toMatchObject({
    spec: { replicas: 2 },
  });
  expect(await env.client.get(TsTest, { namespace: 'default', name: 'sample' })).toMatchObject({
    status: { readyReplicas: 2 },
  });
});

test('an operator ends with its signal, and leaves nothing behind', async () => {
  await using env = await startEnv({ crds: [TsTest] });
  const clock = env.clock as FakeClock;
  await clock.settle();
  const before = clock.pending;
  const stop = new AbortController();
  const running = tsTestOperator(env.kubeConfig).run(stop.signal);
  await env.advance(5_000);
  stop.abort();
  await env.advance(30_000);
  await running;
  expect(clock.pending).toBe(before);
});

test('a source outside the cluster: signed pushes wake the reconciler, a full channel says so', async () => {
  interface PushEvent {
    readonly repository: { readonly name: string };
  }
  const secret = 'webhook-secret';
  const sign = (body: string): string => createHmac('sha256', secret).update(body).digest('hex');
  const built: string[] = [];
  const pushes = new Channel<PushEvent>({ capacity: 2 });
  const receive = (body: string, signature: string): number => {
    if (!timingSafeEqual(Buffer.from(signature), Buffer.from(sign(body)))) return 401;
    return pushes.offer(JSON.parse(body) as PushEvent) ? 202 : 503;
  };
  const body = (name: string): string => JSON.stringify({ repository: { name } });
  const operator = (kubeConfig: KubeConfigLike): Manager => {
    const manager = new Manager({ kubeConfig });
    manager
      .controller(ConfigMap)
      .source(pushes, (push) => [{ namespace: 'ci', name: push.repository.name }])
      .reconcile(async ({ key }) => {
        if (key.namespace === 'ci') built.push(key.name);
      });
    return manager;
  };
  expect(['one', 'two', 'three'].map((name) => receive(body(name), sign(body(name))))).toEqual([202, 202, 503]);
  await using env = await startEnv({ run: [operator] });
  await env.settled();
  expect(built.splice(0)).toEqual(['one', 'two']);
  expect(receive(body('web'), sign(body('other')))).toBe(401);
  expect(receive(body('web'), sign(body('web')))).toBe(202);
  await env.settled();
  expect(built).toEqual(['web']);
});

test('a builder without reconcile makes run() throw', async () => {
  await using env = await startEnv();
  const manager = new Manager({ kubeConfig: env.kubeConfig });
  manager.controller(Deployment);
  await expect(manager.run(new AbortController().signal)).rejects.toThrow(
    'Cannot run manager: controller "deployment" must have a reconcile function, got none',
  );
});
