import { type Logger, noMetrics, type Random, silentLogger, systemClock, systemRandom } from '@bowline/apimachinery';
import {
  checkOptions,
  checkValue,
  type OptionRules,
  required,
  rules,
  withMethods,
} from '@bowline/apimachinery/arguments';
import { Cache } from './cache/cache.ts';
import { CachedClient } from './cached-client.ts';
import type { Cause } from './cause.ts';
import type { LiveClient } from './live-client.ts';
import { type Outcome, outcomeOf } from './outcome.ts';
import type { Reconcile } from './reconcile.ts';
import { ReconcileRun } from './reconcile-run.ts';
import { formatRequest, type RequestKey } from './request.ts';

/** What a single run of a reconciler works with. */
export interface ReconcileOnceOptions {
  /** A client of any server; reads go to it, there is no cache. */
  readonly client: LiveClient;
  readonly key: RequestKey;
  /** @default none */
  readonly causes?: readonly Cause[] | undefined;
  /** @default never aborts */
  readonly signal?: AbortSignal | undefined;
  /** @default silent */
  readonly logger?: Logger | undefined;
  /** @default the randomness of the machine */
  readonly random?: Random | undefined;
}

const optionRules: OptionRules<ReconcileOnceOptions> = {
  client: required(withMethods('a client', 'get', 'list', 'create', 'update', 'patch', 'apply', 'delete')),
  key: required({ ...rules.object, text: '{ namespace, name }' }),
  causes: rules.array,
  signal: rules.signal,
  logger: rules.logger,
  random: rules.random,
};

/**
 * Runs a reconcile function once, outside any manager, and says how it ended.
 *
 * @throws {TypeError | RangeError} when an argument is wrong.
 * @example
 * ```ts
 * import { ConfigMap } from '@bowline/api/core/v1';
 * import { FakeCluster, reconcileOnce } from '@bowline/controller-runtime/testing';
 *
 * const client = new FakeCluster();
 * const outcome = await reconcileOnce(
 *   async ({ key, client }) => ((await client.get(ConfigMap, key)) ? undefined : { requeueAfterMs: 1_000 }),
 *   { client, key: { namespace: 'default', name: 'settings' } },
 * );
 * console.log(outcome); // { type: 'requeue_after', afterMs: 1000 }
 * ```
 */
export async function reconcileOnce(reconcile: Reconcile, options: ReconcileOnceOptions): Promise<Outcome> {
  checkValue('reconcile once', 'reconcile', reconcile, rules.function);
  checkOptions<ReconcileOnceOptions>('reconcile once', options, optionRules);
  const { client: live, key, causes = [], signal = new AbortController().signal } = options;
  const { logger = silentLogger, random = systemRandom } = options;
  const informers = {
    create(): never {
      throw new TypeError('Cannot watch: there is no cache');
    },
  };
  const waitSeconds = noMetrics.histogram({ name: 'none', help: '' });
  const cache = new Cache({ informers, clock: systemClock, random, waitSeconds }, { syncTimeoutMs: 1 });
  const client = new CachedClient({ live, cache }, { consistency: 'live' });
  const request = { key: formatRequest(key), priority: 0, causes, causeCount: causes.length, [Symbol.dispose]() {} };
  const run = new ReconcileRun({ client, logger, random }, request, signal);
  try {
    return outcomeOf(await reconcile(run));
  } catch (error) {
    return { type: 'error', error };
  }
}
