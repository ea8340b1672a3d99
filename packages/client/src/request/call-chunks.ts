import type { CallScope } from './call-scope.ts';

/** How a body is read. */
export interface Reading {
  /** How long the call may wait for a chunk, and what it ends with then. Absent: for ever. */
  readonly silence?: { readonly limitMs: number; readonly error: () => Error };
  /** What readers are told of a failure. */
  readonly explain: (error: unknown) => unknown;
  /** All of it has come. */
  readonly received?: (bytes: number) => void;
  /** Nothing is read any more. */
  readonly ended?: () => void;
}

/**
 * The chunks of a body, within a call. Whoever stops reading frees the connection.
 *
 * Written by hand because generators that go on from one to another take longer than all else that happens to a chunk of a busy watch.
 */
export class CallChunks implements AsyncIterableIterator<Uint8Array, undefined> {
  readonly #scope: CallScope;
  readonly #body: AsyncIterable<Uint8Array>;
  /** Set once somebody reads. */
  #iterator: AsyncIterator<Uint8Array> | undefined;
  readonly #reading: Reading;
  #bytes = 0;
  #isOver = false;

  constructor(scope: CallScope, body: AsyncIterable<Uint8Array>, reading: Reading) {
    this.#scope = scope;
    this.#body = body;
    this.#reading = reading;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<Uint8Array, undefined>> {
    if (this.#isOver) return Promise.resolve(over);
    const { limitMs, error } = this.#reading.silence ?? {};
    return this.#scope.wait(this.#step(), limitMs, error).then(this.#onResult, this.#onFailure);
  }

  return(): Promise<IteratorReturnResult<undefined>> {
    this.#leave();
    return Promise.resolve(over);
  }

  #step(): Promise<IteratorResult<Uint8Array>> {
    try {
      this.#iterator ??= this.#body[Symbol.asyncIterator]();
      return this.#iterator.next();
    } catch (error) {
      return Promise.reject(error); // of a transport that throws instead
    }
  }

  readonly #onResult = (result: IteratorResult<Uint8Array>): IteratorResult<Uint8Array, undefined> => {
    if (this.#isOver) return over;
    if (!result.done) {
      this.#bytes += result.value.length;
      return result;
    }
    this.#isOver = true;
    this.#reading.received?.(this.#bytes);
    this.#reading.ended?.();
    return over;
  };

  readonly #onFailure = (error: unknown): never => {
    this.#leave();
    throw this.#reading.explain(error);
  };

  #leave(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    // Frees the connection. Whether that works no longer matters to this call.
    this.#iterator ??= this.#body[Symbol.asyncIterator]();
    this.#iterator.return?.().catch(() => {});
    this.#reading.ended?.();
  }
}

const over: IteratorReturnResult<undefined> = { done: true, value: undefined };
