import type { ClusterView } from './builtins/admission-plugin.ts';
import { storeKey } from './endpoint.ts';
import type { Store } from './store/store.ts';

/** The stored objects, for those who decide about others. */
export function clusterView(store: Store): ClusterView {
  return {
    object: (resource, namespace, name) => {
      const key = storeKey({ namespaced: namespace !== '' }, namespace, name);
      return store.collection(resource).get(key)?.object;
    },
    objects: (resource, namespace) => {
      const entries = store.collection(resource).range(namespace === undefined ? '' : `${namespace}/`);
      return entries.map(({ object }) => object);
    },
  };
}
