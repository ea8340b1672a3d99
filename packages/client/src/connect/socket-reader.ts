import type { Socket } from 'node:net';

/** Reads what the other side says before a socket is handed on. Nobody else may read until `release`. */
export class SocketReader {
  readonly #socket: Socket;
  #received: Buffer = Buffer.alloc(0);

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  /** @throws when the socket ends before. */
  async take(bytes: number): Promise<Buffer> {
    while (this.#received.length < bytes) await this.#more();
    const taken = this.#received.subarray(0, bytes);
    this.#received = this.#received.subarray(bytes);
    return taken;
  }

  /** All up to and with `mark`, as Latin-1. @throws when it does not come within `limit` bytes. */
  async until(mark: string, limit: number): Promise<string> {
    for (;;) {
      const at = this.#received.indexOf(mark);
      if (at >= 0) return (await this.take(at + mark.length)).toString('latin1');
      if (this.#received.length > limit) throw new Error('its answer is no HTTP');
      await this.#more();
    }
  }

  /** Gives back what nobody has taken. */
  release(): void {
    if (this.#received.length > 0) this.#socket.unshift(this.#received);
  }

  /** @throws when no more comes. */
  async #more(): Promise<void> {
    const socket = this.#socket;
    for (;;) {
      const chunk: Buffer | null = socket.read();
      if (chunk) {
        this.#received = Buffer.concat([this.#received, chunk]);
        return;
      }
      if (socket.readableEnded || socket.destroyed) throw socket.errored ?? new Error('it closed the connection');
      await changed(socket);
    }
  }
}

/** Until there is something to read, or nothing will come any more. */
function changed(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    const settle = (): void => {
      socket.off('readable', settle).off('end', settle).off('close', settle).off('error', settle);
      resolve();
    };
    socket.on('readable', settle).on('end', settle).on('close', settle).on('error', settle);
  });
}
