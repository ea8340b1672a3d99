import type { Clock } from '@bowline/apimachinery';
import { checkOptions, checkValue, rules, withMethods } from '@bowline/apimachinery/arguments';

/** Settings of a `WatchListMemory`. */
export interface WatchListMemoryOptions {
  /** After so many watch-lists without their final bookmark the resource is listed instead; 1 or more. @default 2 */
  readonly missLimit?: number | undefined;
  /** After so many milliseconds it is tried again: servers and proxies are updated. More than 0. @default 3_600_000 */
  readonly forgetAfterMs?: number | undefined;
}

interface Misses {
  count: number;
  at: number;
}

/**
 * Remembers for which resources a server does not end its watch-lists, so that not every reflector waits for that again.
 * client-go remembers nothing, and waits for ever.
 *
 * @throws {TypeError} {RangeError} when an option is wrong.
 */
export class WatchListMemory {
  readonly #clock: Pick<Clock, 'monotonic'>;
  readonly #missLimit: number;
  readonly #forgetAfterMs: number;
  readonly #misses: Map<string, Misses> = new Map();

  constructor(ports: { readonly clock: Pick<Clock, 'monotonic'> }, options: WatchListMemoryOptions = {}) {
    const action = 'create watch-list memory';
    checkValue(action, 'ports', ports, rules.object);
    checkValue(action, 'clock', ports.clock, withMethods('a clock', 'monotonic'));
    checkOptions(action, options, { missLimit: rules.positiveCount, forgetAfterMs: rules.positive });
    const { missLimit = 2, forgetAfterMs = 3_600_000 } = options;
    this.#clock = ports.clock;
    this.#missLimit = missLimit;
    this.#forgetAfterMs = forgetAfterMs;
  }

  /** Whether a watch-list of the resource is worth an attempt. */
  allows(resource: string): boolean {
    const misses = this.#misses.get(resource);
    if (!misses || misses.count < this.#missLimit) return true;
    if (this.#clock.monotonic() - misses.at < this.#forgetAfterMs) return false;
    this.#misses.delete(resource);
    return true;
  }

  /** A watch-list was silent before its final bookmark. */
  missed(resource: string): void {
    const count = (this.#misses.get(resource)?.count ?? 0) + 1;
    this.#misses.set(resource, { count, at: this.#clock.monotonic() });
  }

  /** A watch-list was complete. */
  worked(resource: string): void {
    this.#misses.delete(resource);
  }
}
