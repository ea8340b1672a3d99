import { deepFreeze, type Item, KeyError, type KubernetesObject, keyOf, valueAt } from '@bowline/apimachinery';
import { checkValue, rules } from '@bowline/apimachinery/arguments';

/**
 * The item of an object that is there already. The object is taken over: it is frozen when it is first read through the item,
 * and must not be changed before.
 *
 * @throws {TypeError} when it has no `metadata.name`.
 * @example
 * ```ts
 * import { itemOf } from '@bowline/cache';
 *
 * const metadata = { namespace: 'default', name: 'web', uid: '1', resourceVersion: '7', creationTimestamp: '' };
 * itemOf({ apiVersion: 'v1', kind: 'Pod', metadata }).key; // 'default/web'
 * ```
 */
export function itemOf<T extends KubernetesObject>(object: T): Item<T> {
  return new ObjectItem(object, keyByName('make item', object));
}

/**
 * The same for objects that have keys of their own.
 *
 * @throws {TypeError} when `object` is none, or has no key function and no `metadata.name`. `APIMACHINERY_KEY_INVALID` when `keyOf` fails.
 */
export function itemFor<T>(action: string, object: T, keyOf: ((object: T) => string) | undefined): Item<T> {
  if (!keyOf) return new ObjectItem(object, keyByName(action, object));
  let key: unknown;
  try {
    key = keyOf(object);
  } catch (cause) {
    throw new KeyError(`Cannot ${action}: the key function failed: ${cause}`, object, cause);
  }
  if (typeof key === 'string' && key !== '') return new ObjectItem(object, key);
  const got = key === '' ? '""' : key === null ? 'null' : typeof key;
  throw new KeyError(`Cannot ${action}: its key must be a non-empty string, got ${got}`, object);
}

/** What an item is of, for those who only look: an object that has not been frozen yet stays so. */
function peek<T>(item: Item<T>): T {
  return item instanceof ObjectItem ? item.peek() : item.object;
}

/** What stands at a path, without decoding more than that where there are bytes. Nothing is frozen. */
export function readAt(item: Item<unknown>, path: readonly string[]): unknown {
  return item.read ? item.read(path) : valueAt(peek(item), path);
}

interface Metadata {
  readonly namespace?: string;
  readonly name: string;
  readonly uid?: string;
  readonly resourceVersion?: string;
}

function keyByName(action: string, object: unknown): string {
  checkValue(action, 'object', object, rules.object);
  const { metadata } = object as { readonly metadata?: Metadata };
  if (typeof metadata?.name !== 'string' || metadata.name === '') {
    checkValue(action, 'metadata', metadata, rules.object);
    checkValue(action, 'metadata.name', metadata?.name, rules.nonEmptyString);
  }
  return keyOf({ metadata: metadata as Metadata });
}

class ObjectItem<T> implements Item<T> {
  readonly key: string;
  readonly uid: string;
  readonly resourceVersion: string;
  readonly #object: T;
  #isFrozen = false;

  constructor(object: T, key: string) {
    const metadata = (object as { readonly metadata?: Metadata } | undefined)?.metadata;
    this.key = key;
    this.uid = metadata?.uid ?? '';
    this.resourceVersion = metadata?.resourceVersion ?? '';
    this.#object = object;
  }

  get object(): T {
    if (!this.#isFrozen) {
      deepFreeze(this.#object);
      this.#isFrozen = true;
    }
    return this.#object;
  }

  peek(): T {
    return this.#object;
  }
}
