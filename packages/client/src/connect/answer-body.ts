import type { Dispatcher } from 'undici';

/** What a body needs of the exchange that it ends. */
export interface AnswerPorts {
  /** Aborts the exchange. Nobody else may hear of it for longer than that. */
  readonly signal: AbortSignal;
  /** Lets others work. */
  turn(): Promise<void>;
  /** What readers are told of a failure. */
  explain(error: unknown): unknown;
  /** All was read, or nothing more will be. Called once. */
  onEnd(): void;
}

/** An answer whose body is still to come. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: AnswerBody;
}

/**
 * Who sends faster than somebody reads waits once there is so much: several reads of a socket, which are up to 64 KiB each. What a socket reads
 * while its parser waits is copied into one buffer.
 */
const HIGH_WATER_BYTES = 262_144;

/** Up to so much is joined, one read of a socket: what is split in one step, and goes as soon as the few items in it are not needed. */
const CHUNK_BYTES = 65_536;

/**
 * Sends a request. undici's own `request` makes a stream of each body, which copies what has come since it was read last into one buffer:
 * of a busy watch every byte.
 *
 * @throws what undici says, the reason of the signal when that aborts before the answer begins. `onEnd` was not called then.
 */
export function dispatch(
  dispatcher: Dispatcher,
  options: Dispatcher.DispatchOptions,
  ports: AnswerPorts,
): Promise<Answer> {
  const { signal } = ports;
  return new Promise((resolve, reject) => {
    let controller: Dispatcher.DispatchController | undefined;
    let body: AnswerBody | undefined;
    const abort = (): void => {
      body?.drop(signal.reason);
      controller?.abort(signal.reason);
    };
    // undici leaves a stream of HTTP/2 without a listener that is aborted in the turn in which it was opened: when its connection is destroyed
    // later, that would end the process.
    const onAbort = (): void => (body ? abort() : void ports.turn().then(abort));
    signal.addEventListener('abort', onAbort, { once: true });
    dispatcher.dispatch(options, {
      onRequestStart: (started) => {
        controller = started;
        if (signal.aborted) abort(); // before there is a stream
      },
      onResponseStart: (started, status, headers) => {
        if (status < 200) return; // more will be said
        body = new AnswerBody(started, ports);
        resolve({ status, headers, body });
      },
      onResponseData: (_, piece) => body?.push(piece),
      onResponseEnd: () => body?.complete(),
      onResponseError: (_, error) => {
        if (body) body.fail(error);
        else reject(signal.aborted ? signal.reason : error);
      },
    });
  });
}

/**
 * The bytes of an answer, as they come, each chunk in a buffer of its own: pieces that are only parts of theirs are joined. What came before a
 * failure is read before it.
 */
export class AnswerBody implements AsyncIterableIterator<Uint8Array, undefined> {
  readonly #controller: Pick<Dispatcher.DispatchController, 'pause' | 'paused' | 'resume' | 'abort'>;
  readonly #ports: Pick<AnswerPorts, 'turn' | 'explain' | 'onEnd'>;
  /** What nobody has read yet. */
  #pieces: Buffer[] = [];
  #bytes = 0;
  /** Set when no more comes. */
  #end: { readonly failure?: { readonly error: unknown } } | undefined;
  #isOver = false;
  /** What whoever reads waits for. */
  #more: Promise<void> | undefined;
  #wake: () => void = () => {};

  constructor(
    controller: Pick<Dispatcher.DispatchController, 'pause' | 'paused' | 'resume' | 'abort'>,
    ports: Pick<AnswerPorts, 'turn' | 'explain' | 'onEnd'>,
  ) {
    this.#controller = controller;
    this.#ports = ports;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  push(piece: Buffer): void {
    if (this.#end || piece.length === 0) return;
    this.#pieces.push(piece);
    this.#bytes += piece.length;
    if (this.#bytes >= HIGH_WATER_BYTES) this.#controller.pause();
    this.#woken();
  }

  /** All has come. */
  complete(): void {
    this.#end ??= {};
    this.#woken();
  }

  /** No more will come. */
  fail(error: unknown): void {
    if (this.#end) return;
    this.#end = { failure: { error } };
    this.#over();
    this.#woken();
  }

  /** No more will come, and what has come is not wanted. */
  drop(error: unknown): void {
    this.#pieces = [];
    this.#bytes = 0;
    if (!this.#isOver) this.#end = { failure: { error } };
    this.#over();
    this.#woken();
  }

  async next(): Promise<IteratorResult<Uint8Array, undefined>> {
    // What comes in one turn is there before whoever is woken goes on.
    while (this.#pieces.length === 0 && !this.#end) {
      this.#more ??= new Promise((resolve) => {
        this.#wake = resolve;
      });
      await this.#more;
    }
    if (this.#pieces.length > 0) {
      const value = this.#take();
      if (this.#bytes < HIGH_WATER_BYTES && this.#controller.paused) this.#controller.resume();
      return { done: false, value };
    }
    const failure = this.#end?.failure;
    this.#end = {};
    if (failure) throw this.#ports.explain(failure.error);
    if (!this.#isOver) {
      this.#over();
      // undici uses an HTTP/1.1 connection again one turn later; who asks sooner would open another one.
      await this.#ports.turn();
    }
    return { done: true, value: undefined };
  }

  /** Ends the exchange, unless all has come. */
  async return(): Promise<IteratorReturnResult<undefined>> {
    const isComplete = this.#end !== undefined;
    this.#pieces = [];
    this.#bytes = 0;
    this.#end = {};
    this.#over();
    this.#woken();
    if (!isComplete) this.#controller.abort(new Error('Nobody reads the rest of the answer'));
    return { done: true, value: undefined };
  }

  #woken(): void {
    this.#more = undefined;
    this.#wake();
  }

  #over(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#ports.onEnd();
  }

  #take(): Buffer {
    let count = 0;
    let length = 0;
    for (const piece of this.#pieces) {
      if (!isPart(piece) || (count > 0 && length + piece.length > CHUNK_BYTES)) break;
      count++;
      length += piece.length;
    }
    const taken = count === 0 ? (this.#pieces.shift() as Buffer) : joined(this.#pieces.splice(0, count), length);
    this.#bytes -= taken.length;
    return taken;
  }
}

/** `Buffer.concat` would give parts of a buffer that everybody uses. */
function joined(parts: readonly Buffer[], length: number): Buffer {
  const whole = Buffer.allocUnsafeSlow(length);
  let at = 0;
  for (const part of parts) at += part.copy(whole, at);
  return whole;
}

/** Gives back the memory of a chunk that nobody reads any more, unless others read from the same buffer. */
export function freeChunk({ buffer, byteLength }: Uint8Array): void {
  if (buffer instanceof ArrayBuffer && buffer.byteLength === byteLength) buffer.transfer(0);
}

/** Whether others have parts of its buffer, too. */
function isPart({ buffer, length }: Buffer): boolean {
  return buffer.byteLength !== length;
}
