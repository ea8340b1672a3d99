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

/** Adds up causes, and allocates nothing until there is one. */
export class CauseList<C> implements Caused<C> {
  /** One field instead of two: queues hold many items, and most have no causes. */
  #sum: Caused<C> = none;

  get causes(): readonly C[] {
    return this.#sum.causes;
  }

  get causeCount(): number {
    return this.#sum.causeCount;
  }

  merge(more: Caused<C> | undefined): void {
    if (more === undefined || more.causeCount === 0) return;
    const { causes, causeCount } = this.#sum;
    this.#sum = {
      causes: causes.length < maxCauses ? [...causes, ...more.causes].slice(0, maxCauses) : causes,
      causeCount: causeCount + more.causeCount,
    };
  }
}

const none: Caused<never> = { causes: Object.freeze([]), causeCount: 0 };
