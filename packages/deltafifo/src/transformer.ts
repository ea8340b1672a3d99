import { type Change, deepFreeze, type Item, isJsonObject, isPromiseLike } from '@bowline/apimachinery';
import { describeValue } from '@bowline/apimachinery/arguments';
import type { StagingStep } from './staging.ts';

/** What a queue is told of its transform function. */
export interface TransformSettings<T> {
  readonly transform: ((object: T) => T) | undefined;
  readonly onTransformError: ((error: unknown, key: string) => void) | undefined;
}

/**
 * Lets a function change objects on their way into a queue, each once. What was transformed already goes as it is: the last state of an object
 * whose deletion was inferred, and what is resynced.
 *
 * @see client-go tools/cache/the_real_fifo.go `addToItems_locked`
 */
export class Transformer<T> {
  readonly #transform: ((object: T) => T) | undefined;
  readonly #onError: ((error: unknown, key: string) => void) | undefined;

  constructor({ transform, onTransformError }: TransformSettings<T>) {
    this.#transform = transform;
    this.#onError = onTransformError;
  }

  /** A change that fails is left out: the state before it stays, and what had none has none; a deletion goes as it came: gone is gone. */
  changes(changes: readonly Change<T>[]): readonly Change<T>[] {
    if (!this.#transform) return changes;
    const made: Change<T>[] = [];
    for (const change of changes) {
      const isDone = change.type === 'deleted' && change.finalStateUnknown;
      const item = isDone ? change.item : this.#item(change.item);
      if (item) made.push({ ...change, item });
      else if (change.type === 'deleted') made.push(change);
    }
    return made;
  }

  /** What fails keeps the state that it has, if there is one. */
  steps(items: readonly Item<T>[]): readonly StagingStep<T>[] {
    if (!this.#transform) return [{ type: 'put', items }];
    const made: Item<T>[] = [];
    const failed: StagingStep<T>[] = [];
    for (const item of items) {
      const result = this.#item(item);
      if (result) made.push(result);
      else failed.push({ type: 'keep', key: item.key });
    }
    return [{ type: 'put', items: made }, ...failed];
  }

  #item({ key, uid, resourceVersion, object }: Item<T>): Item<T> | undefined {
    try {
      const result = this.#transform?.(object) as T;
      if (isPromiseLike(result)) {
        Promise.resolve(result).catch(() => {}); // nobody else looks at it
        throw new TypeError(`Cannot transform object "${key}": the result must be an object, not a promise`);
      }
      if (result === undefined || result === null || (isJsonObject(object) && !isJsonObject(result))) {
        throw new TypeError(
          `Cannot transform object "${key}": the result must be an object, got ${describeValue(result)}`,
        );
      }
      return Object.freeze({ key, uid, resourceVersion, object: deepFreeze(result) });
    } catch (error) {
      if (!this.#onError) throw error;
      this.#onError(error, key);
      return undefined;
    }
  }
}
