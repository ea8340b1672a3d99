import type { ItemClient, KubernetesObject, UnstructuredObject } from '@bowline/apimachinery';
import { checkOptions, checkValue, type OptionRules, rules, withMethods } from '@bowline/apimachinery/arguments';
import { collectionOf } from './collection-path.ts';
import { ListenerInformer, type ListenerInformerOptions } from './listener-informer.ts';
import { informerRules, portRules } from './options.ts';

/** What `makeInformer` takes beyond the parameters of client-node's. */
export interface MakeInformerOptions<T> extends ListenerInformerOptions<T> {
  /** In kubectl's syntax. @default that of `path` */
  readonly fieldSelector?: string | undefined;
}

const action = 'make informer';
const makeRules: OptionRules<MakeInformerOptions<never>> = {
  ...portRules,
  fieldSelector: rules.string,
  indexes: informerRules.indexes,
  transform: informerRules.transform,
  storage: informerRules.storage,
  resyncMs: informerRules.resyncMs,
  maxPending: informerRules.maxPending,
  reflector: informerRules.reflector,
};

/**
 * An informer with the parameters and methods of `makeInformer` of `@kubernetes/client-node`, for programs that move over; new ones
 * use `startInformer`. It needs nothing of client-node: `client` is `createClient(kubeConfig)`, which takes client-node's `KubeConfig`.
 *
 * @param path Of a collection; may end in `?fieldSelector=…`.
 * @param listFn Never called: the list is read from `path`, in pages and with the same selectors as the watch. It may be left out.
 * @param labelSelector In kubectl's syntax. Default: that of `path`.
 * @throws {TypeError} {RangeError} when an argument is wrong.
 * @example
 * ```ts
 * import { defineKind } from '@bowline/apimachinery';
 * import { makeInformer } from '@bowline/informer';
 * import { FakeItemServer } from '@bowline/informer/testing';
 *
 * const Pod = defineKind({ group: '', version: 'v1', kind: 'Pod', resource: 'pods', scope: 'Namespaced' });
 * const client = new FakeItemServer(); // stands for a cluster: `createClient(kubeConfig)`
 * client.put(Pod, { metadata: { namespace: 'default', name: 'web' } });
 *
 * const informer = makeInformer(client, '/api/v1/pods');
 * informer.on('add', ({ metadata }) => console.log('added', metadata.name));
 * await informer.start();
 * await informer.stop();
 * ```
 * @see `makeInformer` of `@kubernetes/client-node`; docs/migrate-from-make-informer.md
 */
export function makeInformer<T extends KubernetesObject = UnstructuredObject>(
  client: ItemClient,
  path: string,
  listFn?: (() => unknown) | undefined,
  labelSelector?: string,
  options: MakeInformerOptions<T> = {},
): ListenerInformer<T> {
  checkValue(action, 'client', client, withMethods('a client (createClient(kubeConfig))', 'listItems', 'watchItems'));
  const collection = collectionOf(action, path);
  if (listFn !== undefined) checkValue(action, 'listFn', listFn, rules.function);
  if (labelSelector !== undefined) checkValue(action, 'labelSelector', labelSelector, rules.string);
  checkOptions<MakeInformerOptions<never>>(action, options, makeRules);
  const { fieldSelector = collection.fieldSelector, ...settings } = options;
  const query = { ...collection, labelSelector: labelSelector ?? collection.labelSelector, fieldSelector };
  return new ListenerInformer<T>(client, query, settings);
}
