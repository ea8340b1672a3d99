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
  causes: readonly C[] = none.causes;
  causeCount = 0;

  constructor(key: K, id: KeyId, asked: Asked<C> | undefined) {
    this.key = key;
    this.id = id;
    this.priority = asked?.priority ?? 0;
    if (asked) this.merge(asked);
  }

  /** The higher priority counts. Returns whether it is the new one. */
  merge(asked?: Asked<C>): boolean {
    if (asked) this.#explain(asked);
    const priority = asked?.priority ?? 0;
    if (priority <= this.priority) return false;
    this.priority = priority;
    return true;
  }

  /** Apart, so that V8 inlines `merge`: most adds have nothing to explain. */
  #explain({
    cause,
    causes = cause === undefined ? none.causes : [cause],
    causeCount = causes.length,
  }: Asked<C>): void {
    if (causeCount) this.causes = [...this.causes, ...causes].slice(0, maxCauses);
    this.causeCount += causeCount;
  }
}

const none: Caused<never> = { causes: Object.freeze([]), causeCount: 0 };
