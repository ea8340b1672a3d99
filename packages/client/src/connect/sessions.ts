import { subscribe } from 'node:diagnostics_channel';
import type { ClientHttp2Stream, Http2Session } from 'node:http2';
import type { Socket } from 'node:net';
import type { Clock } from '@bowline/apimachinery';

interface Pong {
  readonly promise: Promise<void>;
  /** There is no need to wait. */
  settle(): void;
}

/** A session that carries streams. */
interface Session {
  streams: number;
  /** The ping that is under way, for whoever asks meanwhile: Node allows ten at a time. */
  pong: Pong | undefined;
  /** When that was sent, in `clock.monotonic()`. */
  pingedAt: number;
}

/** A ping that waits for longer is no matter of a slow network. */
const PATIENCE_MS = 1_000;

/**
 * The HTTP/2 sessions over some sockets that carry streams, so that they can be asked for a sign of life.
 * undici keeps its sessions to itself, but Node tells of each stream that is made.
 */
export class Sessions {
  readonly #clock: Pick<Clock, 'monotonic'>;
  readonly #sessions: Map<Http2Session, Session> = new Map();

  constructor(clock: Pick<Clock, 'monotonic'>) {
    this.#clock = clock;
  }

  /** Streams over this socket count. */
  add(socket: Socket): void {
    hear();
    Object.defineProperty(socket, owner, { value: (stream: ClientHttp2Stream) => this.#opened(stream) });
  }

  /**
   * Resolves when each session has answered a ping; at once when there is none.
   *
   * @throws when a session is dead; the signal's reason when it aborts first.
   */
  async ping(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const pongs = [...this.#sessions].map(([session, state]) => this.#pong(session, state));
    let onAbort = (): void => {};
    const aborted = new Promise<never>((_, reject) => {
      onAbort = () => reject(signal.reason);
      signal.addEventListener('abort', onAbort, { once: true });
    });
    try {
      await Promise.race([Promise.all(pongs), aborted]);
    } finally {
      signal.removeEventListener('abort', onAbort);
    }
  }

  /** Ends the sessions that have not answered a ping: whatever they carry fails now, and not one after the other. */
  endSilent(): void {
    const now = this.#clock.monotonic();
    for (const [session, { pong, pingedAt }] of this.#sessions) {
      if (!pong || now - pingedAt < PATIENCE_MS) continue;
      session.destroy(Object.assign(new Error('A ping was not answered'), { code: 'ERR_HTTP2_PING_UNANSWERED' }));
    }
  }

  /** Nobody needs these sessions any more: whoever waits for a sign of life is told that all is well. */
  forget(): void {
    for (const { pong } of this.#sessions.values()) pong?.settle();
  }

  #pong(session: Http2Session, state: Session): Promise<void> {
    if (state.pong) return state.pong.promise;
    state.pingedAt = this.#clock.monotonic();
    let settle = (): void => {};
    const promise = new Promise<void>((resolve, reject) => {
      settle = resolve;
      session.ping((error) => (error ? reject(error) : resolve()));
    });
    state.pong = { promise, settle };
    const forget = (): void => {
      state.pong = undefined;
    };
    promise.then(forget, forget); // Whoever asked may have stopped waiting.
    return promise;
  }

  #opened(stream: ClientHttp2Stream): void {
    const { session } = stream;
    if (!session) return;
    const state = this.#sessions.get(session) ?? { streams: 0, pong: undefined, pingedAt: 0 };
    this.#sessions.set(session, state);
    state.streams++;
    stream.once('close', () => {
      state.streams--;
      if (state.streams > 0) return;
      this.#sessions.delete(session);
      if (!session.destroyed) state.pong?.settle(); // Of what carries nothing any more nobody wants to know.
    });
  }
}

type Opened = (stream: ClientHttp2Stream) => void;

/** On a socket: who wants to know of its streams. The `socket` of a session is a proxy, which no map would find. */
const owner = Symbol('owner');
let hearing = false;

function hear(): void {
  if (hearing) return;
  hearing = true;
  subscribe('http2.client.stream.created', (message) => {
    const { stream } = message as { readonly stream: ClientHttp2Stream };
    ownerOf(stream)?.(stream);
  });
  subscribe('http2.client.stream.close', (message) => {
    const { stream } = message as { readonly stream: ClientHttp2Stream };
    if (!isCutOff(stream) || !ownerOf(stream)) return;
    const error = new Error('The stream was ended in the middle of the answer');
    stream.destroy(Object.assign(error, { code: 'ERR_HTTP2_STREAM_CUT_OFF' }));
  });
}

const ownerOf = ({ session }: ClientHttp2Stream): Opened | undefined =>
  (session?.socket as { readonly [owner]?: Opened } | undefined)?.[owner];

/** RST_STREAM with these codes is the end of an answer for Node: NO_ERROR and CANCEL. With others it is an error. */
const PEACEFUL = [0, 8];

/**
 * Whether the other side ends a stream that is being closed, and has not said that the answer is over. Where it has, Node has pushed the
 * end before it learns that the stream is closed. Where we end it ourselves, the other side has not.
 */
function isCutOff(stream: ClientHttp2Stream & { readonly _readableState?: { readonly ended?: boolean } }): boolean {
  return (
    PEACEFUL.includes(stream.rstCode ?? -1) && stream._readableState?.ended === false && stream.state.remoteClose === 1
  );
}
