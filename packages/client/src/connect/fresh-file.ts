import { readFile } from 'node:fs/promises';
import type { Clock } from '@bowline/apimachinery';
import { ClientError } from '../errors.ts';

/** How often a file is read, and what it is called when that fails. */
export interface FreshFileOptions {
  readonly path: string;
  /** What it holds: `token file of user "x"`. */
  readonly what: string;
  /** How old its content may be, in milliseconds. */
  readonly maxAgeMs: number;
}

/**
 * The content of a file that somebody else replaces now and then. It is read when it is asked for and too old;
 * callers at the same time share one read. When a later read fails the last good content serves on.
 */
export class FreshFile {
  readonly #clock: Clock;
  readonly #options: FreshFileOptions;
  #content: string | undefined;
  #readAtMs = Number.NEGATIVE_INFINITY;
  #reading: Promise<string> | undefined;

  constructor(clock: Clock, options: FreshFileOptions) {
    this.#clock = clock;
    this.#options = options;
  }

  /**
   * The content without the white space around it.
   *
   * @throws {ClientError} `CLIENT_CREDENTIALS_UNREADABLE` when it cannot be read, or is empty, and never could be read before.
   */
  read(): Promise<string> {
    if (this.#content !== undefined && this.#clock.monotonic() - this.#readAtMs < this.#options.maxAgeMs) {
      return Promise.resolve(this.#content);
    }
    this.#reading ??= this.#load().finally(() => {
      this.#reading = undefined;
    });
    return this.#reading;
  }

  /** The server did not accept the content: read again next time. */
  expire(): void {
    this.#readAtMs = Number.NEGATIVE_INFINITY;
  }

  async #load(): Promise<string> {
    const { path, what } = this.#options;
    let content: string;
    try {
      content = (await readFile(path, 'utf8')).trim();
      if (content === '') throw new Error('it is empty');
    } catch (error) {
      if (this.#content !== undefined) return this.#content;
      const reason = error instanceof Error ? error.message : String(error);
      throw new ClientError(`Cannot read ${what}: ${reason}`, {
        code: 'CLIENT_CREDENTIALS_UNREADABLE',
        retryable: true,
        cause: error,
      });
    }
    this.#content = content;
    this.#readAtMs = this.#clock.monotonic();
    return content;
  }
}
