import { type Change, deepFreeze, type Item, type Replacement, type Sink } from '@bowline/apimachinery';

/** Puts what a transform function makes of each object into a sink. */
export class TransformingSink<T> implements Sink<T> {
  readonly #sink: Sink<T>;
  readonly #transform: (object: T) => T;
  readonly #onError: (key: string, error: unknown) => void;

  /** @param onError Is told of each object that could not be transformed: what the sink holds of it stays. */
  constructor(sink: Sink<T>, transform: (object: T) => T, onError: (key: string, error: unknown) => void) {
    this.#sink = sink;
    this.#transform = transform;
    this.#onError = onError;
  }

  replace(): Replacement<T> {
    const replacement = this.#sink.replace();
    return {
      put: (items) => {
        const transformed: Item<T>[] = [];
        for (const item of items) {
          const result = this.#item(item);
          if (result) transformed.push(result);
          else replacement.keep?.(item.key);
        }
        if (transformed.length > 0) replacement.put(transformed);
      },
      remove: (key) => replacement.remove(key),
      keep: (key) => replacement.keep?.(key),
      commit: (resourceVersion, signal) => replacement.commit(resourceVersion, signal),
    };
  }

  apply(changes: readonly Change<T>[], resourceVersion: string): void {
    const transformed: Change<T>[] = [];
    for (const change of changes) {
      const item = this.#item(change.item);
      if (item) transformed.push({ ...change, item });
      else if (change.type === 'deleted') transformed.push(change); // gone is gone
    }
    this.#sink.apply(transformed, resourceVersion);
  }

  drained(signal: AbortSignal): Promise<void> | undefined {
    return this.#sink.drained(signal);
  }

  #item({ key, uid, resourceVersion, object }: Item<T>): Item<T> | undefined {
    try {
      const result = this.#transform(object);
      if (typeof result !== 'object' || result === null) {
        throw new TypeError(`Cannot transform object: the result must be an object, got ${result}`);
      }
      return Object.freeze({ key, uid, resourceVersion, object: deepFreeze(result) });
    } catch (error) {
      this.#onError(key, error);
      return undefined;
    }
  }
}
