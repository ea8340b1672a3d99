import { Node, Service } from '@bowline/api/core/v1';
import type { KubeConfigLike } from '@bowline/client';
import { enqueueRequestsFromMapFunc, Manager, predicate } from '@bowline/controller-runtime';

const annotation = 'example.com/ready-nodes';

/** Writes on every Service how many nodes are ready. A change of any node wakes all Services. */
export function nodeToService(kubeConfig: KubeConfigLike): Manager {
  const manager = new Manager({ kubeConfig });
  const allServices = enqueueRequestsFromMapFunc<Node>(async () => {
    const { items } = await manager.client.list(Service);
    return items.map(({ metadata: { namespace, name } }) => ({ namespace, name }));
  });
  manager
    .controller(Service)
    .watches(Node, allServices, { predicates: [predicate.resourceVersionChanged] })
    .reconcile(async ({ key, client }) => {
      const service = await client.get(Service, key);
      if (!service) return;
      const nodes = await client.list(Node);
      const ready = nodes.items.filter(({ status }) =>
        status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True'),
      );
      if (service.metadata.annotations?.[annotation] === String(ready.length)) return;
      await client.patch(Service, key, {
        type: 'merge',
        body: { metadata: { annotations: { [annotation]: String(ready.length) } } },
      });
    });
  return manager;
}
