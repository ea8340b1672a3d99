/** How a server is discovered. */
export interface DiscoveryOptions {
  /**
   * A spelling that is not in the cache makes it re-read, but at most once in so many milliseconds; 0 or more.
   * Too long, and a new custom resource stays unknown; 0, and each misspelling costs two requests.
   *
   * @default 1000
   */
  readonly minRefreshMs?: number | undefined;
  /** How many group versions are read at a time from a server without aggregated discovery; 1 or more. @default 8 */
  readonly concurrency?: number | undefined;
  /** After how many milliseconds a reading is given up; more than 0. @default 32000 (client-go discovery/discovery_client.go `defaultTimeout`) */
  readonly timeoutMs?: number | undefined;
}

/** All set and checked. */
export interface ResolvedOptions {
  readonly minRefreshMs: number;
  readonly concurrency: number;
  readonly timeoutMs: number;
}

export function resolveOptions(options: DiscoveryOptions): ResolvedOptions {
  const { minRefreshMs = 1_000, concurrency = 8, timeoutMs = 32_000 } = options;
  check('minRefreshMs', minRefreshMs, minRefreshMs >= 0, '0 or more');
  check('concurrency', concurrency, Number.isInteger(concurrency) && concurrency >= 1, 'a whole number, 1 or more');
  check('timeoutMs', timeoutMs, timeoutMs > 0, 'more than 0');
  return { minRefreshMs, concurrency, timeoutMs };
}

function check(field: string, value: number, ok: boolean, rule: string): void {
  if (!ok) throw new RangeError(`Cannot create discovery: ${field} must be ${rule}, got ${value}`);
}
