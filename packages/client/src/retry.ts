import {
  type Awaitable,
  abortError,
  type Clock,
  exponentialBackoff,
  isConflict,
  type Random,
  systemClock,
  systemRandom,
} from '@bowline/apimachinery';
import {
  checkOptions,
  checkValue,
  type OptionRules,
  rules,
  valueRule,
  withMethods,
} from '@bowline/apimachinery/arguments';

/** How often something is tried, and how long the waits between are. */
export interface RetryOptions {
  /** How often it is tried, the first time included. 1 or more. @default 5 */
  readonly steps?: number | undefined;
  /** The first wait, in milliseconds, more than 0. @default 10 */
  readonly initialMs?: number | undefined;
  /** What each wait is multiplied by to give the next; 1 or more. @default 1 */
  readonly factor?: number | undefined;
  /** Each wait is lengthened by a random share of itself up to this; 0 or more. @default 0.1 */
  readonly jitter?: number | undefined;
  /** The longest wait before jitter, in milliseconds. @default no limit */
  readonly capMs?: number | undefined;
  /** Ends the waiting: the call rejects with its reason. */
  readonly signal?: AbortSignal | undefined;
  /** @default that of the machine */
  readonly clock?: Pick<Clock, 'sleep'> | undefined;
  /** @default that of the machine */
  readonly random?: Pick<Random, 'next'> | undefined;
}

/** For conflicts that others cause, who are about to be done: five tries, 10 ms apart. @see client-go util/retry `DefaultRetry` */
export const defaultRetry: RetryOptions = { steps: 5, initialMs: 10, factor: 1, jitter: 0.1 };

/** For conflicts with many others: four tries, 10, 50 and 250 ms apart. @see client-go util/retry `DefaultBackoff` */
export const defaultBackoff: RetryOptions = { steps: 4, initialMs: 10, factor: 5, jitter: 0.1 };

const atLeastOne = valueRule(
  '1 or more',
  (value) => typeof value === 'number',
  (value) => value >= 1,
);
const known: OptionRules<RetryOptions> = {
  steps: rules.positiveCount,
  initialMs: rules.positive,
  factor: atLeastOne,
  jitter: rules.notNegative,
  capMs: rules.positive,
  signal: rules.signal,
  clock: withMethods('a clock', 'sleep'),
  random: rules.random,
};

/**
 * Tries until it works, or fails in a way that `retriable` does not accept, or has been tried often enough.
 *
 * @param attempt Is told how often it was tried, from 1.
 * @throws the last error; the signal's reason when it aborts.
 * @see client-go util/retry `OnError`
 */
export async function onError<T>(
  retriable: (error: unknown) => boolean,
  attempt: (attempt: number) => Awaitable<T>,
  options: RetryOptions = {},
): Promise<T> {
  const action = 'retry';
  checkValue(action, 'retriable', retriable, rules.function);
  checkValue(action, 'attempt', attempt, rules.function);
  checkOptions<RetryOptions>(action, options, known);
  const { clock = systemClock, random = systemRandom, signal, capMs } = options;
  const { steps = 5, initialMs = 10, factor = 1, jitter = 0.1 } = options;
  const backoff = exponentialBackoff({ initialMs, factor, jitter, capMs, random });
  for (let tried = 1; ; tried++) {
    if (signal?.aborted) throw abortError(signal);
    try {
      return await attempt(tried);
    } catch (error) {
      if (tried >= steps || !retriable(error)) throw error;
    }
    await clock.sleep(backoff.next(), signal);
  }
}

/**
 * Tries a read, a change and a write until nobody else has written in between. Read in each try: the same change of the same old object
 * meets the same conflict.
 *
 * @throws the last conflict, or whatever else went wrong; the signal's reason when it aborts.
 * @example
 * ```ts
 * import { ConfigMap } from '@bowline/api/core/v1';
 * import type { Client } from '@bowline/client';
 * import { retryOnConflict } from '@bowline/client/retry';
 *
 * async function paint(client: Client, color: string): Promise<void> {
 *   await retryOnConflict(async () => {
 *     const settings = await client.get(ConfigMap, { namespace: 'shop', name: 'settings' });
 *     if (settings) await client.update(ConfigMap, { ...settings, data: { ...settings.data, color } });
 *   });
 * }
 * ```
 * @see client-go util/retry `RetryOnConflict`
 */
export function retryOnConflict<T>(
  attempt: (attempt: number) => Awaitable<T>,
  options: RetryOptions = defaultRetry,
): Promise<T> {
  return onError(isConflict, attempt, options);
}
