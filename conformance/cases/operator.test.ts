import { Deployment } from '@bowline/api/apps/v1';
import { type Draft, formatKey, isConflict, isInvalid, type ObjectKey, statusOf } from '@bowline/apimachinery';
import { type Env, startEnv } from '@bowline/envtest';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ExternalResource, tsTestOperator } from '../../examples/tstest-operator/src/operator.ts';
import { TsTest } from '../../examples/tstest-operator/src/tstest.ts';
import { serverName } from '../src/servers.ts';
import { eventually } from '../src/world.ts';

// The operator of the example, unchanged. On the embedded server pods become ready; a real control plane without a kubelet has pods that
// never do. That is the one difference, and it is named here.
const podsGetReady = serverName() === 'embedded';

class Held implements ExternalResource {
  readonly keys = new Set<string>();
  async acquire(key: ObjectKey): Promise<void> {
    this.keys.add(formatKey(key));
  }
  async release(key: ObjectKey): Promise<void> {
    this.keys.delete(formatKey(key));
  }
}

const held = new Held();
let env: Env;

beforeAll(async () => {
  env = await startEnv({
    controlPlane: podsGetReady ? 'embedded' : 'binaries',
    clock: 'real',
    controllers: true,
    crds: [TsTest],
    run: [(kubeConfig) => tsTestOperator(kubeConfig, held)],
  });
});
afterAll(() => env?.[Symbol.asyncDispose]());

const keyOf = (name: string): ObjectKey => ({ namespace: 'default', name });
const sample = (name: string, replicas?: number): Draft<TsTest> => ({
  metadata: { namespace: 'default', name },
  spec: { deploymentName: `web-${name}`, replicas },
});

/** Waits until the Deployment asks for `replicas` and the TsTest's status mirrors what the Deployment says. */
async function converged(
  name: string,
  replicas: number,
): Promise<{ readonly deployment: Deployment; readonly owner: TsTest }> {
  return eventually(`${name} has converged`, async () => {
    const [deployment, owner] = await Promise.all([
      env.client.get(Deployment, keyOf(`web-${name}`)),
      env.client.get(TsTest, keyOf(name)),
    ]);
    if (deployment?.spec?.replicas !== replicas || owner === undefined) return false;
    const ready = deployment.status?.readyReplicas ?? 0;
    const wanted = podsGetReady ? replicas : 0;
    const isCurrent = deployment.status?.observedGeneration === deployment.metadata.generation;
    const isTold =
      owner.status?.observedGeneration === owner.metadata.generation && owner.status?.readyReplicas === ready;
    // A roll-out to another image ends only when pods get ready; until then there are more of them.
    const areThere = !podsGetReady || deployment.status?.replicas === replicas;
    return isCurrent && isTold && ready === wanted && areThere && { deployment, owner };
  });
}

test('TsTest gets a Deployment that it owns, and tells how far that is', async () => {
  await env.client.create(TsTest, sample('one', 2));
  const { deployment, owner } = await converged('one', 2);
  expect(deployment.metadata.ownerReferences).toEqual([
    {
      apiVersion: 'stable.example.com/v1',
      kind: 'TsTest',
      name: 'one',
      uid: owner.metadata.uid,
      controller: true,
      blockOwnerDeletion: true,
    },
  ]);
  expect(deployment.spec?.template.spec?.containers).toMatchObject([{ name: 'main', image: 'nginx' }]);
  expect(owner.metadata.finalizers).toEqual(['stable.example.com/external']);
  expect(owner.status).toMatchObject({
    readyReplicas: podsGetReady ? 2 : 0,
    observedGeneration: 1,
    conditions: [{ type: 'Ready', status: podsGetReady ? 'True' : 'False', observedGeneration: 1 }],
  });
  expect(held.keys.has('default/one')).toBe(true);
});

test('TsTest is defaulted by its schema', async () => {
  const created = await env.client.create(TsTest, sample('defaulted'));
  expect(created.spec).toEqual({ deploymentName: 'web-defaulted', replicas: 1, image: 'nginx' });
  await converged('defaulted', 1);
});

test('TsTest follows a change of its spec, also through its scale', async () => {
  await env.client.create(TsTest, sample('changed', 1));
  await converged('changed', 1);
  await env.client.patch(TsTest, keyOf('changed'), {
    type: 'merge',
    body: { spec: { replicas: 3, image: 'nginx:2' } },
  });
  const { deployment } = await converged('changed', 3);
  expect(deployment.spec?.template.spec?.containers).toMatchObject([{ image: 'nginx:2' }]);
  await env.client.patchScale(TsTest, keyOf('changed'), { type: 'merge', body: { spec: { replicas: 2 } } });
  await converged('changed', 2);
});

test('TsTest puts its Deployment right when somebody else scales or deletes it', async () => {
  await env.client.create(TsTest, sample('meddled', 2));
  const { deployment } = await converged('meddled', 2);
  await env.client.patchScale(Deployment, keyOf('web-meddled'), { type: 'merge', body: { spec: { replicas: 7 } } });
  await converged('meddled', 2);
  await env.client.delete(Deployment, keyOf('web-meddled'));
  const again = await eventually('there is a new Deployment', async () => {
    const now = await env.client.get(Deployment, keyOf('web-meddled'));
    return now?.metadata.uid !== deployment.metadata.uid && now;
  });
  expect(again.spec?.replicas).toBe(2);
  await converged('meddled', 2);
});

test('TsTest releases what it holds outside, goes, and its Deployment goes with it', { timeout: 120_000 }, async () => {
  await env.client.create(TsTest, sample('gone', 1));
  await converged('gone', 1);
  expect(held.keys.has('default/gone')).toBe(true);
  await env.client.delete(TsTest, keyOf('gone'));
  await eventually('the TsTest is gone', async () => (await env.client.get(TsTest, keyOf('gone'))) === undefined);
  expect(held.keys.has('default/gone')).toBe(false);
  // kube-controller-manager looks for new kinds every 30 s; before that its garbage collector does not know of TsTest.
  await eventually(
    'its Deployment is gone',
    async () => (await env.client.get(Deployment, keyOf('web-gone'))) === undefined,
    90_000,
  );
});

test('TsTest converges when twenty are written at the same time', { timeout: 120_000 }, async () => {
  const names = Array.from({ length: 20 }, (_, index) => `many-${index}`);
  await Promise.all(names.map((name, index) => env.client.create(TsTest, sample(name, (index % 3) + 1))));
  await Promise.all(names.map((name, index) => converged(name, (index % 3) + 1)));
  await Promise.all(names.map((name) => env.client.delete(TsTest, keyOf(name))));
  await eventually(
    'all are gone',
    async () => {
      const { items } = await env.client.list(Deployment, { namespace: 'default' });
      return items.every(({ metadata }) => !metadata.name.startsWith('web-many-'));
    },
    90_000,
  );
  expect([...held.keys].filter((key) => key.startsWith('default/many-'))).toEqual([]);
});

test('TsTest is refused when it breaks its schema', async () => {
  const refused = env.client.create(TsTest, {
    metadata: { namespace: 'default', name: 'bad' },
    spec: { deploymentName: '', replicas: -1 },
  });
  const error = await refused.catch((failure: unknown) => failure);
  expect(isInvalid(error)).toBe(true);
  // The real server goes through the properties of a schema in random order.
  const fields = statusOf(error)?.details?.causes?.map(({ field }) => field);
  expect(fields?.sort()).toEqual(['.spec.replicas', 'spec.deploymentName', 'spec.replicas']);
});

test('TsTest whose Deployment belongs to somebody else takes over only what it applies', async () => {
  const name = 'web-taken';
  const labels = { 'stable.example.com/tstest': 'taken' };
  await env.client.create(Deployment, {
    metadata: { namespace: 'default', name, annotations: { 'example.com/by': 'a person' } },
    spec: {
      replicas: 5,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name: 'main', image: 'nginx' }] } },
    },
  });
  await env.client.create(TsTest, sample('taken', 2));
  const { deployment } = await converged('taken', 2);
  expect(deployment.metadata.annotations).toMatchObject({ 'example.com/by': 'a person' });
  const stolen = env.client.apply(
    Deployment,
    { metadata: { namespace: 'default', name }, spec: { replicas: 9 } },
    { fieldManager: 'thief' },
  );
  await expect(stolen.catch((error: unknown) => isConflict(error))).resolves.toBe(true);
});
