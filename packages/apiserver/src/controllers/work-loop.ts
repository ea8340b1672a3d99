import type { Clock, Logger, Timer } from '@bowline/apimachinery';

/** Wait after the first failure of a key, doubled with each further one up to the maximum. */
const firstRetryMs = 5;
const maxRetryMs = 30_000;

/** Works off keys one at a time, each as often as it was added since its last turn. */
export class WorkLoop {
  readonly #name: string;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #work: (key: string) => Promise<void>;
  readonly #waiting = new Set<string>();
  readonly #failures = new Map<string, number>();
  readonly #timers = new Map<string, Timer>();
  #running: Promise<void> | undefined;
  #current: string | undefined;
  #stopped = false;

  constructor(
    name: string,
    ports: { readonly clock: Clock; readonly logger: Logger },
    work: (key: string) => Promise<void>,
  ) {
    this.#name = name;
    this.#clock = ports.clock;
    this.#logger = ports.logger;
    this.#work = work;
  }

  /** Has `key` worked on, in a later turn. */
  add(key: string): void {
    if (this.#stopped) return;
    this.#timers.get(key)?.cancel();
    this.#timers.delete(key);
    this.#waiting.add(key);
    this.#running ??= this.#drain();
  }

  /** Has `key` worked on after `delayMs`. An earlier time that was set before is replaced. */
  addAfter(key: string, delayMs: number): void {
    if (this.#stopped || this.#waiting.has(key)) return;
    this.#timers.get(key)?.cancel();
    this.#timers.set(
      key,
      this.#clock.setTimer(delayMs, () => this.add(key)),
    );
  }

  /** What is being done or waits for its turn. Keys that wait for their time count only when they failed. */
  busy(): readonly string[] {
    const keys = [...(this.#current === undefined ? [] : [this.#current]), ...this.#waiting, ...this.#failures.keys()];
    return [...new Set(keys)].map((key) => `${this.#name}: ${key}`);
  }

  /** Drops what waits; resolves when nothing runs any more. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#waiting.clear();
    for (const timer of this.#timers.values()) timer.cancel();
    this.#timers.clear();
    await this.#running;
  }

  async #drain(): Promise<void> {
    await Promise.resolve(); // leaves the turn of the write that added the key
    for (const key of this.#waiting) {
      this.#waiting.delete(key);
      this.#current = key;
      try {
        await this.#work(key);
        this.#failures.delete(key);
      } catch (error) {
        const failures = (this.#failures.get(key) ?? 0) + 1;
        this.#failures.set(key, failures);
        this.#logger.warn(
          { controller: this.#name, key, failures, error: String(error) },
          'Controller failed and will try again',
        );
        this.addAfter(key, Math.min(firstRetryMs * 2 ** (failures - 1), maxRetryMs));
      }
    }
    this.#current = undefined;
    this.#running = undefined;
  }
}
