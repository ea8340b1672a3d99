import { clone, equal } from '@bowline/apimachinery';
import { type JsonObject, numberAt, type ServerObject, valueAt } from '../object.ts';
import { availableAtMs, controllerUid, isActive, isReady, replicasAt, templateLabels } from './pods.ts';
import { type ControlledChange, type ControllerPorts, objectPath, pathOf, write } from './ports.ts';
import { WorkLoop } from './work-loop.ts';

const manager = 'kube-controller-manager';

/** Keeps as many pods as each ReplicaSet asks for. @see k8s.io/kubernetes pkg/controller/replicaset */
export class ReplicaSetController {
  readonly #ports: ControllerPorts;
  readonly #loop: WorkLoop;
  /** Keys of ReplicaSets by uid: what a pod names as its controller. */
  readonly #keys = new Map<string, string>();
  /** Pods by the uid of their controller, then by their own. */
  readonly #pods = new Map<string, Map<string, ServerObject>>();

  constructor(ports: ControllerPorts) {
    this.#ports = ports;
    this.#loop = new WorkLoop('replica sets', ports, (key) => this.#sync(key));
  }

  busy(): readonly string[] {
    return this.#loop.busy();
  }

  stop(): Promise<void> {
    return this.#loop.stop();
  }

  observe({ type, resource, object }: ControlledChange): void {
    const { uid = '', namespace, name } = object.metadata;
    if (resource.group === 'apps' && resource.resource === 'replicasets') {
      if (type === 'deleted') this.#keys.delete(uid);
      else {
        this.#keys.set(uid, `${namespace}/${name}`);
        this.#loop.add(`${namespace}/${name}`);
      }
    } else if (resource.group === '' && resource.resource === 'pods') {
      const owner = controllerUid(object);
      const pods = this.#pods.get(owner) ?? new Map<string, ServerObject>();
      if (type === 'deleted') pods.delete(uid);
      else pods.set(uid, object);
      if (pods.size > 0) this.#pods.set(owner, pods);
      else this.#pods.delete(owner);
      const key = this.#keys.get(owner);
      if (key !== undefined) this.#loop.add(key);
    }
  }

  async #sync(key: string): Promise<void> {
    const resource = this.#ports.resourceOf('apps', 'ReplicaSet');
    const [namespace = '', name = ''] = key.split('/');
    const set = resource && this.#ports.get(resource, namespace, name);
    if (resource === undefined || set === undefined) return;
    const pods = [...(this.#pods.get(set.metadata.uid ?? '')?.values() ?? [])].filter(isActive);
    const wanted = replicasAt(set, 1, 'spec', 'replicas');
    if (set.metadata.deletionTimestamp === undefined) {
      if (pods.length < wanted) await this.#create(set, wanted - pods.length);
      else if (pods.length > wanted) await this.#remove(pods.toSorted(byWorth).slice(0, pods.length - wanted));
    }
    const current = this.#ports.get(resource, namespace, name);
    if (current?.metadata.uid === set.metadata.uid && current !== undefined) await this.#report(current, key);
  }

  async #create(set: ServerObject, count: number): Promise<void> {
    const pods = this.#ports.resourceOf('', 'Pod');
    if (pods === undefined) return;
    const { namespace = '', name = '', uid } = set.metadata;
    const template = (clone(valueAt(set, 'spec', 'template')) ?? {}) as JsonObject;
    const owner = { apiVersion: 'apps/v1', kind: 'ReplicaSet', name, uid, controller: true, blockOwnerDeletion: true };
    const metadata = {
      ...(template.metadata as JsonObject | undefined),
      generateName: `${name}-`,
      namespace,
      ownerReferences: [owner],
    };
    const body = { apiVersion: 'v1', kind: 'Pod', metadata, spec: template.spec };
    for (let made = 0; made < count; made += 1) {
      await write(this.#ports, { method: 'POST', path: objectPath(pods, namespace, ''), body, fieldManager: manager });
    }
  }

  async #remove(pods: readonly ServerObject[]): Promise<void> {
    const resource = this.#ports.resourceOf('', 'Pod');
    if (resource === undefined) return;
    for (const pod of pods) {
      const body = { kind: 'DeleteOptions', apiVersion: 'v1', preconditions: { uid: pod.metadata.uid } };
      await write(this.#ports, { method: 'DELETE', path: pathOf(resource, pod), body, fieldManager: manager });
    }
  }

  async #report(set: ServerObject, key: string): Promise<void> {
    const resource = this.#ports.resourceOf('apps', 'ReplicaSet');
    if (resource === undefined) return;
    const pods = [...(this.#pods.get(set.metadata.uid ?? '')?.values() ?? [])].filter(isActive);
    const minReadySeconds = replicasAt(set, 0, 'spec', 'minReadySeconds');
    const now = this.#ports.clock.now();
    const ready = pods.filter(isReady);
    const available = ready.filter((pod) => availableAtMs(pod, minReadySeconds) <= now);
    const labels = Object.entries(templateLabels(set));
    const labelled = pods.filter((pod) => labels.every(([label, value]) => pod.metadata.labels?.[label] === value));
    const status: JsonObject = {
      replicas: pods.length,
      ...(labelled.length > 0 ? { fullyLabeledReplicas: labelled.length } : {}),
      ...(ready.length > 0 ? { readyReplicas: ready.length } : {}),
      ...(available.length > 0 ? { availableReplicas: available.length } : {}),
      observedGeneration: numberAt(set, 'metadata', 'generation') ?? 0,
    };
    const soonest = Math.min(...ready.map((pod) => availableAtMs(pod, minReadySeconds)).filter((at) => at > now));
    if (Number.isFinite(soonest)) this.#loop.addAfter(key, soonest - now);
    const { terminatingReplicas: _, ...before } = (set.status ?? {}) as JsonObject;
    if (equal(before, status)) return;
    await write(this.#ports, {
      method: 'PUT',
      path: pathOf(resource, set, 'status'),
      body: { ...set, status },
      fieldManager: manager,
    });
  }
}

/** Who goes first when there are too many: not scheduled, not ready, young. @see k8s.io/kubernetes pkg/controller `ActivePodsWithRanks` */
function byWorth(a: ServerObject, b: ServerObject): number {
  const worth = (pod: ServerObject): number =>
    (valueAt(pod, 'spec', 'nodeName') === undefined ? 0 : 1) + (isReady(pod) ? 2 : 0);
  const young = (b.metadata.creationTimestamp ?? '') < (a.metadata.creationTimestamp ?? '') ? -1 : 1;
  return worth(a) - worth(b) || young;
}
