import type { Services, Writer } from '../call.ts';
import { type ServerObject, stringAt } from '../object.ts';
import { trackWrite } from '../verbs/managed-fields.ts';
import { storeCreate } from '../verbs/store-create.ts';
import { removeEntry } from '../verbs/store-update.ts';
import type { Definition } from './definition.ts';

const automanaged = 'kube-aggregator.kubernetes.io/automanaged';
/** Of all custom resources. @see k8s.io/kubernetes pkg/controlplane/controller/crdregistration */
const priorities = { groupPriorityMinimum: 1000, versionPriority: 100 };

/**
 * Keeps an APIService for each version of a group that definitions serve, as the real server's aggregator does. Nothing but their listing
 * depends on them.
 */
export function keepApiServices(
  services: Services,
  writer: Writer,
  group: string,
  definitions: readonly Definition[],
): void {
  const endpoint = services.endpoint('apiregistration.k8s.io', 'v1', 'apiservices');
  const collection = endpoint?.collection;
  if (endpoint === undefined || collection === undefined) return;
  const wanted = new Set(
    definitions
      .filter(({ spec }) => spec.group === group)
      .flatMap(({ spec }) => spec.versions.filter(({ served }) => served).map(({ name }) => name)),
  );
  for (const { key, object } of collection.range('')) {
    if (object.metadata.labels?.[automanaged] !== 'true' || stringAt(object, 'spec', 'group') !== group) continue;
    if (!wanted.delete(stringAt(object, 'spec', 'version'))) removeEntry(endpoint, collection, key);
  }
  for (const version of wanted) {
    const name = `${version}.${group}`;
    if (collection.get(name) !== undefined) continue;
    const object: ServerObject = {
      kind: endpoint.kind,
      apiVersion: endpoint.apiVersion,
      metadata: { name, labels: { [automanaged]: 'true' } },
      spec: { group, version, ...priorities },
      status: {},
    };
    const write = { live: undefined, object, manager: 'kube-apiserver', subresource: '' };
    storeCreate(services, endpoint, collection, writer, trackWrite(services, endpoint, write), false);
  }
}
