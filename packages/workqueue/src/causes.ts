import type { KeyId } from './ports.ts';

/** Why a key was added: what happened to which object. Queues keep causes, they never read them, so any other type does as well. */
export interface Cause {
  /** What happened: `update`, `delete`, `resync`, … */
  readonly type: string;
  /** The object it happened to, as `namespace/name`. */
  readonly key?: string | undefined;
  readonly oldResourceVersion?: string | undefined;
  readonly newResourceVersion?: string | undefined;
}

/** How many causes are kept per key. The rest is counted. */
const maxCauses = 16;

/** The causes of one coming run. */
export interface Caused<C> {
  /** The first of them, at most 16, oldest first. */
  readonly causes: readonly C[];
  /** How many there were. */
  readonly causeCount: number;
}

/** What one add asks for: its options, or an item that is added again. */
export interface Asked<C> extends Partial<Caused<C>> {
  readonly cause?: C | undefined;
  readonly priority?: number | undefined;
}

/** What was asked for one key, added up. Allocates nothing more until there is a cause. */
export class Request<K, C> implements Caused<C> {
  readonly key: K;
  readonly id: KeyId;
  priority: number;
  /** One field instead of two: queues hold many items, and most have no causes. */
  #sum: Caused<C> = none;

  constructor(key: K, id: KeyId, asked: Asked<C> | undefined) {
    this.key = key;
    this.id = id;
    this.priority = asked?.priority ?? 0;
    this.merge(asked);
  }

  get causes(): readonly C[] {
    return this.#sum.causes;
  }

  get causeCount(): number {
    return this.#sum.causeCount;
  }

  /** The higher priority counts. Returns whether it is the new one. */
  merge(asked: Asked<C> | undefined): boolean {
    const priority = asked?.priority ?? 0;
    if (asked) this.#explain(asked);
    if (priority <= this.priority) return false;
    this.priority = priority;
    return true;
  }

  #explain({
    cause,
    causes = cause === undefined ? none.causes : [cause],
    causeCount = causes.length,
  }: Asked<C>): void {
    if (causeCount === 0) return;
    const sum = this.#sum;
    this.#sum = {
      causes: sum.causes.length < maxCauses ? [...sum.causes, ...causes].slice(0, maxCauses) : sum.causes,
      causeCount: sum.causeCount + causeCount,
    };
  }
}

const none: Caused<never> = { causes: Object.freeze([]), causeCount: 0 };
