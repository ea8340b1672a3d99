import { clone, equal, formatTime } from '@bowline/apimachinery';
import { isObject, type JsonObject, listAt, numberAt, type ServerObject, stringAt, valueAt } from '../object.ts';
import { controllerUid, replicasAt, resolveCount } from './pods.ts';
import {
  type ControlledChange,
  type ControlledResource,
  type ControllerPorts,
  objectPath,
  pathOf,
  write,
} from './ports.ts';
import { templateHash } from './template-hash.ts';
import { WorkLoop } from './work-loop.ts';

const manager = 'kube-controller-manager';
const hashLabel = 'pod-template-hash';
const revisionAnnotation = 'deployment.kubernetes.io/revision';
const desiredAnnotation = 'deployment.kubernetes.io/desired-replicas';
const maxAnnotation = 'deployment.kubernetes.io/max-replicas';

/** How far a rollout may be from the wanted number of pods. */
interface Bounds {
  readonly wanted: number;
  readonly surge: number;
  readonly unavailable: number;
}

/** Rolls out Deployments over ReplicaSets. @see k8s.io/kubernetes pkg/controller/deployment */
export class DeploymentController {
  readonly #ports: ControllerPorts;
  readonly #loop: WorkLoop;
  readonly #keys = new Map<string, string>();

  constructor(ports: ControllerPorts) {
    this.#ports = ports;
    this.#loop = new WorkLoop('deployments', ports, (key) => this.#sync(key));
  }

  busy(): readonly string[] {
    return this.#loop.busy();
  }

  stop(): Promise<void> {
    return this.#loop.stop();
  }

  observe({ type, resource, object }: ControlledChange): void {
    if (resource.group !== 'apps') return;
    const { uid = '', namespace, name } = object.metadata;
    if (resource.resource === 'deployments') {
      if (type === 'deleted') this.#keys.delete(uid);
      else {
        this.#keys.set(uid, `${namespace}/${name}`);
        this.#loop.add(`${namespace}/${name}`);
      }
    } else if (resource.resource === 'replicasets') {
      const key = this.#keys.get(controllerUid(object));
      if (key !== undefined) this.#loop.add(key);
    }
  }

  async #sync(key: string): Promise<void> {
    const deployments = this.#ports.resourceOf('apps', 'Deployment');
    const sets = this.#ports.resourceOf('apps', 'ReplicaSet');
    const [namespace = '', name = ''] = key.split('/');
    const deployment = deployments && this.#ports.get(deployments, namespace, name);
    if (
      sets === undefined ||
      deployments === undefined ||
      deployment === undefined ||
      deployment.metadata.deletionTimestamp !== undefined
    )
      return;
    const all = this.#owned(sets, deployment);
    const current = all.find((set) => sameTemplate(set, deployment));
    const old = all.filter((set) => set !== current);
    const paused = valueAt(deployment, 'spec', 'paused') === true;
    if (current === undefined) {
      if (paused) return this.#report(deployments, deployment, undefined, all);
      const recreating =
        stringAt(deployment, 'spec', 'strategy', 'type') === 'Recreate' && old.some((set) => podsOf(set) > 0);
      if (!recreating) return this.#createSet(sets, deployment, all);
    }
    const revision = revisionOf(old) + 1;
    if (
      current !== undefined &&
      !paused &&
      (await this.#syncRevision(deployments, sets, deployment, current, Math.max(revision, revisionOf([current]))))
    )
      return;
    for (const [set, replicas] of this.#plan(deployment, current, old, paused)) {
      if (replicas !== replicasAt(set, 0, 'spec', 'replicas')) await this.#scale(sets, deployment, set, replicas);
    }
    await this.#report(deployments, deployment, current, this.#owned(sets, deployment));
    if (!paused && current !== undefined && isComplete(deployment, current))
      await this.#forgetOld(sets, deployment, old);
  }

  #owned(sets: ControlledResource, deployment: ServerObject): readonly ServerObject[] {
    return this.#ports
      .list(sets, deployment.metadata.namespace)
      .filter((set) => controllerUid(set) === deployment.metadata.uid);
  }

  /** How many replicas each set should have next. */
  #plan(
    deployment: ServerObject,
    current: ServerObject | undefined,
    old: readonly ServerObject[],
    paused: boolean,
  ): readonly (readonly [ServerObject, number])[] {
    const bounds = boundsOf(deployment);
    const active = old.filter((set) => replicasAt(set, 0, 'spec', 'replicas') > 0);
    if (active.length === 0 && current !== undefined) return [[current, bounds.wanted]];
    if (paused)
      return active.length === 1 &&
        active[0] !== undefined &&
        (current === undefined || replicasAt(current, 0, 'spec', 'replicas') === 0)
        ? [[active[0], bounds.wanted]]
        : [];
    if (current === undefined || stringAt(deployment, 'spec', 'strategy', 'type') === 'Recreate')
      return active.map((set) => [set, 0]);
    return rollingPlan(bounds, current, active);
  }

  async #createSet(sets: ControlledResource, deployment: ServerObject, all: readonly ServerObject[]): Promise<void> {
    const { namespace = '', name = '', uid } = deployment.metadata;
    const template = clone(valueAt(deployment, 'spec', 'template')) as JsonObject;
    const collisions = numberAt(deployment, 'status', 'collisionCount') ?? 0;
    const hash = templateHash(template, collisions);
    const labels = { ...((valueAt(template, 'metadata', 'labels') ?? {}) as JsonObject), [hashLabel]: hash };
    const selector = (valueAt(deployment, 'spec', 'selector') ?? {}) as JsonObject;
    const bounds = boundsOf(deployment);
    const running = all.reduce((sum, set) => sum + replicasAt(set, 0, 'spec', 'replicas'), 0);
    const recreate = stringAt(deployment, 'spec', 'strategy', 'type') === 'Recreate';
    const replicas =
      recreate || running === 0
        ? bounds.wanted
        : Math.max(0, Math.min(bounds.wanted, bounds.wanted + bounds.surge - running));
    const body = {
      apiVersion: 'apps/v1',
      kind: 'ReplicaSet',
      metadata: {
        name: `${name}-${hash}`,
        namespace,
        labels,
        annotations: {
          ...copiedAnnotations(deployment),
          ...sizeAnnotations(bounds),
          [revisionAnnotation]: String(revisionOf(all) + 1),
        },
        ownerReferences: [
          { apiVersion: 'apps/v1', kind: 'Deployment', name, uid, controller: true, blockOwnerDeletion: true },
        ],
      },
      spec: {
        replicas,
        ...(numberAt(deployment, 'spec', 'minReadySeconds') === undefined
          ? {}
          : { minReadySeconds: numberAt(deployment, 'spec', 'minReadySeconds') }),
        selector: { ...selector, matchLabels: { ...((selector.matchLabels ?? {}) as JsonObject), [hashLabel]: hash } },
        template: { ...template, metadata: { ...((template.metadata ?? {}) as JsonObject), labels } },
      },
    };
    // Its own event brings the deployment back here, with the set in the list.
    await write(this.#ports, { method: 'POST', path: objectPath(sets, namespace, ''), body, fieldManager: manager });
  }

  /** Gives the current set and the deployment the revision. @returns whether something was written. */
  async #syncRevision(
    deployments: ControlledResource,
    sets: ControlledResource,
    deployment: ServerObject,
    set: ServerObject,
    revision: number,
  ): Promise<boolean> {
    const text = String(revision);
    if (set.metadata.annotations?.[revisionAnnotation] !== text) {
      const body = { metadata: { annotations: { [revisionAnnotation]: text } } };
      await write(this.#ports, { method: 'PATCH', path: pathOf(sets, set), body, fieldManager: manager });
    }
    if (deployment.metadata.annotations?.[revisionAnnotation] === text) return false;
    const body = { metadata: { annotations: { [revisionAnnotation]: text } } };
    await write(this.#ports, { method: 'PATCH', path: pathOf(deployments, deployment), body, fieldManager: manager });
    return true;
  }

  async #scale(sets: ControlledResource, deployment: ServerObject, set: ServerObject, replicas: number): Promise<void> {
    const annotations = sizeAnnotations(boundsOf(deployment));
    const body = { metadata: { resourceVersion: set.metadata.resourceVersion, annotations }, spec: { replicas } };
    await write(this.#ports, { method: 'PATCH', path: pathOf(sets, set), body, fieldManager: manager });
  }

  async #forgetOld(sets: ControlledResource, deployment: ServerObject, old: readonly ServerObject[]): Promise<void> {
    const limit = replicasAt(deployment, 10, 'spec', 'revisionHistoryLimit');
    const idle = old.filter(
      (set) =>
        podsOf(set) === 0 &&
        replicasAt(set, 0, 'spec', 'replicas') === 0 &&
        set.metadata.deletionTimestamp === undefined,
    );
    for (const set of idle
      .toSorted((a, b) => revisionOf([a]) - revisionOf([b]))
      .slice(0, Math.max(0, idle.length - limit))) {
      await write(this.#ports, { method: 'DELETE', path: pathOf(sets, set), body: {}, fieldManager: manager });
    }
  }

  async #report(
    deployments: ControlledResource,
    deployment: ServerObject,
    current: ServerObject | undefined,
    all: readonly ServerObject[],
  ): Promise<void> {
    const latest = this.#ports.get(deployments, deployment.metadata.namespace ?? '', deployment.metadata.name ?? '');
    if (latest === undefined || latest.metadata.uid !== deployment.metadata.uid) return;
    const now = current && all.find((set) => set.metadata.uid === current.metadata.uid);
    const sum = (field: string): number => all.reduce((total, set) => total + (numberAt(set, 'status', field) ?? 0), 0);
    const bounds = boundsOf(latest);
    const counts = {
      replicas: sum('replicas'),
      updatedReplicas: numberAt(now, 'status', 'replicas') ?? 0,
      readyReplicas: sum('readyReplicas'),
      availableReplicas: sum('availableReplicas'),
    };
    const total = all.reduce((all, set) => all + replicasAt(set, 0, 'spec', 'replicas'), 0);
    const unavailable = Math.max(0, total - counts.availableReplicas);
    const nonZero = Object.fromEntries(
      Object.entries({ ...counts, unavailableReplicas: unavailable }).filter(([, value]) => value !== 0),
    );
    const complete =
      counts.updatedReplicas === bounds.wanted &&
      counts.replicas === bounds.wanted &&
      counts.availableReplicas === bounds.wanted;
    const before = listAt(latest, 'status', 'conditions').filter(isObject);
    const available = counts.availableReplicas >= bounds.wanted - bounds.unavailable;
    const wanted: JsonObject[] = [
      available
        ? {
            type: 'Available',
            status: 'True',
            reason: 'MinimumReplicasAvailable',
            message: 'Deployment has minimum availability.',
          }
        : {
            type: 'Available',
            status: 'False',
            reason: 'MinimumReplicasUnavailable',
            message: 'Deployment does not have minimum availability.',
          },
    ];
    if (now !== undefined) {
      const set = `ReplicaSet "${now.metadata.name}"`;
      wanted.push(
        complete
          ? {
              type: 'Progressing',
              status: 'True',
              reason: 'NewReplicaSetAvailable',
              message: `${set} has successfully progressed.`,
            }
          : { type: 'Progressing', status: 'True', reason: 'ReplicaSetUpdated', message: `${set} is progressing.` },
      );
    } else wanted.push(...before.filter((condition) => condition.type === 'Progressing'));
    const time = formatTime(this.#ports.clock.now());
    const conditions = wanted.map((condition) => stamped(condition, before, time));
    const collisionCount = valueAt(latest, 'status', 'collisionCount');
    const status: JsonObject = {
      observedGeneration: latest.metadata.generation ?? 0,
      ...nonZero,
      conditions,
      ...(collisionCount === undefined ? {} : { collisionCount }),
    };
    const { terminatingReplicas: _, ...previous } = (latest.status ?? {}) as JsonObject;
    if (equal(previous, status)) return;
    await write(this.#ports, {
      method: 'PUT',
      path: pathOf(deployments, latest, 'status'),
      body: { ...latest, status },
      fieldManager: manager,
    });
  }
}

/** A condition with its times: the update time moves with any change, the transition time with the status. */
function stamped(condition: JsonObject, before: readonly JsonObject[], time: string): JsonObject {
  const old = before.find((each) => each.type === condition.type);
  if (old && old.status === condition.status && old.reason === condition.reason && old.message === condition.message)
    return old;
  return {
    ...condition,
    lastUpdateTime: time,
    lastTransitionTime: old?.status === condition.status ? old?.lastTransitionTime : time,
  };
}

/** First brings up what the surge allows, then takes down what the minimum of available pods allows. */
function rollingPlan(
  { wanted, surge, unavailable }: Bounds,
  current: ServerObject,
  old: readonly ServerObject[],
): readonly (readonly [ServerObject, number])[] {
  const size = (set: ServerObject): number => replicasAt(set, 0, 'spec', 'replicas');
  const available = (set: ServerObject): number => replicasAt(set, 0, 'status', 'availableReplicas');
  const total = size(current) + old.reduce((sum, set) => sum + size(set), 0);
  const up = size(current) > wanted ? wanted : Math.min(wanted, size(current) + Math.max(0, wanted + surge - total));
  if (up !== size(current)) return [[current, up]];
  const plan: [ServerObject, number][] = [];
  let mayGo = Math.max(
    0,
    total - (wanted - unavailable) - (size(current) - Math.min(size(current), available(current))),
  );
  const byAge = old.toSorted((a, b) =>
    (a.metadata.creationTimestamp ?? '') < (b.metadata.creationTimestamp ?? '') ? -1 : 1,
  );
  for (const set of byAge) {
    // Pods that are not available help nobody: they go first and do not lower the availability.
    const goes = Math.min(size(set), mayGo);
    mayGo -= goes;
    if (goes > 0) plan.push([set, size(set) - goes]);
  }
  return plan;
}

function boundsOf(deployment: ServerObject): Bounds {
  const wanted = replicasAt(deployment, 1, 'spec', 'replicas');
  if (stringAt(deployment, 'spec', 'strategy', 'type') === 'Recreate') return { wanted, surge: 0, unavailable: 0 };
  const rolling = valueAt(deployment, 'spec', 'strategy', 'rollingUpdate');
  const surge = resolveCount(valueAt(rolling, 'maxSurge'), wanted, Math.ceil);
  const unavailable = resolveCount(valueAt(rolling, 'maxUnavailable'), wanted, Math.floor);
  return { wanted, surge, unavailable: Math.min(wanted, surge === 0 && unavailable === 0 ? 1 : unavailable) };
}

function isComplete(deployment: ServerObject, current: ServerObject): boolean {
  const wanted = replicasAt(deployment, 1, 'spec', 'replicas');
  return replicasAt(current, 0, 'status', 'availableReplicas') === wanted;
}

function podsOf(set: ServerObject): number {
  return replicasAt(set, 0, 'status', 'replicas');
}

/** The highest revision of some sets; 0 when there is none. */
function revisionOf(sets: readonly ServerObject[]): number {
  return Math.max(0, ...sets.map((set) => Number(set.metadata.annotations?.[revisionAnnotation] ?? 0)));
}

function sizeAnnotations({ wanted, surge }: Bounds): Record<string, string> {
  return { [desiredAnnotation]: String(wanted), [maxAnnotation]: String(wanted + surge) };
}

/** Annotations that a deployment hands on: not those of kubectl's apply, nor its own revision. */
function copiedAnnotations(deployment: ServerObject): Record<string, string> {
  const own = [
    'kubectl.kubernetes.io/last-applied-configuration',
    revisionAnnotation,
    desiredAnnotation,
    maxAnnotation,
  ];
  return Object.fromEntries(
    Object.entries(deployment.metadata.annotations ?? {}).filter(([key]) => !own.includes(key)),
  );
}

/** Whether a set was made from the deployment's present template. */
function sameTemplate(set: ServerObject, deployment: ServerObject): boolean {
  const template = clone(valueAt(set, 'spec', 'template')) as JsonObject;
  const labels = valueAt(template, 'metadata', 'labels');
  if (isObject(labels)) delete labels[hashLabel];
  return equal(template, valueAt(deployment, 'spec', 'template'));
}
