import { checkOptions, rules } from '@bowline/apimachinery/arguments';

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
  /**
   * Ask for the aggregated form. Without it every group version takes a request; for servers and proxies that answer it wrongly.
   *
   * @default true (client-go discovery/discovery_client.go `UseLegacyDiscovery`, the other way round)
   */
  readonly aggregated?: boolean | undefined;
}

/** All set and checked. */
export interface ResolvedOptions {
  readonly minRefreshMs: number;
  readonly concurrency: number;
  readonly timeoutMs: number;
  readonly aggregated: boolean;
}

export function resolveOptions(options: DiscoveryOptions): ResolvedOptions {
  checkOptions<DiscoveryOptions>('create discovery', options, {
    minRefreshMs: rules.notNegative,
    concurrency: rules.positiveCount,
    timeoutMs: rules.positive,
    aggregated: rules.boolean,
  });
  const { minRefreshMs = 1_000, concurrency = 8, timeoutMs = 32_000, aggregated = true } = options;
  return { minRefreshMs, concurrency, timeoutMs, aggregated };
}
