import {
  clone,
  createJsonPatch,
  type Item,
  type JsonPatchOperation,
  type KubernetesObject,
} from '@bowline/apimachinery';
import type { Cause } from './cause.ts';

/**
 * An object appeared: it was created, or it existed when the watch began (`initial`).
 *
 * Like all events it decodes the object only when `object` is read.
 */
export class CreateEvent<T extends KubernetesObject = KubernetesObject> implements Cause {
  readonly type = 'create';
  readonly kind: string;
  /** Part of the state that was there when the watch began. */
  readonly initial: boolean;
  /** The object, undecoded. */
  readonly item: Item<T>;

  constructor(kind: string, item: Item<T>, initial: boolean) {
    this.kind = kind;
    this.item = item;
    this.initial = initial;
  }

  get key(): string {
    return this.item.key;
  }

  get newResourceVersion(): string {
    return this.item.resourceVersion;
  }

  get object(): T {
    return this.item.object;
  }
}

/** An object changed. When `uid` differs too, it was deleted and created again unseen. */
export class UpdateEvent<T extends KubernetesObject = KubernetesObject> implements Cause {
  readonly type = 'update';
  readonly kind: string;
  readonly oldItem: Item<T>;
  readonly item: Item<T>;

  constructor(kind: string, oldItem: Item<T>, item: Item<T>) {
    this.kind = kind;
    this.oldItem = oldItem;
    this.item = item;
  }

  get key(): string {
    return this.item.key;
  }

  get oldResourceVersion(): string {
    return this.oldItem.resourceVersion;
  }

  get newResourceVersion(): string {
    return this.item.resourceVersion;
  }

  get old(): T {
    return this.oldItem.object;
  }

  get object(): T {
    return this.item.object;
  }

  /** What changed, without `managedFields` and `resourceVersion`, which change with everything. */
  diff(): readonly JsonPatchOperation[] {
    return createJsonPatch(withoutBookkeeping(this.old), withoutBookkeeping(this.object));
  }
}

/** An object is gone. */
export class DeleteEvent<T extends KubernetesObject = KubernetesObject> implements Cause {
  readonly type = 'delete';
  readonly kind: string;
  /** The last state that was seen. */
  readonly item: Item<T>;
  /** The deletion was inferred after a gap, so that `object` may not be the last state. */
  readonly finalStateUnknown: boolean;

  constructor(kind: string, item: Item<T>, finalStateUnknown: boolean) {
    this.kind = kind;
    this.item = item;
    this.finalStateUnknown = finalStateUnknown;
  }

  get key(): string {
    return this.item.key;
  }

  get oldResourceVersion(): string {
    return this.item.resourceVersion;
  }

  get object(): T {
    return this.item.object;
  }
}

/** What a watch tells a handler. */
export type ObjectEvent<T extends KubernetesObject = KubernetesObject> =
  | CreateEvent<T>
  | UpdateEvent<T>
  | DeleteEvent<T>;

function withoutBookkeeping(object: KubernetesObject): unknown {
  const { managedFields: _fields, resourceVersion: _version, ...metadata } = object.metadata;
  return clone({ ...object, metadata });
}
