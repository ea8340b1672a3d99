import type { GroupVersionResource, KubernetesObject } from '@bowline/apimachinery';
import { anyOf, oneOf, type ValueRule, withMethods } from '@bowline/apimachinery/arguments';
import { plainStorage, type Storage } from '@bowline/cache';
import { packedStorage } from '@bowline/cache/packed';

/**
 * How a cache keeps its objects. `packed`: as the bytes in which they came, without managed fields, decoded when they are read. `plain`:
 * as they came, and decoded for good once they were read. Or an empty storage, such as `packedStorage({ drop: ['status.images'] })`.
 *
 * What has no bytes, as what a transform function returns, is kept as it is in any case.
 */
export type StorageOption<T> = 'packed' | 'plain' | Storage<T>;

/** The same for several informers: for all alike, or by a function that is asked once for each, and may leave it to the default. */
export type StorageChoice =
  | 'packed'
  | 'plain'
  | ((resource: GroupVersionResource) => StorageOption<KubernetesObject> | undefined);

export const storageRule: ValueRule = anyOf(
  oneOf('packed', 'plain'),
  withMethods('a storage', 'keep', 'at', 'drop', 'empty'),
);

/** The storage that an option asks for. */
export function storageOf<T>(option: StorageOption<T> = 'packed'): Storage<T> {
  if (option === 'packed') return packedStorage<T>();
  return option === 'plain' ? plainStorage<T>() : option;
}
