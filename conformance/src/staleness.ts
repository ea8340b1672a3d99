/** How long what was written stayed unseen, in milliseconds, by fault. */
export class Staleness {
  readonly longest: Map<string, number> = new Map();
  readonly #waiting = new Map<string, number>();
  readonly #seen = new Set<string>();
  fault = 'none';

  /** The server has accepted it; a handler may know already. */
  written(key: string, version: string): void {
    const write = `${key} ${version}`;
    if (this.#seen.has(write)) this.#took(0);
    else this.#waiting.set(write, performance.now());
  }

  seen(key: string, version: string): void {
    const write = `${key} ${version}`;
    this.#seen.add(write);
    const sinceMs = this.#waiting.get(write);
    if (sinceMs === undefined || !this.#waiting.delete(write)) return;
    this.#took(Math.round(performance.now() - sinceMs));
  }

  #took(ms: number): void {
    this.longest.set(this.fault, Math.max(ms, this.longest.get(this.fault) ?? 0));
  }
}
