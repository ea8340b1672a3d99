import { ConfigMap, Endpoints } from '@bowline/api/core/v1';
import { type Clock, type ItemClient, type Kind, type KubernetesObject, keyOf } from '@bowline/apimachinery';
import { type SharedInformer, SharedInformerFactory } from '@bowline/informer';
import { RateLimitingQueue } from '@bowline/workqueue';

/** Brings something in line with one object. `undefined`: there is no such object any more. Throw: try again later. */
export type Sync<T> = (key: string, object: T | undefined) => Promise<void>;

export interface CustomControllerOptions {
  readonly client: ItemClient;
  readonly syncEndpoints: Sync<Endpoints>;
  readonly syncConfigMap: Sync<ConfigMap>;
  /** Workers per queue. @default 2 */
  readonly workers?: number;
  readonly clock?: Clock;
}

/**
 * A controller without controller-runtime: two informers from one factory, a queue for each, N workers for each, ended by a signal.
 *
 * Worked examples on the web take a key from the queue, start the work in the background and call Done at once. Then the queue believes that
 * the key is free, and the next change of the same object starts a second worker on it while the first still runs: two writers, in any order.
 * Here a key is done when its work is: `queue.work` awaits it, so one key is never in two hands.
 */
export async function runCustomController(options: CustomControllerOptions, signal: AbortSignal): Promise<void> {
  const { client, clock, workers = 2 } = options;
  const factory = new SharedInformerFactory(client, { clock });
  const loops = [
    controlLoop(factory, Endpoints, options.syncEndpoints, { clock, workers }, signal),
    controlLoop(factory, ConfigMap, options.syncConfigMap, { clock, workers }, signal),
  ];
  factory.start();
  await Promise.all(loops);
  await factory[Symbol.asyncDispose]();
}

async function controlLoop<T extends KubernetesObject>(
  factory: SharedInformerFactory,
  kind: Kind<T>,
  sync: Sync<T>,
  { clock, workers }: { clock: Clock | undefined; workers: number },
  signal: AbortSignal,
): Promise<void> {
  const queue = new RateLimitingQueue<string>({ clock });
  const informer: SharedInformer<T> = factory.informer(kind);
  const add = (object: T): void => queue.add(keyOf(object));
  const registration = informer.addHandler({ onAdd: add, onUpdate: (_, now) => add(now), onDelete: add });
  try {
    await registration.synced(signal);
  } catch (error) {
    if (signal.aborted) return; // ended before it was synced: there is nothing to work on
    throw error;
  }
  // The newest state comes from the cache when the work begins, not from the event that woke it.
  await queue.work((key) => sync(key, informer.indexer.get(key)), { concurrency: workers, signal });
}
