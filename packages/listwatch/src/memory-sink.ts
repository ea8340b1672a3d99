import type { Change, Item, Replacement, Sink } from '@bowline/apimachinery';

/** A sink that is a map, and keeps a log of what was done to it. */
export class MemorySink<T> implements Sink<T> {
  items: Map<string, Item<T>> = new Map();
  resourceVersion = '';
  /** `replace 7: a b`, `added a`, `deleted a`, `bookmark 9`, in order. */
  readonly log: string[] = [];
  /** How many full states were given up. */
  abandoned = 0;
  readonly #failures: unknown[] = [];
  readonly #putFailures: unknown[] = [];
  #staged: Replacement<T> | undefined;
  #room: { readonly made: Promise<void>; readonly make: () => void } | undefined;

  /** `key@resourceVersion` of all items, sorted. */
  get contents(): readonly string[] {
    return [...this.items.values()].map(({ key, resourceVersion }) => `${key}@${resourceVersion}`).sort();
  }

  /** The next `apply` or `commit` throws. */
  failNext(error: unknown): void {
    this.#failures.push(error);
  }

  /** The next `put` throws. */
  failNextPut(error: unknown): void {
    this.#putFailures.push(error);
  }

  /** From now on there is no room. */
  fill(): void {
    let make = (): void => {};
    const made = new Promise<void>((resolve) => {
      make = resolve;
    });
    this.#room ??= { made, make };
  }

  /** There is room again. */
  drain(): void {
    this.#room?.make();
    this.#room = undefined;
  }

  replace(): Replacement<T> {
    const staged = new Map<string, Item<T>>();
    const replacement: Replacement<T> = {
      abandon: () => {
        if (this.#staged !== replacement) return;
        this.abandoned++;
        this.#staged = undefined;
      },
      put: (items) => {
        const failure = this.#putFailures.shift();
        if (failure !== undefined) throw failure;
        for (const item of items) staged.set(item.key, item);
      },
      remove: (key) => {
        staged.delete(key);
      },
      keep: (key) => {
        const item = this.items.get(key);
        if (item) staged.set(key, item);
      },
      commit: async (resourceVersion) => {
        this.#throwIfFailing();
        if (this.#staged !== replacement) throw new Error('Cannot commit: the replacement was abandoned');
        this.#staged = undefined;
        this.items = staged;
        this.resourceVersion = resourceVersion;
        this.log.push(`replace ${resourceVersion}: ${[...staged.keys()].sort().join(' ')}`.trimEnd());
      },
    };
    this.#staged = replacement;
    return replacement;
  }

  apply(changes: readonly Change<T>[], resourceVersion: string): void {
    this.#throwIfFailing();
    for (const { type, item } of changes) {
      if (type === 'deleted') this.items.delete(item.key);
      else this.items.set(item.key, item);
      this.log.push(`${type} ${item.key}`);
    }
    if (changes.length === 0) this.log.push(`bookmark ${resourceVersion}`);
    this.resourceVersion = resourceVersion;
  }

  drained(): Promise<void> | undefined {
    return this.#room?.made;
  }

  #throwIfFailing(): void {
    const failure = this.#failures.shift();
    if (failure !== undefined) throw failure;
  }
}
