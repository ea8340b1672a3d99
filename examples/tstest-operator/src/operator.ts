import { Deployment } from '@bowline/api/apps/v1';
import { type Clock, clone, type ObjectKey, setCondition } from '@bowline/apimachinery';
import type { ApplyDraft, KubeConfigLike } from '@bowline/client';
import { type CachedClient, Finalizers, Manager, type ReconcileContext } from '@bowline/controller-runtime';
import { TsTest } from './tstest.ts';

/** Something outside the cluster that each TsTest holds while it exists. Both calls may be repeated. */
export interface ExternalResource {
  acquire(key: ObjectKey): Promise<void>;
  release(key: ObjectKey): Promise<void>;
}

const nothingOutside: ExternalResource = { acquire: async () => {}, release: async () => {} };

/** Keeps a Deployment for each TsTest, and tells in its status how far that is. */
export function tsTestOperator(kubeConfig: KubeConfigLike, external: ExternalResource = nothingOutside): Manager {
  const manager = new Manager({ kubeConfig });
  const finalizers = new Finalizers().register('stable.example.com/external', ({ metadata }) =>
    external.release({ namespace: metadata.namespace, name: metadata.name ?? '' }),
  );

  async function reconcile({ key, client, log }: ReconcileContext): Promise<void> {
    const test = await client.get(TsTest, key);
    if (!test) return; // deleted: the owner reference cleans up
    const draft = clone(test);
    const { updated, error } = await finalizers.finalize(draft);
    if (updated) await client.update(TsTest, draft);
    if (error) throw error;
    if (test.metadata.deletionTimestamp) return;
    await external.acquire(key);
    let deployment: Deployment;
    try {
      deployment = await client.apply(Deployment, deploymentFor(test), { controller: test });
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      await report(client, test, { status: 'False', reason: 'DeploymentNotApplied', message }, manager.clock);
      throw error; // tried again, with growing delays
    }
    const readyReplicas = deployment.status?.readyReplicas ?? 0;
    await report(client, test, readiness(readyReplicas, test.spec.replicas), manager.clock, readyReplicas);
    log.debug({ replicas: test.spec.replicas }, 'Deployment is as it should be');
  }

  manager.controller(TsTest).owns(Deployment).withOptions({ maxConcurrentReconciles: 4 }).reconcile(reconcile);
  return manager;
}

function deploymentFor({ metadata, spec }: TsTest): ApplyDraft<Deployment> {
  const labels = { 'stable.example.com/tstest': metadata.name };
  return {
    metadata: { name: spec.deploymentName, namespace: metadata.namespace, labels },
    spec: {
      replicas: spec.replicas,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name: 'main', image: spec.image }] } },
    },
  };
}

interface Readiness {
  readonly status: 'True' | 'False';
  readonly reason: string;
  readonly message: string;
}

function readiness(ready: number, wanted: number): Readiness {
  const message = `${ready} of ${wanted} replicas are ready`;
  if (ready === wanted) return { status: 'True', reason: 'AllReplicasReady', message };
  return { status: 'False', reason: 'ReplicasMissing', message };
}

async function report(
  client: CachedClient,
  test: TsTest,
  state: Readiness,
  clock: Clock,
  readyReplicas: number | undefined = test.status?.readyReplicas,
): Promise<void> {
  const { namespace, name, generation } = test.metadata;
  const condition = { type: 'Ready', ...state, observedGeneration: generation };
  const conditions = setCondition(test.status?.conditions ?? [], condition, clock.now());
  await client.applyStatus(TsTest, { namespace, name }, { readyReplicas, observedGeneration: generation, conditions });
}
