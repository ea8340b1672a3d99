import { CustomResourceDefinition } from '@bowline/api/apiextensions/v1';
import { Deployment } from '@bowline/api/apps/v1';
import { ConfigMap, Namespace } from '@bowline/api/core/v1';
import { clone, type ObjectOf } from '@bowline/apimachinery';
import type { ApplyDraft, KubeConfigLike } from '@bowline/client';
import { addFinalizer, Manager, removeFinalizer } from '@bowline/controller-runtime';
import { defineCrd, s } from '@bowline/crd';
import { startEnv } from '@bowline/envtest';
import { expect, test } from 'vitest';

const TsTest = defineCrd({
  group: 'stable.example.com',
  version: 'v1',
  kind: 'TsTest',
  spec: s.object({ deploymentName: s.string(), replicas: s.integer({ minimum: 0 }).default(1) }),
  status: s.object({ readyReplicas: s.integer().optional() }),
});
type TsTest = ObjectOf<typeof TsTest>;

const namespace = 'default';
const key = { namespace, name: 'sample' };
const web = { namespace, name: 'web' };
const sample = (replicas: number) => ({ metadata: key, spec: { deploymentName: 'web', replicas } });

function deploymentFor({ metadata, spec }: TsTest): ApplyDraft<Deployment> {
  const labels = { app: metadata.name };
  const template = { metadata: { labels }, spec: { containers: [{ name: 'main', image: 'nginx' }] } };
  return {
    metadata: { namespace: metadata.namespace, name: spec.deploymentName },
    spec: { replicas: spec.replicas, selector: { matchLabels: labels }, template },
  };
}

function tsTestOperator(kubeConfig: KubeConfigLike): Manager {
  const manager = new Manager({ kubeConfig });
  manager
    .controller(TsTest)
    .owns(Deployment)
    .reconcile(async ({ key, client }) => {
      const test = await client.get(TsTest, key);
      if (!test) return; // deleted: the owner reference cleans up
      const deployment = await client.apply(Deployment, deploymentFor(test), { controller: test });
      await client.applyStatus(TsTest, key, { readyReplicas: deployment.status?.readyReplicas ?? 0 });
    });
  return manager;
}

test('Manager keeps a custom resource and its Deployment together, from creation to deletion', async () => {
  await using env = await startEnv({ crds: [TsTest], run: [tsTestOperator] });
  const { client } = env;
  await client.create(TsTest, sample(2));
  await env.settled();
  expect(await client.get(Deployment, web)).toMatchObject({ spec: { replicas: 2 }, status: { readyReplicas: 2 } });
  expect(await client.get(TsTest, key)).toMatchObject({ status: { readyReplicas: 2 } });

  await client.patch(TsTest, key, { type: 'merge', body: { spec: { replicas: 5 } } });
  await env.settled();
  expect(await client.get(TsTest, key)).toMatchObject({ status: { readyReplicas: 5 } });

  await client.patchScale(Deployment, web, { type: 'merge', body: { spec: { replicas: 1 } } });
  await env.settled();
  expect(await client.get(Deployment, web)).toMatchObject({ spec: { replicas: 5 }, status: { readyReplicas: 5 } });

  await client.delete(TsTest, key);
  await env.settled();
  expect(await client.get(Deployment, web)).toBeUndefined();
});

test('Manager does the same in every run with the same seed, and something else with another', async () => {
  const trace = async (seed: number) => {
    await using env = await startEnv({ crds: [TsTest], run: [tsTestOperator], seed });
    for (let round = 0; round < 5; round++) {
      await env.client.apply(
        TsTest,
        {
          metadata: { namespace, name: `sample-${round % 3}` },
          spec: { deploymentName: `web-${round % 3}`, replicas: round + 1 },
        },
        { force: true },
      );
      await env.advance(50);
    }
    await env.settled();
    const [tests, deployments] = await Promise.all([env.client.list(TsTest), env.client.list(Deployment)]);
    return JSON.stringify([tests, deployments]);
  };
  const first = await trace(1);
  expect(await trace(1)).toBe(first);
  expect(await trace(2)).not.toBe(first);
});

/** Counts what it has made by listing it: with a stale cache it would make too much. */
function counter(kubeConfig: KubeConfigLike): Manager {
  const manager = new Manager({ kubeConfig });
  manager
    .controller('counter')
    .for(Namespace)
    .owns(ConfigMap)
    .reconcile(async ({ key: { name }, client }) => {
      const owner = await client.get(Namespace, { name });
      const wanted = Number(owner?.metadata.labels?.copies ?? 0);
      const labelSelector = 'made=here';
      const { items } = await client.list(ConfigMap, { namespace: name, labelSelector });
      if (!owner || items.length >= wanted) return undefined;
      const metadata = { namespace: name, name: `copy-${items.length}`, labels: { made: 'here' } };
      await client.create(ConfigMap, { metadata }, { controller: owner });
      return { requeue: true };
    });
  return manager;
}

test('CachedClient shows a reconciler what it created, so that it creates nothing twice', async () => {
  await using env = await startEnv({ run: [counter] });
  await env.client.create(Namespace, { metadata: { name: 'copies', labels: { copies: '12' } } });
  await env.settled();
  const { items } = await env.client.list(ConfigMap, { namespace: 'copies', labelSelector: 'made=here' });
  expect(items).toHaveLength(12);
});

test('Manager lets a finalizer do its work before an object goes', async () => {
  const finalizer = 'example.com/release';
  const released: string[] = [];
  const operator = (kubeConfig: KubeConfigLike): Manager => {
    const manager = new Manager({ kubeConfig, namespaces: [namespace] });
    manager.controller(ConfigMap).reconcile(async ({ key, client }) => {
      const map = await client.get(ConfigMap, key);
      if (!map?.metadata.labels?.held) return;
      const draft = clone(map);
      if (!map.metadata.deletionTimestamp) {
        if (addFinalizer(draft, finalizer)) await client.update(ConfigMap, draft);
        return;
      }
      released.push(key.name);
      if (removeFinalizer(draft, finalizer)) await client.update(ConfigMap, draft);
    });
    return manager;
  };
  await using env = await startEnv({ run: [operator] });
  await env.client.create(ConfigMap, { metadata: { ...web, labels: { held: 'yes' } } });
  await env.settled();
  expect((await env.client.get(ConfigMap, web))?.metadata.finalizers).toEqual([finalizer]);
  await env.client.delete(ConfigMap, web);
  await env.settled();
  expect(released).toEqual(['web']);
  expect(await env.client.get(ConfigMap, web)).toBeUndefined();
});

test('Manager.run names the kind and the cause when its CustomResourceDefinition is missing', async () => {
  await using env = await startEnv();
  const failed = tsTestOperator(env.kubeConfig)
    .run(new AbortController().signal)
    .catch((error: unknown) => error);
  await env.advance(121_000);
  const waits = 'Controller "tstest" could not start within 120000 ms. It waits for TsTest.stable.example.com';
  expect(await failed).toMatchObject({
    code: 'CONTROLLER_RUNTIME_CACHE_SYNC_TIMEOUT',
    message: expect.stringMatching(
      new RegExp(`^${waits}: .*does not know this resource.*install its CustomResourceDefinition`),
    ),
  });
});

test('Manager waits for a CustomResourceDefinition that comes a little later', async () => {
  await using env = await startEnv();
  const stop = new AbortController();
  const manager = tsTestOperator(env.kubeConfig);
  const running = manager.run(stop.signal);
  await env.advance(5_000);
  expect(manager.healthz()).toMatchObject({ live: true, ready: false });
  await env.client.create(CustomResourceDefinition, TsTest.manifest());
  await env.advance(60_000);
  expect(manager.healthz()).toMatchObject({ live: true, ready: true });
  await env.client.create(TsTest, sample(1));
  await env.advance(10_000);
  expect(await env.client.get(Deployment, web)).toBeDefined();
  stop.abort();
  await env.advance(1_000);
  await running;
});
