import type { OwnerReference } from '@bowline/apimachinery';
import { foregroundFinalizer, orphanFinalizer } from '../meta/validation.ts';
import type { ServerObject } from '../object.ts';
import { type ControlledChange, type ControlledResource, type ControllerPorts, pathOf, write } from './ports.ts';
import { WorkLoop } from './work-loop.ts';

const manager = 'kube-controller-manager';

/** An object that may own others or be owned. */
interface Node {
  readonly resource: ControlledResource;
  readonly object: ServerObject;
}

/** What has become of an owner: it lives; it waits for its dependents to go; it is gone; nobody can say. */
type OwnerState = 'solid' | 'waiting' | 'dangling' | 'unknown';

/**
 * Deletes what has lost its owners, lets an owner that is deleted in the foreground wait for what blocks it, and cuts the tie to an owner that
 * is deleted with orphaning.
 *
 * @see k8s.io/kubernetes pkg/controller/garbagecollector
 */
export class GarbageCollector {
  readonly #ports: ControllerPorts;
  readonly #loop: WorkLoop;
  readonly #nodes = new Map<string, Node>();
  /** By uid of an owner: the uids of what names it as owner, whether the owner exists or not. */
  readonly #dependents = new Map<string, Set<string>>();

  constructor(ports: ControllerPorts) {
    this.#ports = ports;
    this.#loop = new WorkLoop('garbage collector', ports, (uid) => this.#collect(uid));
  }

  busy(): readonly string[] {
    return this.#loop.busy();
  }

  stop(): Promise<void> {
    return this.#loop.stop();
  }

  observe({ type, resource, object }: ControlledChange): void {
    const { uid = '' } = object.metadata;
    const before = this.#nodes.get(uid);
    for (const { uid: owner } of owners(before?.object)) this.#dependents.get(owner)?.delete(uid);
    if (type === 'deleted') {
      this.#nodes.delete(uid);
      for (const dependent of this.#dependents.get(uid) ?? []) this.#loop.add(dependent);
      // An owner in the foreground may have waited for this one.
      for (const { uid: owner } of owners(object))
        if (isDeletedBy(this.#nodes.get(owner)?.object, foregroundFinalizer)) this.#loop.add(owner);
      if (this.#dependents.get(uid)?.size === 0) this.#dependents.delete(uid);
      return;
    }
    this.#nodes.set(uid, { resource, object });
    for (const { uid: owner } of owners(object)) this.#dependentsOf(owner).add(uid);
    if (owners(object).length > 0 || isDeletedBy(object, foregroundFinalizer) || isDeletedBy(object, orphanFinalizer))
      this.#loop.add(uid);
    for (const { uid: owner } of [...owners(object), ...owners(before?.object)]) {
      if (isDeletedBy(this.#nodes.get(owner)?.object, foregroundFinalizer)) this.#loop.add(owner);
    }
  }

  #dependentsOf(owner: string): Set<string> {
    const known = this.#dependents.get(owner);
    if (known) return known;
    const made = new Set<string>();
    this.#dependents.set(owner, made);
    return made;
  }

  async #collect(uid: string): Promise<void> {
    const node = this.#nodes.get(uid);
    if (node === undefined) return;
    if (isDeletedBy(node.object, orphanFinalizer)) return this.#orphanDependents(node, uid);
    if (isDeletedBy(node.object, foregroundFinalizer)) return this.#waitForDependents(node, uid);
    if (node.object.metadata.deletionTimestamp === undefined) return this.#judge(node, uid);
  }

  /** Takes the owner out of all its dependents, then lets it go. */
  async #orphanDependents(node: Node, uid: string): Promise<void> {
    for (const dependent of [...(this.#dependents.get(uid) ?? [])]) {
      const owned = this.#nodes.get(dependent);
      if (owned) await this.#dropOwners(owned, (owner) => owner.uid === uid);
    }
    if ((this.#dependents.get(uid)?.size ?? 0) > 0) this.#loop.add(uid);
    else await this.#dropFinalizer(node, orphanFinalizer);
  }

  /** Has the dependents deleted; the owner goes once none is left that blocks it. */
  async #waitForDependents(node: Node, uid: string): Promise<void> {
    const dependents = [...(this.#dependents.get(uid) ?? [])];
    const blocks = dependents.some((dependent) =>
      owners(this.#nodes.get(dependent)?.object).some(
        (owner) => owner.uid === uid && owner.blockOwnerDeletion === true,
      ),
    );
    if (!blocks) return this.#dropFinalizer(node, foregroundFinalizer);
    for (const dependent of dependents)
      if (this.#nodes.get(dependent)?.object.metadata.deletionTimestamp === undefined) this.#loop.add(dependent);
  }

  /** Deletes an object none of whose owners lives; one that still has an owner only loses the others. */
  async #judge(node: Node, uid: string): Promise<void> {
    const states = owners(node.object).map((owner) => ({ owner, state: this.#stateOf(owner, node) }));
    if (states.length === 0 || states.some(({ state }) => state === 'unknown')) return;
    const is = (wanted: OwnerState): readonly OwnerReference[] =>
      states.filter(({ state }) => state === wanted).map(({ owner }) => owner);
    if (is('solid').length > 0) {
      const lost = new Set([...is('dangling'), ...is('waiting')].map((owner) => owner.uid));
      if (lost.size > 0) await this.#dropOwners(node, (owner) => lost.has(owner.uid));
      return;
    }
    const blocked = is('waiting').length > 0 && (this.#dependents.get(uid)?.size ?? 0) > 0;
    await this.#delete(node, uid, blocked ? 'Foreground' : policyOf(node.object));
  }

  #stateOf({ apiVersion, kind, name, uid }: OwnerReference, { resource, object }: Node): OwnerState {
    const group = apiVersion.includes('/') ? (apiVersion.split('/')[0] ?? '') : '';
    const owning = this.#ports.resourceOf(group, kind);
    if (owning === undefined) return 'unknown';
    // A cluster-scoped object cannot be owned by one in a namespace.
    if (owning.namespaced && !resource.namespaced) return 'unknown';
    const owner = this.#ports.get(owning, owning.namespaced ? (object.metadata.namespace ?? '') : '', name);
    if (owner?.metadata.uid !== uid) return 'dangling';
    return isDeletedBy(owner, foregroundFinalizer) ? 'waiting' : 'solid';
  }

  async #delete({ resource, object }: Node, uid: string, propagationPolicy: string): Promise<void> {
    if (!resource.deletable) return;
    const body = { kind: 'DeleteOptions', apiVersion: 'v1', propagationPolicy, preconditions: { uid } };
    await write(this.#ports, { method: 'DELETE', path: pathOf(resource, object), body, fieldManager: manager });
  }

  async #dropOwners({ resource, object }: Node, drop: (owner: OwnerReference) => boolean): Promise<void> {
    const kept = owners(object).filter((owner) => !drop(owner));
    const metadata = {
      uid: object.metadata.uid,
      resourceVersion: object.metadata.resourceVersion,
      ownerReferences: kept.length > 0 ? kept : null,
    };
    await write(this.#ports, {
      method: 'PATCH',
      path: pathOf(resource, object),
      body: { metadata },
      fieldManager: manager,
    });
  }

  async #dropFinalizer({ resource, object }: Node, finalizer: string): Promise<void> {
    const finalizers = (object.metadata.finalizers ?? []).filter((each) => each !== finalizer);
    const metadata = { uid: object.metadata.uid, resourceVersion: object.metadata.resourceVersion, finalizers };
    await write(this.#ports, {
      method: 'PATCH',
      path: pathOf(resource, object),
      body: { metadata },
      fieldManager: manager,
    });
  }
}

function owners(object: ServerObject | undefined): readonly OwnerReference[] {
  return object?.metadata.ownerReferences ?? [];
}

/** Whether an object is being deleted and a finalizer of the collector is still there. */
function isDeletedBy(object: ServerObject | undefined, finalizer: string): boolean {
  return object?.metadata.deletionTimestamp !== undefined && object.metadata.finalizers?.includes(finalizer) === true;
}

function policyOf({ metadata: { finalizers = [] } }: ServerObject): string {
  if (finalizers.includes(orphanFinalizer)) return 'Orphan';
  return finalizers.includes(foregroundFinalizer) ? 'Foreground' : 'Background';
}
