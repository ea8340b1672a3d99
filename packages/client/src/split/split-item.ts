import type { EncodedItem, Encoding, ListMeta, Undecodable, WatchFrame } from '@bowline/apimachinery';
import type { ChunkMemory } from './chunk-memory.ts';

/** An item whose bytes were checked when they came. They stand among those of others, in a buffer that lives as long as any of them is there. */
export abstract class SplitItem<T> implements EncodedItem<T> {
  readonly key: string;
  abstract readonly uid: string;
  abstract readonly resourceVersion: string;
  readonly encoding: Encoding<T>;
  bytes: Buffer;
  start: number;
  end: number;
  #object: T | undefined;

  constructor(key: string, encoding: Encoding<T>, bytes: Buffer, start: number, end: number) {
    this.key = key;
    this.encoding = encoding;
    this.bytes = bytes;
    this.start = start;
    this.end = end;
  }

  get object(): T {
    this.#object ??= this.readObject();
    return this.#object;
  }

  /** Whether somebody may hold its object, which reads from its bytes. */
  protected get isRead(): boolean {
    return this.#object !== undefined;
  }

  protected readObject(): T {
    return this.encoding.object(this.bytes, this.start, this.end);
  }

  /** The object as plain mutable data that nobody else has. */
  decode(): T {
    return this.encoding.decode(this.bytes, this.start, this.end);
  }

  read(path: readonly string[]): unknown {
    return this.encoding.read(this.bytes, this.start, this.end, path);
  }
}

/** One whose names were read already. */
export class NamedItem<T> extends SplitItem<T> {
  readonly uid: string;
  readonly resourceVersion: string;

  constructor(
    key: string,
    uid: string,
    resourceVersion: string,
    encoding: Encoding<T>,
    bytes: Buffer,
    start: number,
    end: number,
  ) {
    super(key, encoding, bytes, start, end);
    this.uid = uid;
    this.resourceVersion = resourceVersion;
  }
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
  /** @param memory Of the chunk. @throws {SplitError} when the answer is no list. */
  push(chunk: Uint8Array, memory?: ChunkMemory): void;
  /** The answer has ended. @throws {SplitError} when it is incomplete, or no list. */
  end(): ListHead;
}

/** What splits a watch. */
export interface FrameSplitting<T> {
  /** Whether the stream is over because of what it said: an error event, or bytes that are no events. */
  readonly failed: boolean;
  /** The frames that a chunk completes. @param memory Of the chunk. */
  push(chunk: Uint8Array, memory?: ChunkMemory): SplitFrame<T>[];
  /** The stream has ended. */
  end(): SplitFrame<T>[];
}
