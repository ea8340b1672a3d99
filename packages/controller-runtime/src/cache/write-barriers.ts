import { compareResourceVersions, isComparableResourceVersion, type Transition } from '@bowline/apimachinery';

/**
 * What must be true of the cache before it shows a write.
 *
 * `version`: it has reached this version, which covers the object or its removal. `exact`: the versions of this server have no order,
 * so it holds the object with this one. `gone`: the object with this uid is no longer there.
 */
export type WriteExpectation =
  | { readonly type: 'version' | 'exact'; readonly resourceVersion: string }
  | { readonly type: 'gone'; readonly uid: string };

/** What barriers need of the store they watch. */
export interface BarrierStore {
  item(key: string): { readonly uid: string; readonly resourceVersion: string } | undefined;
  readonly resourceVersion: string;
}

/** A write that the cache does not show yet. */
export interface Barrier {
  readonly key: string;
  /** Resolves once the cache shows the write. */
  readonly lifted: Promise<void>;
  readonly isLifted: boolean;
}

/**
 * The writes that one store does not show yet. It only ever holds states that the server really had; who needs a newer one waits.
 *
 * | | cost |
 * |---|---|
 * | a commit, a read | O(writes that are not visible yet) |
 */
export class WriteBarriers {
  readonly #store: BarrierStore;
  readonly #barriers = new Set<PendingBarrier>();
  #version: string | undefined;

  constructor(store: BarrierStore) {
    this.#store = store;
  }

  /** Raises a barrier, unless the store shows the write already. */
  raise(key: string, expectation: WriteExpectation): Barrier | undefined {
    if (this.#isMet(key, expectation)) return undefined;
    const barrier = new PendingBarrier(key, expectation);
    this.#barriers.add(barrier);
    return barrier;
  }

  /** The barriers before a read of `key`, or of everything. */
  before(key?: string): Barrier[] {
    const barriers: Barrier[] = [];
    for (const barrier of this.#barriers) if (key === undefined || barrier.key === key) barriers.push(barrier);
    return barriers;
  }

  /** Gives up waiting for a write: nobody can know whether its event will ever come. */
  drop(barrier: Barrier): void {
    for (const each of this.#barriers) if (each === barrier) this.#lift(each);
  }

  /** The store has taken changes in. */
  committed(_transitions: readonly Transition<unknown>[], resourceVersion: string): void {
    const hasRegressed = isOlder(resourceVersion, this.#version);
    this.#version = resourceVersion;
    // After a restore of etcd the versions that were promised may never come.
    for (const barrier of this.#barriers) {
      if (hasRegressed || this.#isMet(barrier.key, barrier.expectation)) this.#lift(barrier);
    }
  }

  #lift(barrier: PendingBarrier): void {
    this.#barriers.delete(barrier);
    barrier.lift();
  }

  #isMet(key: string, expectation: WriteExpectation): boolean {
    switch (expectation.type) {
      case 'version':
        return isAtLeast(this.#store.resourceVersion, expectation.resourceVersion);
      case 'exact':
        return this.#store.item(key)?.resourceVersion === expectation.resourceVersion;
      case 'gone':
        return this.#store.item(key)?.uid !== expectation.uid;
    }
  }
}

class PendingBarrier implements Barrier {
  readonly key: string;
  readonly expectation: WriteExpectation;
  readonly lifted: Promise<void>;
  isLifted = false;
  #resolve: () => void = () => {};

  constructor(key: string, expectation: WriteExpectation) {
    this.key = key;
    this.expectation = expectation;
    this.lifted = new Promise((resolve) => {
      this.#resolve = resolve;
    });
  }

  lift(): void {
    this.isLifted = true;
    this.#resolve();
  }
}

function isAtLeast(version: string, wanted: string): boolean {
  return isComparableResourceVersion(version) && compareResourceVersions(version, wanted) >= 0;
}

function isOlder(version: string, than: string | undefined): boolean {
  return (
    than !== undefined &&
    isComparableResourceVersion(version) &&
    isComparableResourceVersion(than) &&
    compareResourceVersions(version, than) < 0
  );
}
