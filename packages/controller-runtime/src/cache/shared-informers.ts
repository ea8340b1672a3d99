import type {
  Clock,
  ItemClient,
  KubernetesObject,
  Logger,
  Metrics,
  Random,
  ResourceQuery,
} from '@bowline/apimachinery';
import { SharedInformer, type StorageOption, Turns } from '@bowline/informer';
import { ListWatch } from '@bowline/listwatch';
import type { InformerFactory, ResourceInformer, ResourceInformerOptions } from './ports.ts';

/** What shared informers work with. */
export interface SharedInformersPorts {
  readonly client: ItemClient;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

/** Makes the informers of a cache from a client. */
export function sharedInformers({ client, ...ports }: SharedInformersPorts): InformerFactory {
  const turns = new Turns(ports.clock);
  return {
    create<T extends KubernetesObject>(
      query: ResourceQuery,
      { resyncMs, storage }: ResourceInformerOptions,
    ): ResourceInformer<T> {
      const { group, version, resource, namespace } = query;
      const name = namespace === undefined ? 'cache' : `cache/${namespace}`;
      const informer = new SharedInformer<T>(
        { source: new ListWatch<T>(client, query), turns, ...ports },
        {
          resyncMs,
          storage: (typeof storage === 'function' ? storage(query) : storage) as StorageOption<T> | undefined,
          identity: { name, group, version, resource },
        },
      );
      return {
        run: (signal) => informer.run(signal),
        synced: (signal) => informer.synced(signal),
        attempted: (signal) => informer.attempted(signal),
        addItemHandler: (handler, options) => informer.addItemHandler(handler, options),
        indexer: informer.indexer,
        get hasSynced() {
          return informer.hasSynced;
        },
        problem() {
          const { failures, lastError, synced, state } = informer.status();
          if (failures > 0) return lastError;
          return synced ? undefined : `not all that exists has arrived (${state})`;
        },
      };
    },
  };
}
