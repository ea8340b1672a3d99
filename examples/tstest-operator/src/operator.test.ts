import { Deployment } from '@bowline/api/apps/v1';
import { type Draft, formatKey, type ObjectKey } from '@bowline/apimachinery';
import { startEnv } from '@bowline/envtest';
import { expect, test } from 'vitest';
import { type ExternalResource, tsTestOperator } from './operator.ts';
import { TsTest } from './tstest.ts';

const key = { namespace: 'default', name: 'sample' };
const web = { namespace: 'default', name: 'web' };
const sample = (replicas?: number): Draft<TsTest> => ({ metadata: key, spec: { deploymentName: 'web', replicas } });

/** Remembers what is held. */
class FakeExternalResource implements ExternalResource {
  readonly held = new Set<string>();
  async acquire(key: ObjectKey): Promise<void> {
    this.held.add(formatKey(key));
  }
  async release(key: ObjectKey): Promise<void> {
    this.held.delete(formatKey(key));
  }
}

test('TsTest keeps its Deployment at spec.replicas and mirrors its status', async () => {
  await using env = await startEnv({ crds: [TsTest], run: [tsTestOperator] });
  await env.client.create(TsTest, sample(2));
  await env.settled();
  expect(await env.client.get(Deployment, web)).toMatchObject({ spec: { replicas: 2 }, status: { readyReplicas: 2 } });
  expect(await env.client.get(TsTest, key)).toMatchObject({
    status: { readyReplicas: 2, observedGeneration: 1, conditions: [{ type: 'Ready', status: 'True' }] },
  });
});

test('TsTest puts a Deployment right that was scaled behind its back', async () => {
  await using env = await startEnv({ crds: [TsTest], run: [tsTestOperator] });
  await env.client.create(TsTest, sample(2));
  await env.settled();
  await env.client.patchScale(Deployment, web, { type: 'merge', body: { spec: { replicas: 7 } } });
  await env.settled();
  expect(await env.client.get(Deployment, web)).toMatchObject({ spec: { replicas: 2 }, status: { readyReplicas: 2 } });
});

test('TsTest has one replica of nginx unless it says otherwise', async () => {
  await using env = await startEnv({ crds: [TsTest], run: [tsTestOperator] });
  await env.client.create(TsTest, sample());
  await env.settled();
  expect(await env.client.get(Deployment, web)).toMatchObject({
    spec: { replicas: 1, template: { spec: { containers: [{ image: 'nginx' }] } } },
  });
});

test('TsTest releases what it holds outside before it goes, and its Deployment goes with it', async () => {
  const external = new FakeExternalResource();
  await using env = await startEnv({ crds: [TsTest], run: [(kubeConfig) => tsTestOperator(kubeConfig, external)] });
  await env.client.create(TsTest, sample(2));
  await env.settled();
  expect([...external.held]).toEqual(['default/sample']);
  await env.client.delete(TsTest, key);
  await env.settled();
  expect([...external.held]).toEqual([]);
  expect(await env.client.get(TsTest, key)).toBeUndefined();
  expect(await env.client.get(Deployment, web)).toBeUndefined();
});

test('TsTest says in its condition why its Deployment cannot be applied', async () => {
  await using env = await startEnv({ crds: [TsTest], run: [tsTestOperator] });
  await env.client.create(TsTest, { metadata: key, spec: { deploymentName: 'Not A Name', replicas: 2 } });
  await env.advance(1_000);
  expect(await env.client.get(TsTest, key)).toMatchObject({
    status: {
      conditions: [
        {
          type: 'Ready',
          status: 'False',
          reason: 'DeploymentNotApplied',
          message: expect.stringContaining('Not A Name'),
        },
      ],
    },
  });
});
