import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigMap } from '@bowline/api/core/v1';
import { silentLogger } from '@bowline/apimachinery';
import { RecordingLogger } from '@bowline/apimachinery/testing';
import { Manager } from '@bowline/controller-runtime';
import { defineCrd, s } from '@bowline/crd';
import { expect, test } from 'vitest';
import { startEnv } from './env.ts';
import type { OperatorFactory } from './options.ts';

const Widget = defineCrd({
  group: 'example.com',
  version: 'v1',
  kind: 'Widget',
  spec: s.object({ size: s.integer() }),
});
const key = { namespace: 'default', name: 'a' };

/** Marks each config map an hour after it was seen first. */
const slowMarker: OperatorFactory = (kubeConfig) => {
  const manager = new Manager({ kubeConfig });
  const seenAt = new Map<string, number>();
  manager.controller(ConfigMap).reconcile(async ({ key, client }) => {
    if (key.namespace !== 'default' || key.name !== 'a') return;
    const since = manager.clock.now() - (seenAt.get(key.name) ?? manager.clock.now());
    if (!seenAt.has(key.name)) seenAt.set(key.name, manager.clock.now());
    if (since < 3_600_000) return { requeueAfterMs: 3_600_000 - since };
    await client.patch(ConfigMap, key, { type: 'merge', body: { data: { marked: 'yes' } } });
    return;
  });
  return manager;
};

test('Instant: an hour of an operator takes no time', async () => {
  await using env = await startEnv({ run: [slowMarker], controllers: false });
  await env.client.create(ConfigMap, { metadata: key });
  await env.settled();
  expect((await env.client.get(ConfigMap, key))?.data).toBeUndefined();
  await env.advance(3_600_000);
  expect((await env.client.get(ConfigMap, key))?.data).toEqual({ marked: 'yes' });
});

test('Repeatable: the same seed gives the same uids, another seed others', async () => {
  const uidWith = async (seed: number): Promise<string> => {
    await using env = await startEnv({ seed, controllers: false });
    return (await env.client.create(ConfigMap, { metadata: { namespace: 'default', generateName: 'x-' } })).metadata
      .uid;
  };
  expect(await uidWith(7)).toBe(await uidWith(7));
  expect(await uidWith(7)).not.toBe(await uidWith(8));
});

test('Telling: an operator that fails for ever is named with its failure', async () => {
  const failing: OperatorFactory = (kubeConfig) => {
    const manager = new Manager({ kubeConfig });
    manager.controller(ConfigMap).reconcile(() => {
      throw new Error('never');
    });
    return manager;
  };
  await using env = await startEnv({ run: [failing], controllers: false });
  await env.client.create(ConfigMap, { metadata: key });
  await expect(env.settled({ withinMs: 10_000 })).rejects.toMatchObject({
    code: 'ENVTEST_NOT_SETTLED',
    message: expect.stringContaining('configmap'),
  });
});

test('Telling: an operator that ends before the test does is an error', async () => {
  await using env = await startEnv({
    run: [() => ({ run: () => Promise.reject(new Error('no licence')) })],
    controllers: false,
  });
  await expect(env.settled()).rejects.toMatchObject({
    code: 'ENVTEST_OPERATOR_FAILED',
    message: expect.stringContaining('no licence'),
  });
});

test.each([
  ['to the logger that startEnv was given', new RecordingLogger()],
  ['nowhere without one', undefined],
])('Quiet: what clients and managers log goes %s, on an existing cluster as well', async (_where, logger) => {
  const folder = mkdtempSync(join(tmpdir(), 'bowline-envtest-'));
  const kubeconfigPath = join(folder, 'config');
  const file = {
    clusters: [{ name: 'a', cluster: { server: 'http://127.0.0.1:1' } }],
    contexts: [{ name: 'a', context: { cluster: 'a' } }],
    'current-context': 'a',
  };
  writeFileSync(kubeconfigPath, JSON.stringify(file));
  const made: Manager[] = [];
  const run: OperatorFactory[] = [
    (kubeConfig) => {
      const manager = new Manager({ kubeConfig });
      made.push(manager);
      return manager;
    },
  ];
  await using _env = await startEnv({ controlPlane: 'existing', kubeconfigPath, logger, run });
  expect(made.map((manager) => manager.logger)).toEqual([logger ?? silentLogger]);
  rmSync(folder, { recursive: true });
});

test('Established: CRDs are served when startEnv resolves', async () => {
  await using env = await startEnv({ crds: [Widget, Widget] });
  expect(await env.client.create(Widget, { metadata: key, spec: { size: 3 } })).toMatchObject({
    kind: 'Widget',
    spec: { size: 3 },
  });
});

test('Telling: an operator that answers its own changes for ever is named, and the test goes on', async () => {
  const endless: OperatorFactory = (kubeConfig) => {
    const manager = new Manager({ kubeConfig });
    let runs = 0;
    manager.controller(ConfigMap).reconcile(async ({ key, client }) => {
      if (key.namespace === 'default' && key.name === 'a') {
        await client.patch(ConfigMap, key, { type: 'merge', body: { data: { runs: String(++runs) } } });
      }
    });
    return manager;
  };
  await using env = await startEnv({ run: [endless], controllers: false });
  await env.client.create(ConfigMap, { metadata: key });
  await expect(env.settled()).rejects.toMatchObject({
    code: 'ENVTEST_NOT_SETTLED',
    message: expect.stringContaining('answers its own changes'),
  });
}, 60_000);
