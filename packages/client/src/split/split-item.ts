import { clone, deepFreeze, type Item, type ListMeta, type Undecodable, type WatchFrame } from '@bowline/apimachinery';

/** An item that keeps its bytes, which were checked when they came, until somebody reads the object. */
export abstract class SplitItem<T> implements Item<T> {
  readonly key: string;
  readonly uid: string;
  readonly resourceVersion: string;
  #bytes: Buffer | undefined;
  #object: T | undefined;

  constructor(key: string, uid: string, resourceVersion: string, bytes: Buffer) {
    this.key = key;
    this.uid = uid;
    this.resourceVersion = resourceVersion;
    this.#bytes = bytes;
  }

  get object(): T {
    if (this.#bytes !== undefined) {
      this.#object = deepFreeze(this.parse(this.#bytes));
      this.#bytes = undefined;
    }
    return this.#object as T;
  }

  /** The object as plain mutable data that nobody else has. */
  decode(): T {
    return this.#bytes === undefined ? (clone(this.#object) as T) : this.parse(this.#bytes);
  }

  /** Does not throw: the bytes were checked. */
  protected abstract parse(bytes: Buffer): T;
}

/** A frame whose item was split off here. */
export type SplitFrame<T> =
  | { readonly type: 'added' | 'modified' | 'deleted'; readonly item: SplitItem<T> }
  | Exclude<WatchFrame<T>, { readonly item: unknown }>;

/** What a list says of itself. */
export interface ListHead {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ListMeta;
}

/** What splits a list. */
export interface ListSplitting<T> {
  /** Those that are complete; whoever reads them may take them out. */
  readonly items: SplitItem<T>[];
  readonly undecodable: readonly Undecodable[];
  /** @throws {SplitError} when the answer is no list. */
  push(chunk: Uint8Array): void;
  /** The answer has ended. @throws {SplitError} when it is incomplete, or no list. */
  end(): ListHead;
}

/** What splits a watch. */
export interface FrameSplitting<T> {
  /** Whether the stream is over because of what it said: an error event, or bytes that are no events. */
  readonly failed: boolean;
  /** The frames that a chunk completes. */
  push(chunk: Uint8Array): SplitFrame<T>[];
  /** The stream has ended. */
  end(): SplitFrame<T>[];
}
