import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { type Random, systemClock } from '@bowline/apimachinery';

/** What a proxy does to all connections until it is told something else. */
export interface Weather {
  /** Each chunk waits up to so many milliseconds. The order stays. */
  readonly delayMs?: number | undefined;
  /** Each connection breaks after a random number of the server's bytes between these: inside of whatever comes then. */
  readonly cutAfterBytes?: readonly [least: number, most: number] | undefined;
  /** New connections are reset. */
  readonly refuses?: boolean | undefined;
}

/** A connection through the proxy. */
interface Passage {
  readonly client: Socket;
  readonly server: Socket;
  /** It stays open and carries nothing any more. */
  forgotten: boolean;
  /** So many more bytes of the server until it breaks. */
  budget: number | undefined;
}

/** A TCP proxy that treats connections badly, and never sends anything twice or in another order. What it does follows from `random`. */
export class RoughProxy implements AsyncDisposable {
  weather: Weather = {};
  /** What it has done. Bytes are the server's. */
  readonly counts = { connections: 0, refused: 0, dropped: 0, delayed: 0, cut: 0, cutInLine: 0, received: 0, sent: 0 };
  readonly #connect: () => Socket;
  readonly #random: Random;
  readonly #server: Server;
  readonly #passages: Set<Passage> = new Set();

  private constructor(connect: () => Socket, random: Random) {
    this.#connect = connect;
    this.#random = random;
    this.#server = createServer({ allowHalfOpen: false }, (client) => this.#accept(client));
  }

  /** Listens on a port of its own. `connect` opens a connection to the server. */
  static async listen(connect: () => Socket, random: Random): Promise<RoughProxy> {
    const proxy = new RoughProxy(connect, random);
    proxy.#server.listen(0, '127.0.0.1');
    await once(proxy.#server, 'listening');
    return proxy;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Connections of now. */
  get open(): number {
    return this.#passages.size;
  }

  /** Breaks all connections: some end, some are reset. */
  drop(): void {
    for (const passage of [...this.#passages]) {
      this.counts.dropped += 1;
      this.#end(passage, this.#random.next() < 0.5);
    }
  }

  /** Carries nothing any more over the connections of now, which stay open, as a load balancer does that has lost its memory. */
  forget(): void {
    for (const passage of this.#passages) passage.forgotten = true;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const passage of [...this.#passages]) this.#end(passage, true);
    this.#server.close();
    await once(this.#server, 'close');
  }

  #accept(client: Socket): void {
    client.on('error', () => {}); // a connection that breaks is this proxy's business
    if (this.weather.refuses) {
      this.counts.refused += 1;
      client.resetAndDestroy();
      return;
    }
    this.counts.connections += 1;
    const server = this.#connect();
    server.on('error', () => {});
    const passage: Passage = { client, server, forgotten: false, budget: undefined };
    this.#passages.add(passage);
    client.once('close', () => this.#end(passage, false));
    void this.#carry(passage, client, server);
    void this.#carry(passage, server, client);
  }

  /** Carries what comes from one end to the other until either is gone. Never rejects. */
  async #carry(passage: Passage, from: Socket, to: Socket): Promise<void> {
    try {
      for await (const chunk of from as AsyncIterable<Buffer>) {
        if (passage.forgotten) continue;
        const isAnswer = from === passage.server;
        if (isAnswer) this.counts.received += chunk.length;
        const { delayMs } = this.weather;
        if (delayMs !== undefined) {
          this.counts.delayed += 1;
          await systemClock.sleep(this.#random.next() * delayMs);
        }
        const piece = isAnswer ? this.#rest(passage, chunk) : chunk;
        if (isAnswer) this.counts.sent += piece.length;
        if (piece.length < chunk.length) {
          this.counts.cut += 1;
          if (!/[\r\n]$/.test(piece.toString('latin1'))) this.counts.cutInLine += 1;
          to.write(piece, () => this.#end(passage, false));
          return;
        }
        if (!to.write(piece)) await room(to);
      }
      if (!passage.forgotten) to.end();
    } catch {
      this.#end(passage, false); // it broke, at one end or the other
    }
  }

  /** As much of an answer as is let through: less than all is the last of the connection. */
  #rest(passage: Passage, chunk: Buffer): Buffer {
    const { cutAfterBytes } = this.weather;
    if (cutAfterBytes === undefined) {
      passage.budget = undefined;
      return chunk;
    }
    const [least, most] = cutAfterBytes;
    passage.budget ??= least + Math.floor(this.#random.next() * (most - least));
    if (passage.budget < chunk.length) return chunk.subarray(0, passage.budget);
    passage.budget -= chunk.length;
    return chunk;
  }

  #end(passage: Passage, reset: boolean): void {
    if (!this.#passages.delete(passage)) return;
    if (reset) passage.client.resetAndDestroy();
    else passage.client.destroy();
    passage.server.destroy();
  }
}

/** Resolves when `to` takes more, or is gone. */
function room(to: Socket): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      to.off('drain', done).off('close', done);
      resolve();
    };
    to.once('drain', done).once('close', done);
  });
}
