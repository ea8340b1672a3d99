import { deepFreeze, type Item, type KubernetesObject, keyOf } from '@bowline/apimachinery';

/**
 * The item of an object that is there already. The object is taken over: it is frozen when it is first read through the item,
 * and must not be changed before.
 *
 * @example
 * ```ts
 * import { itemOf } from '@bowline/cache';
 *
 * const metadata = { namespace: 'default', name: 'web', uid: '1', resourceVersion: '7', creationTimestamp: '' };
 * itemOf({ apiVersion: 'v1', kind: 'Pod', metadata }).key; // 'default/web'
 * ```
 */
export function itemOf<T extends KubernetesObject>(object: T): Item<T> {
  return new ObjectItem(object);
}

class ObjectItem<T extends KubernetesObject> implements Item<T> {
  readonly key: string;
  readonly uid: string;
  readonly resourceVersion: string;
  readonly #object: T;
  #isFrozen = false;

  constructor(object: T) {
    this.key = keyOf(object);
    this.uid = object.metadata.uid;
    this.resourceVersion = object.metadata.resourceVersion;
    this.#object = object;
  }

  get object(): T {
    if (!this.#isFrozen) {
      deepFreeze(this.#object);
      this.#isFrozen = true;
    }
    return this.#object;
  }
}
