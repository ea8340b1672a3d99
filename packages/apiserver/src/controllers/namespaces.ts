import { formatTime } from '@bowline/apimachinery';
import { type JsonObject, listAt, type ServerObject, stringAt, valueAt } from '../object.ts';
import {
  type ControlledChange,
  type ControlledResource,
  type ControllerPorts,
  objectPath,
  pathOf,
  write,
} from './ports.ts';
import { WorkLoop } from './work-loop.ts';

const manager = 'kube-controller-manager';
const namespaceFinalizer = 'kubernetes';

/** Conditions of a namespace that is being deleted: what each says while all is well. */
const calm: Readonly<Record<string, { readonly reason: string; readonly message: string }>> = {
  NamespaceDeletionDiscoveryFailure: {
    reason: 'ResourcesDiscovered',
    message: 'All resources successfully discovered',
  },
  NamespaceDeletionGroupVersionParsingFailure: {
    reason: 'ParsedGroupVersions',
    message: 'All legacy kube types successfully parsed',
  },
  NamespaceDeletionContentFailure: {
    reason: 'ContentDeleted',
    message: 'All content successfully deleted, may be waiting on finalization',
  },
  NamespaceContentRemaining: { reason: 'ContentRemoved', message: 'All content successfully removed' },
  NamespaceFinalizersRemaining: {
    reason: 'ContentHasNoFinalizers',
    message: 'All content-preserving finalizers finished',
  },
};

/** Empties namespaces that are being deleted, then lets them go. @see k8s.io/kubernetes pkg/controller/namespace */
export class NamespaceController {
  readonly #ports: ControllerPorts;
  readonly #loop: WorkLoop;

  constructor(ports: ControllerPorts) {
    this.#ports = ports;
    this.#loop = new WorkLoop('namespaces', ports, (name) => this.#empty(name));
  }

  busy(): readonly string[] {
    return this.#loop.busy();
  }

  stop(): Promise<void> {
    return this.#loop.stop();
  }

  observe({ type, resource, object }: ControlledChange): void {
    if (resource.group === '' && resource.resource === 'namespaces') {
      if (type !== 'deleted' && object.metadata.deletionTimestamp !== undefined)
        this.#loop.add(object.metadata.name ?? '');
      return;
    }
    const { namespace = '' } = object.metadata;
    // The last object of a namespace that is going may be what it waited for.
    if (type === 'deleted' && namespace !== '' && this.#namespace(namespace)?.metadata.deletionTimestamp !== undefined)
      this.#loop.add(namespace);
  }

  #resource(): ControlledResource | undefined {
    return this.#ports.resourceOf('', 'Namespace');
  }

  #namespace(name: string): ServerObject | undefined {
    const resource = this.#resource();
    return resource && this.#ports.get(resource, '', name);
  }

  async #empty(name: string): Promise<void> {
    const resource = this.#resource();
    const namespace = this.#namespace(name);
    if (resource === undefined || namespace?.metadata.deletionTimestamp === undefined) return;
    if (!listAt(namespace, 'spec', 'finalizers').includes(namespaceFinalizer)) return;
    const content = (): readonly (readonly [ControlledResource, readonly ServerObject[]])[] =>
      this.#ports
        .resources()
        .filter((each) => each.namespaced && each.deletable)
        .map((each) => [each, this.#ports.list(each, name)] as const)
        .filter(([, objects]) => objects.length > 0);
    for (const [each] of content()) await this.#deleteAll(each, name);
    const remaining = content();
    await this.#report(resource, name, remaining);
    if (remaining.length === 0) await this.#finalize(resource, name);
  }

  async #deleteAll(resource: ControlledResource, namespace: string): Promise<void> {
    const body = { kind: 'DeleteOptions', apiVersion: 'v1', propagationPolicy: 'Background' };
    await write(this.#ports, {
      method: 'DELETE',
      path: objectPath(resource, namespace, ''),
      body,
      fieldManager: manager,
    });
  }

  /** Says in the status what keeps the namespace. */
  async #report(
    resource: ControlledResource,
    name: string,
    remaining: readonly (readonly [ControlledResource, readonly ServerObject[]])[],
  ): Promise<void> {
    const namespace = this.#namespace(name);
    if (namespace === undefined) return;
    const kinds = remaining
      .map(([each, objects]) => `${qualified(each)} has ${objects.length} resource instances`)
      .sort();
    const finalizers = new Map<string, number>();
    for (const finalizer of remaining.flatMap(([, objects]) =>
      objects.flatMap((object) => object.metadata.finalizers ?? []),
    )) {
      finalizers.set(finalizer, (finalizers.get(finalizer) ?? 0) + 1);
    }
    const held = [...finalizers].map(([finalizer, count]) => `${finalizer} in ${count} resource instances`).sort();
    const problems: Record<string, { readonly reason: string; readonly message: string }> = {};
    if (kinds.length > 0) {
      problems.NamespaceContentRemaining = {
        reason: 'SomeResourcesRemain',
        message: `Some resources are remaining: ${kinds.join(', ')}`,
      };
    }
    if (held.length > 0) {
      problems.NamespaceFinalizersRemaining = {
        reason: 'SomeFinalizersRemain',
        message: `Some content in the namespace has finalizers remaining: ${held.join(', ')}`,
      };
    }
    const now = formatTime(this.#ports.clock.now());
    const before = listAt(namespace, 'status', 'conditions');
    const conditions = Object.entries(calm).map(([type, { reason, message }]): JsonObject => {
      const old = before.find((each) => stringAt(each, 'type') === type);
      const next = { type, status: problems[type] ? 'True' : 'False', ...(problems[type] ?? { reason, message }) };
      const same =
        old !== undefined && valueAt(old, 'status') === next.status && valueAt(old, 'message') === next.message;
      return { ...next, lastTransitionTime: same ? valueAt(old, 'lastTransitionTime') : now };
    });
    if (JSON.stringify(conditions.map(unordered)) === JSON.stringify(before.map(unordered))) return;
    const body = { status: { conditions } };
    await write(this.#ports, {
      method: 'PATCH',
      path: pathOf(resource, namespace, 'status'),
      body,
      fieldManager: manager,
    });
  }

  async #finalize(resource: ControlledResource, name: string): Promise<void> {
    const namespace = this.#namespace(name);
    if (namespace === undefined) return;
    const finalizers = listAt(namespace, 'spec', 'finalizers').filter((each) => each !== namespaceFinalizer);
    const body = { ...namespace, spec: { ...(namespace.spec as JsonObject), finalizers } };
    const answer = await write(this.#ports, {
      method: 'PUT',
      path: pathOf(resource, namespace, 'finalize'),
      body,
      fieldManager: manager,
    });
    // Without finalizers of its own the namespace goes when it is asked to a second time.
    if (answer !== undefined && this.#namespace(name) !== undefined && finalizers.length === 0) {
      await write(this.#ports, {
        method: 'DELETE',
        path: pathOf(resource, namespace),
        body: {},
        fieldManager: manager,
      });
    }
  }
}

function qualified({ group, resource }: ControlledResource): string {
  return `${resource}.${group}`;
}

function unordered(condition: unknown): unknown {
  return ['type', 'status', 'reason', 'message', 'lastTransitionTime'].map((field) => valueAt(condition, field));
}
