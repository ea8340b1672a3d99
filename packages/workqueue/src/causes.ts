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

/** What was asked for one key, added up. Allocates nothing more until there is a cause. */
export class Request<K, C> implements Caused<C> {
  readonly key: K;
  readonly id: KeyId;
  priority: number;
  /** One field instead of two: queues hold many items, and most have no causes. */
  #sum: Caused<C> = none;

  constructor(key: K, id: KeyId, priority: number, caused: Caused<C> | undefined) {
    this.key = key;
    this.id = id;
    this.priority = priority;
    this.merge(caused, priority);
  }

  get causes(): readonly C[] {
    return this.#sum.causes;
  }

  get causeCount(): number {
    return this.#sum.causeCount;
  }

  /** The higher priority counts. Returns whether it is the new one. */
  merge(more: Caused<C> | undefined, priority: number): boolean {
    if (more?.causeCount) {
      const { causes, causeCount } = this.#sum;
      this.#sum = {
        causes: causes.length < maxCauses ? [...causes, ...more.causes].slice(0, maxCauses) : causes,
        causeCount: causeCount + more.causeCount,
      };
    }
    if (priority <= this.priority) return false;
    this.priority = priority;
    return true;
  }
}

const none: Caused<never> = { causes: Object.freeze([]), causeCount: 0 };
